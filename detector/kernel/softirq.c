// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Softirqs: what an interrupt leaves for behind it, to be done with interrupts on.
 *
 * Deviation: one is an interrupt of its own, which a CPU sends itself, and comes
 * right behind the one that raised it; Linux looks at the end of each interrupt
 * whether there is one. There is no ksoftirqd, and spin_lock_bh() and its like keep
 * none out.
 */
#include "kernel.h"
#include <asm/irq_vectors.h>

static DEFINE_PER_CPU(unsigned long, softirqs_pending);

void softirq_raise(unsigned int cpu, enum softirq_bit bit)
{
	set_bit(bit, per_cpu_ptr(&softirqs_pending, cpu));
	if (cpu == (unsigned int)smp_processor_id())
		apic_send_self(HLD_SOFTIRQ_VECTOR);
	else
		apic_send_ipi(cpu, HLD_SOFTIRQ_VECTOR);
}

/* In its interrupt. One that interrupts another one leaves the work to that. */
void softirq_run(void)
{
	unsigned long *pending = this_cpu_ptr(&softirqs_pending);
	unsigned long now;

	if (in_serving_softirq())
		return;
	preempt_count_add(SOFTIRQ_OFFSET);
	preempt_count_sub(HARDIRQ_OFFSET);
	while ((now = xchg(pending, 0))) {
		local_irq_enable();
		if (now & BIT(SOFTIRQ_TIMER))
			timers_run();
		if (now & BIT(SOFTIRQ_RCU))
			rcu_run();
		local_irq_disable();
	}
	preempt_count_add(HARDIRQ_OFFSET);
	preempt_count_sub(SOFTIRQ_OFFSET);
}
