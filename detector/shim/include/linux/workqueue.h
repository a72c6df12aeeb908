/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_WORKQUEUE_H
#define _LINUX_WORKQUEUE_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/types.h>

struct work_struct;
struct work_list;
typedef void (*work_func_t)(struct work_struct *work);

/*
 * Runs in task context on the CPU that it was queued on, one after the other, or on
 * another one if that CPU goes down before or is not there.
 */
struct work_struct {
	unsigned int pending;
	struct work_list *list; /* that it is in */
	struct list_head entry;
	work_func_t func;
};

#define __WORK_INITIALIZER(n, f)                                \
	{                                                       \
		.entry = LIST_HEAD_INIT((n).entry), .func = (f) \
	}
#define DECLARE_WORK(n, f)  struct work_struct n = __WORK_INITIALIZER(n, f)
#define INIT_WORK(work, fn) __init_work((work), (fn))
#define work_pending(work)  (READ_ONCE((work)->pending) != 0)

void __init_work(struct work_struct *work, work_func_t func);
bool schedule_work(struct work_struct *work);
bool schedule_work_on(int cpu, struct work_struct *work);
bool flush_work(struct work_struct *work);	 /* true: it was pending or at work */
bool cancel_work_sync(struct work_struct *work); /* true: it was pending, and will not run */

#endif
