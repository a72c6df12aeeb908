/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Spin locks: real ones, in simulated memory, that spin with cpu_relax(), so a lock
 * that is taken in an NMI above its holder deadlocks here as it does on hardware.
 * Each step is told to the observers with the text of the lock expression: an
 * attempt only when it must wait.
 *
 * Deviation: a ticket lock; the kernel's queued lock has the same order of owners.
 */
#ifndef _LINUX_SPINLOCK_H
#define _LINUX_SPINLOCK_H

#include <linux/atomic.h>
#include <linux/bottom_half.h>
#include <linux/irqflags.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <linux/spinlock_types.h>
#include <asm/processor.h>

#define __HLD_TICKET 0x10000u

/* "&hld->lock" is shown as "hld->lock". */
#define __hld_lock_name(text) ((text)[0] == '&' ? &(text)[1] : (text))

static __always_inline void __hld_ticket_lock(arch_spinlock_t *lock, const char *name)
{
	u32 seen = __atomic_fetch_add(&lock->tickets, __HLD_TICKET, __ATOMIC_SEQ_CST);
	u16 ticket = (u16)(seen >> 16);

	if (unlikely((u16)seen != ticket)) {
		hld_note_lock(HLD_LOCK_WAITS, lock, name);
		while (READ_ONCE(lock->owner) != ticket)
			cpu_relax();
	}
	hld_note_lock(HLD_LOCK_TAKEN, lock, name);
	barrier();
}
static __always_inline bool __hld_ticket_trylock(arch_spinlock_t *lock, const char *name)
{
	u32 seen = READ_ONCE(lock->tickets);

	if ((u16)seen != (u16)(seen >> 16))
		return false;
	if (!try_cmpxchg(&lock->tickets, &seen, seen + __HLD_TICKET))
		return false;
	hld_note_lock(HLD_LOCK_TRYLOCK_TAKEN, lock, name);
	return true;
}
/*
 * Only the owner writes its half, so reading it first is not a race. An NMI can
 * land before the store but not between it and the note: a lock that is held is
 * always noted as held.
 */
static __always_inline void __hld_ticket_unlock(arch_spinlock_t *lock, const char *name)
{
	smp_store_release(&lock->owner, (u16)(lock->owner + 1));
	hld_note_lock(HLD_LOCK_DROPPED, lock, name);
}
static __always_inline bool __hld_ticket_is_locked(const arch_spinlock_t *lock)
{
	u32 seen = READ_ONCE(lock->tickets);

	return (u16)seen != (u16)(seen >> 16);
}
static __always_inline bool __hld_ticket_is_contended(const arch_spinlock_t *lock)
{
	u32 seen = READ_ONCE(lock->tickets);

	return (u16)((u16)(seen >> 16) - (u16)seen) > 1;
}

#define arch_spin_lock(lock)	  __hld_ticket_lock(lock, __hld_lock_name(#lock))
#define arch_spin_trylock(lock)	  __hld_ticket_trylock(lock, __hld_lock_name(#lock))
#define arch_spin_unlock(lock)	  __hld_ticket_unlock(lock, __hld_lock_name(#lock))
#define arch_spin_is_locked(lock) __hld_ticket_is_locked(lock)

/* The ways in and out, on a ticket lock with its name. */
static __always_inline void __hld_lock(arch_spinlock_t *lock, const char *name)
{
	preempt_disable();
	__hld_ticket_lock(lock, name);
}
static __always_inline void __hld_unlock(arch_spinlock_t *lock, const char *name)
{
	__hld_ticket_unlock(lock, name);
	preempt_enable();
}
static __always_inline bool __hld_trylock(arch_spinlock_t *lock, const char *name)
{
	preempt_disable();
	if (__hld_ticket_trylock(lock, name))
		return true;
	preempt_enable();
	return false;
}
static __always_inline void __hld_lock_irq(arch_spinlock_t *lock, const char *name)
{
	local_irq_disable();
	__hld_lock(lock, name);
}
static __always_inline void __hld_unlock_irq(arch_spinlock_t *lock, const char *name)
{
	__hld_ticket_unlock(lock, name);
	local_irq_enable();
	preempt_enable();
}
static __always_inline void __hld_lock_bh(arch_spinlock_t *lock, const char *name)
{
	local_bh_disable();
	__hld_lock(lock, name);
}
static __always_inline void __hld_unlock_bh(arch_spinlock_t *lock, const char *name)
{
	__hld_unlock(lock, name);
	local_bh_enable();
}
static __always_inline bool __hld_trylock_bh(arch_spinlock_t *lock, const char *name)
{
	local_bh_disable();
	if (__hld_trylock(lock, name))
		return true;
	local_bh_enable();
	return false;
}
static __always_inline unsigned long __hld_lock_irqsave(arch_spinlock_t *lock, const char *name)
{
	unsigned long flags;

	local_irq_save(flags);
	__hld_lock(lock, name);
	return flags;
}
static __always_inline void __hld_unlock_irqrestore(arch_spinlock_t *lock, unsigned long flags,
						    const char *name)
{
	__hld_ticket_unlock(lock, name);
	local_irq_restore(flags);
	preempt_enable();
}
static __always_inline bool __hld_trylock_irqsave(arch_spinlock_t *lock, unsigned long *flags,
						  const char *name)
{
	local_irq_save(*flags);
	if (__hld_trylock(lock, name))
		return true;
	local_irq_restore(*flags);
	return false;
}

