// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Files that are parameters of the detector (/sys/module/.../parameters), the
 * watchdog's own files of /proc/sys/kernel, and the command line.
 */
#include "kernel.h"
#include <linux/nmi.h>

static char *cmdline = "";
module_param(cmdline, charp, 0444);
MODULE_PARM_DESC(cmdline, "command line of the kernel");

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

/* Serialises writers of parameters, as the lock in struct module does. */
static DEFINE_MUTEX(param_lock);

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

static long param_set(const struct hld_param *param, const char *value)
{
	const struct kernel_param_ops *ops = param->ops;
	struct kernel_param kp = { .name = param->name, .ops = ops, .arg = param->value };
	unsigned long long ull;

	switch (param->type) {
	case HLD_PARAM_CALLBACK:
		return ops->set ? ops->set(value, &kp) : -EPERM;
	case HLD_PARAM_INT:
		return kstrtoint(value, 0, param->value);
	case HLD_PARAM_UINT:
		return kstrtouint(value, 0, param->value);
	case HLD_PARAM_BOOL:
		return kstrtobool(value, param->value);
	case HLD_PARAM_ULONG:
		if (kstrtoull(value, 0, &ull))
			return -EINVAL;
		*(unsigned long *)param->value = ull;
		return 0;
	case HLD_PARAM_CHARP:
		break;
	}
	return -EPERM;
}

static const struct hld_param *param_find(const char *name)
{
	const struct hld_param *param;
	u32 i;

	for (i = 0; (param = hld_param(i)); i++) {
		if (!strcmp(param->name, name))
			return param;
	}
	return NULL;
}

static long param_write(const struct hld_param *param, const char *value)
{
	long ret;

	if (!param)
		return -ENOENT;
	mutex_lock(&param_lock);
	ret = param_set(param, value);
	mutex_unlock(&param_lock);
	return ret;
}

long params_write(const char *file, const char *value)
{
	return param_write(param_find(file), value);
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

/* Words of the command line that the kernel itself knows. */
void parse_command_line(void)
{
	const char *at = cmdline;

	cpumask_copy(&watchdog_cpumask, cpu_possible_mask);
	while (at && *at) {
		size_t n = 0;

		while (at[n] && at[n] != ' ')
			n++;
		if (n == 17 && !strncmp(at, "unknown_nmi_panic", n))
			unknown_nmi_panic = 1;
		else if (n && !intremap_parse(at, n) && !cstate_parse(at, n) &&
			 !hpet_parse(at, n) && !perf_parse(at, n) && !backtrace_parse(at, n))
			pr_notice("Unknown kernel command line parameter \"%.*s\"\n", (int)n, at);
		at += n;
		while (*at == ' ')
			at++;
	}
}
