// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Functions that semantics_test.py calls with many values, built by hldsim-cc against the shim. */
#include <linux/atomic.h>
#include <linux/bit_spinlock.h>
#include <linux/bitfield.h>
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/percpu.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <asm/msr.h>
#include <asm/msi.h>
#include <asm/tsc.h>

#pragma GCC visibility push(default)

DEFINE_PER_CPU(int, __preempt_count);
static DEFINE_PER_CPU(u32, own);
static DEFINE_PER_CPU(u8, small) = 250;

void *home(void) { return &own; }
int *preempt_of_this_cpu(void) { return this_cpu_ptr(&__preempt_count); }

/* ---- sets of CPUs: the visited ones as a bit map of the first 64 steps ---- */
static struct cpumask set;
void set_clear(void) { cpumask_clear(&set); }
void set_add(unsigned int cpu) { cpumask_set_cpu(cpu, &set); }
unsigned int set_first(void) { return cpumask_first(&set); }
unsigned int set_last(void) { return cpumask_last(&set); }
unsigned int set_next(int cpu) { return cpumask_next(cpu, &set); }
unsigned int set_next_zero(int cpu) { return cpumask_next_zero(cpu, &set); }
unsigned int set_weight(void) { return cpumask_weight(&set); }
bool set_empty(void) { return cpumask_empty(&set); }
bool set_full(void) { return cpumask_full(&set); }
unsigned int set_any_but(unsigned int cpu) { return cpumask_any_but(&set, cpu); }
bool set_has(int cpu) { return cpumask_test_cpu(cpu, &set); }
bool set_take(int cpu) { return cpumask_test_and_clear_cpu(cpu, &set); }
void set_all(void) { cpumask_setall(&set); }
int walk(unsigned int *visited)
{
	unsigned int cpu;
	int n = 0;

	for_each_cpu(cpu, &set)
		visited[n++] = cpu;
	return n;
}
int walk_wrap(int start, unsigned int *visited)
{
	unsigned int cpu;
	int n = 0;

	for_each_cpu_wrap(cpu, &set, start)
		visited[n++] = cpu;
	return n;
}
#if HLD_KAPI < 615
int walk_wrap_by_hand(int start, unsigned int *visited)
{
	unsigned int cpu;
	int n = 0;

	for (cpu = cpumask_next_wrap(start - 1, &set, start, false); cpu < nr_cpumask_bits;
	     cpu = cpumask_next_wrap(cpu, &set, start, true))
		visited[n++] = cpu;
	return n;
}
#else
unsigned int next_wrap(int cpu) { return cpumask_next_wrap(cpu, &set); }
#endif
bool of_one_is_that_one(unsigned int cpu)
{
	return cpumask_weight(cpumask_of(cpu)) == 1 && cpumask_test_cpu(cpu, cpumask_of(cpu));
}

/* ---- bits and arithmetic ---- */
u64 mul_div(u64 a, u64 b, u64 c) { return mul_u64_u64_div_u64(a, b, c); }
u32 divide(u64 *n, u32 base) { return do_div(*n, base); }
int log2_of(u64 n) { return ilog2(n); }
unsigned long round_up_power(unsigned long n) { return roundup_pow_of_two(n); }
unsigned int weight64(u64 w) { return hweight64(w); }
int last_set(u32 x) { return fls(x); }
int first_set(int x) { return ffs(x); }
u64 genmask(unsigned int h, unsigned int l) { return GENMASK_ULL(h, l); }
u32 field(u32 reg) { return FIELD_GET(0x00ff0000u, reg); }
bool in_range(u64 a, u64 b, u64 c) { return time_in_range64(a, b, c); }
bool is_err(long v) { return IS_ERR((void *)v); }
long copy_string(char *to, const char *from, size_t n) { return strscpy(to, from, n); }
u32 message_low(u8 destination, bool logical)
{
	union {
		arch_msi_msg_addr_lo_t fields;
		u32 word;
	} m = { .word = 0 };

	m.fields.base_address = X86_MSI_BASE_ADDRESS_LOW;
	m.fields.destid_0_7 = destination;
	m.fields.dest_mode_logical = logical;
	return m.word;
}

