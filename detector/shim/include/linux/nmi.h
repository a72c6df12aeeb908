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

static inline void touch_softlockup_watchdog(void)
{
}

static inline void hardlockup_detector_disable(void)
{
}

#endif
