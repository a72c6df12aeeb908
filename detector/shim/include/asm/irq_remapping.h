/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_X86_IRQ_REMAPPING_H
#define _ASM_X86_IRQ_REMAPPING_H
#include <linux/types.h>
/* Whether the firmware has an IOMMU that remaps interrupts; the kernel switches it on if it is there. */
#define irq_remapping_enabled ((int)(hld_firmware()->remapping != 0))
#endif
