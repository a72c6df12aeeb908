// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The heartbeat of each CPU, its check, and the report.
 *
 * The heartbeat is an hrtimer which runs in hard interrupt context: it stops on a
 * CPU which does not take interrupts any more, and an NMI still gets through to
 * notice.
 */
#define pr_fmt(fmt) "hld: " fmt

#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/ptrace.h>

#include <asm/msr.h>

#include "hld.h"

/**
 * struct hld_cpu - What the detector knows of one CPU
 * @beat:	Timer of the heartbeat
 * @period:	Period of the heartbeat
 * @saved:	Count of heartbeats at the last check
 * @checked:	TSC at the last check
 * @reported:	The present lockup has been reported
 */
struct hld_cpu {
	struct hrtimer beat;
	ktime_t period;
	unsigned long saved;
	u64 checked;
	bool reported;
};

static DEFINE_PER_CPU(struct hld_cpu, hld_cpu_data);
static DEFINE_PER_CPU(unsigned long, hld_heartbeat);

static enum hrtimer_restart hld_beat(struct hrtimer *timer)
{
	__this_cpu_inc(hld_heartbeat);
	hrtimer_forward_now(timer, container_of(timer, struct hld_cpu, beat)->period);

	return HRTIMER_RESTART;
}

/**
 * hld_heartbeat_start - Start the heartbeat of a CPU
 * @hld:	The detector
 * @cpu:	The CPU, always the current one
 */
void hld_heartbeat_start(const struct hld *hld, unsigned int cpu)
{
	struct hld_cpu *self = per_cpu_ptr(&hld_cpu_data, cpu);

	hrtimer_init(&self->beat, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	self->beat.function = hld_beat;
	self->period = ns_to_ktime(hld->beat_ns);
	hrtimer_start(&self->beat, self->period, HRTIMER_MODE_REL_PINNED_HARD);
}

/**
 * hld_heartbeat_stop - Stop the heartbeat of a CPU
 * @cpu:	The CPU; it is not monitored any more
 */
void hld_heartbeat_stop(unsigned int cpu)
{
	hrtimer_cancel(&per_cpu_ptr(&hld_cpu_data, cpu)->beat);
}

/**
 * hld_check_anew - Let the checks of a CPU begin anew
 * @cpu:	The CPU; it is not monitored yet
 *
 * What was saved may be long out of date. Start over from now: the next check is
 * at least the minimum age away, and the running heartbeat beats before that.
 */
void hld_check_anew(unsigned int cpu)
{
	struct hld_cpu *that = per_cpu_ptr(&hld_cpu_data, cpu);

	that->saved = per_cpu(hld_heartbeat, cpu);
	that->checked = rdtsc();
	that->reported = false;
}

static void hld_report(unsigned int cpu, struct pt_regs *regs)
{
	pr_emerg("Watchdog detected hard LOCKUP on cpu %u\n", cpu);
	if (regs)
		pr_emerg("RIP: %pS\n", (void *)instruction_pointer(regs));
}

/**
 * hld_check_self - Report this CPU if it is locked up
 * @hld:	The detector
 * @cpu:	The CPU
 * @now:	TSC at the NMI
 * @regs:	Registers of the interrupted context
 *
 * The CPU is locked up if its heartbeat has not moved since the last check.
 * Called from NMI context.
 */
void hld_check_self(const struct hld *hld, unsigned int cpu, u64 now, struct pt_regs *regs)
{
	struct hld_cpu *self = per_cpu_ptr(&hld_cpu_data, cpu);
	unsigned long beat = per_cpu(hld_heartbeat, cpu);

	if ((s64)(now - self->checked) < (s64)hld->tsc_min_age)
		return;

	self->checked = now;

	if (beat != self->saved) {
		self->saved = beat;
		self->reported = false;
	} else if (!self->reported) {
		self->reported = true;
		hld_report(cpu, regs);
	}
}
