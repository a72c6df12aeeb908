/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_X86_HPET_IRQ_H
#define _ASM_X86_HPET_IRQ_H

/**
 * hpet_hld_irq - Linux interrupt number of an HPET timer's message
 * @timer:	Number of the HPET timer, which must be able to send messages (FSB)
 *
 * Creates the descriptor on the first call: chip "HPET-MSI" on top of the x86
 * vector domain. request_irq() with IRQF_DELIVER_AS_NMI writes the timer's
 * PROCMSG_ROUT with delivery mode NMI, irq_set_affinity() rewrites it.
 * TIMn_CONF stays the caller's. Task context.
 *
 * Return: the interrupt number, -ENODEV without HPET or for a timer that it
 * lacks, -ENOSPC when there are no descriptors left.
 */
int hpet_hld_irq(unsigned int timer);

#endif
