// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Start of another CPU by INIT-SIPI-SIPI, its first steps, and its last ones. */
#include "kernel.h"
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/time64.h>
#include <asm/apicdef.h>
#include <asm/hw_irq.h>
#include <asm/nmi.h>

#include "hotplug.h"

/* Page of the trampoline: what SIPI carries. The CPU model enters hld_start_secondary(). */
#define TRAMPOLINE_PAGE 0x99u

enum cpu_boot_state { CPU_STATE_NONE, CPU_STATE_ONLINE, CPU_STATE_DEAD };
static DEFINE_PER_CPU(int, cpu_state);

/* Whoever finds it set when an NMI has ended its HLT is CPU 0, and comes back. */
static bool enable_start_cpu0;

/* Called in, and allowed to go on: the two sides of the bring-up handshake. */
struct cpumask cpu_callin_mask;
struct cpumask cpu_callout_mask;

static void wakeup_secondary_cpu_via_init(unsigned int cpu)
{
	apic_send_ipi(cpu, APIC_INT_ASSERT | APIC_DM_INIT);
	/* The de-assert is ignored by every CPU since the Pentium 4, and left out. */
	apic_send_ipi(cpu, APIC_DM_STARTUP | TRAMPOLINE_PAGE);
	hld_charge(HLD_ROW_INIT_SIPI, 1);
	/* A CPU that has begun ignores the second one. */
	apic_send_ipi(cpu, APIC_DM_STARTUP | TRAMPOLINE_PAGE);
}

static int wakeup_cpu0_nmi(unsigned int cmd, struct pt_regs *regs)
{
	int cpu = smp_processor_id();

	return cpu == 0 && !cpu_online((unsigned int)cpu) && READ_ONCE(enable_start_cpu0)
		       ? NMI_HANDLED
		       : NMI_DONE;
}

/*
 * INIT has the boot CPU begin at the reset vector: up to 6.4 it is woken by an NMI. Out of line,
 * as clang makes one call of this IPI and the last SIPI, which is then in neither function.
 */
static noinline void wakeup_cpu0(void)
{
	if (register_nmi_handler(NMI_LOCAL, wakeup_cpu0_nmi, 0, "wake_cpu0"))
		return;
	WRITE_ONCE(enable_start_cpu0, true);
	apic_send_ipi(0, APIC_DM_NMI);
}

/*
 * Linux 6.1, arch/x86/kernel/smpboot.c, do_boot_cpu(), waits so long for the first sign of
 * life, asking between calls of schedule(); native_cpu_up() then returns -EIO, and the hotplug
 * core rolls back. 4.18 does the same; since 6.5 it is cpuhp_wait_for_sync_alive() of
 * kernel/cpu.c.
 *
 * Deviation: a CPU that SIPI has reached, and CPU 0, is waited for without an end, as Linux waits
 * for one that has shown itself.
 */
static bool comes_after_all(unsigned int cpu)
{
	u64 until = ktime_get_ns() + 10 * NSEC_PER_SEC;

	current->hotplug_wait = true;
	while (!cpumask_test_cpu((int)cpu, &cpu_callin_mask) && ktime_get_ns() < until)
		msleep(100);
	current->hotplug_wait = false;
	return cpumask_test_cpu((int)cpu, &cpu_callin_mask);
}

int native_cpu_up(unsigned int cpu)
{
	per_cpu(cpu_state, cpu) = CPU_STATE_NONE;
	cpumask_clear_cpu((int)cpu, &cpu_callin_mask);
	cpumask_clear_cpu((int)cpu, &cpu_callout_mask);
	hld_note_life(cpu, HLD_LIFE_COMING);
	if (cpu)
		wakeup_secondary_cpu_via_init(cpu);
	else
		wakeup_cpu0();

	while (!cpumask_test_cpu((int)cpu, &cpu_callin_mask)) {
		if (cpu && hld_note_silent(cpu) && !comes_after_all(cpu)) {
			hld_note_life(cpu, HLD_LIFE_DEAD);
			pr_err("do_boot_cpu failed(-1) to wakeup CPU#%u\n", cpu);
			return -EIO;
		}
		cpu_relax();
	}
	cpumask_set_cpu(cpu, &cpu_callout_mask);
	while (!cpu_online(cpu))
		cpu_relax();
	if (!cpu)
		unregister_nmi_handler(NMI_LOCAL, "wake_cpu0");
	return 0;
}

