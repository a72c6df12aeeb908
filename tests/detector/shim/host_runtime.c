// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The seam of hld/runtime.h on the test's own machine, one thread at a time: the
 * shim's C runs natively and is compared with what it should compute. Hooks of
 * plain accesses do nothing, atomic ones do the operation.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* ---- hooks ---- */

#define NOTHING(name) \
	EXPORT void name(void) {}
#define PLAIN(n)                          \
	NOTHING(__tsan_read##n)           \
	NOTHING(__tsan_write##n)          \
	NOTHING(__tsan_volatile_read##n)  \
	NOTHING(__tsan_volatile_write##n) \
	NOTHING(__tsan_unaligned_read##n) \
	NOTHING(__tsan_unaligned_write##n)
PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)
NOTHING(__tsan_init)
NOTHING(__tsan_func_entry)
NOTHING(__tsan_func_exit)
NOTHING(__tsan_read_range)
NOTHING(__tsan_write_range)
NOTHING(__tsan_atomic_thread_fence)
NOTHING(__sanitizer_cov_trace_pc)
NOTHING(__sanitizer_cov_trace_cmp1)
NOTHING(__sanitizer_cov_trace_cmp2)
NOTHING(__sanitizer_cov_trace_cmp4)
NOTHING(__sanitizer_cov_trace_cmp8)
NOTHING(__sanitizer_cov_trace_const_cmp1)
NOTHING(__sanitizer_cov_trace_const_cmp2)
NOTHING(__sanitizer_cov_trace_const_cmp4)
NOTHING(__sanitizer_cov_trace_const_cmp8)
NOTHING(__sanitizer_cov_trace_switch)

#define FETCH(bits, op)                                                                                      \
	EXPORT uint##bits##_t __tsan_atomic##bits##_fetch_##op(volatile uint##bits##_t *p, uint##bits##_t v) \
	{                                                                                                    \
		return __atomic_fetch_##op(p, v, __ATOMIC_SEQ_CST);                                          \
	}
#define ATOMIC(bits)                                                                                               \
	FETCH(bits, add)                                                                                           \
	FETCH(bits, sub)                                                                                           \
	FETCH(bits, and)                                                                                           \
	FETCH(bits, or)                                                                                            \
	FETCH(bits, xor)                                                                                           \
	EXPORT uint##bits##_t __tsan_atomic##bits##_exchange(volatile uint##bits##_t *p, uint##bits##_t v)         \
	{                                                                                                          \
		return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);                                                \
	}                                                                                                          \
	EXPORT int __tsan_atomic##bits##_compare_exchange_strong(volatile uint##bits##_t *p, uint##bits##_t *seen, \
								 uint##bits##_t v)                                 \
	{                                                                                                          \
		return __atomic_compare_exchange_n(p, seen, v, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);             \
	}                                                                                                          \
	EXPORT uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(volatile uint##bits##_t *p,               \
									 uint##bits##_t seen, uint##bits##_t v)    \
	{                                                                                                          \
		__atomic_compare_exchange_n(p, &seen, v, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                   \
		return seen;                                                                                       \
	}
ATOMIC(32)
ATOMIC(64)

/* ---- the CPU: number, flags, and a log of what was called ---- */

enum { CPUS = 4, PER_CPU_BYTES = 1 << 16 };
static unsigned cpu;
static unsigned interrupts = 1;
static char history[1 << 16];
static char per_cpu[CPUS][PER_CPU_BYTES];
static const char *per_cpu_home;

__attribute__((format(printf, 1, 2))) static void record(const char *format, ...)
{
	size_t used = strlen(history);
	va_list args;

	va_start(args, format);
	vsnprintf(history + used, sizeof(history) - used, format, args);
	va_end(args);
}
EXPORT const char *test_history(void) { return history; }
EXPORT void test_begin(unsigned number)
{
	cpu = number;
	history[0] = 0;
}
/* The object's own section is CPU 0's copy; a copy of CPU c lies c * PER_CPU_BYTES further in an area of ours. */
EXPORT void test_per_cpu(const char *home) { per_cpu_home = home; }

EXPORT unsigned hld_cpu(void) { return cpu; }
EXPORT uint64_t hld_percpu_offset(unsigned number)
{
	return (uint64_t)(&per_cpu[number][PER_CPU_BYTES / 2] - per_cpu_home);
}
EXPORT unsigned hld_irqs_enabled(void) { return interrupts; }
EXPORT void hld_irq_disable(void)
{
	interrupts = 0;
	record("cli ");
}
EXPORT void hld_irq_enable(void)
{
	interrupts = 1;
	record("sti ");
}
/* The owner gives a lock back after two turns of the waiter: see test_release_when_waiting(). */
static volatile uint16_t *release;
static unsigned turns;
EXPORT void test_release_when_waiting(volatile uint16_t *owner)
{
	release = owner;
	turns = 0;
}
EXPORT void hld_relax(void)
{
	record("relax ");
	if (release && ++turns == 2)
		++*release;
	if (turns > 100)
		abort();
}
EXPORT void hld_note_lock(int op, const void *lock, const char *name)
{
	static const char *const words[] = { "waits",	   "taken",	 "dropped",	      "trylock-taken",
					     "read-waits", "read-taken", "read-trylock-taken" };

	(void)lock;
	record("%s(%s) ", words[op], name);
}
EXPORT uint64_t hld_local(void *p, unsigned size, int op, uint64_t value, uint64_t expected)
{
	uint64_t old = 0, new;

	memcpy(&old, p, size);
	switch (op) {
	case 2: new = old + value; break;
	case 3: new = value; break;
	case 4: new = old == (expected & (~0ull >> (64 - 8 * size))) ? value : old; break;
	case 5: new = old | value; break;
	case 6: new = old &value; break;
	default: abort();
	}
	memcpy(p, &new, size);
	return old;
}
EXPORT uint64_t hld_mmio_read(const volatile void *cookie, unsigned size)
{
	record("read%u(%#lx) ", size, (unsigned long)cookie);
	return 0x1122334455667788ul;
}
EXPORT void hld_mmio_write(volatile void *cookie, unsigned size, uint64_t value)
{
	record("write%u(%#lx,%#lx) ", size, (unsigned long)cookie, (unsigned long)value);
}
EXPORT void hld_delay_ns(uint64_t ns) { record("delay(%lu) ", (unsigned long)ns); }
EXPORT void hld_fence(int kind)
{
	static const char *const words[] = { "mfence", "lfence", "sfence" };

	record("%s ", words[kind]);
}
EXPORT uint64_t hld_rdtsc(void)
{
	record("rdtsc ");
	return 0x123456789abcul;
}
EXPORT unsigned hld_rdmsr(unsigned msr, uint64_t *value)
{
	record("rdmsr(%#x) ", msr);
	*value = 0xaabbccdd11223344ul;
	return msr == 0xdead;
}
EXPORT unsigned hld_wrmsr(unsigned msr, uint64_t value)
{
	record("wrmsr(%#x,%#lx) ", msr, (unsigned long)value);
	return msr == 0xdead;
}
EXPORT void __hld_warn(const char *file, int line, const char *format, ...)
{
	const char *base = strrchr(file, '/');

	(void)line;
	record("warn(%s%s) ", base ? base + 1 : file, format ? ", text" : "");
}
EXPORT void __hld_bug(const char *file, int line)
{
	(void)file, (void)line;
	abort();
}

EXPORT void *hld_memcpy(void *to, const void *from, uint64_t n) { return memcpy(to, from, n); }
EXPORT void *hld_memset(void *to, int byte, uint64_t n) { return memset(to, byte, n); }
EXPORT uint64_t hld_strnlen(const char *s, uint64_t n) { return strnlen(s, n); }

/* ---- what the miniature kernel has ---- */

EXPORT unsigned nr_cpu_ids = 200;
EXPORT uint64_t __per_cpu_offset[1024];
EXPORT uint64_t cpu_bit_bitmap[65][16];
EXPORT void test_start(void)
{
	for (unsigned bit = 0; bit < 64; bit++)
		cpu_bit_bitmap[1 + bit][0] = 1ul << bit;
	for (unsigned i = 0; i < CPUS; i++)
		__per_cpu_offset[i] = hld_percpu_offset(i);
}
