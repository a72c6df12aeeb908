/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_MUTEX_H
#define _LINUX_MUTEX_H

#include <linux/atomic.h>
#include <linux/swait.h>

/* Sleeping lock with an owner. Task context only. */
struct mutex {
	unsigned long owner; /* a task_struct; bit 0: somebody waits */
	struct swait_queue_head wait;
	const char *name;
};

#define __MUTEX_INITIALIZER(mutexname)                                                \
	{                                                                             \
		.owner = 0, .wait = __SWAIT_QUEUE_HEAD_INITIALIZER((mutexname).wait), \
		.name = #mutexname,                                                   \
	}
#define DEFINE_MUTEX(mutexname) struct mutex mutexname = __MUTEX_INITIALIZER(mutexname)
#define mutex_init(mutex)	__mutex_init((mutex), #mutex)

void __mutex_init(struct mutex *lock, const char *name);
void mutex_lock(struct mutex *lock);
int mutex_lock_interruptible(struct mutex *lock);
int mutex_trylock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
bool mutex_is_locked(struct mutex *lock);

#endif
