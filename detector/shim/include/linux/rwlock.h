/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Reader-writer spin locks, unfair: whoever finds the lock free takes it.
 *
 * Deviation: a waiting writer keeps no reader out. The kernel's qrwlock lets those past it
 * that come in interrupt context or in an NMI (Documentation/locking/lockdep-design.rst,
 * "recursive read locks"), and puts the others behind it.
 */
#ifndef _LINUX_RWLOCK_H
#define _LINUX_RWLOCK_H

#ifndef _LINUX_SPINLOCK_H
#include <linux/spinlock.h>
#else

#define __HLD_WRITER ((int)0x80000000)

static __always_inline void __hld_read_lock(rwlock_t *lock, const char *name)
{
	bool told = false;
	int seen;

	preempt_disable();
	for (;;) {
		seen = READ_ONCE(lock->state.counter);
		if (seen >= 0 && try_cmpxchg(&lock->state.counter, &seen, seen + 1))
			break;
		if (!told)
			hld_note_lock(HLD_LOCK_READ_WAITS, lock, name);
		told = true;
		cpu_relax();
	}
	hld_note_lock(HLD_LOCK_READ_TAKEN, lock, name);
}
static __always_inline bool __hld_read_trylock(rwlock_t *lock, const char *name)
{
	int seen;

	preempt_disable();
	seen = READ_ONCE(lock->state.counter);
	while (seen >= 0) {
		if (try_cmpxchg(&lock->state.counter, &seen, seen + 1)) {
			hld_note_lock(HLD_LOCK_READ_TRYLOCK_TAKEN, lock, name);
			return true;
		}
	}
	preempt_enable();
	return false;
}
static __always_inline void __hld_read_unlock(rwlock_t *lock, const char *name)
{
	atomic_dec(&lock->state);
	hld_note_lock(HLD_LOCK_DROPPED, lock, name);
	preempt_enable();
}
static __always_inline void __hld_write_lock(rwlock_t *lock, const char *name)
{
	bool told = false;
	int free;

	preempt_disable();
	for (;;) {
		free = 0;
		if (READ_ONCE(lock->state.counter) == 0 &&
		    try_cmpxchg(&lock->state.counter, &free, __HLD_WRITER))
			break;
		if (!told)
			hld_note_lock(HLD_LOCK_WAITS, lock, name);
		told = true;
		cpu_relax();
	}
	hld_note_lock(HLD_LOCK_TAKEN, lock, name);
}
static __always_inline bool __hld_write_trylock(rwlock_t *lock, const char *name)
{
	int free = 0;

	preempt_disable();
	if (READ_ONCE(lock->state.counter) == 0 &&
	    try_cmpxchg(&lock->state.counter, &free, __HLD_WRITER)) {
		hld_note_lock(HLD_LOCK_TRYLOCK_TAKEN, lock, name);
		return true;
	}
	preempt_enable();
	return false;
}
static __always_inline void __hld_write_unlock(rwlock_t *lock, const char *name)
{
	smp_store_release(&lock->state.counter, 0);
	hld_note_lock(HLD_LOCK_DROPPED, lock, name);
	preempt_enable();
}

#define rwlock_init(lock)   (*(lock) = __RW_LOCK_UNLOCKED(lock))
#define read_lock(lock)	    __hld_read_lock(lock, __hld_lock_name(#lock))
#define read_unlock(lock)   __hld_read_unlock(lock, __hld_lock_name(#lock))
#define write_lock(lock)    __hld_write_lock(lock, __hld_lock_name(#lock))
#define write_unlock(lock)  __hld_write_unlock(lock, __hld_lock_name(#lock))
#define read_trylock(lock)  __hld_read_trylock(lock, __hld_lock_name(#lock))
#define write_trylock(lock) __hld_write_trylock(lock, __hld_lock_name(#lock))
#define read_lock_irq(lock)                                    \
	do {                                                   \
		local_irq_disable();                           \
		__hld_read_lock(lock, __hld_lock_name(#lock)); \
	} while (0)
#define read_unlock_irq(lock)                                    \
	do {                                                     \
		__hld_read_unlock(lock, __hld_lock_name(#lock)); \
		local_irq_enable();                              \
	} while (0)
#define write_lock_irq(lock)                                    \
	do {                                                    \
		local_irq_disable();                            \
		__hld_write_lock(lock, __hld_lock_name(#lock)); \
	} while (0)
#define write_unlock_irq(lock)                                    \
	do {                                                      \
		__hld_write_unlock(lock, __hld_lock_name(#lock)); \
		local_irq_enable();                               \
	} while (0)
#define read_lock_bh(lock)                                     \
	do {                                                   \
		local_bh_disable();                            \
		__hld_read_lock(lock, __hld_lock_name(#lock)); \
	} while (0)
#define read_unlock_bh(lock)                                     \
	do {                                                     \
		__hld_read_unlock(lock, __hld_lock_name(#lock)); \
		local_bh_enable();                               \
	} while (0)
#define write_lock_bh(lock)                                     \
	do {                                                    \
		local_bh_disable();                             \
		__hld_write_lock(lock, __hld_lock_name(#lock)); \
	} while (0)
#define write_unlock_bh(lock)                                     \
	do {                                                      \
		__hld_write_unlock(lock, __hld_lock_name(#lock)); \
		local_bh_enable();                                \
	} while (0)
#define write_trylock_irqsave(lock, flags)                                   \
	({                                                                   \
		bool __taken;                                                \
		local_irq_save(flags);                                       \
		__taken = __hld_write_trylock(lock, __hld_lock_name(#lock)); \
		if (!__taken)                                                \
			local_irq_restore(flags);                            \
		__taken;                                                     \
	})
#define read_lock_irqsave(lock, flags)                         \
	do {                                                   \
		local_irq_save(flags);                         \
		__hld_read_lock(lock, __hld_lock_name(#lock)); \
	} while (0)
#define read_unlock_irqrestore(lock, flags)                      \
	do {                                                     \
		__hld_read_unlock(lock, __hld_lock_name(#lock)); \
		local_irq_restore(flags);                        \
	} while (0)
#define write_lock_irqsave(lock, flags)                         \
	do {                                                    \
		local_irq_save(flags);                          \
		__hld_write_lock(lock, __hld_lock_name(#lock)); \
	} while (0)
#define write_unlock_irqrestore(lock, flags)                      \
	do {                                                      \
		__hld_write_unlock(lock, __hld_lock_name(#lock)); \
		local_irq_restore(flags);                         \
	} while (0)

#endif
#endif
