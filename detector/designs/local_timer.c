// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Design local-timer: each CPU has a watchdog timer of its own in its local APIC,
 * beside TSC deadline, which sends it an NMI and tells that it has fired.
 *
 * No processor has such a timer: TSC deadline has taken the registers of the one
 * there is, and its entry has no delivery mode. This is the design that would be
 * possible otherwise, to compare the others with.
 *
 * Nothing rotates, and no NMI is sent to another CPU. A bit of the CPU's own APIC
 * tells whether an NMI is the timer's. A CPU which leaves stops its own timer: what
 * is left then is an NMI in its own APIC, which it takes before it goes on. The
 * core still chooses a timer of the HPET, which is never started.
 *
 * When the mask is written, each CPU which leaves it is called to do the same. A
 * CPU which is locked up with interrupts off makes the writer wait, as it does
 * with any such call.
 */
#define pr_fmt(fmt) "hld: " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/printk.h>
#include <linux/smp.h>

#include <asm/apic.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/nmi.h>

#include "hld.h"

#ifdef X86_FEATURE_APIC_TIMER2

#define HLD_APIC_NAME "hld-apic"

#define HLD_APIC_ENTRY (APIC_DM_NMI | APIC_LVT_TIMER_PERIODIC)

/* Longer than any NMI is on its way from the timer to its own CPU. */
#define HLD_APIC_FLIGHT_US 1

#define HLD_APIC_CALIBRATE_US 1000

static struct hld *hld_apic;

/* Counts of the timer in the threshold. */
static u32 hld_apic_counts;

static int hld_apic_nmi_handler(unsigned int type, struct pt_regs *regs)
{
	unsigned int cpu = smp_processor_id();
	u32 entry = apic_read(APIC_LVTT2);

	if (!(entry & APIC_LVTT2_FIRED))
		return NMI_DONE;

	/* Writing the bit back clears it; the rest is written as it was read. */
	apic_write(APIC_LVTT2, entry);

	if (cpumask_test_cpu(cpu, &hld_apic->monitored_mask))
		hld_check_self(hld_apic, cpu, rdtsc(), regs);

	return NMI_HANDLED;
}

/* On the CPU itself. */
static void hld_apic_enter(void *info)
{
	cpumask_set_cpu(smp_processor_id(), &hld_apic->monitored_mask);

	apic_write(APIC_TDCR, APIC_TDR_DIV_1);
	apic_write(APIC_LVTT2, HLD_APIC_ENTRY | APIC_LVTT2_FIRED);
	apic_write(APIC_TMICT, hld_apic_counts);
}

/* On the CPU itself. An NMI of the timer which has fired is taken before the delay ends. */
static void hld_apic_leave(void *info)
{
	apic_write(APIC_LVTT2, HLD_APIC_ENTRY | APIC_LVT_MASKED);
	apic_write(APIC_TMICT, 0);
	udelay(HLD_APIC_FLIGHT_US);

	cpumask_clear_cpu(smp_processor_id(), &hld_apic->monitored_mask);
}

static int hld_apic_add_cpu(struct hld *hld, unsigned int cpu)
{
	return smp_call_function_single(cpu, hld_apic_enter, NULL, true);
}

static void hld_apic_remove_cpus(struct hld *hld, const struct cpumask *gone)
{
	unsigned int cpu;

	for_each_cpu(cpu, gone)
		smp_call_function_single(cpu, hld_apic_leave, NULL, true);
}

/* How far the timer, masked, counts while the TSC goes on by a known span. */
static int hld_apic_calibrate(const struct hld *hld)
{
	u64 thresh = div_u64(hld->tsc_min_age * 20, 9);
	u64 began, counts, span;
	unsigned long flags;

	local_irq_save(flags);

	apic_write(APIC_TDCR, APIC_TDR_DIV_1);
	apic_write(APIC_LVTT2, HLD_APIC_ENTRY | APIC_LVT_MASKED);
	began = rdtsc();
	apic_write(APIC_TMICT, U32_MAX);
	udelay(HLD_APIC_CALIBRATE_US);
	counts = U32_MAX - apic_read(APIC_TMCCT);
	span = rdtsc() - began;
	apic_write(APIC_TMICT, 0);

	local_irq_restore(flags);

	counts = div64_u64(counts * thresh, span);
	if (!counts || counts > U32_MAX) {
		pr_err("the local timer cannot count the threshold\n");
		return -ERANGE;
	}
	hld_apic_counts = counts;

	return 0;
}

static int hld_apic_init(struct hld *hld)
{
	int ret;

	if (!boot_cpu_has(X86_FEATURE_APIC_TIMER2) ||
	    !boot_cpu_has(X86_FEATURE_TSC_DEADLINE_TIMER)) {
		pr_err("the local APIC has no timer beside TSC deadline\n");
		return -ENODEV;
	}

	hld_apic = hld;
	/* Nothing is claimed by its time: for the core no NMI is ever due. */
	hld->tsc_period = S64_MAX;

	ret = hld_apic_calibrate(hld);
	if (ret)
		return ret;

	return register_nmi_handler(NMI_LOCAL, hld_apic_nmi_handler, 0, HLD_APIC_NAME);
}

static void hld_apic_exit(struct hld *hld)
{
	unregister_nmi_handler(NMI_LOCAL, HLD_APIC_NAME);
}

/* Not called: the core claims nothing. */
static void hld_apic_nmi(struct hld *hld, unsigned int this_cpu)
{
}

const struct hld_design_ops hld_design_local_timer = {
	.name = "local-timer",
	.own_messages = true,
	.init = hld_apic_init,
	.exit = hld_apic_exit,
	.nmi = hld_apic_nmi,
	.add_cpu = hld_apic_add_cpu,
	.remove_cpus = hld_apic_remove_cpus,
};

#else /* !X86_FEATURE_APIC_TIMER2 */

static int hld_apic_init(struct hld *hld)
{
	pr_err("no processor has a local timer beside TSC deadline\n");

	return -EOPNOTSUPP;
}

const struct hld_design_ops hld_design_local_timer = {
	.name = "local-timer",
	.init = hld_apic_init,
};

#endif /* X86_FEATURE_APIC_TIMER2 */
