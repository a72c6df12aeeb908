/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The hotplug state machine, between cpu.c, cpuhp.c, smpboot.c and hotplug_steps.c. */
#ifndef HOTPLUG_H
#define HOTPLUG_H

struct cpuhp_cpu_state {
	enum cpuhp_state state;
	enum cpuhp_state target;
	int fail; /* state whose callback fails once, or CPUHP_INVALID */
	bool should_run;
	bool single; /* one callback, cb_state; else the way to target */
	bool bringup;
	enum cpuhp_state cb_state;
	int result;
	struct completion done; /* the other side has done its part */
};
DECLARE_PER_CPU(struct cpuhp_cpu_state, cpuhp_state);

struct cpuhp_step {
	const char *name;
	int (*startup)(unsigned int cpu);
	int (*teardown)(unsigned int cpu);
};

bool cpuhp_has_callback(enum cpuhp_state state);
void cpuhp_set_callbacks(enum cpuhp_state state, const char *name, int (*startup)(unsigned int cpu),
			 int (*teardown)(unsigned int cpu));
int cpuhp_invoke_callback(unsigned int cpu, struct cpuhp_cpu_state *st, enum cpuhp_state state,
			  bool bringup);
int cpuhp_up_callbacks(unsigned int cpu, struct cpuhp_cpu_state *st, enum cpuhp_state target);
int cpuhp_down_callbacks(unsigned int cpu, struct cpuhp_cpu_state *st, enum cpuhp_state target);
int cpuhp_kick_ap(unsigned int cpu, struct cpuhp_cpu_state *st, enum cpuhp_state target);
int cpuhp_invoke_ap_callback(unsigned int cpu, enum cpuhp_state state, bool bringup);
void cpuhp_run_dying(unsigned int cpu);
void cpuhp_online_idle(void);
void cpuhp_wait_for_ap(struct cpuhp_cpu_state *st);

#endif
