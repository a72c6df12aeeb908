// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * High resolution timers on the local APIC timer. A timer stays on the CPU that
 * started it. Time is the TSC.
 */
#include "kernel.h"
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/sched/clock.h>
#include <linux/timekeeping.h>
#include <asm/tsc.h>

struct hrtimer_cpu_base {
	raw_spinlock_t lock;
	bool online;
	struct list_head queue; /* in order of expiry */
	struct hrtimer *running;
};

static DEFINE_PER_CPU(struct hrtimer_cpu_base, hrtimer_bases);
/* That of a timer on its way from one CPU to another: nobody can take its lock. */
static struct hrtimer_cpu_base migration_base;

/* ---- time ---- */

/* floor(tsc / frequency) without a 128-bit division. */
u64 tsc_to_ns(u64 tsc)
{
	return tsc / tsc_khz * NSEC_PER_MSEC + tsc % tsc_khz * NSEC_PER_MSEC / tsc_khz;
}

/* The first TSC value at which tsc_to_ns() is at least @ns. */
u64 ns_to_tsc(u64 ns)
{
	return ns / NSEC_PER_MSEC * tsc_khz +
	       DIV_ROUND_UP(ns % NSEC_PER_MSEC * tsc_khz, NSEC_PER_MSEC);
}

ktime_t ktime_get(void)
{
	return (ktime_t)tsc_to_ns(hld_rdtsc());
}
EXPORT_SYMBOL_GPL(ktime_get);

u64 ktime_get_mono_fast_ns(void)
{
	return (u64)ktime_get();
}
EXPORT_SYMBOL_GPL(ktime_get_mono_fast_ns);

u64 ktime_get_boot_fast_ns(void)
{
	return (u64)ktime_get();
}
EXPORT_SYMBOL_GPL(ktime_get_boot_fast_ns);

u64 sched_clock(void)
{
	return tsc_to_ns(hld_rdtsc());
}
EXPORT_SYMBOL_GPL(sched_clock);

u64 get_jiffies_64(void)
{
	return INITIAL_JIFFIES + tsc_to_ns(hld_rdtsc()) / TICK_NSEC;
}
EXPORT_SYMBOL(get_jiffies_64);

/* ---- the queue, under base->lock ---- */

static void hrtimer_program(struct hrtimer_cpu_base *base)
{
	struct hrtimer *next = list_first_entry_or_null(&base->queue, struct hrtimer, node);

	if (next)
		apic_timer_arm(ns_to_tsc((u64)next->expires));
	else
		apic_timer_stop();
}

/* True if it became the first. */
static bool enqueue_hrtimer(struct hrtimer *timer, struct hrtimer_cpu_base *base)
{
	struct hrtimer *pos;

	list_for_each_entry(pos, &base->queue, node) {
		if (pos->expires > timer->expires)
			break;
	}
	list_add_tail(&timer->node, &pos->node);
	WRITE_ONCE(timer->queued, 1);
	return base->queue.next == &timer->node;
}

/* True if it was the first. */
static bool dequeue_hrtimer(struct hrtimer *timer, struct hrtimer_cpu_base *base)
{
	bool first = base->queue.next == &timer->node;

	list_del(&timer->node);
	WRITE_ONCE(timer->queued, 0);
	return first;
}

/* ---- interface ---- */

void hrtimer_init(struct hrtimer *timer, clockid_t which_clock, enum hrtimer_mode mode)
{
	memset(timer, 0, sizeof(*timer));
	timer->is_rel = mode & HRTIMER_MODE_REL;
}
EXPORT_SYMBOL_GPL(hrtimer_init);

/* The base of @timer, locked, with interrupts off. One that was never started has none: NULL. */
static struct hrtimer_cpu_base *lock_hrtimer_base(const struct hrtimer *timer)
{
	struct hrtimer_cpu_base *base;

	while ((base = READ_ONCE(timer->base))) {
		if (base != &migration_base) {
			raw_spin_lock(&base->lock);
			if (likely(base == READ_ONCE(timer->base)))
				break;
			raw_spin_unlock(&base->lock);
		}
		cpu_relax();
	}
	return base;
}

