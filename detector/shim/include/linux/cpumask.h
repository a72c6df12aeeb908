/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Sets of CPUs. Setting, clearing and testing one CPU are atomic; copy, and, or,
 * weight and the searches are loops of plain words, and so are windows.
 */
#ifndef _LINUX_CPUMASK_H
#define _LINUX_CPUMASK_H

#include <linux/bitmap.h>
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/threads.h>
#include <linux/atomic.h>
#include <linux/gfp.h>

typedef struct cpumask {
	DECLARE_BITMAP(bits, NR_CPUS);
} cpumask_t;

/* The miniature kernel's; CPUs beyond nr_cpu_ids are never looked at. */
extern unsigned int nr_cpu_ids;
extern struct cpumask __cpu_possible_mask;
extern struct cpumask __cpu_present_mask;
extern struct cpumask __cpu_online_mask;
extern struct cpumask __cpu_active_mask;
extern struct cpumask __cpu_dying_mask;
extern atomic_t __num_online_cpus;

#define nr_cpumask_bits	    nr_cpu_ids
#define cpumask_bits(maskp) ((maskp)->bits)
#define cpumask_size()	    (BITS_TO_LONGS(nr_cpumask_bits) * sizeof(long))

#define cpu_possible_mask ((const struct cpumask *)&__cpu_possible_mask)
#define cpu_present_mask  ((const struct cpumask *)&__cpu_present_mask)
#define cpu_online_mask	  ((const struct cpumask *)&__cpu_online_mask)
#define cpu_active_mask	  ((const struct cpumask *)&__cpu_active_mask)
#define cpu_dying_mask	  ((const struct cpumask *)&__cpu_dying_mask)
extern const struct cpumask *const cpu_all_mask;
extern const struct cpumask *const cpu_none_mask;

#define CPU_BITS_NONE \
	{             \
		0     \
	}
#define CPU_MASK_NONE         \
	{                     \
		CPU_BITS_NONE \
	}
#define CPU_BITS_CPU0 \
	{             \
		1UL   \
	}
#define CPU_BITS_ALL                                      \
	{                                                 \
		[0 ... BITS_TO_LONGS(NR_CPUS) - 1] = ~0UL \
	}
#define CPU_MASK_ALL         \
	{                    \
		CPU_BITS_ALL \
	}

/* Deviation: an out-of-range CPU is not warned about, the access is diagnosed. */
#define cpumask_check(cpu) (cpu)

static __always_inline void cpumask_set_cpu(unsigned int cpu, struct cpumask *dstp)
{
	set_bit(cpu, cpumask_bits(dstp));
}
static __always_inline void __cpumask_set_cpu(unsigned int cpu, struct cpumask *dstp)
{
	__set_bit(cpu, cpumask_bits(dstp));
}
static __always_inline void cpumask_clear_cpu(int cpu, struct cpumask *dstp)
{
	clear_bit(cpu, cpumask_bits(dstp));
}
static __always_inline void __cpumask_clear_cpu(int cpu, struct cpumask *dstp)
{
	__clear_bit(cpu, cpumask_bits(dstp));
}
static __always_inline bool cpumask_test_cpu(int cpu, const struct cpumask *cpumask)
{
	return test_bit(cpu, cpumask_bits(cpumask));
}
static __always_inline bool cpumask_test_and_set_cpu(int cpu, struct cpumask *cpumask)
{
	return test_and_set_bit(cpu, cpumask_bits(cpumask));
}
static __always_inline bool cpumask_test_and_clear_cpu(int cpu, struct cpumask *cpumask)
{
	return test_and_clear_bit(cpu, cpumask_bits(cpumask));
}
#define cpumask_assign_cpu(cpu, mask, val) assign_bit(cpu, cpumask_bits(mask), val)

