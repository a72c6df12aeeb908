// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Interrupt entry: which vector is whose. */
#include "kernel.h"
#include <linux/interrupt.h>
#include <asm/irq_regs.h>
#include <asm/irq_vectors.h>
#include <asm/ptrace.h>

DEFINE_PER_CPU(struct pt_regs *, irq_regs);

static void dispatch(u32 vector)
{
	switch (vector) {
	case HLD_TASK_VECTOR:
		apic_eoi();
		rq_request((unsigned int)smp_processor_id(), RQ_OPERATOR);
		break;
	case RESCHEDULE_VECTOR:
		/* Its work is done by the return from it. */
		apic_eoi();
		break;
	case CALL_FUNCTION_VECTOR:
	case CALL_FUNCTION_SINGLE_VECTOR:
		apic_eoi();
		generic_smp_call_function_interrupt();
		break;
	case LOCAL_TIMER_VECTOR:
		apic_eoi();
		hld_charge(HLD_ROW_HRTIMER_IRQ, 1);
		hrtimer_interrupt();
		break;
	case IRQ_WORK_VECTOR:
		apic_eoi();
		irq_work_run();
		break;
	case HLD_SOFTIRQ_VECTOR:
		apic_eoi();
		softirq_run();
		break;
	case IRQ_MOVE_CLEANUP_VECTOR:
		apic_eoi();
		irq_move_cleanup();
		break;
	case SPURIOUS_APIC_VECTOR:
		pr_info("Spurious APIC interrupt (vector 0xFF) on CPU#%d\n", smp_processor_id());
		break;
	default:
		handle_device_vector(vector);
		break;
	}
}

void hld_interrupt(hld_u32 vector, hld_u64 ip, hld_u64 flags)
{
	struct pt_regs regs = { .ip = ip, .flags = flags };
	struct pt_regs *old = set_irq_regs(&regs);

	preempt_count_add(HARDIRQ_OFFSET);
	dispatch(vector);
	preempt_count_sub(HARDIRQ_OFFSET);
	set_irq_regs(old);
	rq_preempt();
}
