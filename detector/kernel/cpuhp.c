// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The hotplug state machine: walking a CPU's states, its hotplug thread, and
 * the registration of callbacks.
 */
#include "kernel.h"

#include "hotplug.h"

DEFINE_PER_CPU(struct cpuhp_cpu_state, cpuhp_state);

static struct cpuhp_step cpuhp_hp_states[CPUHP_ONLINE + 1];
/* Bit n: state n has a callback. */
static unsigned long cpuhp_populated;

DEFINE_MUTEX(cpuhp_state_mutex);

bool cpuhp_has_callback(enum cpuhp_state state)
{
	return READ_ONCE(cpuhp_populated) & BIT(state);
}

/* ---- walking states ---- */

/* Lowest state above @state, up to @target, that has a callback; else @target. */
static enum cpuhp_state cpuhp_next_up(enum cpuhp_state state, enum cpuhp_state target)
{
	unsigned long states = READ_ONCE(cpuhp_populated) & GENMASK(target, state + 1);

	return states ? (enum cpuhp_state)__ffs(states) : target;
}

/* Highest state from @state down, above @target, that has a callback; else target + 1. */
static enum cpuhp_state cpuhp_next_down(enum cpuhp_state state, enum cpuhp_state target)
{
	unsigned long states = READ_ONCE(cpuhp_populated) & GENMASK(state, target + 1);

	return states ? (enum cpuhp_state)__fls(states) : target + 1;
}

/* The state in which a callback was asked to fail fails without being called. */
int cpuhp_invoke_callback(unsigned int cpu, struct cpuhp_cpu_state *st, enum cpuhp_state state,
			  bool bringup)
{
	struct cpuhp_step *step = &cpuhp_hp_states[state];
	int (*cb)(unsigned int cpu);
	int ret;

	if (st->fail == (int)state) {
		st->fail = CPUHP_INVALID;
		return -EAGAIN;
	}
	cb = bringup ? step->startup : step->teardown;
	if (!cb)
		return 0;

	hld_note_hotplug(cpu, state, bringup, step->name);
	ret = cb(cpu);
	if (state < CPUHP_AP_OFFLINE ||
	    state > CPUHP_AP_ONLINE) /* the others run with interrupts off */
		check_returned("a hotplug callback", (unsigned long)cb);
	return ret;
}

/*
 * The state is written before its callback runs: BRINGUP_CPU and TEARDOWN_CPU
 * leave the CPU in a state that it wrote itself.
 */
static int cpuhp_run_up(unsigned int cpu, struct cpuhp_cpu_state *st, enum cpuhp_state target)
{
	while (st->state < target) {
		int ret;

		st->state = cpuhp_next_up(st->state, target);
		ret = cpuhp_invoke_callback(cpu, st, st->state, true);
		if (ret) {
			st->state--;
			return ret;
		}
	}
	return 0;
}

static int cpuhp_run_down(unsigned int cpu, struct cpuhp_cpu_state *st, enum cpuhp_state target)
{
	while (st->state > target) {
		enum cpuhp_state state = cpuhp_next_down(st->state, target);
		int ret;

		st->state = state - 1;
		ret = cpuhp_invoke_callback(cpu, st, state, false);
		if (ret) {
			/* The failed state counts as up: it is those above that are redone. */
			st->state = state;
			return ret;
		}
	}
	return 0;
}

/* Brings @cpu up to @target; after a failure back to where it was. */
int cpuhp_up_callbacks(unsigned int cpu, struct cpuhp_cpu_state *st, enum cpuhp_state target)
{
	enum cpuhp_state prev = st->state;
	int ret = cpuhp_run_up(cpu, st, target);

	if (ret)
		WARN_ON(cpuhp_run_down(cpu, st, prev));
	return ret;
}

/* Takes @cpu down to @target; after a failure back to where it was. */
int cpuhp_down_callbacks(unsigned int cpu, struct cpuhp_cpu_state *st, enum cpuhp_state target)
{
	enum cpuhp_state prev = st->state;
	int ret = cpuhp_run_down(cpu, st, target);

	if (ret)
		WARN_ON(cpuhp_run_up(cpu, st, prev));
	return ret;
}

