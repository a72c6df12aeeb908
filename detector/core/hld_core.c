// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Hard-lockup detector on one HPET timer: the NMI handler, CPU hotplug and the
 * mask of monitored CPUs.
 *
 * Rotation. The timer sends one NMI each P = W / N, W the threshold and N the
 * number of present CPUs, so each CPU is checked once in W. P stays what it is
 * when CPUs leave: nothing has to be reprogrammed, and the others are visited
 * more often. To keep the verdict sound then, a check is skipped unless 9W / 20
 * have passed since the last one on that CPU: longer than the heartbeat's period
 * of 2W / 5 by what an hrtimer may be late, and less than W / 2, so that the
 * visit which is not skipped comes before W has passed.
 *
 * Claim. No register tells without a slow read whether an NMI is the timer's.
 * The handler claims it if its CPU is monitored and the TSC is within P / 64 of
 * a multiple of P since the last claimed one. A multiple, so that a lost NMI,
 * or one which came too late to be claimed, does not spoil the next one. Since
 * the last claimed one, so that the rates of TSC and HPET need to agree within
 * the window only, and not for ever.
 */
#define pr_fmt(fmt) "hld: " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <linux/time64.h>

#include <asm/msr.h>
#include <asm/nmi.h>
#include <asm/page.h>
#include <asm/tsc.h>

#include "hld.h"

/* Address of a message in compatibility format: physical destination, no hint. */
#define HLD_MSI_BASE	   0xfee00000U
#define HLD_MSI_DEST_SHIFT 12
#define HLD_MSI_DEST_MAX   0xfeU /* 0xff is everybody */

#define HLD_WINDOW_SHIFT 6 /* P / 64 */

static struct hld hld;

/*
 * Address of the message for each CPU which has been online. It stays when the
 * CPU leaves: an NMI handler may have chosen that CPU just before.
 */
static DEFINE_PER_CPU(u32, hld_route);

/* Serialises all changes of the masks; taken inside cpus_read_lock(). */
static DEFINE_MUTEX(hld_mutex);

/* The monitored CPUs are those which are ready and allowed. */
static struct cpumask hld_ready_mask;
static struct cpumask hld_allowed_mask = { CPU_BITS_ALL };
static struct cpumask hld_scratch_mask;

static enum cpuhp_state hld_hotplug_state;

static int hld_timer_number = -1;
module_param_named(timer, hld_timer_number, int, 0444);
MODULE_PARM_DESC(timer, "HPET timer, -1: the first one that is periodic and sends messages");

static unsigned int hld_thresh = 10;
module_param_named(thresh, hld_thresh, uint, 0444);
MODULE_PARM_DESC(thresh, "Threshold in seconds, 1 to 60");

static unsigned int hld_period_ms;
module_param_named(period_ms, hld_period_ms, uint, 0444);
MODULE_PARM_DESC(period_ms, "Time between two NMIs, 0: thresh divided by the present CPUs");

static ulong hld_hpet_base = 0xfed00000;
module_param_named(hpet_base, hld_hpet_base, ulong, 0444);
MODULE_PARM_DESC(hpet_base, "Physical address of the HPET");

/**
 * hld_ticks_to_tsc - Convert ticks of the HPET to cycles of the TSC
 * @hld:	The detector
 * @ticks:	Ticks
 *
 * Return: the cycles, short by less than the cycles of a nanosecond.
 */
u64 hld_ticks_to_tsc(const struct hld *hld, u32 ticks)
{
	u64 ns = div_u64((u64)ticks * hld->timer.tick_fs, 1000000);

	return div_u64(ns * tsc_khz, 1000000);
}

/**
 * hld_start - Start the timer, and expect its NMIs from now on
 * @hld:	The detector; the route has been written
 */
void hld_start(struct hld *hld)
{
	u64 now = rdtsc();

	WRITE_ONCE(hld->tsc_taken, now);
	WRITE_ONCE(hld->tsc_done, now);
	hld_timer_start(&hld->timer);
}

/**
 * hld_move_target - Send the next NMI to another CPU
 * @hld:	The detector
 * @cpu:	The CPU
 */
