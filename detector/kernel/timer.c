// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Timers of jiffies. Those of a CPU are a list in order of expiry, and one high
 * resolution timer wakes the softirq that runs those that are due. A kernel in
 * which nobody starts one runs none of this.
 */
#include "kernel.h"
#include <linux/hrtimer.h>
#include <linux/timer.h>

#include "hotplug.h"

struct timer_base {
	raw_spinlock_t lock;
	bool ready;
	struct list_head queue;
	struct timer_list *running;
	struct hrtimer tick;
};

static DEFINE_PER_CPU(struct timer_base, timer_bases);
/* That of a timer on its way from one CPU to another: nobody can take its lock. */
static struct timer_base migrating;
static bool timers_step_registered;

/* ---- the queue, under base->lock ---- */

static enum hrtimer_restart timers_are_due(struct hrtimer *tick)
{
	softirq_raise((unsigned int)smp_processor_id(), SOFTIRQ_TIMER);
	return HRTIMER_NORESTART;
}

/* A CPU that dies leaves its timers to the one that buries it: Linux, timers_dead_cpu(). */
static int timers_dead_cpu(unsigned int cpu);

static void timer_base_prepare(struct timer_base *base)
{
	if (base->ready)
		return;
	INIT_LIST_HEAD(&base->queue);
	hrtimer_init(&base->tick, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_PINNED);
	base->tick.function = timers_are_due;
	base->ready = true;
	if (!xchg(&timers_step_registered, true))
		cpuhp_set_callbacks(CPUHP_HRTIMERS_PREPARE, "timers:prepare", NULL,
				    timers_dead_cpu);
}

/* This CPU's. */
static void timer_base_program(struct timer_base *base)
{
	struct timer_list *next = list_first_entry_or_null(&base->queue, struct timer_list, entry);
	u64 ns;

	if (!next)
		return;
	ns = time_after(next->expires, INITIAL_JIFFIES)
		     ? (next->expires - INITIAL_JIFFIES) * TICK_NSEC
		     : 0;
	hrtimer_start(&base->tick, ns_to_ktime(ns), HRTIMER_MODE_ABS_PINNED);
}

/* True if it became the first. */
static bool enqueue_timer(struct timer_base *base, struct timer_list *timer)
{
	struct timer_list *pos;

	list_for_each_entry(pos, &base->queue, entry) {
		if (time_after(pos->expires, timer->expires))
			break;
	}
	list_add_tail(&timer->entry, &pos->entry);
	return base->queue.next == &timer->entry;
}

static bool detach_timer(struct timer_list *timer)
{
	if (!timer_pending(timer))
		return false;
	list_del(&timer->entry);
	WRITE_ONCE(timer->entry.next, NULL);
	return true;
}

/* Locked, with interrupts off. NULL: it was never started. */
static struct timer_base *lock_timer_base(const struct timer_list *timer)
{
	struct timer_base *base;

	while ((base = READ_ONCE(timer->base))) {
		if (base != &migrating) {
			raw_spin_lock(&base->lock);
			if (base == READ_ONCE(timer->base))
				break;
			raw_spin_unlock(&base->lock);
		}
		cpu_relax();
	}
	return base;
}

/* From @base, which is locked, to that of @cpu, which is then; while its function runs it stays. */
static struct timer_base *switch_timer_base(struct timer_list *timer, struct timer_base *base,
					    unsigned int cpu)
{
	struct timer_base *new_base = per_cpu_ptr(&timer_bases, cpu);

	if (base && (base == new_base || base->running == timer))
		return base;
	if (base) {
		WRITE_ONCE(timer->base, &migrating);
		raw_spin_unlock(&base->lock);
	}
	raw_spin_lock(&new_base->lock);
	timer_base_prepare(new_base);
	WRITE_ONCE(timer->base, new_base);
	return new_base;
}

/* ---- interface ---- */

static int start_timer(struct timer_list *timer, unsigned long expires, int cpu, bool pending_only)
{
	struct timer_base *base;
	unsigned long flags;
	unsigned int on;
	int ret = 0;

	BUG_ON(!timer->function);
	local_irq_save(flags);
	on = cpu < 0 ? (unsigned int)smp_processor_id() : (unsigned int)cpu;
	base = lock_timer_base(timer);
	if (base)
		ret = detach_timer(timer);
	if (pending_only && !ret) {
		if (base)
			raw_spin_unlock(&base->lock);
		local_irq_restore(flags);
		return 0;
	}
	base = switch_timer_base(timer, base, on);
	timer->expires = expires;
	if (enqueue_timer(base, timer)) {
		if (base == this_cpu_ptr(&timer_bases))
			timer_base_program(base);
		else if (base->running != timer)
			softirq_raise(on, SOFTIRQ_TIMER); /* it looks what is next */
	}
	raw_spin_unlock(&base->lock);
	local_irq_restore(flags);
	return ret;
}

