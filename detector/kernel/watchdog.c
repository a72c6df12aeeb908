// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The settings that lockup detectors share: the files of /proc/sys/kernel, and who
 * hears of a write to them.
 */
#include "kernel.h"
#include <linux/nmi.h>

int watchdog_thresh = 10;
module_param(watchdog_thresh, int, 0444);
MODULE_PARM_DESC(watchdog_thresh, "threshold of lockup detectors in seconds, 1 to 60");

#define WATCHDOG_THRESH_MAX 60

int watchdog_user_enabled = 1;
int nmi_watchdog_user_enabled = 1;
unsigned long watchdog_enabled = 1;
unsigned int hardlockup_panic;
struct cpumask watchdog_cpumask;

static DEFINE_PER_CPU(bool, watchdog_nmi_touch);

/*
 * Written only when it is not set: the machine stop calls this in a loop in
 * which nothing else changes.
 */
void arch_touch_nmi_watchdog(void)
{
	if (!this_cpu_read(watchdog_nmi_touch))
		this_cpu_write(watchdog_nmi_touch, true);
}
EXPORT_SYMBOL(arch_touch_nmi_watchdog);

void touch_nmi_watchdog(void)
{
	arch_touch_nmi_watchdog();
}
EXPORT_SYMBOL(touch_nmi_watchdog);

/* Before the command line: all CPUs may be watched. */
void watchdog_init(void)
{
	cpumask_copy(&watchdog_cpumask, cpu_possible_mask);
}

/*
 * The parameter by which a module hears of a file of /proc/sys/kernel: of the
 * same name, or without "watchdog_", and with a function that can react.
 */
static const struct hld_param *param_for_sysctl(const char *name)
{
	const struct hld_param *param = param_find(name);

	if (!param)
		param = param_find(name + strlen("watchdog_"));
	return param && param->type == HLD_PARAM_CALLBACK ? param : NULL;
}

/* /proc/sys/kernel/watchdog_cpumask: a list, of which only possible CPUs count. */
long watchdog_cpumask_write(const char *value)
{
	const struct hld_param *param = param_for_sysctl("watchdog_cpumask");
	struct cpumask *mask = kzalloc(cpumask_size(), GFP_KERNEL);
	long ret;

	if (!mask)
		return -ENOMEM;
	ret = cpulist_parse(value, mask);
	if (!ret)
		cpumask_and(&watchdog_cpumask, mask, cpu_possible_mask);
	kfree(mask);
	return ret || !param ? ret : param_write(param, value);
}

/*
 * /proc/sys/kernel/watchdog_thresh. The detectors of the kernel proper are told
 * by a call; a module is told through its parameter.
 */
long watchdog_thresh_write(const char *value)
{
	const struct hld_param *param = param_for_sysctl("watchdog_thresh");
	int thresh;

	if (kstrtoint(value, 10, &thresh) || thresh < 0 || thresh > WATCHDOG_THRESH_MAX)
		return -EINVAL;
	WRITE_ONCE(watchdog_thresh, thresh);
	return param ? param_write(param, value) : 0;
}
