/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_IRQ_WORK_H
#define _LINUX_IRQ_WORK_H

#include <linux/atomic.h>
#include <linux/llist.h>

#define IRQ_WORK_PENDING  0x01
#define IRQ_WORK_BUSY	  0x02
#define IRQ_WORK_LAZY	  0x04
#define IRQ_WORK_HARD_IRQ 0x08

struct irq_work {
	struct llist_node llnode;
	atomic_t flags;
	void (*func)(struct irq_work *work);
};

/*
 * HARD_IRQ is how all run without PREEMPT_RT. Deviation: LAZY comes as soon as the others,
 * not with the next tick.
 */
#define __IRQ_WORK_INIT(_func, _flags)                        \
	{                                                     \
		.flags = ATOMIC_INIT(_flags), .func = (_func) \
	}
#define IRQ_WORK_INIT(_func)	  __IRQ_WORK_INIT(_func, 0)
#define IRQ_WORK_INIT_LAZY(_func) __IRQ_WORK_INIT(_func, IRQ_WORK_LAZY)
#define IRQ_WORK_INIT_HARD(_func) __IRQ_WORK_INIT(_func, IRQ_WORK_HARD_IRQ)
#define DEFINE_IRQ_WORK(name, _f) struct irq_work name = IRQ_WORK_INIT(_f)

static inline void init_irq_work(struct irq_work *work, void (*func)(struct irq_work *))
{
	work->llnode.next = NULL;
	atomic_set(&work->flags, 0);
	work->func = func;
}

static inline bool irq_work_is_pending(struct irq_work *work)
{
	return atomic_read(&work->flags) & IRQ_WORK_PENDING;
}

static inline bool irq_work_is_busy(struct irq_work *work)
{
	return atomic_read(&work->flags) & IRQ_WORK_BUSY;
}

bool irq_work_queue(struct irq_work *work);		/* any context, NMI too */
bool irq_work_queue_on(struct irq_work *work, int cpu); /* not from an NMI, but to the own CPU */
void irq_work_sync(struct irq_work *work);

#endif
