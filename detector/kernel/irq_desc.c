// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Interrupt descriptors: request and free, the flow handler of edge interrupts,
 * and affinity with its locks:
 *
 *   irq_set_affinity()   desc->lock, interrupts off
 *     irq_do_set_affinity()   tmp_mask_lock, one for all interrupts (6.1; not 4.18)
 *       chip, parent chip     vector_lock
 */
#include "kernel.h"
#include <linux/irqdesc.h>
#include <linux/irqnr.h>
#include <linux/panic.h>

#define NR_DESCS  32
#define FIRST_IRQ 24 /* behind the pins of the IOAPIC */

static struct irq_desc irq_desc[NR_DESCS];
static DEFINE_RAW_SPINLOCK(sparse_irq_lock);
static unsigned int nr_descs;

/* Interrupt numbers are below it, whether they have a descriptor or not. */
int nr_irqs = FIRST_IRQ + NR_DESCS;
EXPORT_SYMBOL_GPL(nr_irqs);

struct irq_desc *irq_to_desc(unsigned int irq)
{
	struct irq_desc *desc = &irq_desc[irq - FIRST_IRQ];

	if (irq < FIRST_IRQ || irq - FIRST_IRQ >= READ_ONCE(nr_descs))
		return NULL;
	return desc;
}

struct irq_data *irq_get_irq_data(unsigned int irq)
{
	struct irq_desc *desc;

	hpet_msi_discover();
	desc = irq_to_desc(irq);
	return desc ? &desc->irq_data : NULL;
}
EXPORT_SYMBOL_GPL(irq_get_irq_data);

struct irq_desc *irq_alloc_desc_hld(const char *name)
{
	struct irq_desc *desc = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&sparse_irq_lock, flags);
	if (nr_descs < NR_DESCS) {
		desc = &irq_desc[nr_descs];
		desc->irq_data.irq = FIRST_IRQ + nr_descs;
		desc->irq_data.common = &desc->irq_common_data;
		desc->name = name;
		desc->depth = 1;
		desc->handle_irq = handle_edge_irq;
		desc->irq_common_data.state = IRQD_IRQ_DISABLED | IRQD_MOVE_PCNTXT;
		raw_spin_lock_init(&desc->lock);
		mutex_init(&desc->request_mutex);
		cpumask_copy(&desc->irq_common_data.affinity, cpu_possible_mask);
		WRITE_ONCE(nr_descs, nr_descs + 1);
	}
	raw_spin_unlock_irqrestore(&sparse_irq_lock, flags);
	return desc;
}

/* Numbers in use: the n-th descriptor has the n-th number. */
unsigned int irq_descs(void)
{
	return READ_ONCE(nr_descs);
}

struct irq_desc *irq_desc_at(unsigned int index)
{
	return &irq_desc[index];
}

/* ---- request and free ---- */

irqreturn_t no_action(int cpl, void *dev_id)
{
	return IRQ_NONE;
}
EXPORT_SYMBOL_GPL(no_action);

/* Under desc->lock. The hardware gets its first message here. */
static int irq_startup(struct irq_desc *desc)
{
	struct irq_data *d = &desc->irq_data;
	int ret = x86_vector_activate(d);

	if (ret)
		return ret;
	if (d->chip->irq_startup)
		d->chip->irq_startup(d);
	desc->irq_common_data.state |= IRQD_ACTIVATED | IRQD_IRQ_STARTED;
	desc->irq_common_data.state &= ~IRQD_IRQ_DISABLED;
	desc->depth = 0;
	return irq_do_set_affinity(d, irq_data_get_affinity_mask(d), false);
}