/* ---- atomics ---- */
static atomic_t counter;
int counter_value(void) { return atomic_read(&counter); }
void counter_set(int v) { atomic_set(&counter, v); }
int counter_add_return(int v) { return atomic_add_return(v, &counter); }
int counter_fetch_or(int v) { return atomic_fetch_or(v, &counter); }
bool counter_add_unless(int a, int u) { return atomic_add_unless(&counter, a, u); }
int counter_dec_if_positive(void) { return atomic_dec_if_positive(&counter); }
u32 swap_if(u32 *p, u32 old, u32 new) { return cmpxchg(p, old, new); }
bool try_swap(u32 *p, u32 *old, u32 new) { return try_cmpxchg(p, old, new); }

/* ---- per-CPU ---- */
void own_set(u32 v) { this_cpu_write(own, v); }
u32 own_get(void) { return this_cpu_read(own); }
u32 own_of(unsigned int cpu) { return per_cpu(own, cpu); }
u32 own_add_return(u32 v) { return this_cpu_add_return(own, v); }
u32 own_xchg(u32 v) { return this_cpu_xchg(own, v); }
u32 own_cmpxchg(u32 o, u32 n) { return this_cpu_cmpxchg(own, o, n); }
void own_or(u32 v) { this_cpu_or(own, v); }
void own_and(u32 v) { this_cpu_and(own, v); }
void own_sub(u32 v) { this_cpu_sub(own, v); }
void small_set(u8 v) { this_cpu_write(small, v); }
u8 small_inc_return(void) { return this_cpu_inc_return(small); }

/* ---- locks ---- */
static DEFINE_RAW_SPINLOCK(raw);
static DEFINE_SPINLOCK(lock);
static DEFINE_RWLOCK(rw);
DEFINE_GUARD(raw_spinlock, raw_spinlock_t *, raw_spin_lock(_T), raw_spin_unlock(_T))

u16 *owner_of_raw(void) { return &raw.raw_lock.owner; }
void raw_take(void) { raw_spin_lock(&raw); }
void raw_drop(void) { raw_spin_unlock(&raw); }
bool raw_try(void) { return raw_spin_trylock(&raw); }
bool raw_is_taken(void) { return raw_spin_is_locked(&raw); }
void raw_set(u16 both) { raw.raw_lock.owner = raw.raw_lock.next = both; }
void irqsave_pair(void)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	spin_unlock_irqrestore(&lock, flags);
}
void irqsave_with_irqs_off(void)
{
	local_irq_disable();
	irqsave_pair();
	local_irq_enable();
}
void readers_and_writer(void)
{
	read_lock(&rw);
	read_lock(&rw);
	read_unlock(&rw);
	read_unlock(&rw);
	write_lock(&rw);
	write_unlock(&rw);
}
static struct {
	unsigned long flags;
} state;

/* A digit a try: taken while it is free; not while it is held; another bit of the word. */
int bit_locks(void)
{
	int tries = bit_spin_trylock(0, &state.flags);

	tries = tries * 10 + bit_spin_trylock(0, &state.flags);
	tries = tries * 10 + bit_spin_trylock(3, &state.flags);
	bit_spin_unlock(3, &state.flags);
	bit_spin_unlock(0, &state.flags);
	bit_spin_lock(0, &state.flags);
	bit_spin_unlock(0, &state.flags);
	return tries * 10 + bit_spin_is_locked(0, &state.flags);
}
static DEFINE_SEQLOCK(seq);
static seqcount_latch_t latch = SEQCNT_LATCH_ZERO(latch);
static int latched[2] = { 1, 1 };

