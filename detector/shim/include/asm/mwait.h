/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_X86_MWAIT_H
#define _ASM_X86_MWAIT_H

#include <linux/compiler.h>
#include <linux/types.h>

/* Hint in EAX: the C-state less one, and its sub-state. SDM vol. 2, MWAIT. */
#define MWAIT_SUBSTATE_MASK 0xf
#define MWAIT_CSTATE_MASK   0xf
#define MWAIT_SUBSTATE_SIZE 4

#define MWAIT_ECX_INTERRUPT_BREAK 0x1 /* a masked interrupt ends it, too */

#define CPUID_MWAIT_LEAF		5
#define CPUID5_ECX_EXTENSIONS_SUPPORTED 0x1
#define CPUID5_ECX_INTERRUPT_BREAK	0x2

/* Arms the cache line of @eax. @ecx and @edx are extensions and hints that no processor defines. */
static __always_inline void __monitor(const void *eax, unsigned long ecx, unsigned long edx)
{
	barrier();
	hld_monitor(eax);
}

/* Does not wait if the line has been written since, or an event is pending. */
static __always_inline void __mwait(unsigned long eax, unsigned long ecx)
{
	barrier();
	hld_mwait((hld_u32)eax, (hld_u32)ecx);
	barrier();
}

/* STI; MWAIT without a lost wake-up. */
static __always_inline void __sti_mwait(unsigned long eax, unsigned long ecx)
{
	barrier();
	hld_sti_mwait((hld_u32)eax, (hld_u32)ecx);
	barrier();
}

#endif
