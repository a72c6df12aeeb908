/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_X86_PTRACE_H
#define _ASM_X86_PTRACE_H

#include <linux/types.h>

/*
 * What an interrupt or NMI interrupted. ip is an address inside an object; the
 * general registers of compiled C are not simulated and read as 0.
 */
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx;
	unsigned long r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax;
	unsigned long ip, cs, flags, sp, ss;
};

#define instruction_pointer(regs) ((regs)->ip)

static inline int user_mode(struct pt_regs *regs)
{
	return 0;
}

#endif