#define raw_spin_lock_init(lock)  (*(lock) = __RAW_SPIN_LOCK_UNLOCKED(lock))
#define raw_spin_lock(lock)	  __hld_lock(&(lock)->raw_lock, __hld_lock_name(#lock))
#define raw_spin_unlock(lock)	  __hld_unlock(&(lock)->raw_lock, __hld_lock_name(#lock))
#define raw_spin_trylock(lock)	  __hld_trylock(&(lock)->raw_lock, __hld_lock_name(#lock))
#define raw_spin_lock_irq(lock)	  __hld_lock_irq(&(lock)->raw_lock, __hld_lock_name(#lock))
#define raw_spin_unlock_irq(lock) __hld_unlock_irq(&(lock)->raw_lock, __hld_lock_name(#lock))
#define raw_spin_lock_irqsave(lock, flags) \
	((flags) = __hld_lock_irqsave(&(lock)->raw_lock, __hld_lock_name(#lock)))
#define raw_spin_unlock_irqrestore(lock, flags) \
	__hld_unlock_irqrestore(&(lock)->raw_lock, flags, __hld_lock_name(#lock))
#define raw_spin_trylock_irqsave(lock, flags) \
	__hld_trylock_irqsave(&(lock)->raw_lock, &(flags), __hld_lock_name(#lock))
#define raw_spin_lock_bh(lock)				    __hld_lock_bh(&(lock)->raw_lock, __hld_lock_name(#lock))
#define raw_spin_unlock_bh(lock)			    __hld_unlock_bh(&(lock)->raw_lock, __hld_lock_name(#lock))
#define raw_spin_trylock_bh(lock)			    __hld_trylock_bh(&(lock)->raw_lock, __hld_lock_name(#lock))
#define raw_spin_lock_nested(lock, subclass)		    raw_spin_lock(lock)
#define raw_spin_lock_irqsave_nested(lock, flags, subclass) raw_spin_lock_irqsave(lock, flags)
#define raw_spin_is_locked(lock)			    __hld_ticket_is_locked(&(lock)->raw_lock)
#define raw_spin_is_contended(lock)			    __hld_ticket_is_contended(&(lock)->raw_lock)
#define assert_raw_spin_locked(lock)			    BUG_ON(!raw_spin_is_locked(lock))

#define spin_lock_init(lock)  (*(lock) = __SPIN_LOCK_UNLOCKED(lock))
#define spin_lock(lock)	      __hld_lock(&(lock)->rlock.raw_lock, __hld_lock_name(#lock))
#define spin_unlock(lock)     __hld_unlock(&(lock)->rlock.raw_lock, __hld_lock_name(#lock))
#define spin_trylock(lock)    __hld_trylock(&(lock)->rlock.raw_lock, __hld_lock_name(#lock))
#define spin_lock_irq(lock)   __hld_lock_irq(&(lock)->rlock.raw_lock, __hld_lock_name(#lock))
#define spin_unlock_irq(lock) __hld_unlock_irq(&(lock)->rlock.raw_lock, __hld_lock_name(#lock))
#define spin_lock_irqsave(lock, flags) \
	((flags) = __hld_lock_irqsave(&(lock)->rlock.raw_lock, __hld_lock_name(#lock)))
#define spin_unlock_irqrestore(lock, flags) \
	__hld_unlock_irqrestore(&(lock)->rlock.raw_lock, flags, __hld_lock_name(#lock))
#define spin_trylock_irqsave(lock, flags) \
	__hld_trylock_irqsave(&(lock)->rlock.raw_lock, &(flags), __hld_lock_name(#lock))
#define spin_lock_bh(lock)		 __hld_lock_bh(&(lock)->rlock.raw_lock, __hld_lock_name(#lock))
#define spin_unlock_bh(lock)		 __hld_unlock_bh(&(lock)->rlock.raw_lock, __hld_lock_name(#lock))
#define spin_trylock_bh(lock)		 __hld_trylock_bh(&(lock)->rlock.raw_lock, __hld_lock_name(#lock))
#define spin_lock_nested(lock, subclass) spin_lock(lock)
#define spin_is_locked(lock)		 __hld_ticket_is_locked(&(lock)->rlock.raw_lock)
#define spin_is_contended(lock)		 __hld_ticket_is_contended(&(lock)->rlock.raw_lock)
#define assert_spin_locked(lock)	 BUG_ON(!spin_is_locked(lock))

#include <linux/rwlock.h>

#endif
