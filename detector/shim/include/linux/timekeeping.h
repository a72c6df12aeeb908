/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_TIMEKEEPING_H
#define _LINUX_TIMEKEEPING_H

#include <linux/ktime.h>

/* Time is the TSC, which starts at power-on. No sequence count, so safe from any context. */
ktime_t ktime_get(void);
u64 ktime_get_mono_fast_ns(void);
u64 ktime_get_boot_fast_ns(void);

static inline u64 ktime_get_ns(void)
{
	return (u64)ktime_get();
}

static inline time64_t ktime_get_seconds(void)
{
	return ktime_get() / NSEC_PER_SEC;
}

#endif