int request_irq(unsigned int irq, irq_handler_t handler, unsigned long irqflags, const char *name,
		void *dev)
{
	struct irq_desc *desc = irq_to_desc(irq);
	unsigned long flags;
	int ret = 0;

	if (!desc || !handler)
		return -EINVAL;

	might_sleep();
	mutex_lock(&desc->request_mutex);
	raw_spin_lock_irqsave(&desc->lock, flags);
	if (desc->action) {
		ret = -EBUSY;
		goto out;
	}
	desc->only_action.handler = handler;
	desc->only_action.dev_id = dev;
	desc->only_action.flags = irqflags;
	desc->only_action.name = name;
	desc->action = &desc->only_action;
	if (irqflags & IRQF_NOBALANCING)
		desc->irq_common_data.state |= IRQD_NO_BALANCING;
	if (irqflags & IRQF_DELIVER_AS_NMI)
		desc->irq_common_data.state |= IRQD_DELIVER_AS_NMI;
	ret = irq_startup(desc);
	if (ret)
		desc->action = NULL;
out:
	raw_spin_unlock_irqrestore(&desc->lock, flags);
	mutex_unlock(&desc->request_mutex);
	return ret;
}
EXPORT_SYMBOL(request_irq);

const void *free_irq(unsigned int irq, void *dev_id)
{
	struct irq_desc *desc = irq_to_desc(irq);
	const char *name = NULL;
	unsigned long flags;

	if (!desc)
		return NULL;

	might_sleep();
	mutex_lock(&desc->request_mutex);
	raw_spin_lock_irqsave(&desc->lock, flags);
	if (desc->action && desc->action->dev_id == dev_id) {
		name = desc->action->name;
		desc->action = NULL;
		desc->irq_common_data.state |= IRQD_IRQ_DISABLED;
		desc->irq_common_data.state &= ~IRQD_IRQ_STARTED;
		desc->depth = 1;
	}
	raw_spin_unlock_irqrestore(&desc->lock, flags);
	mutex_unlock(&desc->request_mutex);
	return name;
}
EXPORT_SYMBOL(free_irq);

void disable_irq_nosync(unsigned int irq)
{
	struct irq_desc *desc = irq_to_desc(irq);
	unsigned long flags;

	if (!desc)
		return;
	raw_spin_lock_irqsave(&desc->lock, flags);
	if (!desc->depth++)
		desc->irq_common_data.state |= IRQD_IRQ_DISABLED;
	raw_spin_unlock_irqrestore(&desc->lock, flags);
}
EXPORT_SYMBOL(disable_irq_nosync);

void enable_irq(unsigned int irq)
{
	struct irq_desc *desc = irq_to_desc(irq);
	unsigned long flags;

	if (!desc)
		return;
	raw_spin_lock_irqsave(&desc->lock, flags);
	if (!WARN_ON(!desc->depth) && !--desc->depth)
		desc->irq_common_data.state &= ~IRQD_IRQ_DISABLED;
	raw_spin_unlock_irqrestore(&desc->lock, flags);
}
EXPORT_SYMBOL(enable_irq);

/* ---- flow ---- */

void handle_edge_irq(struct irq_desc *desc)
{
	struct irqaction *action;

	raw_spin_lock(&desc->lock);
	/* The acknowledgement completes a move of the interrupt to this CPU. */
	desc->irq_data.chip->irq_ack(&desc->irq_data);
	desc->tot_count++;
	action = desc->action;
	if (!action || irqd_test(&desc->irq_data, IRQD_IRQ_DISABLED))
		goto out;

	desc->irq_common_data.state |= IRQD_IRQ_INPROGRESS;
	raw_spin_unlock(&desc->lock);
	action->handler((int)desc->irq_data.irq, action->dev_id);
	raw_spin_lock(&desc->lock);
	desc->irq_common_data.state &= ~IRQD_IRQ_INPROGRESS;
out:
	raw_spin_unlock(&desc->lock);
}

void generic_handle_irq_desc(struct irq_desc *desc)
{
	desc->handle_irq(desc);
}

/* ---- affinity ---- */

/* One set for the whole kernel, because a set is too large for the stack. */
static DEFINE_RAW_SPINLOCK(tmp_mask_lock);
static struct cpumask tmp_mask;

static int irq_chip_set_affinity(struct irq_data *data, const struct cpumask *mask, bool force)
{
	return data->chip->irq_set_affinity(data, mask, force);
}

