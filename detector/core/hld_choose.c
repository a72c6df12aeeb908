// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The designs and policies of the hard-lockup detector, and the choice among them.
 */
#define pr_fmt(fmt) "hld: " fmt

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "hld.h"

#define HLD_NAMES_MAX 8

static char *hld_design_name = "direct-route";
module_param_named(design, hld_design_name, charp, 0444);
MODULE_PARM_DESC(design,
		 "How the target moves: lock-affinity, direct-route, stop-drain, irte-per-cpu, "
		 "irte-rewrite, nmi-source, local-timer");

static char *hld_policy_name = "round-robin";
module_param_named(policy, hld_policy_name, charp, 0444);
MODULE_PARM_DESC(policy, "Who is next: round-robin, cursor");

static const struct hld_design_ops *const hld_designs[] = {
	&hld_design_lock_affinity, &hld_design_direct_route, &hld_design_stop_drain,
	&hld_design_irte_per_cpu,  &hld_design_irte_rewrite, &hld_design_nmi_source,
	&hld_design_local_timer,
};

static const struct hld_policy_ops *const hld_policies[] = {
	&hld_policy_round_robin,
	&hld_policy_cursor,
};

/**
 * hld_choose - Find the value of a module parameter among the valid ones
 * @what:	Name of the parameter
 * @value:	The value
 * @names:	The valid values
 * @count:	Their number
 *
 * Return: the index of @value, or -EINVAL after a message with the valid ones.
 */
int hld_choose(const char *what, const char *value, const char *const *names, unsigned int count)
{
	unsigned int i, length = 0;
	char valid[128];

	for (i = 0; i < count; i++) {
		if (!strcmp(value, names[i]))
			return i;
	}

	for (i = 0; i < count; i++)
		length += scnprintf(valid + length, sizeof(valid) - length, " %s", names[i]);
	pr_err("%s=%s is not known, valid are:%s\n", what, value, valid);

	return -EINVAL;
}

/**
 * hld_choose_ops - Find the design and the policy which the parameters name
 * @hld:	The detector
 *
 * Return: 0, or -EINVAL.
 */
int __init hld_choose_ops(struct hld *hld)
{
	const char *names[HLD_NAMES_MAX];
	int i;

	BUILD_BUG_ON(ARRAY_SIZE(hld_designs) > HLD_NAMES_MAX);
	BUILD_BUG_ON(ARRAY_SIZE(hld_policies) > HLD_NAMES_MAX);

	for (i = 0; i < ARRAY_SIZE(hld_designs); i++)
		names[i] = hld_designs[i]->name;
	i = hld_choose("design", hld_design_name, names, ARRAY_SIZE(hld_designs));
	if (i < 0)
		return i;
	hld->design = hld_designs[i];

	for (i = 0; i < ARRAY_SIZE(hld_policies); i++)
		names[i] = hld_policies[i]->name;
	i = hld_choose("policy", hld_policy_name, names, ARRAY_SIZE(hld_policies));
	if (i < 0)
		return i;
	hld->policy = hld_policies[i];

	return 0;
}
