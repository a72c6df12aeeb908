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

/* Deviation: it comes with the vector of its own CPU's works, not with that of calls. */
bool irq_work_queue_on(struct irq_work *work, int cpu)
{
	WARN_ON_ONCE(cpu_is_offline(cpu));
	if (cpu == (int)smp_processor_id())
		return irq_work_queue(work);
	if (atomic_fetch_or(IRQ_WORK_PENDING | IRQ_WORK_BUSY, &work->flags) & IRQ_WORK_PENDING)
		return false;

	preempt_disable();
	/* An NMI that sends an IPI may redirect the one that it interrupted. */
	WARN_ON_ONCE(in_nmi());
	if (llist_add(&work->llnode, per_cpu_ptr(&raised_list, cpu)))
		apic_send_ipi((unsigned int)cpu, IRQ_WORK_VECTOR);
	preempt_enable();
	return true;
}
EXPORT_SYMBOL_GPL(irq_work_queue_on);

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
		int flags = atomic_fetch_and(~IRQ_WORK_PENDING, &work->flags) & ~IRQ_WORK_PENDING;

		work->func(work);
		atomic_cmpxchg(&work->flags, flags, flags & ~IRQ_WORK_BUSY);
	}
}

void irq_work_sync(struct irq_work *work)
{
	might_sleep();
	while (irq_work_is_busy(work))
		cpu_relax();
}
EXPORT_SYMBOL_GPL(irq_work_sync);
