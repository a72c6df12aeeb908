/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_WORKQUEUE_H
#define _LINUX_WORKQUEUE_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/timer.h>
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

/* A work that a timer queues. It is pending from the first on. */
struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	int cpu; /* to be queued on */
};

#define __DELAYED_WORK_INITIALIZER(n, f)                                            \
	{                                                                           \
		.work = __WORK_INITIALIZER((n).work, (f)),                          \
		.timer = __TIMER_INITIALIZER(delayed_work_timer_fn, TIMER_IRQSAFE), \
	}
#define DECLARE_DELAYED_WORK(n, f) struct delayed_work n = __DELAYED_WORK_INITIALIZER(n, f)
#define INIT_DELAYED_WORK(dwork, fn)                                                \
	do {                                                                        \
		INIT_WORK(&(dwork)->work, (fn));                                    \
		timer_setup(&(dwork)->timer, delayed_work_timer_fn, TIMER_IRQSAFE); \
	} while (0)
#define INIT_DEFERRABLE_WORK(dwork, fn) INIT_DELAYED_WORK(dwork, fn)
#define delayed_work_pending(dwork)	work_pending(&(dwork)->work)

static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

#define WORK_CPU_UNBOUND CONFIG_NR_CPUS

void delayed_work_timer_fn(struct timer_list *timer);
bool schedule_delayed_work_on(int cpu, struct delayed_work *dwork, unsigned long delay);
bool schedule_delayed_work(struct delayed_work *dwork, unsigned long delay);
bool flush_delayed_work(struct delayed_work *dwork);
bool cancel_delayed_work(struct delayed_work *dwork);
bool cancel_delayed_work_sync(struct delayed_work *dwork);

/*
 * The queue of the kernel itself is all there is: on it a delayed work is put off or
 * brought forward.
 */
struct workqueue_struct;
extern struct workqueue_struct *system_wq;
bool mod_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
			 unsigned long delay); /* true: it was pending */

static inline bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
				    unsigned long delay)
{
	return mod_delayed_work_on(WORK_CPU_UNBOUND, wq, dwork, delay);
}
static inline bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	return schedule_work_on(cpu, work);
}
static inline bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	return schedule_work(work);
}
static inline bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq,
					 struct delayed_work *dwork, unsigned long delay)
{
	return schedule_delayed_work_on(cpu, dwork, delay);
}
static inline bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
				      unsigned long delay)
{
	return schedule_delayed_work(dwork, delay);
}

#endif
