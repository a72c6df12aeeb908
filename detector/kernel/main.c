// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Boot of the miniature kernel: masks, local APIC, the other CPUs, the
 * detector's initcalls, idle. Its memory comes up as the object's initial
 * values, so most of what a kernel initialises needs no code here.
 */
#include "kernel.h"
#include <linux/init.h>

int hld_kernel_version = 601;
module_param(hld_kernel_version, int, 0444);
MODULE_PARM_DESC(hld_kernel_version, "behave as Linux 4.18 (418) or 6.1 (601)");

unsigned int nr_cpu_ids;
struct cpumask __cpu_possible_mask;
struct cpumask __cpu_present_mask;
struct cpumask __cpu_online_mask;
struct cpumask __cpu_active_mask;
struct cpumask __cpu_dying_mask;
atomic_t __num_online_cpus;
unsigned long __per_cpu_offset[NR_CPUS];

DEFINE_PER_CPU(int, cpu_number);

enum system_states system_state;

void set_cpu_online(unsigned int cpu, bool online)
{
	if (online) {
		if (!cpumask_test_and_set_cpu(cpu, &__cpu_online_mask))
			atomic_inc(&__num_online_cpus);
	} else {
		if (cpumask_test_and_clear_cpu(cpu, &__cpu_online_mask))
			atomic_dec(&__num_online_cpus);
	}
}

/* All present CPUs are possible ones: there is no physical hotplug. */
static void boot_masks_init(const struct hld_firmware *fw)
{
	unsigned int word;

	nr_cpu_ids = fw->cpus;
	for (word = 0; word < BITS_TO_LONGS(fw->cpus); word++) {
		unsigned int left = fw->cpus - word * BITS_PER_LONG;
		unsigned long bits = left < BITS_PER_LONG ? (1UL << left) - 1 : ~0UL;

		__cpu_possible_mask.bits[word] = bits;
		__cpu_present_mask.bits[word] = bits;
	}
}

static void setup_per_cpu_areas(const struct hld_firmware *fw)
{
	unsigned int cpu;

	for (cpu = 0; cpu < fw->cpus; cpu++) {
		__per_cpu_offset[cpu] = hld_percpu_offset(cpu);
		per_cpu(cpu_number, cpu) = (int)cpu;
		rq_init(cpu);
	}
}

/* The last error is what the boot's note tells: an initcall that fails stops nobody else. */
static int do_initcalls(void)
{
	hld_initcall_t fn;
	unsigned int i;
	int failed = 0;

	for (i = 0; (fn = hld_initcall(i)); i++) {
		int ret = fn();

		check_returned("an initcall", (unsigned long)fn);
		if (ret) {
			pr_err("initcall %u returned %d\n", i, ret);
			failed = ret;
		}
	}
	return failed;
}

void start_kernel(void)
{
	const struct hld_firmware *fw = hld_firmware();
	int failed;

	boot_masks_init(fw);
	setup_per_cpu_areas(fw);
	platform_init();
	kmalloc_init();
	watchdog_init();
	parse_command_line();

	irq_remapping_boot();
	apic_find();
	setup_local_APIC();
	apic_timer_setup();
	hrtimers_init_cpu(0);
	boot_cpu_hotplug_init();
	set_cpu_online(0, true);
	cpumask_set_cpu(0, &__cpu_active_mask);
	lapic_online();
	hld_note_life(0, HLD_LIFE_UP);
	local_irq_enable();

	hld_note_task(HLD_TASK_BOOT, 1, 0);
	boot_task_begin();
	irq_remapping_fault_handling();
	system_state = SYSTEM_SCHEDULING;
	backtrace_init();
	bringup_nonboot_cpus();
	perf_init();
	failed = do_initcalls();
	system_state = SYSTEM_RUNNING;
	boot_task_end();
	hld_note_task(HLD_TASK_BOOT, 0, failed);

	cpu_idle_loop();
}
