/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What CPUID and ACPI tell about packages, from the firmware table: constant in a run. */
#ifndef _ASM_TOPOLOGY_H
#define _ASM_TOPOLOGY_H

#include <linux/types.h>

struct cpumask;
#define topology_physical_package_id(cpu) ((int)hld_firmware()->package_id[cpu])
#define topology_logical_package_id(cpu)  topology_physical_package_id(cpu)
#define topology_max_packages()		  ((int)hld_firmware()->packages)
/* CPUs of the same package: a table of the miniature kernel. */
const struct cpumask *cpu_coregroup_mask(int cpu);
#define topology_core_cpumask(cpu)    cpu_coregroup_mask((int)(cpu))
#define topology_core_id(cpu)	      ((int)(cpu))
#define topology_sibling_cpumask(cpu) cpumask_of(cpu)
#define cpu_to_node(cpu)	      topology_physical_package_id(cpu)
#define numa_node_id()		      cpu_to_node(hld_cpu())

#endif
