// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A CPU is asked by NMI what it is doing, as a report of a stall does: an IPI of
 * a CPU that then waits, and a handler that knows by a mask whose NMI it was.
 * "hld.backtrace" on the command line registers that handler.
 *
 * Linux registers it at every boot, and it looks at the mask in each NMI. What it
 * prints of the registers and the stack is left out.
 */
#include "kernel.h"
#include <linux/nmi.h>
#include <asm/apic.h>

#define ANSWER_MS 10000

static bool backtrace_answers;
static unsigned long backtrace_flag;  /* bit 0: a request is under way, there is one at a time */
static struct cpumask backtrace_mask; /* who has not answered yet */

/* "hld.backtrace" of the command line, the simulator's word. */
bool backtrace_parse(const char *word, size_t n)
{
	if (!word_is(word, n, "hld.backtrace"))
		return false;
	backtrace_answers = true;
	return true;
}

static bool nmi_cpu_backtrace(void)
{
	unsigned int cpu = smp_processor_id();

	if (!cpumask_test_cpu(cpu, &backtrace_mask))
		return false;
	pr_warn("NMI backtrace for cpu %u\n", cpu);
	cpumask_clear_cpu(cpu, &backtrace_mask);
	return true;
}

static int nmi_cpu_backtrace_handler(unsigned int type, struct pt_regs *regs)
{
	return nmi_cpu_backtrace() ? NMI_HANDLED : NMI_DONE;
}

/* backtrace_flag is this caller's, and the mask is filled. False: somebody has not answered. */
static bool backtrace_ask(unsigned int this_cpu)
{
	unsigned int cpu, ms;

	if (cpumask_test_cpu((int)this_cpu, &backtrace_mask))
		nmi_cpu_backtrace();
	if (!cpumask_empty(&backtrace_mask)) {
		pr_info("Sending NMI from CPU %u to CPUs %*pbl:\n", this_cpu,
			cpumask_pr_args(&backtrace_mask));
		for_each_cpu(cpu, &backtrace_mask)
			apic_send_ipi(cpu, APIC_DM_NMI | NMI_SOURCE_BACKTRACE);
	}
	for (ms = 0; ms < ANSWER_MS && !cpumask_empty(&backtrace_mask); ms++) {
		mdelay(1);
		touch_softlockup_watchdog();
	}
	return cpumask_empty(&backtrace_mask);
}

/* A second one that comes meanwhile asks nobody. */
void nmi_trigger_cpumask_backtrace(const struct cpumask *mask, bool exclude_self)
{
	unsigned int this_cpu = get_cpu();

	if (!test_and_set_bit(0, &backtrace_flag)) {
		cpumask_copy(&backtrace_mask, mask);
		if (exclude_self)
			cpumask_clear_cpu((int)this_cpu, &backtrace_mask);
		backtrace_ask(this_cpu);
		clear_bit_unlock(0, &backtrace_flag);
	}
	put_cpu();
}

/*
 * Task context. A CPU that does not answer within ten seconds is given up, and
 * its bit stays: an NMI that comes after all still has its owner.
 */
long backtrace_request(unsigned int cpu)
{
	unsigned int this_cpu;
	long ret;

	if (!backtrace_answers || cpu >= nr_cpu_ids)
		return -ENODEV;
	this_cpu = get_cpu();
	if (test_and_set_bit(0, &backtrace_flag)) {
		put_cpu();
		return -EBUSY;
	}
	cpumask_copy(&backtrace_mask, cpumask_of(cpu));
	ret = backtrace_ask(this_cpu) ? 0 : -ETIMEDOUT;
	clear_bit_unlock(0, &backtrace_flag);
	put_cpu();
	return ret;
}

static void backtrace_register(void)
{
	register_nmi_handler_source(NMI_LOCAL, nmi_cpu_backtrace_handler, 0, "arch_bt",
				    NMI_SOURCE_BACKTRACE);
}

void backtrace_init(void)
{
	if (backtrace_answers)
		backtrace_register();
}

/* An initcall of objects that ask for backtraces themselves. */
int hld_backtrace_answers(void)
{
	if (!backtrace_answers)
		backtrace_register();
	backtrace_answers = true;
	return 0;
}
