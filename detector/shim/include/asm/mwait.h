/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_X86_MWAIT_H
#define _ASM_X86_MWAIT_H
/* No MONITOR/MWAIT in the CPU model: idle CPUs halt. */
#define CPUID_MWAIT_LEAF 5
#endif
