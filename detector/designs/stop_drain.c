// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Design stop-drain: the target moves as in direct-route, but the mask of
 * monitored CPUs loses a CPU only while the timer is stopped and no NMI of it
 * is left.
 *
 * Stop the timer; drain, that is wait until the NMI which may be on the fly has
 * been handled; clear the bits; move the target away from the CPUs which left;
 * resume with the old deadline. TIMn_CONF is written in task context only.
 *
 * A CPU which is added needs none of this: an NMI which is on the fly goes to
 * another CPU, and the new one is ready before its bit is set.
 *
 * What is left of an NMI when the stop has been written:
 *
 *	(1) the write of the stop is posted, the timer may match before it arrives
 *	(2) the message is on its way to the local APIC
 *	(3) it is pending there: the CPU is in SMM, in another NMI, or asleep
 *	(4) the handler runs, and will yet write the route
 *
 * Reading a register of the HPET waits for (1). What waits for the rest is the
 * parameter drain=:
 *
 *	none		nothing, not even the read
 *	delay		a fixed time, long enough for (2); (3) may take longer
 *	readback	nothing but the read. Enough only on the target itself, which
 *			takes a pending NMI before its next instruction, and only if
 *			the message is faster than the value read
 *	generation	until the handler has finished which began after the last
 *			match: the HPET tells when that was. Covers (2) to (4)
 *	ipi		a fixed time for (2), then a cross call to the target: it
 *			answers in interrupt context, so it is in no NMI then, and
 *			an NMI pending before the call has been taken. Covers (3)
 *			and (4)
 *
 * The last two wait for another CPU, and that one may be locked up: to find such a
 * CPU is what the detector is for. So they give up after drain_timeout_us.
 */
#define pr_fmt(fmt) "hld: " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <linux/time64.h>

#include <asm/apicdef.h>
#include <asm/msr.h>

#include "hld.h"

enum hld_drain {
	HLD_DRAIN_NONE,
	HLD_DRAIN_DELAY,
	HLD_DRAIN_READBACK,
	HLD_DRAIN_GENERATION,
	HLD_DRAIN_IPI,
};

/* In the order of enum hld_drain. */
static const char *const hld_drain_names[] = { "none", "delay", "readback", "generation", "ipi" };

static char *hld_drain_name = "ipi";
module_param_named(drain, hld_drain_name, charp, 0444);
MODULE_PARM_DESC(drain, "stop-drain: how to wait: none, delay, readback, generation, ipi");

static unsigned int hld_drain_us = HLD_FLIGHT_US;
module_param_named(drain_us, hld_drain_us, uint, 0444);
MODULE_PARM_DESC(drain_us, "stop-drain: longest flight of a message in microseconds");

static unsigned int hld_drain_timeout_us = 20 * USEC_PER_MSEC;
module_param_named(drain_timeout_us, hld_drain_timeout_us, uint, 0444);
MODULE_PARM_DESC(drain_timeout_us, "stop-drain: give up waiting for another CPU after");

static enum hld_drain hld_drain;

/* The CPU which has answered the cross call. */
static unsigned int hld_drain_answer;

static void hld_drain_answers(void *info)
{
	WRITE_ONCE(hld_drain_answer, smp_processor_id());
}

static call_single_data_t hld_drain_call = {
	.func = hld_drain_answers,
};

static void hld_drain_delay(unsigned int us)
{
	mdelay(us / USEC_PER_MSEC);
	udelay(us % USEC_PER_MSEC);
}

/*
 * The handler of the last match has finished if the last one to finish began later
 * than half a period before that match: the handler before it began a whole period
 * earlier. Half a period is room for the rounding of the two clocks.
 *
 * If the match came between the write of the stop and its arrival at the timer
 * no message was sent, and this waits in vain, up to its limit.
 */
static bool hld_drain_generation(struct hld *hld)
{
	u64 match = rdtsc() - hld_ticks_to_tsc(hld, hld_timer_since_match(&hld->timer));
	u64 earliest = match - hld->tsc_period / 2;
	unsigned int us;

	for (us = 0; us < hld_drain_timeout_us; us++) {
		if ((s64)(READ_ONCE(hld->tsc_done) - earliest) >= 0)
			return true;
		udelay(1);
	}

	return false;
}

/*
 * The handler writes the target last. So the CPU read here is the one whose
 * handler may still write the route, or the one that the message goes to.
 *
 * The call is asynchronous, as a synchronous one has no limit. A call which a
 * locked-up CPU has never answered keeps the data busy, and is no answer.
 */
static bool hld_drain_ipi(struct hld *hld)
{
	unsigned int target, us;

	hld_drain_delay(hld_drain_us);

	target = READ_ONCE(hld->target);
	WRITE_ONCE(hld_drain_answer, nr_cpu_ids);
	if (smp_call_function_single_async(target, &hld_drain_call))
		return false;

	for (us = 0; us < hld_drain_timeout_us; us++) {
		if (READ_ONCE(hld_drain_answer) == target)
			return true;
		udelay(1);
	}

	return false;
}

/* Out of line: function tracing shows how long hotplug waits here. */
static noinline void hld_drain_wait(struct hld *hld)
{
	bool drained = true;

	if (hld_drain != HLD_DRAIN_NONE)
		hld_timer_flush(&hld->timer);

	switch (hld_drain) {
	case HLD_DRAIN_NONE:
	case HLD_DRAIN_READBACK:
		break;
	case HLD_DRAIN_DELAY:
		hld_drain_delay(hld_drain_us);
		break;
	case HLD_DRAIN_GENERATION:
		drained = hld_drain_generation(hld);
		break;
	case HLD_DRAIN_IPI:
		drained = hld_drain_ipi(hld);
		break;
	}

	if (!drained)
		pr_warn("no answer from cpu %u, an NMI may be left\n", READ_ONCE(hld->target));
}

static int hld_stop_drain_init(struct hld *hld)
{
	int ret;

	ret = hld_choose("drain", hld_drain_name, hld_drain_names, ARRAY_SIZE(hld_drain_names));
	if (ret < 0)
		return ret;

	hld_drain = ret;
	hld_timer_set_data(&hld->timer, APIC_DM_NMI);

	return 0;
}

static void hld_stop_drain_remove_cpus(struct hld *hld, const struct cpumask *gone)
{
	unsigned int cpu;

	hld_timer_stop(&hld->timer);
	hld_drain_wait(hld);

	for_each_cpu(cpu, gone)
		cpumask_clear_cpu(cpu, &hld->monitored_mask);

	if (cpumask_empty(&hld->monitored_mask))
		return;

	if (cpumask_test_cpu(hld->target, gone))
		hld_move_target(hld, hld->policy->next(hld, hld->target));

	hld_timer_resume(&hld->timer);
}

const struct hld_design_ops hld_design_stop_drain = {
	.name = "stop-drain",
	.init = hld_stop_drain_init,
	.nmi = hld_rotate,
	.add_cpu = hld_rotate_add_cpu,
	.remove_cpus = hld_stop_drain_remove_cpus,
};