/* A digit a reader: 1 where it must try again. */
int sequence_readers(void)
{
	unsigned int before = read_seqbegin(&seq), odd, behind;
	int again = read_seqretry(&seq, before);

	write_seqlock(&seq);
	odd = raw_seqcount_begin(&seq.seqcount);
	again = again * 10 + !!read_seqretry(&seq, before);
	again = again * 10 + !!read_seqretry(&seq, odd);
	write_sequnlock(&seq);
	again = again * 10 + !!read_seqretry(&seq, before);
	behind = read_seqbegin(&seq);
	again = again * 10 + !!read_seqretry(&seq, behind);
	write_seqcount_invalidate(&seq.seqcount);
	return again * 10 + !!read_seqretry(&seq, behind);
}
/* What an NMI reads after each step of a writer, who changes 1 to 2. */
int latch_seen(void)
{
	int seen = latched[raw_read_seqcount_latch(&latch) & 1];
	unsigned int start = raw_read_seqcount_latch(&latch);

	raw_write_seqcount_latch(&latch);
	seen = seen * 10 + latched[raw_read_seqcount_latch(&latch) & 1];
	latched[0] = 2;
	seen = seen * 10 + latched[raw_read_seqcount_latch(&latch) & 1];
	raw_write_seqcount_latch(&latch);
	seen = seen * 10 + latched[raw_read_seqcount_latch(&latch) & 1];
	latched[1] = 2;
	return seen * 10 + read_seqcount_latch_retry(&latch, start);
}
int guarded(int leave_early)
{
	guard(raw_spinlock)(&raw);

	if (leave_early)
		return raw_spin_is_locked(&raw);
	return 2;
}

/* ---- lists ---- */
struct item {
	int value;
	struct list_head node;
	struct llist_node lnode;
};
int list_order(void)
{
	struct item items[3] = { { .value = 1 }, { .value = 2 }, { .value = 3 } };
	struct item *item, *next;
	int seen = 0;
	LIST_HEAD(head);

	list_add(&items[0].node, &head);
	list_add_tail(&items[1].node, &head);
	list_add(&items[2].node, &head);
	list_for_each_entry(item, &head, node)
		seen = seen * 10 + item->value;
	list_for_each_entry_safe(item, next, &head, node)
		list_del(&item->node);
	return list_empty(&head) ? seen : -1;
}
int llist_order(void)
{
	struct item items[3] = { { .value = 1 }, { .value = 2 }, { .value = 3 } };
	struct item *item;
	int seen = 0;
	LLIST_HEAD(head);

	seen += llist_add(&items[0].lnode, &head);
	seen = seen * 10 + llist_add(&items[1].lnode, &head);
	seen = seen * 10 + llist_add(&items[2].lnode, &head);
	llist_for_each_entry(item, llist_del_all(&head), lnode) seen = seen * 10 + item->value;
	return llist_empty(&head) ? seen : -1;
}

/* ---- devices, time, MSRs, warnings ---- */
u32 device(void *base)
{
	writel(5, base + 0x10);
	writeq(0x123456789abcdef0ull, base + 0x108);
	writeb(0x1ff, base);
	return readl(base + 0xf0);
}
u64 device8(void *base) { return readq(base); }
void waits(void)
{
	udelay(3);
	ndelay(7);
	mdelay(2);
}
u64 stamps(void) { return rdtsc_ordered(); }
void fences(void)
{
	mb();
	rmb();
	wmb();
	smp_rmb();
	smp_wmb();
}
u64 msr_value(u32 msr)
{
	u64 value;

	rdmsrl(msr, value);
	return value;
}
u32 msr_high(u32 msr)
{
	u32 low, high;

	rdmsr(msr, low, high);
	return high - low;
}
int msr_write_safe(u32 msr, u64 value) { return wrmsrl_safe(msr, value); }
int warn_twice(int condition)
{
	int i, told = 0;

	for (i = 0; i < 2; i++) {
		told += WARN_ON(condition);
		told += WARN_ON_ONCE(condition);
		told += WARN(condition, "n %d\n", i);
	}
	return told;
}
