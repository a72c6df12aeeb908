// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Files that are parameters of the detector (/sys/module/.../parameters), and the
 * command line.
 */
#include "kernel.h"
#include <linux/nmi.h>

static char *cmdline = "";
module_param(cmdline, charp, 0444);
MODULE_PARM_DESC(cmdline, "command line of the kernel");

/* Serialises writers of parameters, as the lock in struct module does. */
static DEFINE_MUTEX(param_lock);

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

const struct hld_param *param_find(const char *name)
{
	const struct hld_param *param;
	u32 i;

	for (i = 0; (param = hld_param(i)); i++) {
		if (!strcmp(param->name, name))
			return param;
	}
	return NULL;
}

long param_write(const struct hld_param *param, const char *value)
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

/* Is that word of the command line, of @n characters, the one of that text? */
bool word_is(const char *word, size_t n, const char *text)
{
	return n == strlen(text) && !strncmp(word, text, n);
}

/* Words of the command line that the kernel itself knows. */
void parse_command_line(void)
{
	const char *at = cmdline;

	while (at && *at) {
		size_t n = 0;

		while (at[n] && at[n] != ' ')
			n++;
		if (word_is(at, n, "unknown_nmi_panic"))
			unknown_nmi_panic = 1;
		else if (word_is(at, n, "cpu0_hotplug"))
			cpu0_hotpluggable = true;
		else if (n && !intremap_parse(at, n) && !cstate_parse(at, n) &&
			 !hpet_parse(at, n) && !perf_parse(at, n) && !backtrace_parse(at, n))
			pr_notice("Unknown kernel command line parameter \"%.*s\"\n", (int)n, at);
		at += n;
		while (*at == ' ')
			at++;
	}
}
