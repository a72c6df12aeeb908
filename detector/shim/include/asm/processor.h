/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_PROCESSOR_H
#define _ASM_PROCESSOR_H

#include <linux/compiler.h>
#include <linux/cache.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/processor-flags.h>
#include <asm/topology.h>

static __always_inline void cpu_relax(void)
{
	barrier();
	hld_relax();
	barrier();
}
#define rep_nop() cpu_relax()

#define prefetch(x)  ((void)(x))
#define prefetchw(x) ((void)(x))

#endif