void hld_move_target(struct hld *hld, unsigned int cpu)
{
	hld_timer_route(&hld->timer, per_cpu(hld_route, cpu));
	WRITE_ONCE(hld->target, cpu);
}

static bool hld_is_due(const struct hld *hld, u64 now)
{
	u64 since = now - READ_ONCE(hld->tsc_taken);
	u64 phase;

	/* Negative if a handler on another CPU was faster. */
	if ((s64)since < (s64)(hld->tsc_period - hld->tsc_window))
		return false;

	div64_u64_rem(since + hld->tsc_window, hld->tsc_period, &phase);

	return phase <= 2 * hld->tsc_window;
}

static int hld_nmi_handler(unsigned int type, struct pt_regs *regs)
{
	unsigned int cpu = smp_processor_id();
	u64 now;

	if (!cpumask_test_cpu(cpu, &hld.monitored_mask))
		return NMI_DONE;

	now = rdtsc();
	if (!hld_is_due(&hld, now))
		return NMI_DONE;

	WRITE_ONCE(hld.tsc_taken, now);

	hld_check_self(&hld, cpu, now, regs);

	if (!hld.timer.periodic)
		hld_timer_rearm(&hld.timer);
	hld.design->nmi(&hld, cpu);

	WRITE_ONCE(hld.tsc_done, now);

	return NMI_HANDLED;
}

/*
 * A destination in compatibility format has eight bits. A CPU beyond them is not
 * monitored: its message would reach another CPU.
 */
static bool hld_set_route(unsigned int cpu)
{
	u32 apicid = cpu_physical_id(cpu);

	if (apicid > HLD_MSI_DEST_MAX) {
		pr_warn("cpu %u is not monitored: no message reaches APIC ID %u\n", cpu, apicid);
		return false;
	}

	per_cpu(hld_route, cpu) = HLD_MSI_BASE | apicid << HLD_MSI_DEST_SHIFT;

	return true;
}

static int hld_add_cpu(unsigned int cpu)
{
	hld_check_anew(cpu);

	return hld.design->add_cpu(&hld, cpu);
}

/* Runs on the CPU itself, late on its way up. */
static int hld_cpu_online(unsigned int cpu)
{
	int ret = 0;

	if (!hld.design->own_messages && !hld_set_route(cpu))
		return 0;

	hld_heartbeat_start(&hld, cpu);

	mutex_lock(&hld_mutex);
	if (cpumask_test_cpu(cpu, &hld_allowed_mask))
		ret = hld_add_cpu(cpu);
	if (!ret)
		cpumask_set_cpu(cpu, &hld_ready_mask);
	mutex_unlock(&hld_mutex);

	if (ret)
		hld_heartbeat_stop(cpu);

	return ret;
}

/* Runs on the CPU itself, early on its way down: it is still online long after this. */
static int hld_cpu_offline(unsigned int cpu)
{
	if (!cpumask_test_cpu(cpu, &hld_ready_mask))
		return 0;

	mutex_lock(&hld_mutex);
	cpumask_clear_cpu(cpu, &hld_ready_mask);
	if (cpumask_test_cpu(cpu, &hld.monitored_mask))
		hld.design->remove_cpus(&hld, cpumask_of(cpu));
	mutex_unlock(&hld_mutex);

	hld_heartbeat_stop(cpu);

	return 0;
}

/* Bring the monitored mask in line with a new allowed one. Any CPU. */
static int hld_apply_allowed_mask(void)
{
	unsigned int cpu;
	int ret;

	for_each_cpu_and(cpu, &hld_ready_mask, &hld_allowed_mask) {
		if (cpumask_test_cpu(cpu, &hld.monitored_mask))
			continue;
		ret = hld_add_cpu(cpu);
		if (ret)
			return ret;
	}

	if (cpumask_andnot(&hld_scratch_mask, &hld.monitored_mask, &hld_allowed_mask))
		hld.design->remove_cpus(&hld, &hld_scratch_mask);

	return 0;
}

/*
 * The CPUs which may be monitored, as a list: a parameter in place of the sysctl
 * of the same name, which a module cannot reach. Before the detector runs no CPU
 * is ready, and the mask is only remembered.
 */
