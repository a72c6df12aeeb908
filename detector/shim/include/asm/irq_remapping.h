/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_X86_IRQ_REMAPPING_H
#define _ASM_X86_IRQ_REMAPPING_H
#include <linux/types.h>

struct msi_msg;

extern int irq_remapping_enabled;

/*
 * Not in Linux: entries of the remapping table which deliver an NMI of the HPET,
 * for a driver which selects among them itself, by the message that it writes
 * into the timer's route. The message of an entry never changes.
 *
 * All but irq_remap_compose_nmi() take locks that ordinary interrupts take, and
 * wait for the invalidation queue: task context only.
 */
#define IRQ_REMAP_NMI_ENTRIES 1

/* @count entries in a row, the n-th to CPU n; the index of the first, or -errno. */
int irq_remap_alloc_nmi(unsigned int count);
void irq_remap_free_nmi(int base, unsigned int count);
/* The entry delivers to that CPU, whatever it did before; cached copies are gone. */
int irq_remap_route_nmi(int index, unsigned int cpu);
/* Requests through the entry are blocked: each of them is a fault on record. */
int irq_remap_block_nmi(int index);
void irq_remap_compose_nmi(int index, struct msi_msg *msg);

#endif
