/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_TSC_H
#define _ASM_TSC_H

#include <linux/types.h>
#include <asm/barrier.h>

typedef unsigned long long cycles_t;

/* Not ordered with what stands before it. */
static __always_inline u64 rdtsc(void)
{
	return hld_rdtsc();
}
static __always_inline u64 rdtsc_ordered(void)
{
	hld_fence(HLD_LFENCE);
	return hld_rdtsc();
}
static __always_inline cycles_t get_cycles(void)
{
	return rdtsc();
}

/* The miniature kernel's. */
extern unsigned int cpu_khz;
extern unsigned int tsc_khz;
int check_tsc_unstable(void);
void mark_tsc_unstable(char *reason);

#endif
