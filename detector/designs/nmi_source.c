// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Design nmi-source: the route is written from NMI as in direct-route, and the
 * message carries a source, which the processor hands to the handler with the
 * NMI (FRED, NMI-source reporting).
 *
 * So the handler need not guess by the TSC whether an NMI is the timer's. Nobody
 * else's NMI is ever taken for it, however well it fits the time; the timer's own
 * is never refused, however late it is, even by a CPU which is on its way down:
 *
 *	HPET			CPU2
 *	match, NMI to CPU2
 *				clears its bit
 *				takes the NMI, knows it, and moves the target on
 *
 * What it does not help against is a target which is offline already: no handler
 * hears of that NMI, and nobody moves the target any more.
 */
#define pr_fmt(fmt) "hld: " fmt

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/printk.h>
#include <linux/smp.h>

#include <asm/apicdef.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/nmi.h>

#include "hld.h"

#ifdef NMI_SOURCE_REPORTING

#include <asm/fred.h>

/* Vector field of the message. 1 to 7 have their owners in the proposal. */
#define HLD_SOURCE 8

#define HLD_SOURCE_NAME "hld-source"

static struct hld *hld_source;

static int hld_source_nmi_handler(unsigned int type, struct pt_regs *regs)
{
	struct hld *hld = hld_source;
	unsigned int cpu = smp_processor_id();
	u64 now;

	/* Where an NMI came without a source all handlers are asked. */
	if (!(fred_event_data(regs) & BIT(HLD_SOURCE)))
		return NMI_DONE;

	now = rdtsc();
	WRITE_ONCE(hld->tsc_taken, now);

	if (cpumask_test_cpu(cpu, &hld->monitored_mask))
		hld_check_self(hld, cpu, now, regs);

	if (!hld->timer.periodic)
		hld_timer_rearm(&hld->timer);
	hld_rotate(hld, cpu);

	WRITE_ONCE(hld->tsc_done, now);

	return NMI_HANDLED;
}

static int hld_source_init(struct hld *hld)
{
	int ret;

	if (!cpu_feature_enabled(X86_FEATURE_NMI_SOURCE)) {
		pr_err("the processor does not report the source of an NMI\n");
		return -ENODEV;
	}

	hld_source = hld;
	/* Nothing is claimed by its time: for the core no NMI is ever due. */
	hld->tsc_period = S64_MAX;
	hld_timer_set_data(&hld->timer, APIC_DM_NMI | HLD_SOURCE);

	ret = register_nmi_handler_source(NMI_LOCAL, hld_source_nmi_handler, 0, HLD_SOURCE_NAME,
					  HLD_SOURCE);
	if (ret)
		pr_err("no handler for NMIs of source %u: %d\n", HLD_SOURCE, ret);

	return ret;
}

static void hld_source_exit(struct hld *hld)
{
	unregister_nmi_handler(NMI_LOCAL, HLD_SOURCE_NAME);
}

/* The target is left alone: the NMI moves it, if it comes before the CPU is offline. */
static void hld_source_remove_cpus(struct hld *hld, const struct cpumask *gone)
{
	unsigned int cpu;

	for_each_cpu(cpu, gone)
		cpumask_clear_cpu(cpu, &hld->monitored_mask);

	if (cpumask_empty(&hld->monitored_mask))
		hld_timer_stop(&hld->timer);
}

const struct hld_design_ops hld_design_nmi_source = {
	.name = "nmi-source",
	.init = hld_source_init,
	.exit = hld_source_exit,
	.nmi = hld_rotate,
	.add_cpu = hld_rotate_add_cpu,
	.remove_cpus = hld_source_remove_cpus,
};

#else /* !NMI_SOURCE_REPORTING */

/* A kernel without the proposal: its handlers do not learn the source. */
static int hld_source_init(struct hld *hld)
{
	pr_err("this kernel does not report the source of an NMI\n");

	return -EOPNOTSUPP;
}

const struct hld_design_ops hld_design_nmi_source = {
	.name = "nmi-source",
	.init = hld_source_init,
};

#endif /* NMI_SOURCE_REPORTING */
