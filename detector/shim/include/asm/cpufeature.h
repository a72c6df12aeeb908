/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* CPU features that the model has, all constant: what is not named here is a compile error. */
#ifndef _ASM_CPUFEATURE_H
#define _ASM_CPUFEATURE_H
#include <linux/types.h>
#define __hld_has_X86_FEATURE_TSC		 1
#define __hld_has_X86_FEATURE_APIC		 1
#define __hld_has_X86_FEATURE_X2APIC		 1
#define __hld_has_X86_FEATURE_CONSTANT_TSC	 1
#define __hld_has_X86_FEATURE_NONSTOP_TSC	 1
#define __hld_has_X86_FEATURE_TSC_RELIABLE	 1
#define __hld_has_X86_FEATURE_TSC_DEADLINE_TIMER ((int)hld_firmware()->tsc_deadline)
#define __hld_has_X86_FEATURE_ARAT		 1
#define __hld_has_X86_FEATURE_HYPERVISOR	 0
#define __hld_has_X86_FEATURE_MWAIT		 1
#define __hld_has_X86_FEATURE_FRED		 ((int)hld_firmware()->fred)
#define __hld_has_X86_FEATURE_NMI_SOURCE	 ((int)hld_firmware()->nmi_source)
/* Counterfactual, no processor has it: a second timer beside TSC deadline, APIC_LVTT2. */
#define __hld_has_X86_FEATURE_APIC_TIMER2 ((int)hld_firmware()->apic_timer2)
/* Not every kernel knows of these, or none: a detector asks by #ifdef. */
#define X86_FEATURE_FRED	     X86_FEATURE_FRED
#define X86_FEATURE_NMI_SOURCE	     X86_FEATURE_NMI_SOURCE
#define X86_FEATURE_APIC_TIMER2	     X86_FEATURE_APIC_TIMER2
#define boot_cpu_has(feature)	     __hld_has_##feature
#define cpu_feature_enabled(feature) __hld_has_##feature
#define static_cpu_has(feature)	     __hld_has_##feature
#define this_cpu_has(feature)	     __hld_has_##feature
#define cpu_has(cpu, feature)	     __hld_has_##feature
#endif
