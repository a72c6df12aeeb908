// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The states that the kernel itself has callbacks for, and what each costs.
 *
 * Where the row's time goes on the way down, in order:
 *   sched:active    hotplug.sched_deactivate
 *   PERF_X86_*      grace periods, a count for each role of the CPU
 *   smpboot:threads hotplug.mask_clear_to_offline less the stop_machine barrier
 */
#include "kernel.h"
#include <linux/rcupdate.h>
#include <linux/stop_machine.h>

#include "hotplug.h"

/* ---- PREPARE, BRINGUP and TEARDOWN: on the control CPU ---- */

static int bringup_cpu(unsigned int cpu)
{
	int ret = native_cpu_up(cpu);

	if (ret)
		return ret;
	cpuhp_wait_for_ap(per_cpu_ptr(&cpuhp_state, cpu));
	return 0;
}

/* In the stopper of the CPU that goes, all CPUs wait with interrupts off. */
static int take_cpu_down(void *param)
{
	unsigned int cpu = (unsigned int)smp_processor_id();
	int err = native_cpu_disable();

	if (err < 0)
		return err;

	cpuhp_run_dying(cpu);
	return 0;
}

static int takedown_cpu(unsigned int cpu)
{
	struct cpuhp_cpu_state *st = per_cpu_ptr(&cpuhp_state, cpu);
	int err = stop_machine_cpuslocked(take_cpu_down, NULL, cpumask_of(cpu));

	if (err)
		return err;

	cpuhp_wait_for_ap(st);
	native_cpu_die(cpu);
	return 0;
}

/* ---- ONLINE: in the CPU's hotplug thread ---- */

static int sched_cpu_activate(unsigned int cpu)
{
	cpumask_set_cpu(cpu, &__cpu_active_mask);
	return 0;
}

/* Linux waits for a grace period here, before any callback of a detector. */
static int sched_cpu_deactivate(unsigned int cpu)
{
	cpumask_clear_cpu(cpu, &__cpu_active_mask);
	sleep_charge(HLD_ROW_SCHED_DEACTIVATE, 1);
	return 0;
}

/*
 * perf_pmu_migrate_context() waits for a grace period once for each PMU that
 * the CPU reads: the row says how often. The first CPU of a package reads the
 * die. There are no siblings: each CPU is the first thread of its core, so the
 * core's row applies to all, and a profile of a machine without such a PMU has
 * a count of 0 there.
 */
static bool first_of_package(unsigned int cpu)
{
	const struct hld_firmware *fw = hld_firmware();

	return cpu == 0 || fw->package_id[cpu] != fw->package_id[cpu - 1];
}

static void pmu_grace(enum hld_row row)
{
	u64 times = hld_row_count(row);

	if (times)
		sleep_charge(HLD_ROW_RCU_GRACE, (u32)times);
}

static int perf_x86_uncore_offline(unsigned int cpu)
{
	pmu_grace(HLD_ROW_PMU_GRACE_EVERY);
	if (first_of_package(cpu))
		pmu_grace(HLD_ROW_PMU_GRACE_DIE);
	return 0;
}

static int perf_x86_cstate_offline(unsigned int cpu)
{
	pmu_grace(HLD_ROW_PMU_GRACE_CORE);
	return 0;
}

/* Parking of the per-CPU threads, and all that is no code here up to the machine's stop. */
static int smpboot_park_threads(unsigned int cpu)
{
	if (!workqueue_move_away(cpu)) {
		pr_err("CPU %u: a work sleeps on it, and tasks do not move\n", cpu);
		return -EBUSY;
	}
	hld_charge_rest(HLD_ROW_MASK_CLEAR_TO_OFFLINE, HLD_ROW_STOP_MACHINE);
	return 0;
}

static int smpboot_unpark_threads(unsigned int cpu)
{
	workqueue_come_back(cpu);
	return 0;
}

/* Tasks that have not begun go elsewhere; one that has begun must end by itself. */
static int sched_cpu_wait_empty(unsigned int cpu)
{
	if (!rq_only_idle(cpu)) {
		pr_err("CPU %u: a task sleeps on it, and tasks do not move\n", cpu);
		return -EBUSY;
	}
	operator_move_away(cpu);
	return 0;
}

void boot_cpu_hotplug_init(void)
{
	unsigned int cpu;

	for_each_present_cpu(cpu) {
		struct cpuhp_cpu_state *st = per_cpu_ptr(&cpuhp_state, cpu);

		st->fail = CPUHP_INVALID;
		init_completion(&st->done);
	}
	per_cpu_ptr(&cpuhp_state, 0)->state = CPUHP_ONLINE;
	cpu_stopper_unpark(0);

	cpuhp_set_callbacks(CPUHP_BRINGUP_CPU, "cpu:bringup", bringup_cpu, NULL);
	cpuhp_set_callbacks(CPUHP_AP_SMPCFD_DYING, "smpcfd:dying", NULL, smpcfd_dying_cpu);
	cpuhp_set_callbacks(CPUHP_AP_HRTIMERS_DYING, "hrtimers:dying", NULL, hrtimers_dying_cpu);
	cpuhp_set_callbacks(CPUHP_TEARDOWN_CPU, "cpu:teardown", NULL, takedown_cpu);
	cpuhp_set_callbacks(CPUHP_AP_SCHED_WAIT_EMPTY, "sched:waitempty", NULL,
			    sched_cpu_wait_empty);
	cpuhp_set_callbacks(CPUHP_AP_SMPBOOT_THREADS, "smpboot/threads:online",
			    smpboot_unpark_threads, smpboot_park_threads);
	cpuhp_set_callbacks(CPUHP_AP_PERF_X86_UNCORE_ONLINE, "perf/x86/intel/uncore:online", NULL,
			    perf_x86_uncore_offline);
	cpuhp_set_callbacks(CPUHP_AP_PERF_X86_CSTATE_ONLINE, "perf/x86/cstate:online", NULL,
			    perf_x86_cstate_offline);
	cpuhp_set_callbacks(CPUHP_AP_ACTIVE, "sched:active", sched_cpu_activate,
			    sched_cpu_deactivate);
}
