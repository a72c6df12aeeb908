/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_IRQDESC_H
#define _LINUX_IRQDESC_H

#include <linux/irq.h>
#include <linux/mutex.h>

struct irq_desc {
	struct irq_common_data irq_common_data;
	struct irq_data irq_data;
	irq_flow_handler_t handle_irq;
	struct irqaction *action;
	struct irqaction only_action; /* one a line: interrupts are not shared */
	unsigned int depth;	      /* nested disables */
	unsigned int tot_count;
	raw_spinlock_t lock;
	struct cpumask pending_mask;
	struct mutex request_mutex;
	bool allocated;
	const char *name;
};

struct irq_desc *irq_to_desc(unsigned int irq);
void generic_handle_irq_desc(struct irq_desc *desc);

#endif
