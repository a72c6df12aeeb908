/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The preemption counter: a per-CPU variable of the miniature kernel, changed by
 * one instruction without a lock, as on x86. Bits: preemption 0-7, softirq 8-15,
 * hard interrupt 16-19, NMI 20-23.
 */
#ifndef _LINUX_PREEMPT_H
#define _LINUX_PREEMPT_H

#include <linux/percpu-defs.h>
#include <linux/bits.h>

DECLARE_PER_CPU(int, __preempt_count);

#define PREEMPT_SHIFT	       0
#define SOFTIRQ_SHIFT	       8
#define HARDIRQ_SHIFT	       16
#define NMI_SHIFT	       20
#define PREEMPT_OFFSET	       (1 << PREEMPT_SHIFT)
#define SOFTIRQ_OFFSET	       (1 << SOFTIRQ_SHIFT)
#define HARDIRQ_OFFSET	       (1 << HARDIRQ_SHIFT)
#define NMI_OFFSET	       (1 << NMI_SHIFT)
#define SOFTIRQ_DISABLE_OFFSET (2 * SOFTIRQ_OFFSET)
#define PREEMPT_MASK	       (0xff << PREEMPT_SHIFT)
#define SOFTIRQ_MASK	       (0xff << SOFTIRQ_SHIFT)
#define HARDIRQ_MASK	       (0xf << HARDIRQ_SHIFT)
#define NMI_MASK	       (0xf << NMI_SHIFT)

#define preempt_count()		 this_cpu_read(__preempt_count)
#define __preempt_count_add(val) this_cpu_add(__preempt_count, val)
#define __preempt_count_sub(val) this_cpu_sub(__preempt_count, val)
#define preempt_count_add(val)	 __preempt_count_add(val)
#define preempt_count_sub(val)	 __preempt_count_sub(val)
#define preempt_count_inc()	 preempt_count_add(1)
#define preempt_count_dec()	 preempt_count_sub(1)

#define hardirq_count()	     (preempt_count() & HARDIRQ_MASK)
#define softirq_count()	     (preempt_count() & SOFTIRQ_MASK)
#define nmi_count()	     (preempt_count() & NMI_MASK)
#define irq_count()	     (preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_MASK))
#define in_nmi()	     (nmi_count() != 0)
#define in_hardirq()	     (hardirq_count() != 0)
#define in_irq()	     in_hardirq()
#define in_serving_softirq() ((softirq_count() & SOFTIRQ_OFFSET) != 0)
#define in_softirq()	     (softirq_count() != 0)
#define in_interrupt()	     (irq_count() != 0)
#define in_task()	     (!(preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET)))
#define in_atomic()	     (preempt_count() != 0)
#define preemptible()	     (preempt_count() == 0 && !irqs_disabled())

/* Deviation: a task is never preempted, so enabling checks for no other task. */
#define preempt_disable()            \
	do {                         \
		preempt_count_inc(); \
		barrier();           \
	} while (0)
#define preempt_enable()             \
	do {                         \
		barrier();           \
		preempt_count_dec(); \
	} while (0)
#define preempt_enable_no_resched() preempt_enable()
#define preempt_disable_notrace()   preempt_disable()
#define preempt_enable_notrace()    preempt_enable()
#define preempt_check_resched()	    barrier()
#define migrate_disable()	    preempt_disable()
#define migrate_enable()	    preempt_enable()

#endif
