/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_CPU_H
#define _LINUX_CPU_H

#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/types.h>

void cpus_read_lock(void);
void cpus_read_unlock(void);
int cpus_read_trylock(void);
void cpus_write_lock(void);
void cpus_write_unlock(void);
void lockdep_assert_cpus_held(void);
void cpu_hotplug_disable(void);
void cpu_hotplug_enable(void);

static inline void get_online_cpus(void)
{
	cpus_read_lock();
}

static inline void put_online_cpus(void)
{
	cpus_read_unlock();
}

int add_cpu(unsigned int cpu);
int remove_cpu(unsigned int cpu);

#endif