static inline void cpumask_clear(struct cpumask *dstp)
{
	bitmap_zero(cpumask_bits(dstp), nr_cpumask_bits);
}
/* Only existing CPUs: a full mask has nr_cpu_ids bits. */
static inline void cpumask_setall(struct cpumask *dstp)
{
	unsigned int words = BITS_TO_LONGS(nr_cpumask_bits);

	bitmap_fill(cpumask_bits(dstp), nr_cpumask_bits);
	cpumask_bits(dstp)[words - 1] &= BITMAP_LAST_WORD_MASK(nr_cpumask_bits);
}
/* As cpumask_setall(): no bits beyond nr_cpu_ids. */
static inline void cpumask_complement(struct cpumask *dstp, const struct cpumask *srcp)
{
	unsigned int word, words = BITS_TO_LONGS(nr_cpumask_bits);

	for (word = 0; word < words; word++)
		cpumask_bits(dstp)[word] = ~cpumask_bits(srcp)[word];
	cpumask_bits(dstp)[words - 1] &= BITMAP_LAST_WORD_MASK(nr_cpumask_bits);
}
static inline void cpumask_copy(struct cpumask *dstp, const struct cpumask *srcp)
{
	bitmap_copy(cpumask_bits(dstp), cpumask_bits(srcp), nr_cpumask_bits);
}
static inline bool cpumask_and(struct cpumask *dstp, const struct cpumask *a,
			       const struct cpumask *b)
{
	return bitmap_and(cpumask_bits(dstp), cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits);
}
static inline void cpumask_or(struct cpumask *dstp, const struct cpumask *a,
			      const struct cpumask *b)
{
	bitmap_or(cpumask_bits(dstp), cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits);
}
static inline void cpumask_xor(struct cpumask *dstp, const struct cpumask *a,
			       const struct cpumask *b)
{
	bitmap_xor(cpumask_bits(dstp), cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits);
}
static inline bool cpumask_andnot(struct cpumask *dstp, const struct cpumask *a,
				  const struct cpumask *b)
{
	return bitmap_andnot(cpumask_bits(dstp), cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits);
}
static inline bool cpumask_equal(const struct cpumask *a, const struct cpumask *b)
{
	return bitmap_equal(cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits);
}
static inline bool cpumask_intersects(const struct cpumask *a, const struct cpumask *b)
{
	return bitmap_intersects(cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits);
}
static inline bool cpumask_subset(const struct cpumask *a, const struct cpumask *b)
{
	return bitmap_subset(cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits);
}
static inline bool cpumask_empty(const struct cpumask *srcp)
{
	return bitmap_empty(cpumask_bits(srcp), nr_cpumask_bits);
}
static inline bool cpumask_full(const struct cpumask *srcp)
{
	return bitmap_full(cpumask_bits(srcp), nr_cpumask_bits);
}
static inline unsigned int cpumask_weight(const struct cpumask *srcp)
{
	return bitmap_weight(cpumask_bits(srcp), nr_cpumask_bits);
}

static inline unsigned int cpumask_first(const struct cpumask *srcp)
{
	return (unsigned int)find_first_bit(cpumask_bits(srcp), nr_cpumask_bits);
}
static inline unsigned int cpumask_first_zero(const struct cpumask *srcp)
{
	return (unsigned int)find_first_zero_bit(cpumask_bits(srcp), nr_cpumask_bits);
}
static inline unsigned int cpumask_first_and(const struct cpumask *a, const struct cpumask *b)
{
	return (unsigned int)find_first_and_bit(cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits);
}
static inline unsigned int cpumask_last(const struct cpumask *srcp)
{
	return (unsigned int)find_last_bit(cpumask_bits(srcp), nr_cpumask_bits);
}
/* n = -1 starts at the first CPU. */
static inline unsigned int cpumask_next(int n, const struct cpumask *srcp)
{
	return (unsigned int)find_next_bit(cpumask_bits(srcp), nr_cpumask_bits,
					   (unsigned int)(n + 1));
}
static inline unsigned int cpumask_next_zero(int n, const struct cpumask *srcp)
{
	return (unsigned int)find_next_zero_bit(cpumask_bits(srcp), nr_cpumask_bits,
						(unsigned int)(n + 1));
}
static inline unsigned int cpumask_next_and(int n, const struct cpumask *a, const struct cpumask *b)
{
	return (unsigned int)find_next_and_bit(cpumask_bits(a), cpumask_bits(b), nr_cpumask_bits,
					       (unsigned int)(n + 1));
}

#if HLD_KAPI < 615
/*
 * n is the last CPU visited, or start - 1 before the first with wrap false; wrap
 * tells whether the walk has passed the end already. nr_cpumask_bits ends it.
 */
static inline unsigned int cpumask_next_wrap(int n, const struct cpumask *mask, int start,
					     bool wrap)
{
	unsigned int next = cpumask_next(n, mask);

	if (wrap && n < start && next >= (unsigned int)start)
		return nr_cpumask_bits;
	if (next < nr_cpumask_bits)
		return next;
	next = cpumask_first(mask);
	return next < (unsigned int)start ? next : nr_cpumask_bits;
}
#else
/* The next CPU after n, after the last one the first; nr_cpu_ids if the set is empty. */
static inline unsigned int cpumask_next_wrap(int n, const struct cpumask *src)
{
	unsigned int next = cpumask_next(n, src);

	return next < nr_cpumask_bits ? next : cpumask_first(src);
}
#endif

unsigned int cpumask_local_spread(unsigned int i, int node);

static inline unsigned int cpumask_any_but(const struct cpumask *mask, unsigned int cpu)
{
	unsigned int first = cpumask_first(mask);

	return first == cpu ? cpumask_next((int)cpu, mask) : first;
}
/* Deviation: "any" is the first one; the kernel spreads cpumask_any_*_distribute(). */
#define cpumask_any(srcp)		 cpumask_first(srcp)
#define cpumask_any_and(a, b)		 cpumask_first_and((a), (b))
#define cpumask_any_distribute(srcp)	 cpumask_first(srcp)
#define cpumask_any_and_distribute(a, b) cpumask_first_and((a), (b))

#define for_each_cpu(cpu, mask)                                    \
	for ((cpu) = cpumask_next(-1, (mask)); (cpu) < nr_cpu_ids; \
	     (cpu) = cpumask_next((int)(cpu), (mask)))
#define for_each_cpu_not(cpu, mask)                                     \
	for ((cpu) = cpumask_next_zero(-1, (mask)); (cpu) < nr_cpu_ids; \
	     (cpu) = cpumask_next_zero((int)(cpu), (mask)))
