// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * call_rcu(): a CPU's callbacks wait for a grace period together, those that come
 * meanwhile for the next one, and are called as a softirq does it.
 *
 * Deviation: a grace period is a time here, too (linux/rcupdate.h). A kernel in
 * which nobody calls it runs none of this.
 */
#include "kernel.h"
#include <linux/hrtimer.h>
#include <linux/rcupdate.h>

#include "hotplug.h"

struct rcu_list {
	struct rcu_head *head;
	struct rcu_head **tail;
};

/* Of its CPU, with interrupts off. */
struct rcu_cpu {
	bool ready;
	struct rcu_list next;
	struct rcu_list waiting; /* for the end of the grace period that is under way */
	struct rcu_list done;
	struct hrtimer timer;
};

static DEFINE_PER_CPU(struct rcu_cpu, rcu_cpus);
static atomic_t rcu_outstanding;
static bool rcu_step_registered;

static void rcu_list_init(struct rcu_list *list)
{
	list->head = NULL;
	list->tail = &list->head;
}

static void rcu_list_move(struct rcu_list *to, struct rcu_list *from)
{
	if (!from->head)
		return;
	*to->tail = from->head;
	to->tail = from->tail;
	rcu_list_init(from);
}

static void rcu_begin(struct rcu_cpu *rcu)
{
	if (rcu->waiting.head || !rcu->next.head)
		return;
	rcu_list_move(&rcu->waiting, &rcu->next);
	hrtimer_start(&rcu->timer, ns_to_ktime(hld_row_ns(HLD_ROW_RCU_GRACE)),
		      HRTIMER_MODE_REL_PINNED);
}

/* A dead CPU's timer fires elsewhere: who buries the CPU takes its callbacks. */
static enum hrtimer_restart rcu_grace_ends(struct hrtimer *timer)
{
	struct rcu_cpu *rcu = this_cpu_ptr(&rcu_cpus);

	if (timer != &rcu->timer)
		return HRTIMER_NORESTART;
	rcu_list_move(&rcu->done, &rcu->waiting);
	rcu_begin(rcu);
	softirq_raise((unsigned int)smp_processor_id(), SOFTIRQ_RCU);
	return HRTIMER_NORESTART;
}

static int rcu_dead_cpu(unsigned int cpu);

static void rcu_prepare(struct rcu_cpu *rcu)
{
	if (rcu->ready)
		return;
	rcu_list_init(&rcu->next);
	rcu_list_init(&rcu->waiting);
	rcu_list_init(&rcu->done);
	hrtimer_init(&rcu->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	rcu->timer.function = rcu_grace_ends;
	rcu->ready = true;
	if (!xchg(&rcu_step_registered, true))
		cpuhp_set_callbacks(CPUHP_SMPCFD_PREPARE, "RCU/tree:prepare", NULL, rcu_dead_cpu);
}

void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	struct rcu_cpu *rcu;
	unsigned long flags;

	head->func = func;
	head->next = NULL;
	atomic_inc(&rcu_outstanding);
	local_irq_save(flags);
	rcu = this_cpu_ptr(&rcu_cpus);
	rcu_prepare(rcu);
	*rcu->next.tail = head;
	rcu->next.tail = &head->next;
	rcu_begin(rcu);
	local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(call_rcu);

/* kfree_rcu() gives the head's place in the object instead of a function. */
static void rcu_call(struct rcu_head *head)
{
	unsigned long offset = (unsigned long)head->func;

	if (__is_kvfree_rcu_offset(offset))
		kfree((char *)head - offset);
	else
		head->func(head);
	atomic_dec(&rcu_outstanding);
}

/* The softirq. */
void rcu_run(void)
{
	struct rcu_cpu *rcu = this_cpu_ptr(&rcu_cpus);
	struct rcu_head *head, *next;

	local_irq_disable();
	head = rcu->done.head;
	rcu_list_init(&rcu->done);
	local_irq_enable();
	for (; head; head = next) {
		next = head->next; /* it is freed */
		rcu_call(head);
	}
}

static int rcu_dead_cpu(unsigned int cpu)
{
	struct rcu_cpu *old = per_cpu_ptr(&rcu_cpus, cpu), *rcu;

	if (!old->ready)
		return 0;
	hrtimer_cancel(&old->timer);
	local_irq_disable();
	rcu = this_cpu_ptr(&rcu_cpus);
	rcu_prepare(rcu);
	rcu_list_move(&rcu->next, &old->done);
	rcu_list_move(&rcu->next, &old->waiting);
	rcu_list_move(&rcu->next, &old->next);
	rcu_begin(rcu);
	local_irq_enable();
	return 0;
}

/* Deviation: for all callbacks, also those that are queued while it waits. */
void rcu_barrier(void)
{
	might_sleep();
	while (atomic_read(&rcu_outstanding))
		usleep_range(100, 200);
}
EXPORT_SYMBOL_GPL(rcu_barrier);
