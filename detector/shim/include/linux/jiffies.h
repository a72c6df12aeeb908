/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_JIFFIES_H
#define _LINUX_JIFFIES_H

#include <linux/compiler.h>
#include <linux/math64.h>
#include <linux/time64.h>
#include <linux/types.h>

#define HZ	  CONFIG_HZ
#define TICK_NSEC (NSEC_PER_SEC / HZ)

/* They wrap as an unsigned int after five minutes. */
#define INITIAL_JIFFIES ((unsigned long)(unsigned int)(-300 * HZ))

/*
 * Deviation: computed from the TSC, so that no CPU has a tick of its own: they never stand
 * still, as those of Linux do while the CPU that advances them has interrupts off, and are
 * no variable whose address can be taken.
 */
u64 get_jiffies_64(void);
#define jiffies	   ((unsigned long)get_jiffies_64())
#define jiffies_64 get_jiffies_64()

#define msecs_to_jiffies(m) ((unsigned long)DIV_ROUND_UP((unsigned long)(m)*HZ, 1000))
#define usecs_to_jiffies(u) ((unsigned long)DIV_ROUND_UP((unsigned long)(u)*HZ, 1000000))
#define jiffies_to_msecs(j) ((unsigned int)((unsigned long)(j)*1000 / HZ))

/* Order of instants that may wrap: a is after b if it is less than half the range ahead. */
#define time_after(a, b)	 ((long)((b) - (a)) < 0)
#define time_before(a, b)	 time_after(b, a)
#define time_after_eq(a, b)	 ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b)	 time_after_eq(b, a)
#define time_in_range(a, b, c)	 (time_after_eq(a, b) && time_before_eq(a, c))
#define time_after64(a, b)	 ((s64)((b) - (a)) < 0)
#define time_before64(a, b)	 time_after64(b, a)
#define time_after_eq64(a, b)	 ((s64)((a) - (b)) >= 0)
#define time_before_eq64(a, b)	 time_after_eq64(b, a)
#define time_in_range64(a, b, c) (time_after_eq64(a, b) && time_before_eq64(a, c))

#endif
