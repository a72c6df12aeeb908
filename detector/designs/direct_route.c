// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Design direct-route: the NMI handler writes the message of the next CPU to
 * TIMERn_PROCMSG_ROUT, without interrupts being remapped.
 *
 * No lock, no interrupt core, one posted write from NMI: nothing can deadlock.
 * But the mask changes while the timer runs, and that leaves two races which
 * nothing here closes:
 *
 *	HPET			CPU1				CPU2
 *	match, NMI to CPU2
 *								clears its bit
 *								takes the NMI: not monitored
 *
 *				picks CPU2
 *								clears its bit, target is CPU1
 *				route := CPU2
 *	one period later:
 *	match, NMI to CPU2					is down
 *
 * Either way nobody moves the target any more.
 */
#define pr_fmt(fmt) "hld: " fmt

#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>

#include <asm/apicdef.h>

#include "hld.h"

enum hld_retarget {
	HLD_RETARGET_NMI,
	HLD_RETARGET_OFFLINE,
};

static const char *const hld_retarget_names[] = {
	[HLD_RETARGET_NMI] = "nmi",
	[HLD_RETARGET_OFFLINE] = "offline",
};

static char *hld_retarget_name = "nmi";
module_param_named(retarget, hld_retarget_name, charp, 0444);
MODULE_PARM_DESC(retarget, "direct-route: who moves the target from a leaving CPU: nmi, offline");

static enum hld_retarget hld_retarget;

static int hld_direct_route_init(struct hld *hld)
{
	int ret;

	ret = hld_choose("retarget", hld_retarget_name, hld_retarget_names,
			 ARRAY_SIZE(hld_retarget_names));
	if (ret < 0)
		return ret;

	hld_retarget = ret;
	hld_timer_set_data(&hld->timer, APIC_DM_NMI);

	return 0;
}

/*
 * With retarget=nmi the timer is left alone: the next NMI goes to the CPU which
 * has left if that is the target. With retarget=offline the target is moved
 * here, the timer stopped meanwhile.
 */
static void hld_direct_route_remove_cpus(struct hld *hld, const struct cpumask *gone)
{
	unsigned int cpu, target;

	for_each_cpu(cpu, gone)
		cpumask_clear_cpu(cpu, &hld->monitored_mask);

	if (cpumask_empty(&hld->monitored_mask)) {
		hld_timer_stop(&hld->timer);
		return;
	}

	target = READ_ONCE(hld->target);
	if (hld_retarget == HLD_RETARGET_NMI || !cpumask_test_cpu(target, gone))
		return;

	hld_timer_stop(&hld->timer);
	hld_move_target(hld, hld->policy->next(hld, target));
	hld_timer_resume(&hld->timer);
}

const struct hld_design_ops hld_design_direct_route = {
	.name = "direct-route",
	.init = hld_direct_route_init,
	.nmi = hld_rotate,
	.add_cpu = hld_rotate_add_cpu,
	.remove_cpus = hld_direct_route_remove_cpus,
};
