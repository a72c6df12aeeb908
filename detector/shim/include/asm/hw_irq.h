/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_X86_HW_IRQ_H
#define _ASM_X86_HW_IRQ_H

#include <linux/percpu.h>
#include <linux/types.h>
#include <asm/irq_vectors.h>

struct irq_desc;

/* Destination of an interrupt as the vector domain has it. */
struct irq_cfg {
	unsigned int dest_apicid;
	unsigned int vector;
	bool delivers_nmi;
};

struct irq_cfg *irqd_cfg(struct irq_data *irq_data);
void lock_vector_lock(void);
void unlock_vector_lock(void);

#endif
