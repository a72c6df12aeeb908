/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the files of the miniature kernel share with each other. Its object shows
 * whatever is not static: to the detector, and to scenarios that name it.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <hld/runtime.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/types.h>

/* ---- version: what differs between the two kernels is decided at run time ---- */

extern int hld_kernel_version; /* 418 or 601 */

static inline bool kernel_is_418(void)
{
	return hld_kernel_version < 500;
}

/* ---- sched.c ---- */

enum rq_bit { RQ_STOPPER, RQ_CPUHP, RQ_WORK, RQ_OPERATOR, RQ_KICK };

struct rq {
	unsigned long pending; /* of enum rq_bit; set by anybody, cleared by this CPU */
	struct task_struct idle;
	struct task_struct op;
	struct task_struct cpuhp;
	struct task_struct stopper;
	struct task_struct worker;
	bool op_started; /* the operator's task is on the stack */
};
DECLARE_PER_CPU(struct rq, runqueues);

void rq_init(unsigned int cpu);
void rq_restart(void);
void boot_task_begin(void);
void boot_task_end(void);
void rq_request(unsigned int cpu, enum rq_bit bit);
void rq_preempt(void); /* interrupt exit: a task that only sleeps lets others run */
bool rq_only_idle(unsigned int cpu);
void sleep_charge(enum hld_row row, u32 times);
void note_task_only(const char *function, unsigned long caller);
void cpu_idle_loop(void) __noreturn;

/* ---- operator.c ---- */

void operator_run(void);
void operator_move_away(unsigned int cpu);

/* ---- cpu.c, cpuhp.c, smpboot.c ---- */

void boot_cpu_hotplug_init(void);
void cpuhp_thread_run(void);
void cpuhp_report_idle_dead(void);
void notify_cpu_starting(unsigned int cpu);
int cpu_offline_request(unsigned int cpu, unsigned int fails_at);
int cpu_online_request(unsigned int cpu, unsigned int fails_at);
int native_cpu_up(unsigned int cpu);
int native_cpu_disable(void);
void native_cpu_die(unsigned int cpu);
void native_play_dead(void) __noreturn;
void bringup_nonboot_cpus(void);
extern bool cpu0_hotpluggable;

/* ---- stop_machine.c, smp.c, irq_work.c, workqueue.c ---- */

void cpu_stopper_run(void);
void cpu_stopper_unpark(unsigned int cpu);
void generic_smp_call_function_interrupt(void);
void irq_work_run(void);
void workqueue_run(void);
bool workqueue_move_away(unsigned int cpu);
void workqueue_come_back(unsigned int cpu);
void check_returned(const char *what, unsigned long function);
int smpcfd_dying_cpu(unsigned int cpu);

/* ---- softirq.c, timer.c, rcu.c ---- */

enum softirq_bit { SOFTIRQ_TIMER, SOFTIRQ_RCU };
void softirq_raise(unsigned int cpu, enum softirq_bit bit);
void softirq_run(void);
void timers_run(void);
void rcu_run(void);

/* ---- apic.c ---- */

void apic_find(void);
void setup_local_APIC(void);
void apic_soft_disable(void);
void apic_unmask_counters(void);
void clear_local_APIC(void);
void apic_eoi(void);
void apic_send_ipi(unsigned int cpu, u32 icr);
void apic_send_self(u32 vector);
bool apic_irr_is_set(u32 vector);
void apic_timer_setup(void);
void apic_timer_arm(u64 tsc);
void apic_timer_stop(void);

/* ---- irq_desc.c, irq_chip.c, irq_vector.c, irq_migrate.c, hpet_msi.c ---- */

struct irq_desc;
struct irq_data;
struct irq_desc *irq_alloc_desc_hld(const char *name);
extern struct irq_chip lapic_controller;
unsigned int irq_descs(void);
struct irq_desc *irq_desc_at(unsigned int index);
void irq_chip_ack_parent(struct irq_data *data);
int msi_domain_set_affinity(struct irq_data *data, const struct cpumask *mask, bool force);
int x86_vector_alloc(struct irq_data *irqd);
int x86_vector_activate(struct irq_data *irqd);
void lapic_online(void);
void lapic_offline(void);
void irq_move_cleanup(void);
void handle_device_vector(u32 vector);
void vector_retrigger_pending(void);
long irq_proc_write(const char *name, const char *value);
void vector_schedule_cleanup(struct irq_data *irqd);
void hpet_msi_discover(void);
unsigned int hpet_msi_irq(void);

/* ---- idle.c ---- */

bool cstate_parse(const char *word, size_t n);
void idle_wait(const unsigned long *wake);
void dead_wait(const void *line);

/* ---- perf.c ---- */

bool perf_parse(const char *word, size_t n);
void perf_events_lapic_init(void);
void perf_init(void);

/* ---- backtrace.c ---- */

bool backtrace_parse(const char *word, size_t n);
long backtrace_request(unsigned int cpu);
void backtrace_init(void);

/* ---- irq_remapping.c ---- */

bool intremap_parse(const char *word, size_t n);
void irq_remapping_boot(void);
void irq_remapping_fault_handling(void);
int irq_remapping_alloc_hpet(struct irq_data *data, struct irq_data *vector_data);

/* ---- nmi.c, hrtimer.c, platform.c ---- */

void restart_nmi_on_this_cpu(void);
void hrtimers_init_cpu(unsigned int cpu);
void hrtimer_interrupt(void);
int hrtimers_dying_cpu(unsigned int cpu);
u64 tsc_to_ns(u64 tsc);
u64 ns_to_tsc(u64 ns);
void platform_init(void);
bool hpet_parse(const char *word, size_t n);
void __iomem *hpet_map(void);

/* ---- params.c, watchdog.c ---- */

void parse_command_line(void);
bool word_is(const char *word, size_t n, const char *text);
const struct hld_param *param_find(const char *name);
long param_write(const struct hld_param *param, const char *value);
long params_write(const char *file, const char *value);
void watchdog_init(void);
long watchdog_thresh_write(const char *value);
long watchdog_cpumask_write(const char *value);

/* ---- kmalloc.c, kstrtox.c ---- */

void kmalloc_init(void);
int hex_to_bin(unsigned char ch);

#endif
