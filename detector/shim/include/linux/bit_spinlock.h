/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A bit of a word as a spin lock: without a queue, whoever finds it clear takes it.
 * To the observers it is a lock as any other, by the name "word:N"; a lock that
 * is made by hand of test_and_set_bit() or cmpxchg() is none to them.
 *
 * Deviation: the observers tell eight locks of a word apart, by N modulo 8.
 */
#ifndef __LINUX_BIT_SPINLOCK_H
#define __LINUX_BIT_SPINLOCK_H

#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>

#define __hld_bit_lock(bit, word) ((const char *)((word) + BIT_WORD(bit)) + (bit) % BITS_PER_BYTE)

static __always_inline void __hld_bit_spin_lock(long bit, unsigned long *word, const char *name)
{
	preempt_disable();
	if (unlikely(test_and_set_bit(bit, word))) {
		hld_note_lock(HLD_LOCK_WAITS, __hld_bit_lock(bit, word), name);
		do {
			preempt_enable();
			do {
				cpu_relax();
			} while (test_bit(bit, word));
			preempt_disable();
		} while (test_and_set_bit(bit, word));
	}
	hld_note_lock(HLD_LOCK_TAKEN, __hld_bit_lock(bit, word), name);
}
static __always_inline int __hld_bit_spin_trylock(long bit, unsigned long *word, const char *name)
{
	preempt_disable();
	if (unlikely(test_and_set_bit(bit, word))) {
		preempt_enable();
		return 0;
	}
	hld_note_lock(HLD_LOCK_TRYLOCK_TAKEN, __hld_bit_lock(bit, word), name);
	return 1;
}
static __always_inline void __hld_bit_spin_unlock(long bit, unsigned long *word, const char *name)
{
	BUG_ON(!test_bit(bit, word));
	clear_bit(bit, word);
	hld_note_lock(HLD_LOCK_DROPPED, __hld_bit_lock(bit, word), name);
	preempt_enable();
}

#define __hld_bit_name(bit, word)    __hld_lock_name(#word ":" #bit)
#define bit_spin_lock(bit, word)     __hld_bit_spin_lock(bit, word, __hld_bit_name(bit, word))
#define bit_spin_trylock(bit, word)  __hld_bit_spin_trylock(bit, word, __hld_bit_name(bit, word))
#define bit_spin_unlock(bit, word)   __hld_bit_spin_unlock(bit, word, __hld_bit_name(bit, word))
#define __bit_spin_unlock(bit, word) bit_spin_unlock(bit, word)

/* Linux: also true without a lock where preemption is off and nothing spins; here locks always
 * spin. */
static __always_inline int bit_spin_is_locked(long bit, unsigned long *word)
{
	return test_bit(bit, word);
}

#endif
