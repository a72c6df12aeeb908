/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Hard-lockup detector: one HPET timer sends an NMI to one CPU after the other.
 *
 * The CPU which takes the NMI checks itself: did its heartbeat hrtimer run since
 * the last check? Then it moves the timer's target to the next CPU. How the
 * target is moved, and what happens when a CPU comes or goes, is a *design*;
 * which CPU is next is a *policy*. Both are chosen when the module is loaded.
 */
#ifndef _HLD_H
#define _HLD_H

#include <linux/cpumask.h>
#include <linux/types.h>

struct hld;
struct pt_regs;

/*
 * The longest time for which a message of the timer may be on its way to the
 * local APIC, in microseconds: a link of the chipset that has to leave its
 * power-saving state needs about ten, everything else is below two.
 */
#define HLD_FLIGHT_US 50

/**
 * struct hld_timer - The HPET timer which sends the NMIs
 * @regs:	Registers of the HPET
 * @number:	Index of the timer
 * @periodic:	The timer repeats by itself; else the NMI handler arms it again
 * @tick_fs:	Length of a tick of the main counter in femtoseconds
 * @period:	Ticks between two NMIs, less than 2^31
 * @deadline:	Last value of the comparator of a timer which is not periodic
 */
struct hld_timer {
	void __iomem *regs;
	unsigned int number;
	bool periodic;
	u32 tick_fs;
	u32 period;
	u32 deadline;
};

/**
 * struct hld_policy_ops - Who is next
 * @name:	Value of the module parameter policy=
 * @next:	Select the target after @this_cpu. Called from NMI and from task
 *		context; takes no lock and changes no mask. Returns nr_cpu_ids
 *		if no CPU is monitored.
 */
struct hld_policy_ops {
	const char *name;
	unsigned int (*next)(const struct hld *hld, unsigned int this_cpu);
};

/**
 * struct hld_design_ops - How the target moves, and what a change of the mask does
 * @name:	Value of the module parameter design=
 * @own_messages: The design composes its messages itself, and their destinations
 *		may be wider than the eight bits of compatibility format
 * @init:	Check the parameters and get what the design needs; optional
 * @exit:	Give it back; optional
 * @nmi:	Move the target. Called from NMI context on the CPU which took
 *		the NMI, after its check. Must not touch TIMn_CONF.
 * @add_cpu:	Set the bit of a CPU; the first one starts the timer. Called on
 *		that CPU when it comes online, on any CPU when the mask is written.
 * @remove_cpus: Clear the bits of CPUs, the last one stops the timer. Called on
 *		the leaving CPU when it goes offline, and on any CPU, while the
 *		CPUs in question go on running, when the mask is written.
 *
 * The core serialises @add_cpu and @remove_cpus by a mutex, and keeps hotplug
 * out. An NMI may come on any CPU at any time, also in the middle of them.
 */
struct hld_design_ops {
	const char *name;
	bool own_messages;
	int (*init)(struct hld *hld);
	void (*exit)(struct hld *hld);
	void (*nmi)(struct hld *hld, unsigned int this_cpu);
	int (*add_cpu)(struct hld *hld, unsigned int cpu);
	void (*remove_cpus)(struct hld *hld, const struct cpumask *gone);
};

/**
 * struct hld - The detector
 * @monitored_mask: CPUs which are online, allowed and ready for an NMI
 * @target:	The CPU which the route names. Written after the route, so that a
 *		reader finds the CPU whose handler may still be writing it
 * @tsc_taken:	TSC at the last claimed NMI; the next one is expected at a
 *		multiple of @tsc_period after it
 * @tsc_done:	The value of @tsc_taken for the last handler which has finished
 * @tsc_period:	Period of the timer in TSC cycles
 * @tsc_window:	Largest distance from the expected TSC
 * @tsc_min_age: A check is skipped if the last one on this CPU is younger
 * @beat_ns:	Period of the heartbeat
 * @design:	How the target moves
 * @policy:	Who is next
 * @timer:	The HPET timer
 */
struct hld {
	struct cpumask monitored_mask;
	unsigned int target;
	u64 tsc_taken;
	u64 tsc_done;
	u64 tsc_period;
	u64 tsc_window;
	u64 tsc_min_age;
	u64 beat_ns;
	const struct hld_design_ops *design;
	const struct hld_policy_ops *policy;
	struct hld_timer timer;
};

extern const struct hld_design_ops hld_design_direct_route;
extern const struct hld_design_ops hld_design_irte_per_cpu;
extern const struct hld_design_ops hld_design_irte_rewrite;
extern const struct hld_design_ops hld_design_local_timer;
extern const struct hld_design_ops hld_design_lock_affinity;
extern const struct hld_design_ops hld_design_nmi_source;
extern const struct hld_design_ops hld_design_stop_drain;

extern const struct hld_policy_ops hld_policy_cursor;
extern const struct hld_policy_ops hld_policy_round_robin;

/* hld_core.c */
void hld_start(struct hld *hld);
void hld_move_target(struct hld *hld, unsigned int cpu);
u64 hld_ticks_to_tsc(const struct hld *hld, u32 ticks);
void hld_exit(void);

/* hld_rotate.c: for designs which write the route themselves */
void hld_rotate(struct hld *hld, unsigned int this_cpu);
int hld_rotate_add_cpu(struct hld *hld, unsigned int cpu);

/* hld_check.c */
void hld_heartbeat_start(const struct hld *hld, unsigned int cpu);
void hld_heartbeat_stop(unsigned int cpu);
void hld_check_anew(unsigned int cpu);
void hld_check_self(const struct hld *hld, unsigned int cpu, u64 now, struct pt_regs *regs);

/* hld_choose.c */
int hld_choose_ops(struct hld *hld);
int hld_choose(const char *what, const char *value, const char *const *names, unsigned int count);

/* hld_hpet.c: may be called from NMI context */
void hld_timer_route(struct hld_timer *timer, u32 address);
void hld_timer_rearm(struct hld_timer *timer);

/* hld_hpet.c: the rest accesses TIMn_CONF, task context only */
int hld_timer_probe(struct hld_timer *timer, unsigned long base, int number);
void hld_timer_release(struct hld_timer *timer);
int hld_timer_set_period(struct hld_timer *timer, u64 ns);
void hld_timer_set_data(struct hld_timer *timer, u32 data);
void hld_timer_start(struct hld_timer *timer);
void hld_timer_stop(struct hld_timer *timer);
void hld_timer_flush(struct hld_timer *timer);
void hld_timer_resume(struct hld_timer *timer);
u32 hld_timer_since_match(struct hld_timer *timer);

#endif /* _HLD_H */
