/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Local APIC registers as far as the miniature kernel uses them (SDM vol 3, table 10-1). */
#ifndef KERNEL_APIC_H
#define KERNEL_APIC_H

#define APIC_ID			0x020
#define APIC_TASKPRI		0x080
#define APIC_EOI		0x0b0
#define APIC_LDR		0x0d0
#define APIC_SPIV		0x0f0
#define APIC_SPIV_APIC_ENABLED	(1u << 8)
#define APIC_IRR		0x200
#define APIC_ICR		0x300
#define APIC_ICR2		0x310
#define APIC_LVTT		0x320
#define APIC_LVTPC		0x340
#define APIC_LVT0		0x350
#define APIC_LVT1		0x360
#define APIC_LVTERR		0x370
#define APIC_TMICT		0x380
#define APIC_TMCCT		0x390
#define APIC_TDCR		0x3e0

#define APIC_LVT_MASKED			(1u << 16)
#define APIC_LVT_TIMER_TSCDEADLINE	(2u << 17)
#define APIC_TDR_DIV_1			0xbu

#define APIC_DM_FIXED		0x000u
#define APIC_DM_NMI		0x400u
#define APIC_DM_INIT		0x500u
#define APIC_DM_STARTUP		0x600u
#define APIC_ICR_BUSY		(1u << 12)
#define APIC_INT_ASSERT		(1u << 14)
#define APIC_DEST_SELF		(1u << 18)

#define MSR_IA32_APICBASE	0x1bu
#define APICBASE_EXTD		(1u << 10)
#define APICBASE_ENABLE		(1u << 11)
#define MSR_X2APIC_BASE		0x800u
#define MSR_IA32_TSC_DEADLINE	0x6e0u

#endif
