/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Addresses of model-specific registers: SDM vol. 4, table 2-2. */
#ifndef _ASM_MSR_INDEX_H
#define _ASM_MSR_INDEX_H

#define MSR_IA32_TSC		      0x10
#define MSR_IA32_APICBASE	      0x1b
#define MSR_IA32_APICBASE_BSP	      (1 << 8)
#define MSR_IA32_APICBASE_ENABLE      (1 << 11)
#define X2APIC_ENABLE		      (1UL << 10)
#define MSR_IA32_TSC_ADJUST	      0x3b
#define MSR_IA32_TSC_DEADLINE	      0x6e0
#define MSR_CORE_PERF_FIXED_CTR0      0x309
#define MSR_CORE_PERF_FIXED_CTR1      0x30a
#define MSR_CORE_PERF_FIXED_CTR_CTRL  0x38d
#define MSR_CORE_PERF_GLOBAL_STATUS   0x38e
#define MSR_CORE_PERF_GLOBAL_CTRL     0x38f
#define MSR_CORE_PERF_GLOBAL_OVF_CTRL 0x390

#endif
