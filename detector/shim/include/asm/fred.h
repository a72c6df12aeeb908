/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Flexible return and event delivery: what its frame holds above the registers.
 * Linux has it since 6.9; here in every series, for machines whose CPUs do.
 */
#ifndef ASM_X86_FRED_H
#define ASM_X86_FRED_H

#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/types.h>
#include <asm/ptrace.h>

struct fred_info {
	/* Of an NMI: bit n stands for the source with vector field n, bit 0 for any other. */
	unsigned long edata;
	unsigned long resv;
};

struct fred_frame {
	struct pt_regs regs;
	struct fred_info info;
};

/* Deviation: the registers of an NMI have such a frame, those of an interrupt do not. */
static __always_inline struct fred_info *fred_info(struct pt_regs *regs)
{
	return &container_of(regs, struct fred_frame, regs)->info;
}

/* 0 without FRED, and without NMI-source reporting. */
static __always_inline unsigned long fred_event_data(struct pt_regs *regs)
{
	return fred_info(regs)->edata;
}

#endif
