// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Interrupts leave a CPU that goes down; and the files by which they are moved. */
#include "kernel.h"
#include <linux/irqdesc.h>
#include <asm/hw_irq.h>

/* Under desc->lock, interrupts off on all CPUs. True: it went to CPUs that nobody chose. */
static bool migrate_one_irq(struct irq_desc *desc, unsigned int cpu)
{
	struct irq_data *d = &desc->irq_data;
	const struct cpumask *affinity;
	bool brokeaff = false;
	bool mine;
	int err;

	if (!d->chip || !d->chip->irq_set_affinity)
		return false;

	/* A move that waits for an acknowledgement waits for this CPU, or for nothing. */
	irq_force_complete_move(desc);

	mine = cpumask_test_cpu((int)cpu, irq_data_get_effective_affinity_mask(d));
	if (!irqd_test(d, IRQD_IRQ_STARTED) || !mine)
		return false;

	affinity = irq_data_get_affinity_mask(d);
	if (irqd_test(d, IRQD_SETAFFINITY_PENDING)) {
		d->common->state &= ~IRQD_SETAFFINITY_PENDING;
		if (cpumask_intersects(&desc->pending_mask, cpu_online_mask))
			affinity = &desc->pending_mask;
	}
	if (!cpumask_intersects(affinity, cpu_online_mask)) {
		affinity = cpu_online_mask;
		brokeaff = true;
	}
	err = irq_do_set_affinity(d, affinity, false);
	if (err)
		pr_warn_ratelimited("IRQ%u: set affinity failed(%d).\n", d->irq, err);
	return brokeaff && !err;
}

void irq_migrate_all_off_this_cpu(void)
{
	unsigned int cpu = (unsigned int)smp_processor_id();
	unsigned int i;

	for (i = 0; i < irq_descs(); i++) {
		struct irq_desc *desc = irq_desc_at(i);
		bool broken;

		raw_spin_lock(&desc->lock);
		broken = migrate_one_irq(desc, cpu);
		raw_spin_unlock(&desc->lock);
		if (broken)
			pr_debug("IRQ %u: no longer affine to CPU%u\n", desc->irq_data.irq, cpu);
	}
}

/*
 * On the CPU that goes, inside stop_machine. What was on its way to the old
 * vectors gets a millisecond to arrive; then it is sent again from the new ones.
 * An NMI leaves no mark in the IRR: nothing here knows of it.
 */
void fixup_irqs(void)
{
	irq_migrate_all_off_this_cpu();
	hld_charge(HLD_ROW_FIXUP_DELAY, 1);
	vector_retrigger_pending();
}

/* ---- /proc/irq/NAME/smp_affinity ---- */

static int write_irq_affinity(unsigned int irq, const char *value)
{
	struct cpumask *new_value;
	int err;

	if (!irq_can_set_affinity(irq))
		return -EIO;
	if (irqd_test(irq_get_irq_data(irq), IRQD_NO_BALANCING))
		return -EIO;

	new_value = kzalloc(cpumask_size(), GFP_KERNEL);
	if (!new_value)
		return -ENOMEM;
	err = cpumask_parse(value, new_value);
	/* An interrupt must not be lost: some CPU has to be left. */
	if (!err && !cpumask_intersects(new_value, cpu_online_mask))
		err = -EINVAL;
	if (!err)
		err = irq_set_affinity(irq, new_value);
	kfree(new_value);
	return err;
}

/* @name: what follows /proc/irq/. The HPET's interrupt has its name for a number. */
long irq_proc_write(const char *name, const char *value)
{
	unsigned int irq = hpet_msi_irq();

	if (strcmp(name, "hpet/smp_affinity"))
		return -ENOENT;
	/* The detector has not asked for an interrupt. */
	if (!irq)
		return -ENOENT;
	return write_irq_affinity(irq, value);
}
