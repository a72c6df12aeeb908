/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the HPET watchdog's RFC of June 2018 has in <asm/hpet.h> beside the
 * kernel's own: the detector's data and the functions of hpet.c that hand a
 * timer over. They are the miniature kernel's to define.
 */
#ifndef _SERIES_V1_ASM_HPET_H
#define _SERIES_V1_ASM_HPET_H

#include_next <asm/hpet.h>
#include <linux/cpumask.h>
#include <linux/spinlock.h>

#define HPET_DEV_PERI_CAP 0x1000
#define HPET_DEV_FSB_CAP  0x2000

struct hpet_hld_data {
	u32 num; /* timer */
	u32 irq;
	u32 flags; /* HPET_DEV_*: what the timer can do */
	u64 ticks_per_second;
	struct cpumask monitored_mask;
	spinlock_t lock; /* of monitored_mask */
};

struct hpet_hld_data *hpet_hardlockup_detector_assign_timer(void);
u64 hpet_readq(unsigned int offset);
void hpet_writeq(u64 value, unsigned int offset);

#endif
