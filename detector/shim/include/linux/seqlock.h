/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Sequence counters and locks. A reader waits while the count is odd: in an NMI
 * that interrupts the writer it waits for ever, as on hardware. The latch has two
 * copies, and its reader never waits.
 *
 * Sequence counters are no locks to the observers: a reader that never gets out
 * shows as an NMI that does not return (INV-progress).
 */
#ifndef _LINUX_SEQLOCK_H
#define _LINUX_SEQLOCK_H

#include <linux/compiler.h>
#include <linux/spinlock.h>
#include <asm/barrier.h>
#include <asm/processor.h>

typedef struct seqcount {
	unsigned int sequence;
} seqcount_t;

#define SEQCNT_ZERO(name)     \
	{                     \
		.sequence = 0 \
	}
#define seqcount_init(s) WRITE_ONCE((s)->sequence, 0)

/* May be odd: for a reader that has something else to do then. */
static __always_inline unsigned int raw_read_seqcount(const seqcount_t *s)
{
	unsigned int seq = READ_ONCE(s->sequence);

	smp_rmb();
	return seq;
}
/* With the odd bit off, so that the retry fails while a writer is there. */
static __always_inline unsigned int raw_seqcount_begin(const seqcount_t *s)
{
	return raw_read_seqcount(s) & ~1u;
}
static __always_inline unsigned int read_seqcount_begin(const seqcount_t *s)
{
	unsigned int seq;

	while ((seq = READ_ONCE(s->sequence)) & 1)
		cpu_relax();
	smp_rmb();
	return seq;
}
static __always_inline int read_seqcount_retry(const seqcount_t *s, unsigned int start)
{
	smp_rmb();
	return READ_ONCE(s->sequence) != start;
}
#define raw_read_seqcount_begin(s)	read_seqcount_begin(s)
#define __read_seqcount_begin(s)	read_seqcount_begin(s)
#define __read_seqcount_retry(s, start) read_seqcount_retry(s, start)

static __always_inline void raw_write_seqcount_begin(seqcount_t *s)
{
	WRITE_ONCE(s->sequence, s->sequence + 1);
	smp_wmb();
}
static __always_inline void raw_write_seqcount_end(seqcount_t *s)
{
	smp_wmb();
	WRITE_ONCE(s->sequence, s->sequence + 1);
}
/* Writers exclude each other by themselves; preemption must be off. */
#define write_seqcount_begin(s) raw_write_seqcount_begin(s)
#define write_seqcount_end(s)	raw_write_seqcount_end(s)

/* Readers that have begun have to try again. */
static __always_inline void write_seqcount_invalidate(seqcount_t *s)
{
	smp_wmb();
	WRITE_ONCE(s->sequence, s->sequence + 2);
}

/* ---- the latch: data[seq & 1] is whole at any instant, in an NMI as well ---- */

#if HLD_KAPI >= 510
typedef struct {
	seqcount_t seqcount;
} seqcount_latch_t;

#define SEQCNT_LATCH_ZERO(name)               \
	{                                     \
		.seqcount = SEQCNT_ZERO(name) \
	}
#define seqcount_latch_init(s)			seqcount_init(&(s)->seqcount)
#define __hld_latch(s)				(&(s)->seqcount)
#define read_seqcount_latch_retry(s, start)	read_seqcount_retry(__hld_latch(s), start)
#define raw_read_seqcount_latch_retry(s, start) read_seqcount_retry(__hld_latch(s), start)
#else
#define __hld_latch(s) (s)
#endif

#define raw_read_seqcount_latch(s) READ_ONCE(__hld_latch(s)->sequence)
#define raw_write_seqcount_latch(s)                                                 \
	do {                                                                        \
		smp_wmb();                                                          \
		WRITE_ONCE(__hld_latch(s)->sequence, __hld_latch(s)->sequence + 1); \
		smp_wmb();                                                          \
	} while (0)

/* ---- with a spinlock between the writers ---- */

typedef struct {
	seqcount_t seqcount;
	spinlock_t lock;
} seqlock_t;

#define __SEQLOCK_UNLOCKED(name)                                                  \
	{                                                                         \
		.seqcount = SEQCNT_ZERO(name), .lock = __SPIN_LOCK_UNLOCKED(name) \
	}
#define DEFINE_SEQLOCK(name) seqlock_t name = __SEQLOCK_UNLOCKED(name)
#define seqlock_init(sl)                        \
	do {                                    \
		seqcount_init(&(sl)->seqcount); \
		spin_lock_init(&(sl)->lock);    \
	} while (0)

static __always_inline unsigned int read_seqbegin(const seqlock_t *sl)
{
	return read_seqcount_begin(&sl->seqcount);
}
static __always_inline int read_seqretry(const seqlock_t *sl, unsigned int start)
{
	return read_seqcount_retry(&sl->seqcount, start);
}

/* The lock has the name of the expression, as other locks have. */
static __always_inline void __hld_write_seqlock(seqlock_t *sl, const char *name)
{
	__hld_lock(&sl->lock.rlock.raw_lock, name);
	raw_write_seqcount_begin(&sl->seqcount);
}
static __always_inline void __hld_write_sequnlock(seqlock_t *sl, const char *name)
{
	raw_write_seqcount_end(&sl->seqcount);
	__hld_unlock(&sl->lock.rlock.raw_lock, name);
}
static __always_inline unsigned long __hld_write_seqlock_irqsave(seqlock_t *sl, const char *name)
{
	unsigned long flags = __hld_lock_irqsave(&sl->lock.rlock.raw_lock, name);

	raw_write_seqcount_begin(&sl->seqcount);
	return flags;
}
static __always_inline void __hld_write_sequnlock_irqrestore(seqlock_t *sl, unsigned long flags,
							     const char *name)
{
	raw_write_seqcount_end(&sl->seqcount);
	__hld_unlock_irqrestore(&sl->lock.rlock.raw_lock, flags, name);
}

#define write_seqlock(sl)   __hld_write_seqlock(sl, __hld_lock_name(#sl))
#define write_sequnlock(sl) __hld_write_sequnlock(sl, __hld_lock_name(#sl))
#define write_seqlock_irqsave(sl, flags) \
	((flags) = __hld_write_seqlock_irqsave(sl, __hld_lock_name(#sl)))
#define write_sequnlock_irqrestore(sl, flags) \
	__hld_write_sequnlock_irqrestore(sl, flags, __hld_lock_name(#sl))
#define write_seqlock_irq(sl)        \
	do {                         \
		local_irq_disable(); \
		write_seqlock(sl);   \
	} while (0)
#define write_sequnlock_irq(sl)                                                     \
	do {                                                                        \
		raw_write_seqcount_end(&(sl)->seqcount);                            \
		__hld_unlock_irq(&(sl)->lock.rlock.raw_lock, __hld_lock_name(#sl)); \
	} while (0)

#endif
