// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Design lock-affinity: the NMI handler moves the timer's interrupt with
 * irq_set_affinity(), under a spinlock which protects the mask of monitored CPUs.
 *
 * This is the approach of the RFC of June 2018, kept as the yardstick. It is
 * broken:
 *
 *  - hld_lock is taken by CPU hotplug as well. An NMI which hits its holder waits
 *    for what it interrupted.
 *  - irq_set_affinity() takes the lock of the descriptor, of the temporary mask
 *    and of the vectors, with remapping those of the IOMMU too. Each of them is
 *    held by ordinary code at times.
 *  - The move ends in the acknowledgement of the interrupt, and an NMI has none:
 *    after the first move the calls succeed and the route stands still.
 */
#define pr_fmt(fmt) "hld: " fmt

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqnr.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "hld.h"

/*
 * Proposed by the same series. A kernel without it sends the vector of the
 * interrupt, and no NMI.
 */
#ifndef IRQF_DELIVER_AS_NMI
#define IRQF_DELIVER_AS_NMI 0
#endif

static int hld_irq = -1;
module_param_named(irq, hld_irq, int, 0444);
MODULE_PARM_DESC(irq, "lock-affinity: interrupt of the HPET timer, -1: that of the HPET's chip");

static DEFINE_SPINLOCK(hld_lock);

/*
 * The HPET's MSI domain makes the number of the timer the hardware number of
 * the interrupt; with remapping the name of its chip has a prefix.
 */
static int hld_find_irq(unsigned int timer)
{
	const struct irq_data *data;
	int irq;

	for (irq = 0; irq < nr_irqs; irq++) {
		data = irq_get_irq_data(irq);
		if (data && data->chip && data->chip->name && data->hwirq == timer &&
		    strstr(data->chip->name, "HPET-MSI"))
			return irq;
	}

	pr_err("HPET timer %u has no interrupt, irq= names it\n", timer);

	return -ENODEV;
}

static int hld_lock_affinity_init(struct hld *hld)
{
	int ret;

	if (hld_irq < 0) {
		ret = hld_find_irq(hld->timer.number);
		if (ret < 0)
			return ret;
		hld_irq = ret;
	}

	ret = request_irq(hld_irq, no_action, IRQF_DELIVER_AS_NMI, "hld", hld);
	if (ret)
		pr_err("interrupt %d cannot be had: %d\n", hld_irq, ret);

	return ret;
}

static void hld_lock_affinity_exit(struct hld *hld)
{
	free_irq(hld_irq, hld);
}

static void hld_lock_affinity_nmi(struct hld *hld, unsigned int this_cpu)
{
	unsigned int first, cpu;

	spin_lock(&hld_lock);

	first = hld->policy->next(hld, this_cpu);
	cpu = first;
	while (cpu < nr_cpu_ids && irq_set_affinity(hld_irq, cpumask_of(cpu))) {
		cpu = hld->policy->next(hld, cpu);
		if (cpu == first)
			cpu = nr_cpu_ids;
	}
	if (cpu < nr_cpu_ids)
		WRITE_ONCE(hld->target, cpu);

	spin_unlock(&hld_lock);
}

static int hld_lock_affinity_add_cpu(struct hld *hld, unsigned int cpu)
{
	bool first = cpumask_empty(&hld->monitored_mask);
	int ret;

	if (first) {
		ret = irq_set_affinity(hld_irq, cpumask_of(cpu));
		if (ret) {
			pr_err("interrupt %d cannot be sent to cpu %u: %d\n", hld_irq, cpu, ret);
			return ret;
		}
		WRITE_ONCE(hld->target, cpu);
	}

	spin_lock(&hld_lock);
	cpumask_set_cpu(cpu, &hld->monitored_mask);
	spin_unlock(&hld_lock);

	if (first)
		hld_start(hld);

	return 0;
}

static void hld_lock_affinity_remove_cpus(struct hld *hld, const struct cpumask *gone)
{
	unsigned int cpu;
	bool last;

	spin_lock(&hld_lock);
	for_each_cpu(cpu, gone)
		cpumask_clear_cpu(cpu, &hld->monitored_mask);
	last = cpumask_empty(&hld->monitored_mask);
	spin_unlock(&hld_lock);

	if (last)
		hld_timer_stop(&hld->timer);
}

const struct hld_design_ops hld_design_lock_affinity = {
	.name = "lock-affinity",
	.init = hld_lock_affinity_init,
	.exit = hld_lock_affinity_exit,
	.nmi = hld_lock_affinity_nmi,
	.add_cpu = hld_lock_affinity_add_cpu,
	.remove_cpus = hld_lock_affinity_remove_cpus,
};
