/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_NMI_H
#define _LINUX_NMI_H

#include <linux/cpumask.h>
#include <linux/sched.h>
#include <asm/irq.h>
#include <asm/nmi.h>

extern int watchdog_thresh; /* seconds; /proc/sys/kernel/watchdog_thresh */
extern int watchdog_user_enabled;
extern int nmi_watchdog_user_enabled;
extern struct cpumask watchdog_cpumask;
extern unsigned long watchdog_enabled;
extern unsigned int hardlockup_panic;

/*
 * Each CPU of a set is asked by NMI for a backtrace, from any context. The handler that
 * answers is registered at boot only if the object has such a call; in Linux, always.
 */
void nmi_trigger_cpumask_backtrace(const struct cpumask *mask, bool exclude_self);
int hld_backtrace_answers(void);
#define __hld_trigger_backtrace(mask, exclude_self)                                    \
	({                                                                             \
		static hld_initcall_t __answers __used __section(HLD_INITCALL_SECTION) \
			__aligned(sizeof(void *)) = hld_backtrace_answers;             \
		nmi_trigger_cpumask_backtrace(mask, exclude_self);                     \
		true;                                                                  \
	})
#define trigger_all_cpu_backtrace()	   __hld_trigger_backtrace(cpu_online_mask, false)
#define trigger_allbutself_cpu_backtrace() __hld_trigger_backtrace(cpu_online_mask, true)
#define trigger_cpumask_backtrace(mask)	   __hld_trigger_backtrace(mask, false)
#define trigger_single_cpu_backtrace(cpu)  __hld_trigger_backtrace(cpumask_of(cpu), false)

/* The report did not come from a stuck CPU: the next check of this CPU starts anew. */
void touch_nmi_watchdog(void);
void arch_touch_nmi_watchdog(void);

/*
 * Between kernel/watchdog.c and a detector that stands in for the kernel's own:
 * under these names until v6.4 and from v6.5 on. The miniature kernel has none of
 * them yet; hldsim-cc names those that an object needs.
 */
struct pt_regs;
#if HLD_KAPI < 605
void inspect_for_hardlockups(struct pt_regs *regs); /* the HPET series' split of watchdog_hld.c */
int watchdog_nmi_probe(void);
int watchdog_nmi_enable(unsigned int cpu);
void watchdog_nmi_disable(unsigned int cpu);
void watchdog_nmi_stop(void);
void watchdog_nmi_start(void);
#else
extern int watchdog_hardlockup_miss_thresh;
void watchdog_hardlockup_check(unsigned int cpu, struct pt_regs *regs);
void watchdog_hardlockup_touch_cpu(unsigned int cpu);
int watchdog_hardlockup_probe(void);
void watchdog_hardlockup_enable(unsigned int cpu);
void watchdog_hardlockup_disable(unsigned int cpu);
void watchdog_buddy_check_hardlockup(int hrtimer_interrupts);
#endif

static inline void touch_softlockup_watchdog(void)
{
}

static inline void hardlockup_detector_disable(void)
{
}

#endif
