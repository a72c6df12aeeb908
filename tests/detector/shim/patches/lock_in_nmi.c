// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Uses the API as the RFC of June 2018 does (--series=v1): rotation by irq_set_affinity() under a lock, in the NMI. */
#define pr_fmt(fmt) "NMI hpet watchdog: " fmt

#include <linux/debugfs.h>
#include <linux/hpet.h>
#include <linux/interrupt.h>
#include <linux/nmi.h>
#include <linux/slab.h>
#include <asm/hpet.h>
#include <asm/msidef.h>

static struct hpet_hld_data *detector;

static int params_show(struct seq_file *m, void *unused)
{
	struct hpet_hld_data *data = m->private;

	if (!data)
		return -ENODEV;
	seq_printf(m, "timer %u mask %*pbl\n", data->num, cpumask_pr_args(&data->monitored_mask));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(params);

static void kick(struct hpet_hld_data *data)
{
	u64 compare = hpet_readq(HPET_COUNTER) + watchdog_thresh * data->ticks_per_second;

	if (!(data->flags & HPET_DEV_PERI_CAP))
		hpet_writeq(compare, HPET_Tn_CMP(data->num));
}

static int nmi_handler(unsigned int type, struct pt_regs *regs)
{
	unsigned int cpu = smp_processor_id();

	if (!(hpet_readl(HPET_STATUS) & BIT(detector->num)))
		return NMI_DONE;
	if (!cpumask_weight(&detector->monitored_mask))
		return NMI_HANDLED;
	inspect_for_hardlockups(regs);

	spin_lock(&detector->lock);
	for_each_cpu_wrap(cpu, &detector->monitored_mask, smp_processor_id() + 1) {
		if (!irq_set_affinity(detector->irq, cpumask_of(cpu)))
			break;
	}
	spin_unlock(&detector->lock);
	kick(detector);
	return NMI_HANDLED;
}

void detector_enable(unsigned int cpu);
void detector_enable(unsigned int cpu)
{
	spin_lock(&detector->lock);
	cpumask_set_cpu(cpu, &detector->monitored_mask);
	spin_unlock(&detector->lock);
	hpet_writel(hpet_readl(HPET_Tn_CFG(detector->num)) | HPET_TN_ENABLE, HPET_Tn_CFG(detector->num));
}

static int __init detector_init(void)
{
	int ret;

	detector = hpet_hardlockup_detector_assign_timer();
	if (!detector)
		return -ENODEV;
	spin_lock_init(&detector->lock);
	debugfs_create_file("params", 0444, NULL, detector, &params_fops);
	ret = request_irq(detector->irq, no_action, IRQF_TIMER | IRQF_DELIVER_AS_NMI, "hpet_hld", detector);
	if (ret) {
		kfree(detector);
		return ret;
	}
	ret = register_nmi_handler(NMI_LOCAL, nmi_handler, 0, "hpet_hld");
	if (ret)
		pr_err("no handler: %d\n", ret);
	return ret;
}
late_initcall(detector_init);