/* Under desc->lock. Since 5.18 the chip is given online CPUs only. */
int irq_do_set_affinity(struct irq_data *data, const struct cpumask *mask, bool force)
{
	int ret;

	if (!data->chip || !data->chip->irq_set_affinity)
		return -EINVAL;

	if (kernel_is_418()) {
		ret = irq_chip_set_affinity(data, mask, force);
	} else {
		raw_spin_lock(&tmp_mask_lock);
		cpumask_and(&tmp_mask, mask, cpu_online_mask);
		if (force)
			ret = irq_chip_set_affinity(data, mask, force);
		else if (!cpumask_empty(&tmp_mask))
			ret = irq_chip_set_affinity(data, &tmp_mask, force);
		else
			ret = -EINVAL;
		raw_spin_unlock(&tmp_mask_lock);
	}

	if (ret == IRQ_SET_MASK_OK || ret == IRQ_SET_MASK_OK_DONE)
		cpumask_copy(irq_data_get_affinity_mask(data), mask);
	return ret > 0 ? 0 : ret;
}

/* The move has to wait for the acknowledgement of the one before: the caller is told "done". */
static int irq_set_affinity_pending(struct irq_desc *desc, const struct cpumask *mask)
{
	desc->irq_common_data.state |= IRQD_SETAFFINITY_PENDING;
	cpumask_copy(&desc->pending_mask, mask);
	return 0;
}

static int irq_try_set_affinity(struct irq_desc *desc, const struct cpumask *mask, bool force)
{
	int ret = irq_do_set_affinity(&desc->irq_data, mask, force);

	if (ret == -EBUSY && !force)
		ret = irq_set_affinity_pending(desc, mask);
	return ret;
}

int irq_set_affinity_locked(struct irq_data *data, const struct cpumask *mask, bool force)
{
	struct irq_desc *desc = container_of(data->common, struct irq_desc, irq_common_data);
	int ret;

	if (!data->chip || !data->chip->irq_set_affinity)
		return -EINVAL;

	/* Not started: remembered, and used by request_irq(). */
	if (!irqd_test(data, IRQD_ACTIVATED)) {
		cpumask_copy(irq_data_get_affinity_mask(data), mask);
		return 0;
	}
	if (irqd_test(data, IRQD_MOVE_PCNTXT) && !irqd_test(data, IRQD_SETAFFINITY_PENDING))
		ret = irq_try_set_affinity(desc, mask, force);
	else
		ret = irq_set_affinity_pending(desc, mask);
	data->common->state |= IRQD_AFFINITY_SET;
	return ret;
}

static int __irq_set_affinity(unsigned int irq, const struct cpumask *mask, bool force)
{
	struct irq_desc *desc = irq_to_desc(irq);
	unsigned long flags;
	int ret;

	if (!desc)
		return -EINVAL;

	raw_spin_lock_irqsave(&desc->lock, flags);
	ret = irq_set_affinity_locked(&desc->irq_data, mask, force);
	raw_spin_unlock_irqrestore(&desc->lock, flags);
	return ret;
}

int irq_set_affinity(unsigned int irq, const struct cpumask *cpumask)
{
	return __irq_set_affinity(irq, cpumask, false);
}
EXPORT_SYMBOL_GPL(irq_set_affinity);

int irq_force_affinity(unsigned int irq, const struct cpumask *cpumask)
{
	return __irq_set_affinity(irq, cpumask, true);
}
EXPORT_SYMBOL_GPL(irq_force_affinity);

int irq_can_set_affinity(unsigned int irq)
{
	struct irq_desc *desc = irq_to_desc(irq);

	return desc && desc->irq_data.chip && desc->irq_data.chip->irq_set_affinity;
}

/* From the acknowledgement, under desc->lock: what was pending happens now. */
void irq_move_irq(struct irq_data *data)
{
	struct irq_desc *desc = container_of(data->common, struct irq_desc, irq_common_data);

	if (likely(!irqd_test(data, IRQD_SETAFFINITY_PENDING)))
		return;

	data->common->state &= ~IRQD_SETAFFINITY_PENDING;
	if (cpumask_intersects(&desc->pending_mask, cpu_online_mask)) {
		/* Still no luck: it stays pending until the next one. */
		if (irq_do_set_affinity(data, &desc->pending_mask, false) == -EBUSY) {
			data->common->state |= IRQD_SETAFFINITY_PENDING;
			return;
		}
	}
	cpumask_clear(&desc->pending_mask);
}
