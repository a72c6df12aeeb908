// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Hard-lockup detector on one HPET timer: parameters, heartbeat, NMI handler,
 * CPU hotplug and the mask of monitored CPUs.
 *
 * Rotation. The timer sends one NMI each P = W / N, W the threshold and N the
 * number of present CPUs, so each CPU is checked once in W. P stays what it is
 * when CPUs leave: nothing has to be reprogrammed, and the others are checked
 * more often. To keep the verdict sound then, a check is skipped unless W / 2
 * have passed since the last one on that CPU: longer than the heartbeat's
 * period of 2W / 5, and still never more than W from check to check.
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
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/ptrace.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/time64.h>

#include <asm/apic.h>
#include <asm/msr.h>
#include <asm/nmi.h>
#include <asm/tsc.h>

#include "hld.h"

/* Address of a message in compatibility format: physical destination, no hint. */
#define HLD_MSI_BASE	   0xfee00000U
#define HLD_MSI_DEST_SHIFT 12
#define HLD_MSI_DEST_MAX   0xfeU /* 0xff is everybody */

#define HLD_WINDOW_SHIFT 6 /* P / 64 */
#define HLD_NAMES_MAX	 8

/**
 * struct hld_cpu - What the detector knows of one CPU
 * @beat:	Timer of the heartbeat
 * @route:	Address of the message for this CPU, 0 if there is none
 * @saved:	Heartbeat at the last check
 * @checked:	TSC at the last check
 * @reported:	The lockup which lasts has been reported
 */
struct hld_cpu {
	struct hrtimer beat;
	u32 route;
	unsigned long saved;
	u64 checked;
	bool reported;
};

static DEFINE_PER_CPU(struct hld_cpu, hld_cpu);
static DEFINE_PER_CPU(unsigned long, hld_heartbeat);

static struct hld hld;

/* Serialises all changes of the monitored mask; taken inside cpus_read_lock(). */
static DEFINE_MUTEX(hld_mutex);
static struct cpumask hld_allowed_mask = { CPU_BITS_ALL };
static struct cpumask hld_scratch_mask;
static bool hld_running;
static enum cpuhp_state hld_hotplug_state;

static char *hld_design_name = "direct-route";
module_param_named(design, hld_design_name, charp, 0444);
MODULE_PARM_DESC(design, "How the target moves: lock-affinity, direct-route, stop-drain");

static char *hld_policy_name = "round-robin";
module_param_named(policy, hld_policy_name, charp, 0444);
MODULE_PARM_DESC(policy, "Who is next: round-robin, cursor");

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

static const struct hld_design_ops *const hld_designs[] = {
	&hld_design_lock_affinity,
	&hld_design_direct_route,
	&hld_design_stop_drain,
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
	hld_timer_route(&hld->timer, per_cpu(hld_cpu.route, cpu));
	WRITE_ONCE(hld->target, cpu);
}

static ktime_t hld_beat_period(void)
{
	return ms_to_ktime(hld_thresh * MSEC_PER_SEC * 2 / 5);
}

static enum hrtimer_restart hld_beat(struct hrtimer *timer)
{
	__this_cpu_inc(hld_heartbeat);
	hrtimer_forward_now(timer, hld_beat_period());