int mod_timer(struct timer_list *timer, unsigned long expires)
{
	return start_timer(timer, expires, -1, false);
}
EXPORT_SYMBOL(mod_timer);

int mod_timer_pending(struct timer_list *timer, unsigned long expires)
{
	return start_timer(timer, expires, -1, true);
}
EXPORT_SYMBOL(mod_timer_pending);

void add_timer(struct timer_list *timer)
{
	BUG_ON(timer_pending(timer));
	start_timer(timer, timer->expires, -1, false);
}
EXPORT_SYMBOL(add_timer);

void add_timer_on(struct timer_list *timer, int cpu)
{
	BUG_ON(timer_pending(timer));
	start_timer(timer, timer->expires, cpu, false);
}
EXPORT_SYMBOL_GPL(add_timer_on);

static int stop_timer(struct timer_list *timer, bool sync)
{
	struct timer_base *base;
	unsigned long flags;
	int ret = 0;

	local_irq_save(flags);
	base = lock_timer_base(timer);
	if (base) {
		ret = sync && base->running == timer ? -1 : detach_timer(timer);
		raw_spin_unlock(&base->lock);
	}
	local_irq_restore(flags);
	return ret;
}

int del_timer(struct timer_list *timer)
{
	return timer_pending(timer) ? stop_timer(timer, false) : 0;
}
EXPORT_SYMBOL(del_timer);

int try_to_del_timer_sync(struct timer_list *timer)
{
	return stop_timer(timer, true);
}
EXPORT_SYMBOL(try_to_del_timer_sync);

/* The wait only reads, so that one without end is seen as one. */
int del_timer_sync(struct timer_list *timer)
{
	int ret;

	WARN_ON(in_hardirq() && !(timer->flags & TIMER_IRQSAFE));
	while ((ret = stop_timer(timer, true)) < 0) {
		const struct timer_base *base = READ_ONCE(timer->base);

		do
			cpu_relax();
		while (READ_ONCE(base->running) == timer);
	}
	return ret;
}
EXPORT_SYMBOL(del_timer_sync);

/* ---- expiry and hotplug ---- */

static void call_timer_fn(struct timer_list *timer, void (*fn)(struct timer_list *))
{
	int count = preempt_count();

	fn(timer);
	if (WARN(count != preempt_count(), "timer: %pS preempt leak\n", (void *)(unsigned long)fn))
		this_cpu_write(__preempt_count, count);
}

void timers_run(void)
{
	struct timer_base *base = this_cpu_ptr(&timer_bases);
	struct timer_list *timer;

	raw_spin_lock_irq(&base->lock);
	timer_base_prepare(base);
	while ((timer = list_first_entry_or_null(&base->queue, struct timer_list, entry)) &&
	       time_after_eq(jiffies, timer->expires)) {
		void (*fn)(struct timer_list *) = timer->function;
		bool irqsafe = timer->flags & TIMER_IRQSAFE;

		WRITE_ONCE(base->running, timer);
		detach_timer(timer);
		raw_spin_unlock(&base->lock);
		if (!irqsafe)
			local_irq_enable();
		call_timer_fn(timer, fn); /* which may free it */
		if (!irqsafe)
			local_irq_disable();
		raw_spin_lock(&base->lock);
		WRITE_ONCE(base->running, NULL);
	}
	timer_base_program(base);
	raw_spin_unlock_irq(&base->lock);
}

static int timers_dead_cpu(unsigned int cpu)
{
	struct timer_base *old_base = per_cpu_ptr(&timer_bases, cpu);
	struct timer_base *new_base;
	struct timer_list *timer;

	if (!old_base->ready)
		return 0;
	hrtimer_cancel(&old_base->tick);
	local_irq_disable();
	new_base = this_cpu_ptr(&timer_bases);
	raw_spin_lock(&new_base->lock);
	raw_spin_lock_nested(&old_base->lock, 1);
	timer_base_prepare(new_base);
	while ((timer = list_first_entry_or_null(&old_base->queue, struct timer_list, entry))) {
		detach_timer(timer);
		WRITE_ONCE(timer->base, new_base);
		enqueue_timer(new_base, timer);
	}
	raw_spin_unlock(&old_base->lock);
	timer_base_program(new_base);
	raw_spin_unlock(&new_base->lock);
	local_irq_enable();
	return 0;
}