#define for_each_cpu_andnot(cpu, mask1, mask2)                                                    \
	for ((cpu) = (unsigned int)find_next_andnot_bit(cpumask_bits(mask1), cpumask_bits(mask2), \
							nr_cpumask_bits, 0);                      \
	     (cpu) < nr_cpu_ids;                                                                  \
	     (cpu) = (unsigned int)find_next_andnot_bit(cpumask_bits(mask1), cpumask_bits(mask2), \
							nr_cpumask_bits, (cpu) + 1))
#define for_each_cpu_and(cpu, mask1, mask2)                                      \
	for ((cpu) = cpumask_next_and(-1, (mask1), (mask2)); (cpu) < nr_cpu_ids; \
	     (cpu) = cpumask_next_and((int)(cpu), (mask1), (mask2)))

/* From start to the end, then from 0 up to start, each CPU once; start may be past the end. */
static inline unsigned int __hld_wrap_first(unsigned int start, const struct cpumask *mask)
{
	unsigned int first =
		start < nr_cpumask_bits ? cpumask_next((int)start - 1, mask) : nr_cpumask_bits;

	return first < nr_cpumask_bits ? first : cpumask_first(mask);
}
static inline unsigned int __hld_wrap_next(unsigned int n, unsigned int start,
					   const struct cpumask *mask)
{
	unsigned int next = cpumask_next((int)n, mask);

	if (n < start || start >= nr_cpumask_bits) /* in the second part */
		return next < start ? next : nr_cpumask_bits;
	if (next < nr_cpumask_bits)
		return next;
	next = cpumask_first(mask);
	return next < start ? next : nr_cpumask_bits;
}
#define for_each_cpu_wrap(cpu, mask, start)                                            \
	for (unsigned int __wrap_start = (start),                                      \
			  __wrap_begun __maybe_unused =                                \
				  ((cpu) = __hld_wrap_first(__wrap_start, (mask)), 1); \
	     (cpu) < nr_cpumask_bits; (cpu) = __hld_wrap_next((cpu), __wrap_start, (mask)))

#define for_each_possible_cpu(cpu) for_each_cpu((cpu), cpu_possible_mask)
#define for_each_present_cpu(cpu)  for_each_cpu((cpu), cpu_present_mask)
#define for_each_online_cpu(cpu)   for_each_cpu((cpu), cpu_online_mask)

#define cpu_possible(cpu)   cpumask_test_cpu((cpu), cpu_possible_mask)
#define cpu_present(cpu)    cpumask_test_cpu((cpu), cpu_present_mask)
#define cpu_online(cpu)	    cpumask_test_cpu((cpu), cpu_online_mask)
#define cpu_active(cpu)	    cpumask_test_cpu((cpu), cpu_active_mask)
#define cpu_dying(cpu)	    cpumask_test_cpu((cpu), cpu_dying_mask)
#define cpu_is_offline(cpu) unlikely(!cpu_online(cpu))
#define num_online_cpus()   ((unsigned int)READ_ONCE(__num_online_cpus.counter))
#define num_possible_cpus() cpumask_weight(cpu_possible_mask)
#define num_present_cpus()  cpumask_weight(cpu_present_mask)
#define num_active_cpus()   cpumask_weight(cpu_active_mask)
void set_cpu_online(unsigned int cpu, bool online);

/*
 * The constant set of one CPU, as a pointer into a table of the miniature kernel.
 * Row 1 + b has bit b in its first word and nothing else; stepping back w words
 * from its start makes that word number w of a set whose other words are zero.
 */
extern const unsigned long cpu_bit_bitmap[BITS_PER_LONG + 1][BITS_TO_LONGS(NR_CPUS)];
static inline const struct cpumask *get_cpu_mask(unsigned int cpu)
{
	return (const struct cpumask *)(cpu_bit_bitmap[1 + cpu % BITS_PER_LONG] -
					cpu / BITS_PER_LONG);
}
#define cpumask_of(cpu) get_cpu_mask(cpu)

/* Off-stack form only: a pointer to arena memory. */
typedef struct cpumask *cpumask_var_t;
#define this_cpu_cpumask_var_ptr(x) this_cpu_read(x)
#define __cpumask_var_read_mostly
bool alloc_cpumask_var(cpumask_var_t *mask, gfp_t flags);
bool zalloc_cpumask_var(cpumask_var_t *mask, gfp_t flags);
void free_cpumask_var(cpumask_var_t mask);
#define alloc_cpumask_var_node(mask, flags, node)  alloc_cpumask_var(mask, flags)
#define zalloc_cpumask_var_node(mask, flags, node) zalloc_cpumask_var(mask, flags)
static inline bool cpumask_available(cpumask_var_t mask)
{
	return mask != NULL;
}

/* For "%*pb" and "%*pbl". */
#define cpumask_pr_args(maskp) (int)nr_cpu_ids, cpumask_bits(maskp)

int cpumask_parse(const char *buf, struct cpumask *dstp);
int cpulist_parse(const char *buf, struct cpumask *dstp);

#endif
