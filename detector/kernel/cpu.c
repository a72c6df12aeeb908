// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * CPU hotplug: its locks, and the way down and up as a control CPU walks it.
 * PREPARE states, BRINGUP_CPU and TEARDOWN_CPU run on the control CPU; states
 * from AP_ONLINE_IDLE up run in the hotplug thread of the CPU itself, with
 * interrupts on; STARTING and DYING states run there with interrupts off.
 */
#include "kernel.h"
#include <linux/rwsem.h>

#include "hotplug.h"

DEFINE_MUTEX(cpu_add_remove_lock);
DECLARE_RWSEM(cpu_hotplug_lock);
static int cpu_hotplug_disabled; /* under cpu_add_remove_lock */

void cpus_read_lock(void)
{
	might_sleep();
	current->hotplug_wait = true;
	down_read(&cpu_hotplug_lock);
	current->hotplug_wait = false;
}

int cpus_read_trylock(void)
{
	return down_read_trylock(&cpu_hotplug_lock);
}

void cpus_read_unlock(void)
{
	up_read(&cpu_hotplug_lock);
}

void cpus_write_lock(void)
{
	current->hotplug_wait = true;
	down_write(&cpu_hotplug_lock);
	current->hotplug_wait = false;
}

void cpus_write_unlock(void)
{
	up_write(&cpu_hotplug_lock);
}

void lockdep_assert_cpus_held(void)
{
	WARN_ON_ONCE(!atomic_read(&cpu_hotplug_lock.count));
}

static void cpu_maps_update_begin(void)
{
	current->hotplug_wait = true;
	mutex_lock(&cpu_add_remove_lock);
	current->hotplug_wait = false;
}

static void cpu_maps_update_done(void)
{
	mutex_unlock(&cpu_add_remove_lock);
}

void cpu_hotplug_disable(void)
{
	cpu_maps_update_begin();
	cpu_hotplug_disabled++;
	cpu_maps_update_done();
}

void cpu_hotplug_enable(void)
{
	cpu_maps_update_begin();
	if (!WARN_ON(!cpu_hotplug_disabled))
		cpu_hotplug_disabled--;
	cpu_maps_update_done();
}

/* ---- down and up ---- */

static int _cpu_down(unsigned int cpu, enum cpuhp_state target, int fail)
{
	struct cpuhp_cpu_state *st = per_cpu_ptr(&cpuhp_state, cpu);
	enum cpuhp_state prev;
	int ret = 0;

	if (num_online_cpus() == 1)
		return -EBUSY;
	if (!cpu_present(cpu))
		return -EINVAL;

	cpus_write_lock();
	prev = st->state;
	st->fail = fail;
	if (st->state > CPUHP_TEARDOWN_CPU)
		ret = cpuhp_kick_ap(cpu, st, max(target, CPUHP_TEARDOWN_CPU));
	if (!ret && st->state > target) {
		ret = cpuhp_down_callbacks(cpu, st, target);
		/* The CPU is alive and below its thread's states: the thread brings it back. */
		if (ret && st->state == CPUHP_TEARDOWN_CPU && st->state < prev)
			WARN_ON(cpuhp_kick_ap(cpu, st, prev));
	}
	st->fail = CPUHP_INVALID;
	cpus_write_unlock();
	return ret;
}

static int _cpu_up(unsigned int cpu, enum cpuhp_state target, int fail)
{
	struct cpuhp_cpu_state *st = per_cpu_ptr(&cpuhp_state, cpu);
	enum cpuhp_state prev;
	int ret = 0;

	cpus_write_lock();
	if (!cpu_present(cpu)) {
		ret = -EINVAL;
		goto out;
	}
	prev = st->state;
	if (st->state >= target)
		goto out;
	st->fail = fail;
	ret = cpuhp_up_callbacks(cpu, st, min(target, CPUHP_BRINGUP_CPU));
	if (!ret && target > CPUHP_BRINGUP_CPU) {
		ret = cpuhp_kick_ap(cpu, st, target);
		/* Its thread went back to where it began: take the CPU down from here. */
		if (ret && st->state > prev)
			WARN_ON(cpuhp_down_callbacks(cpu, st, prev));
	}
	st->fail = CPUHP_INVALID;
out:
	cpus_write_unlock();
	return ret;
}

/* Linux lets no STARTING, DYING or DEAD callback fail, nor a state without one. */
static bool cpuhp_may_fail(unsigned int state, bool up)
{
	if (state >= CPUHP_ONLINE || !cpuhp_has_callback((enum cpuhp_state)state))
		return false;
	if (state > CPUHP_BRINGUP_CPU && state < CPUHP_AP_ONLINE)
		return false;
	return up || state > CPUHP_BRINGUP_CPU;
}

static int hotplug_request(unsigned int cpu, bool up, unsigned int fails_at)
{
	int fail = fails_at ? (int)fails_at : CPUHP_INVALID;
	int ret;

	if (cpu >= nr_cpu_ids || (fails_at && !cpuhp_may_fail(fails_at, up)))
		return -EINVAL;

	cpu_maps_update_begin();
	if (cpu_hotplug_disabled)
		ret = -EBUSY;
	else if (up)
		ret = _cpu_up(cpu, CPUHP_ONLINE, fail);
	else
		ret = _cpu_down(cpu, CPUHP_OFFLINE, fail);
	cpu_maps_update_done();
	return ret;
}

/* "cpu0_hotplug" of the command line, up to 6.4; BOOTPARAM_HOTPLUG_CPU0 is off. */
bool cpu0_hotpluggable;

int cpu_offline_request(unsigned int cpu, unsigned int fails_at)
{
	/*
	 * Without that word Linux offers no file for CPU 0, and a task would have to
	 * leave the CPU that it takes down: tasks do not move here.
	 */
	if ((cpu == 0 && !cpu0_hotpluggable) || cpu == (unsigned int)smp_processor_id()) {
		pr_err("CPU %u cannot be taken down by CPU %d\n", cpu, smp_processor_id());
		return -EPERM;
	}
	return hotplug_request(cpu, false, fails_at);
}

int cpu_online_request(unsigned int cpu, unsigned int fails_at)
{
	return hotplug_request(cpu, true, fails_at);
}

int add_cpu(unsigned int cpu)
{
	return cpu_online_request(cpu, 0);
}

int remove_cpu(unsigned int cpu)
{
	return cpu_offline_request(cpu, 0);
}

void bringup_nonboot_cpus(void)
{
	unsigned int cpu;

	for (cpu = 1; cpu < nr_cpu_ids; cpu++) {
		if (hotplug_request(cpu, true, 0))
			pr_err("CPU%u: not brought up\n", cpu);
	}
}
