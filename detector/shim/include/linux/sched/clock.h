/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Nanoseconds of the TSC, which starts at power-on: from any context, an NMI too. */
#ifndef _LINUX_SCHED_CLOCK_H
#define _LINUX_SCHED_CLOCK_H

#include <linux/types.h>

u64 sched_clock(void);

static inline u64 local_clock(void)
{
	return sched_clock();
}
static inline u64 cpu_clock(int cpu)
{
	return sched_clock();
}
static inline u64 running_clock(void)
{
	return sched_clock();
}

#endif