/* On the new CPU, after SIPI or, on CPU 0, behind play_dead; interrupts off. */
void hld_start_secondary(void)
{
	unsigned int cpu = (unsigned int)smp_processor_id();

	/*
	 * The trampoline's table has no gates: an NMI up to here resets the machine. Deviation:
	 * the way from SIPI to cpu_init() takes no time of its own, what is latched falls into it.
	 */
	hld_load_idt();
	hld_charge_rest(HLD_ROW_BOOT_AP, HLD_ROW_INIT_SIPI);
	/* What an earlier life of this CPU left behind on its abandoned stack. */
	this_cpu_write(__preempt_count, 0);
	hld_note_rcu(this_cpu_ptr(&rcu_read_lock_nesting), 0);
	rq_restart();
	restart_nmi_on_this_cpu();
	setup_local_APIC();
	cpumask_set_cpu(cpu, &cpu_callin_mask);
	while (!cpumask_test_cpu((int)cpu, &cpu_callout_mask))
		cpu_relax();
	if (cpu == 0)
		WRITE_ONCE(enable_start_cpu0, false);

	hrtimers_init_cpu(cpu);
	notify_cpu_starting(cpu);
	apic_timer_setup();
	cpu_stopper_unpark(cpu);

	/* The vector lock keeps an interrupt from being moved to a CPU half online. */
	lock_vector_lock();
	set_cpu_online(cpu, true);
	lapic_online();
	unlock_vector_lock();
	hld_note_life(cpu, HLD_LIFE_UP);
	this_cpu_write(cpu_state, CPU_STATE_ONLINE);

	local_irq_enable();
	cpuhp_online_idle();
	cpu_idle_loop();
}

/* ---- down ---- */

/* All interrupts are off on all CPUs: stop_machine. */
static void cpu_disable_common(unsigned int cpu)
{
	lock_vector_lock();
	set_cpu_online(cpu, false);
	unlock_vector_lock();
	hld_note_life(cpu, HLD_LIFE_OFFLINE);
	fixup_irqs();
	lapic_offline();
}

int native_cpu_disable(void)
{
	unsigned int cpu = (unsigned int)smp_processor_id();

	if (kernel_is_418()) {
		/* Only the local sources are masked: the APIC stays enabled. */
		clear_local_APIC();
		cpu_disable_common(cpu);
		return 0;
	}
	cpu_disable_common(cpu);
	/*
	 * After fixup_irqs(), so that its look at the IRR sees what came meanwhile.
	 * An NMI still gets through: SDM vol 3, 10.4.7.2.
	 */
	apic_soft_disable();
	return 0;
}

/* Deviation: polls for ever; Linux gives up after 5 s. */
void native_cpu_die(unsigned int cpu)
{
	while (READ_ONCE(per_cpu(cpu_state, cpu)) != CPU_STATE_DEAD)
		cpu_relax();
}

/*
 * HLT or MWAIT with interrupts off. An NMI ends it and the loop begins again: what
 * the NMI itself does is the NMI entry's affair. Who starts the CPU anew writes
 * the line that MWAIT watches; that ends nothing but one turn.
 */
void native_play_dead(void)
{
	unsigned int cpu = (unsigned int)smp_processor_id();

	this_cpu_write(cpu_state, CPU_STATE_DEAD);
	smp_mb();
	hld_note_life(cpu, HLD_LIFE_DEAD);
	hld_charge(HLD_ROW_WBINVD, 1);
	for (;;) {
		dead_wait(this_cpu_ptr(&cpu_state));
		/* Up to 6.4: cond_wakeup_cpu0(). Deviation: on the stack that it went down on. */
		if (cpu == 0 && READ_ONCE(enable_start_cpu0))
			hld_start_secondary();
	}
}
