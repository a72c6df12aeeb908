/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_X86_CPUID_API_H
#define _ASM_X86_CPUID_API_H
/* The CPU model has no CPUID instruction: asm/cpufeature.h and the firmware table stand for it. */
#include <linux/types.h>
#endif