static int hld_cpumask_set(const char *value, const struct kernel_param *param)
{
	int ret;

	cpus_read_lock();
	mutex_lock(&hld_mutex);

	ret = cpulist_parse(value, &hld_scratch_mask);
	if (!ret) {
		cpumask_copy(&hld_allowed_mask, &hld_scratch_mask);
		ret = hld_apply_allowed_mask();
	}

	mutex_unlock(&hld_mutex);
	cpus_read_unlock();

	return ret;
}

static int hld_cpumask_get(char *buffer, const struct kernel_param *param)
{
	return scnprintf(buffer, PAGE_SIZE, "%*pbl\n", cpumask_pr_args(&hld_allowed_mask));
}

static const struct kernel_param_ops hld_cpumask_ops = {
	.set = hld_cpumask_set,
	.get = hld_cpumask_get,
};
module_param_cb(watchdog_cpumask, &hld_cpumask_ops, NULL, 0644);
MODULE_PARM_DESC(watchdog_cpumask, "CPUs which may be monitored, as a list");

static int __init hld_set_times(void)
{
	u64 period_ns, thresh_ns;
	int ret;

	if (hld_thresh < 1 || hld_thresh > 60) {
		pr_err("thresh=%u is not within 1 to 60 seconds\n", hld_thresh);
		return -EINVAL;
	}

	if (!tsc_khz || check_tsc_unstable()) {
		pr_err("the TSC is not stable, an NMI cannot be told by its time\n");
		return -ENODEV;
	}

	thresh_ns = (u64)hld_thresh * NSEC_PER_SEC;
	if (hld_period_ms)
		period_ns = (u64)hld_period_ms * NSEC_PER_MSEC;
	else
		period_ns = div_u64(thresh_ns, num_present_cpus());

	ret = hld_timer_set_period(&hld.timer, period_ns);
	if (ret)
		return ret;

	hld.tsc_period = hld_ticks_to_tsc(&hld, hld.timer.period);
	hld.tsc_window = hld.tsc_period >> HLD_WINDOW_SHIFT;
	hld.tsc_min_age = div_u64(thresh_ns * 9, 20 * NSEC_PER_MSEC) * tsc_khz;
	hld.beat_ns = div_u64(thresh_ns * 2, 5);

	return 0;
}

static int __init hld_init(void)
{
	int ret;

	ret = hld_choose_ops(&hld);
	if (ret)
		return ret;

	ret = hld_timer_probe(&hld.timer, hld_hpet_base, hld_timer_number);
	if (ret)
		return ret;

	ret = hld_set_times();
	if (ret)
		goto release;

	if (hld.design->init) {
		ret = hld.design->init(&hld);
		if (ret)
			goto release;
	}

	ret = register_nmi_handler(NMI_LOCAL, hld_nmi_handler, 0, "hld");
	if (ret)
		goto exit;

	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "hld:online", hld_cpu_online, hld_cpu_offline);
	if (ret < 0)
		goto unregister;

	hld_hotplug_state = ret;
	pr_info("%s, %s, HPET timer %u, an NMI each %u ticks\n", hld.design->name, hld.policy->name,
		hld.timer.number, hld.timer.period);

	return 0;

unregister:
	unregister_nmi_handler(NMI_LOCAL, "hld");
exit:
	if (hld.design->exit)
		hld.design->exit(&hld);
release:
	hld_timer_release(&hld.timer);
	return ret;
}
module_init(hld_init);

/**
 * hld_exit - Take the detector down
 *
 * With the last CPU gone the timer is stopped. That does not recall a message
 * which is on its way, and the grace period in unregister_nmi_handler() waits for
 * handlers, not for messages: wait for as long as a message may need.
 */
void hld_exit(void)
{
	cpuhp_remove_state(hld_hotplug_state);

	hld_timer_flush(&hld.timer);
	udelay(HLD_FLIGHT_US);
	unregister_nmi_handler(NMI_LOCAL, "hld");

	if (hld.design->exit)
		hld.design->exit(&hld);
	hld_timer_release(&hld.timer);
}
