/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_X86_IRQ_VECTORS_H
#define _ASM_X86_IRQ_VECTORS_H

#define NMI_VECTOR		0x02
#define FIRST_EXTERNAL_VECTOR	0x20
#define IRQ_MOVE_CLEANUP_VECTOR FIRST_EXTERNAL_VECTOR
#define ISA_IRQ_VECTOR(irq)	(((FIRST_EXTERNAL_VECTOR + 16) & ~15) + irq)

#define SPURIOUS_APIC_VECTOR	    0xff
#define ERROR_APIC_VECTOR	    0xfe
#define RESCHEDULE_VECTOR	    0xfd
#define CALL_FUNCTION_VECTOR	    0xfc
#define CALL_FUNCTION_SINGLE_VECTOR 0xfb
#define REBOOT_VECTOR		    0xf8
#define IRQ_WORK_VECTOR		    0xf6
#define HLD_SOFTIRQ_VECTOR	    0xf5 /* the miniature kernel's own */
#define LOCAL_TIMER_VECTOR	    0xec

#define NR_VECTORS	    256
#define FIRST_SYSTEM_VECTOR LOCAL_TIMER_VECTOR
#define NR_IRQS_LEGACY	    16

#endif
