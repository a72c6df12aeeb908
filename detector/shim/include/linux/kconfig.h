/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* The configuration which the miniature kernel stands for, and the tests of it. */
#ifndef _LINUX_KCONFIG_H
#define _LINUX_KCONFIG_H

#define CONFIG_64BIT			      1
#define CONFIG_ACPI			      1
#define CONFIG_BUG			      1
#define CONFIG_CPUMASK_OFFSTACK		      1
#define CONFIG_DEBUG_FS			      1
#define CONFIG_GENERIC_IRQ_EFFECTIVE_AFF_MASK 1
#define CONFIG_GENERIC_PENDING_IRQ	      1
#define CONFIG_HARDLOCKUP_DETECTOR	      1
#define CONFIG_HIGH_RES_TIMERS		      1
#define CONFIG_HOTPLUG_CPU		      1
#define CONFIG_HPET_TIMER		      1
#define CONFIG_HZ			      250
#define CONFIG_INTEL_IOMMU		      1
#define CONFIG_IRQ_REMAP		      1
#define CONFIG_IRQ_WORK			      1
#define CONFIG_LOCKUP_DETECTOR		      1
#define CONFIG_NR_CPUS			      1024 /* limits::CPUS of the models */
#define CONFIG_PCI_MSI			      1
#define CONFIG_PREEMPT_COUNT		      1
#define CONFIG_PRINTK			      1
#define CONFIG_SMP			      1
#define CONFIG_SYSFS			      1
#define CONFIG_X86			      1
#define CONFIG_X86_64			      1
#define CONFIG_X86_HARDLOCKUP_DETECTOR_HPET   1
#define CONFIG_X86_IO_APIC		      1
#define CONFIG_X86_LOCAL_APIC		      1
#define CONFIG_X86_TSC			      1
#define CONFIG_X86_X2APIC		      1

/*
 * IS_ENABLED(CONFIG_X): 1 if X is defined to 1. An undefined X yields a single
 * junk token, a defined one pushes a 1 into the second place.
 */
#define __HLD_ARG_PUSH_1		  0,
#define __hld_second(ignored, value, ...) value
#define __hld_is_one(x)			  __hld_is_one2(x)
#define __hld_is_one2(x)		  __hld_is_one3(__HLD_ARG_PUSH_##x)
#define __hld_is_one3(push)		  __hld_second(push 1, 0, 0)

#define IS_BUILTIN(option)   __hld_is_one(option)
#define IS_MODULE(option)    __hld_is_one(option##_MODULE)
#define IS_REACHABLE(option) IS_BUILTIN(option)
#define IS_ENABLED(option)   (IS_BUILTIN(option) || IS_MODULE(option))

#endif
