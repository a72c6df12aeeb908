/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Which CPU this is: as from the segment base, free and always right. */
#ifndef _ASM_SMP_H
#define _ASM_SMP_H

#include <linux/cpumask.h>

#define raw_smp_processor_id() ((int)hld_cpu())
#define __smp_processor_id()   raw_smp_processor_id()
#define smp_processor_id()     raw_smp_processor_id()

#define cpu_physical_id(cpu)	(hld_firmware()->apic_id[cpu])
#define safe_smp_processor_id() smp_processor_id()

#endif
