/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A ticket lock in memory: it is taken in the order of asking. Free when both halves are equal. */
#ifndef _LINUX_SPINLOCK_TYPES_H
#define _LINUX_SPINLOCK_TYPES_H

#include <linux/lockdep.h>
#include <linux/types.h>

typedef struct {
	union {
		u32 tickets;
		struct {
			u16 owner; /* ticket that holds the lock */
			u16 next;  /* ticket of the next one to ask */
		};
	};
} arch_spinlock_t;
#define __ARCH_SPIN_LOCK_UNLOCKED \
	{                         \
		{                 \
			0         \
		}                 \
	}

typedef struct raw_spinlock {
	arch_spinlock_t raw_lock;
} raw_spinlock_t;
#define __RAW_SPIN_LOCK_INITIALIZER(name)             \
	{                                             \
		.raw_lock = __ARCH_SPIN_LOCK_UNLOCKED \
	}
#define __RAW_SPIN_LOCK_UNLOCKED(name) (raw_spinlock_t) __RAW_SPIN_LOCK_INITIALIZER(name)
#define DEFINE_RAW_SPINLOCK(x)	       raw_spinlock_t x = __RAW_SPIN_LOCK_UNLOCKED(x)

typedef struct spinlock {
	struct raw_spinlock rlock;
} spinlock_t;
#define __SPIN_LOCK_INITIALIZER(name)                         \
	{                                                     \
		{                                             \
			.raw_lock = __ARCH_SPIN_LOCK_UNLOCKED \
		}                                             \
	}
#define __SPIN_LOCK_UNLOCKED(name) (spinlock_t) __SPIN_LOCK_INITIALIZER(name)
#define DEFINE_SPINLOCK(x)	   spinlock_t x = __SPIN_LOCK_UNLOCKED(x)

/* Any number of readers (the count), or one writer (the top bit). */
typedef struct {
	atomic_t state;
} rwlock_t;
#define __RW_LOCK_UNLOCKED(name)        \
	(rwlock_t)                      \
	{                               \
		.state = ATOMIC_INIT(0) \
	}
#define DEFINE_RWLOCK(x) rwlock_t x = __RW_LOCK_UNLOCKED(x)

#endif