	return HRTIMER_RESTART;
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

static void hld_report(unsigned int cpu, struct pt_regs *regs)
{
	pr_emerg("Watchdog detected hard LOCKUP on cpu %u\n", cpu);
	if (regs)
		pr_emerg("RIP: %pS\n", (void *)instruction_pointer(regs));
}

/* The CPU is locked up if its heartbeat stands still from check to check. */
static void hld_check_self(const struct hld *hld, unsigned int cpu, u64 now, struct pt_regs *regs)
{
	struct hld_cpu *self = per_cpu_ptr(&hld_cpu, cpu);
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

/* The next check of this CPU finds a heartbeat and a time to compare with. */
static void hld_forget(unsigned int cpu)
{
	struct hld_cpu *that = per_cpu_ptr(&hld_cpu, cpu);

	that->saved = per_cpu(hld_heartbeat, cpu);
	that->checked = rdtsc();
	that->reported = false;
}

/*
 * A destination in compatibility format has eight bits. A CPU beyond them gets
 * no NMI rather than that of somebody else.
 */
static u32 hld_route_to(unsigned int cpu)
{
	u32 apicid = cpu_physical_id(cpu);

	if (apicid > HLD_MSI_DEST_MAX) {
		pr_warn("cpu %u is not monitored: no message reaches APIC ID %u\n", cpu, apicid);
		return 0;
	}

	return HLD_MSI_BASE | apicid << HLD_MSI_DEST_SHIFT;
}

static int hld_add_cpu(unsigned int cpu)
{
	if (!per_cpu(hld_cpu.route, cpu) || !cpumask_test_cpu(cpu, &hld_allowed_mask) ||
	    cpumask_test_cpu(cpu, &hld.monitored_mask))
		return 0;

	hld_forget(cpu);

	return hld.design->add_cpu(&hld, cpu);
}

/* Runs on the CPU itself, late on its way up. */
static int hld_cpu_online(unsigned int cpu)
{
	struct hld_cpu *self = per_cpu_ptr(&hld_cpu, cpu);
	int ret;

	hrtimer_init(&self->beat, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	self->beat.function = hld_beat;
	hrtimer_start(&self->beat, hld_beat_period(), HRTIMER_MODE_REL_PINNED_HARD);

	mutex_lock(&hld_mutex);
	self->route = hld_route_to(cpu);
	ret = hld_add_cpu(cpu);
	if (ret)
		self->route = 0;
	mutex_unlock(&hld_mutex);

	if (ret)
		hrtimer_cancel(&self->beat);

	return ret;
}

/* Runs on the CPU itself, early on its way down: it stays online for long. */
static int hld_cpu_offline(unsigned int cpu)
{
	struct hld_cpu *self = per_cpu_ptr(&hld_cpu, cpu);

	mutex_lock(&hld_mutex);
	if (cpumask_test_cpu(cpu, &hld.monitored_mask))
		hld.design->remove_cpus(&hld, cpumask_of(cpu));
	self->route = 0;
	mutex_unlock(&hld_mutex);

	hrtimer_cancel(&self->beat);

	return 0;
}

/* Bring the monitored mask in line with the allowed one, on any CPU. */
static int hld_apply_allowed_mask(void)
{
	unsigned int cpu;
	int ret;

	for_each_cpu_and(cpu, cpu_online_mask, &hld_allowed_mask) {
		ret = hld_add_cpu(cpu);
		if (ret)
			return ret;
	}

	if (cpumask_andnot(&hld_scratch_mask, &hld.monitored_mask, &hld_allowed_mask))
		hld.design->remove_cpus(&hld, &hld_scratch_mask);

	return 0;
}

/*
 * cpumask=: the CPUs which may be monitored, as a list. The counterpart of the
 * sysctl kernel.watchdog_cpumask, which a module cannot reach. Before the
 * detector runs it is noted only.
 */
static int hld_cpumask_set(const char *value, const struct kernel_param *param)
{
	int ret;

	cpus_read_lock();
	mutex_lock(&hld_mutex);

	ret = cpulist_parse(value, &hld_scratch_mask);
	if (!ret) {
		cpumask_copy(&hld_allowed_mask, &hld_scratch_mask);
		if (hld_running)
			ret = hld_apply_allowed_mask();
	}

	mutex_unlock(&hld_mutex);
	cpus_read_unlock();

	return ret;
}

static int hld_cpumask_get(char *buffer, const struct kernel_param *param)
{
	return cpumap_print_to_pagebuf(true, buffer, &hld_allowed_mask);
}

static const struct kernel_param_ops hld_cpumask_ops = {
	.set = hld_cpumask_set,
	.get = hld_cpumask_get,
};
module_param_cb(cpumask, &hld_cpumask_ops, NULL, 0644);
MODULE_PARM_DESC(cpumask, "CPUs which may be monitored, as a list");

static void hld_set_running(bool running)
{
	mutex_lock(&hld_mutex);
	hld_running = running;
	mutex_unlock(&hld_mutex);
}

static int __init hld_choose_ops(void)
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
	hld.design = hld_designs[i];

	for (i = 0; i < ARRAY_SIZE(hld_policies); i++)
		names[i] = hld_policies[i]->name;
	i = hld_choose("policy", hld_policy_name, names, ARRAY_SIZE(hld_policies));
	if (i < 0)
		return i;
	hld.policy = hld_policies[i];

	return 0;
}

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
	hld.tsc_min_age = div_u64(thresh_ns, 2 * NSEC_PER_MSEC) * tsc_khz;

	return 0;
}

static int __init hld_init(void)
{
	int ret;

	ret = hld_choose_ops();
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

	hld_set_running(true);
	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "hld:online", hld_cpu_online, hld_cpu_offline);
	if (ret < 0)
		goto unregister;

	hld_hotplug_state = ret;
	pr_info("%s, %s, HPET timer %u, an NMI each %u ticks\n", hld.design->name, hld.policy->name,
		hld.timer.number, hld.timer.period);

	return 0;

unregister:
	hld_set_running(false);
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
 * With the last CPU gone the timer is stopped. That does not recall a message,
 * and waiting for a grace period, as unregistering does, waits for handlers and
 * not for messages: leave it the time which it may need.
 */
void hld_exit(void)
{
	hld_set_running(false);
	cpuhp_remove_state(hld_hotplug_state);

	hld_timer_flush(&hld.timer);
	udelay(HLD_FLIGHT_US);
	unregister_nmi_handler(NMI_LOCAL, "hld");

	if (hld.design->exit)
		hld.design->exit(&hld);
	hld_timer_release(&hld.timer);
}
