// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Softirqs: what an interrupt leaves for behind it, to be done with interrupts on.
 *
 * Deviation: one is an interrupt of its own, which a CPU sends itself, and comes
 * right behind the one that raised it; Linux looks at the end of each interrupt
 * whether there is one. There is no ksoftirqd.
 */
#include "kernel.h"
#include <linux/bottom_half.h>
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

/* With interrupts off. */
static void do_softirq(void)
{
	unsigned long *pending = this_cpu_ptr(&softirqs_pending);
	unsigned long now;

	preempt_count_add(SOFTIRQ_OFFSET);
	while ((now = xchg(pending, 0))) {
		local_irq_enable();
		if (now & BIT(SOFTIRQ_TIMER))
			timers_run();
		if (now & BIT(SOFTIRQ_RCU))
			rcu_run();
		local_irq_disable();
	}
	preempt_count_sub(SOFTIRQ_OFFSET);
}

/*
 * In its interrupt. Where softirqs are off, the work is left to who has them off:
 * another softirq, or local_bh_enable().
 */
void softirq_run(void)
{
	if (in_softirq())
		return;
	preempt_count_sub(HARDIRQ_OFFSET);
	do_softirq();
	preempt_count_add(HARDIRQ_OFFSET);
}

/* What came meanwhile is done before it returns. */
void local_bh_enable(void)
{
	unsigned long flags;

	WARN_ON_ONCE(in_hardirq());
	barrier();
	preempt_count_sub(SOFTIRQ_DISABLE_OFFSET);
	if (in_interrupt() || !READ_ONCE(*this_cpu_ptr(&softirqs_pending)))
		return;
	local_irq_save(flags);
	do_softirq();
	local_irq_restore(flags);
}
EXPORT_SYMBOL(local_bh_enable);
