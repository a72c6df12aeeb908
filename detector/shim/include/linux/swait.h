/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_SWAIT_H
#define _LINUX_SWAIT_H

#include <linux/list.h>
#include <linux/spinlock.h>

struct task_struct;

struct swait_queue_head {
	raw_spinlock_t lock;
	struct list_head task_list;
};

#define __SWAIT_QUEUE_HEAD_INITIALIZER(name)                   \
	{                                                      \
		.lock = __RAW_SPIN_LOCK_UNLOCKED((name).lock), \
		.task_list = LIST_HEAD_INIT((name).task_list), \
	}

void init_swait_queue_head(struct swait_queue_head *q);

/* Under q->lock: the current task joins, sleeps without the lock, and is back with it. */
void swait_locked(struct swait_queue_head *q, unsigned long *flags);
/* Under q->lock: wakes the task that waits longest, or all. */
void swake_up_locked(struct swait_queue_head *q);
void swake_up_all_locked(struct swait_queue_head *q);

#endif