/* DYING callbacks: on the CPU itself, interrupts off, after its bit is cleared. */
void cpuhp_run_dying(unsigned int cpu)
{
	struct cpuhp_cpu_state *st = this_cpu_ptr(&cpuhp_state);

	WARN_ON(cpuhp_run_down(cpu, st, CPUHP_AP_OFFLINE));
}

/* STARTING callbacks: on the CPU itself, interrupts off, before its bit is set. */
void notify_cpu_starting(unsigned int cpu)
{
	struct cpuhp_cpu_state *st = this_cpu_ptr(&cpuhp_state);

	WARN_ON(cpuhp_run_up(cpu, st, CPUHP_AP_ONLINE));
}

/* ---- the hotplug thread of a CPU ---- */

/* On the CPU itself, task context, interrupts on: all of its part in one go. */
void cpuhp_thread_run(void)
{
	unsigned int cpu = (unsigned int)smp_processor_id();
	struct cpuhp_cpu_state *st = this_cpu_ptr(&cpuhp_state);

	/* Pairs with the barrier of whoever woke us: all of *st is visible. */
	smp_mb();
	if (!READ_ONCE(st->should_run))
		return;
	st->should_run = false;

	if (st->single)
		st->result = cpuhp_invoke_callback(cpu, st, st->cb_state, st->bringup);
	else if (st->target > st->state)
		st->result = cpuhp_up_callbacks(cpu, st, st->target);
	else
		st->result = cpuhp_down_callbacks(cpu, st, st->target);

	complete(&st->done);
}

static int cpuhp_kick_and_wait(unsigned int cpu, struct cpuhp_cpu_state *st)
{
	st->should_run = true;
	smp_mb();
	rq_request(cpu, RQ_CPUHP);

	current->hotplug_wait = true;
	wait_for_completion(&st->done);
	current->hotplug_wait = false;
	return st->result;
}

int cpuhp_kick_ap(unsigned int cpu, struct cpuhp_cpu_state *st, enum cpuhp_state target)
{
	st->single = false;
	st->target = target;
	return cpuhp_kick_and_wait(cpu, st);
}

/* One callback on another CPU or on this one, always in its hotplug thread. */
int cpuhp_invoke_ap_callback(unsigned int cpu, enum cpuhp_state state, bool bringup)
{
	struct cpuhp_cpu_state *st = per_cpu_ptr(&cpuhp_state, cpu);

	st->single = true;
	st->cb_state = state;
	st->bringup = bringup;
	return cpuhp_kick_and_wait(cpu, st);
}

static void cpuhp_complete_idle_dead(void *arg)
{
	struct cpuhp_cpu_state *st = arg;

	complete(&st->done);
}

void cpuhp_report_idle_dead(void)
{
	struct cpuhp_cpu_state *st = this_cpu_ptr(&cpuhp_state);

	/* Thread switch to idle, RCU's last report, accounting: what is no code here. */
	hld_charge_rest(HLD_ROW_OFFLINE_TO_DEAD, HLD_ROW_FIXUP_DELAY);
	st->state = CPUHP_AP_IDLE_DEAD;
	/* By an interrupt to an online CPU: this one may no longer wake anybody. */
	smp_call_function_single((int)cpumask_first(cpu_online_mask), cpuhp_complete_idle_dead, st,
				 0);
}

/* First thing that a new CPU does as idle: from here its hotplug thread goes on. */
void cpuhp_online_idle(void)
{
	struct cpuhp_cpu_state *st = this_cpu_ptr(&cpuhp_state);

	st->state = CPUHP_AP_ONLINE_IDLE;
	complete(&st->done);
}

void cpuhp_wait_for_ap(struct cpuhp_cpu_state *st)
{
	current->hotplug_wait = true;
	wait_for_completion(&st->done);
	current->hotplug_wait = false;
}

/* ---- registration ---- */

static int cpuhp_reserve_state(enum cpuhp_state state)
{
	enum cpuhp_state end;

	switch (state) {
	case CPUHP_AP_ONLINE_DYN:
		end = CPUHP_AP_ONLINE_DYN_END;
		break;
	case CPUHP_BP_PREPARE_DYN:
		end = CPUHP_BP_PREPARE_DYN_END;
		break;
	default:
		return state;
	}
	for (; state <= end; state++) {
		if (!(cpuhp_populated & BIT(state)))
			return state;
	}
	return -ENOSPC;
}

