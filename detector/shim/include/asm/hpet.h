/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Registers of the HPET: IA-PC HPET Specification 1.0a, 2.3. FSB is its word for messages. */
#ifndef _ASM_X86_HPET_H
#define _ASM_X86_HPET_H

#include <linux/types.h>
#include <linux/interrupt.h>
#include <linux/msi.h>
#include <asm/apic.h> /* which posted files use without including it */
#include <asm/tsc.h>

#define HPET_MMAP_SIZE 1024

#define HPET_ID		 0x000
#define HPET_PERIOD	 0x004 /* upper half of the same register: a tick in femtoseconds */
#define HPET_CFG	 0x010
#define HPET_STATUS	 0x020
#define HPET_COUNTER	 0x0f0
#define HPET_Tn_CFG(n)	 (0x100 + 0x20 * (n))
#define HPET_Tn_CMP(n)	 (0x108 + 0x20 * (n))
#define HPET_Tn_ROUTE(n) (0x110 + 0x20 * (n)) /* value of the message; its address is 4 above */
#define HPET_T0_CFG	 HPET_Tn_CFG(0)
#define HPET_T0_CMP	 HPET_Tn_CMP(0)
#define HPET_T0_ROUTE	 HPET_Tn_ROUTE(0)
#define HPET_T1_CFG	 HPET_Tn_CFG(1)
#define HPET_T1_CMP	 HPET_Tn_CMP(1)
#define HPET_T1_ROUTE	 HPET_Tn_ROUTE(1)
#define HPET_T2_CFG	 HPET_Tn_CFG(2)
#define HPET_T2_CMP	 HPET_Tn_CMP(2)
#define HPET_T2_ROUTE	 HPET_Tn_ROUTE(2)

#define HPET_ID_REV	     0x000000ff
#define HPET_ID_NUMBER	     0x00001f00 /* index of the last timer */
#define HPET_ID_64BIT	     0x00002000
#define HPET_ID_LEGSUP	     0x00008000
#define HPET_ID_VENDOR	     0xffff0000
#define HPET_ID_NUMBER_SHIFT 8
#define HPET_ID_VENDOR_SHIFT 16

#define HPET_CFG_ENABLE	 0x001
#define HPET_CFG_LEGACY	 0x002
#define HPET_LEGACY_8254 2
#define HPET_LEGACY_RTC	 8

#define HPET_TN_LEVEL	       0x0002
#define HPET_TN_ENABLE	       0x0004
#define HPET_TN_PERIODIC       0x0008
#define HPET_TN_PERIODIC_CAP   0x0010
#define HPET_TN_64BIT_CAP      0x0020
#define HPET_TN_SETVAL	       0x0040
#define HPET_TN_32BIT	       0x0100
#define HPET_TN_ROUTE	       0x3e00 /* I/O APIC input */
#define HPET_TN_ROUTE_SHIFT    9
#define HPET_TN_FSB	       0x4000
#define HPET_TN_FSB_CAP	       0x8000
#define Tn_INT_ROUTE_CNF_MASK  HPET_TN_ROUTE
#define Tn_INT_ROUTE_CNF_SHIFT HPET_TN_ROUTE_SHIFT

/* Limits of a tick: 100 ns by the specification (2.3.4); Linux refuses less than 0.1 ns. */
#define HPET_MAX_PERIOD 100000000UL
#define HPET_MIN_PERIOD 100000UL

/* The miniature kernel's. */
extern unsigned long hpet_address;
extern u8 hpet_blockid;
extern bool hpet_msi_disable;
int is_hpet_enabled(void);
unsigned int hpet_readl(unsigned int offset);
void hpet_writel(unsigned int value, unsigned int offset);

#endif
