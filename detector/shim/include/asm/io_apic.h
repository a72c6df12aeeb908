/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_X86_IO_APIC_H
#define _ASM_X86_IO_APIC_H
#include <linux/types.h>
#include <asm/apicdef.h>
#include <asm/irq_vectors.h>
/* Series of 2026: sets the redirection entry of a pin to NMI delivery. */
int ioapic_set_nmi(u32 gsi, bool broadcast);
#endif
