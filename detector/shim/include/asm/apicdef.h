/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Registers of the local APIC: SDM vol. 3A, table 10-1 and the figures of chapter 10. */
#ifndef _ASM_APICDEF_H
#define _ASM_APICDEF_H

#define IO_APIC_DEFAULT_PHYS_BASE 0xfec00000
#define APIC_DEFAULT_PHYS_BASE	  0xfee00000

#define APIC_ID			 0x20
#define APIC_LVR		 0x30 /* version */
#define APIC_TASKPRI		 0x80
#define APIC_TPRI_MASK		 0xffu
#define APIC_ARBPRI		 0x90
#define APIC_PROCPRI		 0xa0
#define APIC_EOI		 0xb0
#define APIC_EOI_ACK		 0x0
#define APIC_LDR		 0xd0
#define APIC_LDR_MASK		 (0xffu << 24)
#define APIC_DFR		 0xe0
#define APIC_DFR_CLUSTER	 0x0ffffffful
#define APIC_DFR_FLAT		 0xfffffffful
#define APIC_SPIV		 0xf0 /* spurious-interrupt vector */
#define APIC_SPIV_DIRECTED_EOI	 (1 << 12)
#define APIC_SPIV_FOCUS_DISABLED (1 << 9)
#define APIC_SPIV_APIC_ENABLED	 (1 << 8)
#define APIC_ISR		 0x100
#define APIC_ISR_NR		 0x8
#define APIC_TMR		 0x180
#define APIC_IRR		 0x200
#define APIC_ESR		 0x280
#define APIC_LVTCMCI		 0x2f0
/* Counterfactual (X86_FEATURE_APIC_TIMER2): entry of the count-down beside TSC deadline. */
#define APIC_LVTT2	 0x2e0
#define APIC_LVTT2_FIRED (1 << 14) /* the timer has fired; writing 1 clears it */

#define APIC_ICR		0x300
#define APIC_DEST_SELF		0x40000
#define APIC_DEST_ALLINC	0x80000
#define APIC_DEST_ALLBUT	0xc0000
#define APIC_INT_LEVELTRIG	0x08000
#define APIC_INT_ASSERT		0x04000
#define APIC_ICR_BUSY		0x01000 /* delivery status, xAPIC only */
#define APIC_DEST_LOGICAL	0x00800
#define APIC_DEST_PHYSICAL	0x00000
#define APIC_DM_FIXED		0x00000
#define APIC_DM_FIXED_MASK	0x00700
#define APIC_DM_LOWEST		0x00100
#define APIC_DM_SMI		0x00200
#define APIC_DM_NMI		0x00400
#define APIC_DM_INIT		0x00500
#define APIC_DM_STARTUP		0x00600
#define APIC_DM_EXTINT		0x00700
#define APIC_VECTOR_MASK	0x000ff
#define APIC_ICR2		0x310
#define GET_XAPIC_DEST_FIELD(x) (((x) >> 24) & 0xff)
#define SET_XAPIC_DEST_FIELD(x) ((x) << 24)
#define GET_APIC_DEST_FIELD(x)	GET_XAPIC_DEST_FIELD(x)
#define SET_APIC_DEST_FIELD(x)	SET_XAPIC_DEST_FIELD(x)

#define APIC_LVTT		     0x320
#define APIC_LVTTHMR		     0x330
#define APIC_LVTPC		     0x340
#define APIC_LVT0		     0x350
#define APIC_LVT1		     0x360
#define APIC_LVTERR		     0x370
#define APIC_LVT_TIMER_ONESHOT	     (0 << 17)
#define APIC_LVT_TIMER_PERIODIC	     (1 << 17)
#define APIC_LVT_TIMER_TSCDEADLINE   (2 << 17)
#define APIC_LVT_MASKED		     (1 << 16)
#define APIC_LVT_LEVEL_TRIGGER	     (1 << 15)
#define APIC_LVT_REMOTE_IRR	     (1 << 14)
#define APIC_INPUT_POLARITY	     (1 << 13)
#define APIC_SEND_PENDING	     (1 << 12)
#define APIC_MODE_MASK		     0x700
#define GET_APIC_DELIVERY_MODE(x)    (((x) >> 8) & 0x7)
#define SET_APIC_DELIVERY_MODE(x, y) (((x) & ~0x700) | ((y) << 8))
#define APIC_MODE_FIXED		     0x0
#define APIC_MODE_NMI		     0x4
#define APIC_MODE_EXTINT	     0x7

#define APIC_TMICT	 0x380
#define APIC_TMCCT	 0x390
#define APIC_TDCR	 0x3e0
#define APIC_SELF_IPI	 0x3f0
#define APIC_TDR_DIV_2	 0x0
#define APIC_TDR_DIV_4	 0x1
#define APIC_TDR_DIV_8	 0x2
#define APIC_TDR_DIV_16	 0x3
#define APIC_TDR_DIV_32	 0x8
#define APIC_TDR_DIV_64	 0x9
#define APIC_TDR_DIV_128 0xa
#define APIC_TDR_DIV_1	 0xb

#define APIC_BASE_MSR 0x800 /* first MSR in x2APIC mode: register offset / 16 above it */
#define XAPIC_ENABLE  (1UL << 11)
#define BAD_APICID    0xffffu

/* Delivery modes of a message or an ICR, bits 10:8. */
enum apic_delivery_modes {
	APIC_DELIVERY_MODE_FIXED = 0,
	APIC_DELIVERY_MODE_LOWESTPRIO = 1,
	APIC_DELIVERY_MODE_SMI = 2,
	APIC_DELIVERY_MODE_NMI = 4,
	APIC_DELIVERY_MODE_INIT = 5,
	APIC_DELIVERY_MODE_EXTINT = 7,
};
/* The names before v5.11. */
enum ioapic_irq_destination_types {
	dest_Fixed = 0,
	dest_LowestPrio = 1,
	dest_SMI = 2,
	dest__reserved_1 = 3,
	dest_NMI = 4,
	dest_INIT = 5,
	dest__reserved_2 = 6,
	dest_ExtINT = 7,
};

#endif
