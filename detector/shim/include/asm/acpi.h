/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_ACPI_H
#define _ASM_ACPI_H
/* The simulator reads the tables; C sees them through asm/apic.h, asm/topology.h, asm/hpet.h. */
#include <linux/types.h>
extern int acpi_disabled;
extern int acpi_noirq;
#endif
