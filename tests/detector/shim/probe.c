// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * One construct a function. What each compiler makes of it is listed, function by
 * function, in entry_points.gcc.txt and entry_points.clang.txt: these calls are
 * all that the simulated CPU ever sees of the code.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <asm/msr.h>
#include <asm/tsc.h>

struct three {
	u32 a : 3, b : 24, c : 5;
};
struct packed {
	u8 head;
	u32 word;
} __packed;
struct big {
	unsigned long word[12];
};

extern u8 shared8;
extern u16 shared16;
extern u32 shared32;
extern u64 shared64;
extern volatile u32 marked32;
extern unsigned __int128 shared128;
extern struct three three;
extern struct packed packed;
extern struct big big_to, big_from;
extern unsigned long words[4];
extern atomic_t counter;
extern struct cpumask mask, other;
extern raw_spinlock_t raw;
extern spinlock_t lock;
extern struct list_head head;
extern struct static_key_false key;
extern const u32 constant;
extern void *regs;
DECLARE_PER_CPU(u32, own);
extern struct big *opaque(struct big *p);

/* plain and marked accesses */
u8 plain_read1(void) { return shared8; }
u16 plain_read2(void) { return shared16; }
u32 plain_read4(void) { return shared32; }
u64 plain_read8(void) { return shared64; }
void plain_write1(void) { shared8 = 1; }
void plain_write4(void) { shared32 = 1; }
void plain_write8(void) { shared64 = 1; }
u32 volatile_read(void) { return marked32; }
void volatile_write(void) { marked32 = 1; }
u32 once_read4(void) { return READ_ONCE(shared32); }
u64 once_read8(void) { return READ_ONCE(shared64); }
void once_write1(void) { WRITE_ONCE(shared8, 1); }
void once_write8(void) { WRITE_ONCE(shared64, 1); }
unsigned __int128 plain_read16(void) { return shared128; }
u32 unaligned_read(void) { return packed.word; }
void unaligned_write(void) { packed.word = 1; }
u32 bit_field_read(void) { return three.b; }
void bit_field_write(u32 v) { three.b = v; }
u32 constant_read(void) { return constant; }

/* read-modify-writes in C */
void plain_increment(void) { shared32++; }
void plain_or(u32 m) { shared32 |= m; }
void plain_set_bit(long n) { __set_bit(n, words); }
void plain_clear_bit(long n) { __clear_bit(n, words); }

/* locked ones */
void atomic_set_bit(long n) { set_bit(n, words); }
void atomic_clear_bit(long n) { clear_bit(n, words); }
bool atomic_test_and_set_bit(long n) { return test_and_set_bit(n, words); }
bool marked_test_bit(long n) { return test_bit(n, words); }
int counter_read(void) { return atomic_read(&counter); }
void counter_set(void) { atomic_set(&counter, 1); }
void counter_inc(void) { atomic_inc(&counter); }
bool counter_dec_and_test(void) { return atomic_dec_and_test(&counter); }
u32 exchange(u32 v) { return xchg(&shared32, v); }
u32 compare_exchange(u32 old, u32 new) { return cmpxchg(&shared32, old, new); }
bool try_compare_exchange(u64 *old, u64 new) { return try_cmpxchg(&shared64, old, new); }
bool compare_exchange16(unsigned __int128 *old, unsigned __int128 new) { return try_cmpxchg128(&shared128, old, new); }

/* order */
void full_barrier(void) { smp_mb(); }
void write_barrier(void) { smp_wmb(); }
void read_barrier(void) { smp_rmb(); }
void device_barrier(void) { mb(); }
void compiler_barrier(void) { barrier(); }
u32 acquire(void) { return smp_load_acquire(&shared32); }
void release(void) { smp_store_release(&shared32, 1); }

/* per-CPU */
u32 own_read(void) { return this_cpu_read(own); }
void own_write(void) { this_cpu_write(own, 1); }
void own_add(void) { this_cpu_add(own, 2); }
u32 own_inc_return(void) { return this_cpu_inc_return(own); }
u32 own_cmpxchg(u32 old, u32 new) { return this_cpu_cmpxchg(own, old, new); }
u32 other_read(unsigned int cpu) { return per_cpu(own, cpu); }
u32 local_cmpxchg(u32 old, u32 new) { return cmpxchg_local(&shared32, old, new); }

/* locks and flags */
void raw_lock(void) { raw_spin_lock(&raw); }
bool raw_trylock(void) { return raw_spin_trylock(&raw); }
void raw_unlock(void) { raw_spin_unlock(&raw); }
void lock_irqsave(void)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	spin_unlock_irqrestore(&lock, flags);
}
void irqs_off_and_on(void)
{
	local_irq_disable();
	local_irq_enable();
}
void preempt_off_and_on(void)
{
	preempt_disable();
	preempt_enable();
}

/* sets of CPUs, lists, keys */
void mask_set(unsigned int cpu) { cpumask_set_cpu(cpu, &mask); }
bool mask_test(unsigned int cpu) { return cpumask_test_cpu(cpu, &mask); }
unsigned int mask_next(int cpu) { return cpumask_next(cpu, &mask); }
void mask_copy(void) { cpumask_copy(&mask, &other); }
void list_add_one(struct list_head *new) { list_add(new, &head); }
bool key_branch(void) { return static_branch_unlikely(&key); }

/* calls by pointer, division */
int indirect(int (*f)(int)) { return f(3) + 1; }
u64 divide(u64 a, u64 b) { return a / b; }

/* memory calls, also those of the compiler */
void struct_copy(void) { big_to = big_from; }
void struct_zero(void) { big_to = (struct big){ 0 }; }
void copy_constant(void *to, const void *from) { memcpy(to, from, 24); }
void copy_variable(void *to, const void *from, size_t n) { memcpy(to, from, n); }
void set_constant(void *to) { memset(to, 0, 64); }
int compare(const void *a, const void *b, size_t n) { return memcmp(a, b, n); }
bool equal(const void *a, const void *b) { return memcmp(a, b, 8) == 0; }
size_t length(const char *s) { return strlen(s); }

/* devices, time, MSRs */
u32 device_read(void) { return readl(regs); }
void device_write(u32 v) { writel(v, regs); }
u64 device_read8(void) { return readq(regs); }
void wait_a_little(void) { udelay(5); }
u64 time_stamp(void) { return rdtsc(); }
u64 ordered_time_stamp(void) { return rdtsc_ordered(); }
int msr_read(u32 msr, u64 *v) { return rdmsrl_safe(msr, v); }

/* spinning, loops, locals, compares */
void spin(void)
{
	while (!READ_ONCE(shared32))
		cpu_relax();
}
u64 sum(void)
{
	u64 total = 0;
	int i;

	for (i = 0; i < 4; i++)
		total += words[i];
	return total;
}
int local_only(int x)
{
	int y = x * 3;

	return y + 1;
}
struct big *local_escapes(void)
{
	struct big local;

	local.word[0] = 1;
	return opaque(&local);
}
int compare_and_branch(u32 x) { return x == 7 ? shared8 : shared16; }
int switch_on(u32 x)
{
	switch (x) {
	case 1: return shared8;
	case 5: return shared16;
	case 9: return 3;
	case 12: return 8;
	case 40: return 1;
	}
	return 0;
}
