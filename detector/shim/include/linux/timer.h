/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Timers of jiffies. Their functions run as softirqs do, with interrupts on; of TIMER_IRQSAFE ones
 * off. */
#ifndef _LINUX_TIMER_H
#define _LINUX_TIMER_H

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/list.h>

#define TIMER_DEFERRABLE 0x00080000
#define TIMER_PINNED	 0x00100000
#define TIMER_IRQSAFE	 0x00200000

struct timer_base;

/*
 * Deviation: all are pinned, and due with their jiffy. Linux moves them away from idle CPUs
 * (NO_HZ), and its wheel lets those that are far off be late by up to an eighth.
 */
struct timer_list {
	struct list_head entry; /* on base->queue, in order of expiry; next is NULL if it is not */
	unsigned long expires;
	void (*function)(struct timer_list *timer);
	u32 flags;
	struct timer_base *base;
};

#define __TIMER_INITIALIZER(_function, _flags)              \
	{                                                   \
		.function = (_function), .flags = (_flags), \
	}
#define DEFINE_TIMER(_name, _function) struct timer_list _name = __TIMER_INITIALIZER(_function, 0)
#define from_timer(var, callback_timer, timer_fieldname) \
	container_of(callback_timer, __typeof__(*(var)), timer_fieldname)

static inline void timer_setup(struct timer_list *timer, void (*callback)(struct timer_list *),
			       unsigned int flags)
{
	timer->entry.next = NULL;
	timer->function = callback;
	timer->flags = flags;
	timer->base = NULL;
}
#define timer_setup_on_stack(timer, callback, flags) timer_setup(timer, callback, flags)
#define destroy_timer_on_stack(timer)		     ((void)(timer))

static inline int timer_pending(const struct timer_list *timer)
{
	return READ_ONCE(timer->entry.next) != NULL;
}

int mod_timer(struct timer_list *timer, unsigned long expires); /* 1: it was pending */
int mod_timer_pending(struct timer_list *timer, unsigned long expires);
void add_timer(struct timer_list *timer);
void add_timer_on(struct timer_list *timer, int cpu);
int del_timer(struct timer_list *timer);
int del_timer_sync(
	struct timer_list *timer); /* never from its function, nor with what that waits for */
int try_to_del_timer_sync(struct timer_list *timer); /* -1: its function is running */

#endif
