// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Work for a moment later in interrupt context, queued from anywhere, NMI included. */
#include "kernel.h"
#include <linux/irq_work.h>
#include <asm/irq_vectors.h>

static DEFINE_PER_CPU(struct llist_head, raised_list);

bool irq_work_queue(struct irq_work *work)
{
	int old = atomic_fetch_or(IRQ_WORK_PENDING | IRQ_WORK_BUSY, &work->flags);

	if (old & IRQ_WORK_PENDING)
		return false;

	preempt_disable();
	if (llist_add(&work->llnode, this_cpu_ptr(&raised_list)))
		apic_send_self(IRQ_WORK_VECTOR);
	preempt_enable();
	return true;
}
EXPORT_SYMBOL_GPL(irq_work_queue);

/* Interrupts are off. */
void irq_work_run(void)
{
	struct llist_head *list = this_cpu_ptr(&raised_list);
	struct irq_work *work, *next;
	struct llist_node *node;

	if (llist_empty(list))
		return;

	node = llist_reverse_order(llist_del_all(list));
	llist_for_each_entry_safe(work, next, node, llnode) {
		/* Before the function: what is queued from here on runs once more. */
		atomic_andnot(IRQ_WORK_PENDING, &work->flags);
		work->func(work);
		atomic_cmpxchg(&work->flags, IRQ_WORK_BUSY, 0);
	}
}

void irq_work_sync(struct irq_work *work)
{
	while (irq_work_is_busy(work))
		cpu_relax();
}
EXPORT_SYMBOL_GPL(irq_work_sync);
