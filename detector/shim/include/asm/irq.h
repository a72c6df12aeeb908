/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_X86_IRQ_H
#define _ASM_X86_IRQ_H

#include <asm/irq_vectors.h>
#include <asm/irq_regs.h>

void fixup_irqs(void);

#endif
