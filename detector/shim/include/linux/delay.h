/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Busy waiting by the clock: one step that an NMI can cut; the rest follows it. */
#ifndef _LINUX_DELAY_H
#define _LINUX_DELAY_H
#include <linux/types.h>
#define ndelay(n)   hld_delay_ns(n)
#define udelay(n)   hld_delay_ns((unsigned long)(n)*1000ul)
#define __udelay(n) udelay(n)
#define mdelay(n)   hld_delay_ns((unsigned long)(n)*1000000ul)
/* These sleep: the miniature kernel's. */
void msleep(unsigned int ms);
void usleep_range(unsigned long min_us, unsigned long max_us);
#define ssleep(s)  msleep((s)*1000)
#define fsleep(us) usleep_range(us, 2 * (us))
#endif
