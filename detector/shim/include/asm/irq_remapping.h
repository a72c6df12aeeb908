/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_X86_IRQ_REMAPPING_H
#define _ASM_X86_IRQ_REMAPPING_H
#include <linux/types.h>
/* The kernel switches remapping on if the firmware has an IOMMU for it. */
#define irq_remapping_enabled ((int)(hld_firmware()->remapping != 0))
#endif