void cpuhp_set_callbacks(enum cpuhp_state state, const char *name, int (*startup)(unsigned int cpu),
			 int (*teardown)(unsigned int cpu))
{
	struct cpuhp_step *step = &cpuhp_hp_states[state];

	step->name = name;
	step->startup = startup;
	step->teardown = teardown;
	set_bit(state, &cpuhp_populated);
}

static int cpuhp_issue_call(unsigned int cpu, enum cpuhp_state state, bool bringup)
{
	struct cpuhp_cpu_state *st = per_cpu_ptr(&cpuhp_state, cpu);
	struct cpuhp_step *step = &cpuhp_hp_states[state];

	if (bringup ? !step->startup : !step->teardown)
		return 0;
	if (state > CPUHP_BRINGUP_CPU && state != CPUHP_TEARDOWN_CPU)
		return cpuhp_invoke_ap_callback(cpu, state, bringup);
	return cpuhp_invoke_callback(cpu, st, state, bringup);
}

static void cpuhp_issue_down(unsigned int below, enum cpuhp_state state)
{
	unsigned int cpu;

	for_each_present_cpu(cpu) {
		if (cpu >= below)
			break;
		if (per_cpu_ptr(&cpuhp_state, cpu)->state >= state)
			cpuhp_issue_call(cpu, state, false);
	}
}

int __cpuhp_setup_state_cpuslocked(enum cpuhp_state state, const char *name, bool invoke,
				   int (*startup)(unsigned int cpu),
				   int (*teardown)(unsigned int cpu), bool multi_instance)
{
	bool dynamic = state == CPUHP_AP_ONLINE_DYN || state == CPUHP_BP_PREPARE_DYN;
	unsigned int cpu;
	int ret;

	lockdep_assert_cpus_held();
	if (state <= CPUHP_OFFLINE || state >= CPUHP_ONLINE || !name || multi_instance)
		return -EINVAL;

	mutex_lock(&cpuhp_state_mutex);
	ret = cpuhp_reserve_state(state);
	if (ret < 0)
		goto out;
	state = (enum cpuhp_state)ret;
	ret = 0;
	cpuhp_set_callbacks(state, name, startup, teardown);
	if (!invoke || !startup)
		goto out;

	for_each_present_cpu(cpu) {
		if (per_cpu_ptr(&cpuhp_state, cpu)->state < state)
			continue;
		ret = cpuhp_issue_call(cpu, state, true);
		if (ret) {
			if (teardown)
				cpuhp_issue_down(cpu, state);
			/* memset: compilers announce a struct's assignment differently */
			memset(&cpuhp_hp_states[state], 0, sizeof(struct cpuhp_step));
			clear_bit(state, &cpuhp_populated);
			goto out;
		}
	}
out:
	mutex_unlock(&cpuhp_state_mutex);
	return !ret && dynamic ? (int)state : ret;
}

int __cpuhp_setup_state(enum cpuhp_state state, const char *name, bool invoke,
			int (*startup)(unsigned int cpu), int (*teardown)(unsigned int cpu),
			bool multi_instance)
{
	int ret;

	cpus_read_lock();
	ret = __cpuhp_setup_state_cpuslocked(state, name, invoke, startup, teardown,
					     multi_instance);
	cpus_read_unlock();
	return ret;
}

void __cpuhp_remove_state_cpuslocked(enum cpuhp_state state, bool invoke)
{
	lockdep_assert_cpus_held();
	mutex_lock(&cpuhp_state_mutex);
	if (invoke)
		cpuhp_issue_down(nr_cpu_ids, state);
	memset(&cpuhp_hp_states[state], 0, sizeof(struct cpuhp_step));
	clear_bit(state, &cpuhp_populated);
	mutex_unlock(&cpuhp_state_mutex);
}

void __cpuhp_remove_state(enum cpuhp_state state, bool invoke)
{
	cpus_read_lock();
	__cpuhp_remove_state_cpuslocked(state, invoke);
	cpus_read_unlock();
}
