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
