// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What the chips of a hierarchy have in common: they hand on to the one below them. */
#include "kernel.h"
#include <linux/irqdesc.h>
#include <linux/msi.h>

void irq_chip_ack_parent(struct irq_data *data)
{
	data->parent_data->chip->irq_ack(data->parent_data);
}

/* The message moves with the interrupt, unless the chip below has seen to all of it. */
int msi_domain_set_affinity(struct irq_data *data, const struct cpumask *mask, bool force)
{
	struct irq_data *parent = data->parent_data;
	struct msi_msg msg;
	int ret = parent->chip->irq_set_affinity(parent, mask, force);

	if (ret >= 0 && ret != IRQ_SET_MASK_OK_DONE) {
		parent->chip->irq_compose_msi_msg(parent, &msg);
		data->chip->irq_write_msi_msg(data, &msg);
	}
	return ret;
}
