/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_BH_H
#define _LINUX_BH_H

#include <linux/preempt.h>

/* Softirqs wait on this CPU until as many local_bh_enable() as this have followed. */
static inline void local_bh_disable(void)
{
	preempt_count_add(SOFTIRQ_DISABLE_OFFSET);
	barrier();
}

void local_bh_enable(void); /* not in a hard interrupt, nor an NMI */

static inline bool local_bh_blocked(void)
{
	return softirq_count() != 0;
}

#endif