/*
 * From @base, which is locked, to this CPU's, which is then. While its function runs a
 * timer stays where it is: else it might run on two CPUs at once.
 */
static struct hrtimer_cpu_base *switch_hrtimer_base(struct hrtimer *timer,
						    struct hrtimer_cpu_base *base)
{
	struct hrtimer_cpu_base *new_base = this_cpu_ptr(&hrtimer_bases);

	if (base == new_base)
		return base;
	if (base) {
		if (base->running == timer)
			return base;
		WRITE_ONCE(timer->base, &migration_base);
		raw_spin_unlock(&base->lock);
	}
	raw_spin_lock(&new_base->lock);
	WRITE_ONCE(timer->base, new_base);
	return new_base;
}

/* Another CPU's hardware needs no look: its interrupt programs it, and is not over. */
void hrtimer_start_range_ns(struct hrtimer *timer, ktime_t tim, u64 range_ns,
			    const enum hrtimer_mode mode)
{
	struct hrtimer_cpu_base *base;
	unsigned long flags;

	local_irq_save(flags);
	base = lock_hrtimer_base(timer);
	if (base && timer->queued)
		dequeue_hrtimer(timer, base);
	base = switch_hrtimer_base(timer, base);
	if (mode & HRTIMER_MODE_REL)
		tim += ktime_get();
	timer->expires = tim;
	if (enqueue_hrtimer(timer, base) && base == this_cpu_ptr(&hrtimer_bases))
		hrtimer_program(base);
	raw_spin_unlock(&base->lock);
	local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(hrtimer_start_range_ns);

/* 1: it was queued; 0: it was not; -1: its function is running. */
int hrtimer_try_to_cancel(struct hrtimer *timer)
{
	struct hrtimer_cpu_base *base;
	unsigned long flags;
	int ret = 0;

	/* Without the lock, as in Linux: nothing to do for one that does not run. */
	if (!hrtimer_active(timer))
		return 0;

	local_irq_save(flags);
	base = lock_hrtimer_base(timer);
	if (base->running == timer) {
		ret = -1;
	} else if (timer->queued) {
		ret = 1;
		/* Another CPU's hardware is left as it is: it finds nothing due. */
		if (dequeue_hrtimer(timer, base) && base == this_cpu_ptr(&hrtimer_bases))
			hrtimer_program(base);
	}
	raw_spin_unlock(&base->lock);
	local_irq_restore(flags);
	return ret;
}
EXPORT_SYMBOL_GPL(hrtimer_try_to_cancel);

/*
 * Without end from the timer's own function, or with what that waits for. The loop only
 * reads, so that it is seen as one that waits: Linux's takes the lock each time.
 */
static void hrtimer_wait_running(const struct hrtimer *timer)
{
	do
		cpu_relax();
	while (hrtimer_callback_running(timer));
}

int hrtimer_cancel(struct hrtimer *timer)
{
	int ret;

	while ((ret = hrtimer_try_to_cancel(timer)) < 0)
		hrtimer_wait_running(timer);
	return ret;
}
EXPORT_SYMBOL_GPL(hrtimer_cancel);

bool hrtimer_callback_running(const struct hrtimer *timer)
{
	struct hrtimer_cpu_base *base = READ_ONCE(timer->base);

	return base && READ_ONCE(base->running) == timer;
}
EXPORT_SYMBOL_GPL(hrtimer_callback_running);

/* It is queued, or its function runs, or both. The second look is for one that was queued anew
 * meanwhile. */
bool hrtimer_active(const struct hrtimer *timer)
{
	return READ_ONCE(timer->queued) || hrtimer_callback_running(timer) ||
	       READ_ONCE(timer->queued);
}
EXPORT_SYMBOL_GPL(hrtimer_active);

u64 hrtimer_forward(struct hrtimer *timer, ktime_t now, ktime_t interval)
{
	ktime_t delta = now - timer->expires;
	u64 overruns;

	if (delta < 0 || interval <= 0)
		return 0;
	overruns = (u64)(delta / interval) + 1;
	timer->expires += (ktime_t)overruns * interval;
	return overruns;
}
EXPORT_SYMBOL_GPL(hrtimer_forward);

/* ---- expiry and hotplug ---- */

void hrtimer_interrupt(void)
{
	struct hrtimer_cpu_base *base = this_cpu_ptr(&hrtimer_bases);
	struct hrtimer *timer;
	ktime_t now;

	raw_spin_lock(&base->lock);
	now = ktime_get();
	for (;;) {
		enum hrtimer_restart restart;

		timer = list_first_entry_or_null(&base->queue, struct hrtimer, node);
		if (!timer || timer->expires > now)
			break;
		/* In this order, for who looks without the lock: never neither of both. */
		WRITE_ONCE(base->running, timer);
		dequeue_hrtimer(timer, base);
		raw_spin_unlock(&base->lock);

		restart = timer->function(timer);

		raw_spin_lock(&base->lock);
		if (restart == HRTIMER_RESTART && !timer->queued)
			enqueue_hrtimer(timer, base);
		WRITE_ONCE(base->running, NULL);
	}
	hrtimer_program(base);
	raw_spin_unlock(&base->lock);
}

void hrtimers_init_cpu(unsigned int cpu)
{
	struct hrtimer_cpu_base *base = per_cpu_ptr(&hrtimer_bases, cpu);

	if (base->online)
		return;
	INIT_LIST_HEAD(&base->queue);
	base->online = true;
}

static void retrigger_next_event(void *unused)
{
	struct hrtimer_cpu_base *base = this_cpu_ptr(&hrtimer_bases);

	raw_spin_lock(&base->lock);
	hrtimer_program(base);
	raw_spin_unlock(&base->lock);
}

/*
 * The timers that are left go to the first CPU that stays, and it is told to
 * look at them. All CPUs are stopped.
 */
int hrtimers_dying_cpu(unsigned int cpu)
{
	unsigned int target = cpumask_first(cpu_online_mask);
	struct hrtimer_cpu_base *old_base = this_cpu_ptr(&hrtimer_bases);
	struct hrtimer_cpu_base *new_base = per_cpu_ptr(&hrtimer_bases, target);
	struct hrtimer *timer;
	bool moved = false;

	raw_spin_lock(&new_base->lock);
	raw_spin_lock_nested(&old_base->lock, 1);
	while ((timer = list_first_entry_or_null(&old_base->queue, struct hrtimer, node))) {
		dequeue_hrtimer(timer, old_base);
		WRITE_ONCE(timer->base, new_base);
		enqueue_hrtimer(timer, new_base);
		moved = true;
	}
	raw_spin_unlock(&old_base->lock);
	raw_spin_unlock(&new_base->lock);
	if (moved)
		smp_call_function_single((int)target, retrigger_next_event, NULL, 0);
	return 0;
}

/* ---- sleeping ---- */

struct sleeper {
	struct hrtimer timer;
	struct task_struct *task;
	bool done;
};

static enum hrtimer_restart sleeper_wakes(struct hrtimer *timer)
{
	struct sleeper *sleeper = container_of(timer, struct sleeper, timer);

	WRITE_ONCE(sleeper->done, true);
	cpu_kick(sleeper->task->cpu);
	return HRTIMER_NORESTART;
}

static void sleep_ns(u64 ns)
{
	struct sleeper sleeper = { .task = current };

	hrtimer_init(&sleeper.timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	sleeper.timer.function = sleeper_wakes;
	hrtimer_start(&sleeper.timer, ns_to_ktime(ns), HRTIMER_MODE_REL);
	while (!READ_ONCE(sleeper.done))
		schedule();
}

void msleep(unsigned int ms)
{
	might_sleep();
	sleep_ns((u64)ms * NSEC_PER_MSEC);
}
EXPORT_SYMBOL(msleep);

void usleep_range(unsigned long min_us, unsigned long max_us)
{
	might_sleep();
	sleep_ns((u64)min_us * NSEC_PER_USEC);
}
EXPORT_SYMBOL(usleep_range);
