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

/*
 * Task context. A CPU that does not answer within ten seconds is given up, and
 * its bit stays: an NMI that comes after all still has its owner.
 */
long backtrace_request(unsigned int cpu)
{
	unsigned int this_cpu, ms;
	long ret = 0;

	if (!backtrace_answers || cpu >= nr_cpu_ids)
		return -ENODEV;
	this_cpu = get_cpu();
	if (test_and_set_bit(0, &backtrace_flag)) {
		put_cpu();
		return -EBUSY;
	}
	cpumask_copy(&backtrace_mask, cpumask_of(cpu));
	if (cpu == this_cpu) {
		nmi_cpu_backtrace();
	} else {
		pr_info("Sending NMI from CPU %u to CPUs %u:\n", this_cpu, cpu);
		apic_send_ipi(cpu, APIC_DM_NMI | NMI_SOURCE_BACKTRACE);
	}
	for (ms = 0; !cpumask_empty(&backtrace_mask); ms++) {
		if (ms == ANSWER_MS) {
			ret = -ETIMEDOUT;
			break;
		}
		mdelay(1);
		touch_softlockup_watchdog();
	}
	clear_bit_unlock(0, &backtrace_flag);
	put_cpu();
	return ret;
}

void backtrace_init(void)
{
	if (backtrace_answers)
		register_nmi_handler_source(NMI_LOCAL, nmi_cpu_backtrace_handler, 0, "arch_bt",
					    NMI_SOURCE_BACKTRACE);
}
