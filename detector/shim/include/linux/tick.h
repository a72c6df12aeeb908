/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_TICK_H
#define _LINUX_TICK_H
#include <linux/cpumask.h>
#include <linux/types.h>
/* CONFIG_NO_HZ_FULL is off. */
static inline bool tick_nohz_full_enabled(void)
{
	return false;
}
static inline bool tick_nohz_full_cpu(int cpu)
{
	return false;
}
#endif
