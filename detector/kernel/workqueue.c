// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Work in task context: a list a CPU, run by its worker one after the other. */
#include "kernel.h"
#include <linux/workqueue.h>

struct work_list {
	raw_spinlock_t lock;
	bool ready;
	bool away; /* its CPU has parked its threads, and is not back */
	struct list_head works;
	struct work_struct *running;
};

static DEFINE_PER_CPU(struct work_list, work_lists);

void __init_work(struct work_struct *work, work_func_t func)
{
	work->pending = 0;
	work->list = NULL;
	INIT_LIST_HEAD(&work->entry);
	work->func = func;
}

/* @work is pending, and in no list. False: the CPU takes no works. */
static bool work_insert_on(unsigned int cpu, struct work_struct *work)
{
	struct work_list *list = per_cpu_ptr(&work_lists, cpu);
	unsigned long flags;

	raw_spin_lock_irqsave(&list->lock, flags);
	if (list->away) {
		raw_spin_unlock_irqrestore(&list->lock, flags);
		return false;
	}
	if (!list->ready) {
		INIT_LIST_HEAD(&list->works);
		list->ready = true;
	}
	list_add_tail(&work->entry, &list->works);
	work->list = list;
	raw_spin_unlock_irqrestore(&list->lock, flags);
	rq_request(cpu, RQ_WORK);
	return true;
}

/* Linux's workers of a CPU that goes or is not there are bound to none. */
static void work_insert(unsigned int cpu, struct work_struct *work)
{
	while (!work_insert_on(cpu, work))
		cpu = cpumask_any_but(&__cpu_active_mask, cpu);
}

/* Of @list if @work is still there. */
static bool work_take_off(struct work_list *list, struct work_struct *work)
{
	bool there;
	unsigned long flags;

	raw_spin_lock_irqsave(&list->lock, flags);
	there = work->list == list;
	if (there) {
		list_del_init(&work->entry);
		work->list = NULL;
	}
	raw_spin_unlock_irqrestore(&list->lock, flags);
	return there;
}

static void work_insert_online(int cpu, struct work_struct *work)
{
	unsigned int on = (unsigned int)cpu;

	if (cpu == WORK_CPU_UNBOUND)
		on = (unsigned int)raw_smp_processor_id();
	else if (!cpu_online(on))
		on = cpumask_any_but(cpu_online_mask, on);
	work_insert(on, work);
}

bool schedule_work_on(int cpu, struct work_struct *work)
{
	if (xchg(&work->pending, 1))
		return false;
	work_insert_online(cpu, work);
	return true;
}
EXPORT_SYMBOL(schedule_work_on);

bool schedule_work(struct work_struct *work)
{
	return schedule_work_on((int)smp_processor_id(), work);
}
EXPORT_SYMBOL(schedule_work);

/* The first of @list, which it leaves; to run it here, or elsewhere. */
static struct work_struct *work_first(struct work_list *list, bool here)
{
	struct work_struct *work = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&list->lock, flags);
	if (list->ready)
		work = list_first_entry_or_null(&list->works, struct work_struct, entry);
	if (work) {
		list_del_init(&work->entry);
		work->list = NULL;
	}
	if (here)
		WRITE_ONCE(list->running, work);
	raw_spin_unlock_irqrestore(&list->lock, flags);
	return work;
}

/* The first one; the others have their turn behind what else the CPU has to do. */
void workqueue_run(void)
{
	struct work_list *list = this_cpu_ptr(&work_lists);
	struct work_struct *work = work_first(list, true);
	work_func_t func;

	if (!work)
		return;
	func = work->func; /* the work may free itself */
	smp_store_release(&work->pending, 0);
	func(work);
	check_returned("a work", (unsigned long)func);
	WRITE_ONCE(list->running, NULL);
	if (!list_empty(&list->works))
		rq_request((unsigned int)smp_processor_id(), RQ_WORK);
}

static void work_list_mark(struct work_list *list, bool away)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&list->lock, flags);
	list->away = away;
	raw_spin_unlock_irqrestore(&list->lock, flags);
}

/* It takes works again: Linux, workqueue_online_cpu(). */
void workqueue_come_back(unsigned int cpu)
{
	work_list_mark(per_cpu_ptr(&work_lists, cpu), false);
}

/*
 * The works of a CPU that goes and that have not begun: Linux, workqueue_offline_cpu().
 * False: one has begun, and waits for the hotplug core.
 */
bool workqueue_move_away(unsigned int cpu)
{
	struct work_list *list = per_cpu_ptr(&work_lists, cpu);
	struct work_struct *work;

	if (READ_ONCE(list->running))
		return false;
	work_list_mark(list, true);
	while ((work = work_first(list, false)))
		work_insert(cpumask_any_but(&__cpu_active_mask, cpu), work);
	return true;
}

static bool work_is_running(struct work_struct *work)
{
	unsigned int cpu;

	for_each_present_cpu(cpu) {
		if (READ_ONCE(per_cpu_ptr(&work_lists, cpu)->running) == work)
			return true;
	}
	return false;
}

/* Sleeps by polling with the CPU given away: works end in microseconds. */
static void work_poll(void)
{
	usleep_range(10, 20);
}

bool flush_work(struct work_struct *work)
{
	bool waited = false;

	might_sleep();
	while (READ_ONCE(work->pending) || work_is_running(work)) {
		waited = true;
		work_poll();
	}
	return waited;
}
EXPORT_SYMBOL(flush_work);

/*
 * Makes it pending and this caller's: true if it was so and will not run. It stays pending,
 * so that whoever queues it meanwhile is refused, the work itself as well.
 */
static bool work_grab(struct work_struct *work, struct timer_list *timer)
{
	while (xchg(&work->pending, 1)) {
		struct work_list *list = READ_ONCE(work->list);

		if (timer && del_timer(timer))
			return true;
		if (list && work_take_off(list, work))
			return true;
		work_poll(); /* it is about to be queued, or to run */
	}
	return false;
}

static bool cancel_sync(struct work_struct *work, struct timer_list *timer)
{
	bool taken_off;

	might_sleep();
	taken_off = work_grab(work, timer);
	while (work_is_running(work))
		work_poll();
	smp_store_release(&work->pending, 0);
	return taken_off;
}

bool cancel_work_sync(struct work_struct *work)
{
	return cancel_sync(work, NULL);
}
EXPORT_SYMBOL(cancel_work_sync);

/* ---- delayed works ---- */

struct workqueue_struct *system_wq;

void delayed_work_timer_fn(struct timer_list *timer)
{
	struct delayed_work *dwork = container_of(timer, struct delayed_work, timer);

	work_insert_online(dwork->cpu, &dwork->work);
}

/* It is pending, and this caller's. */
static void delayed_work_insert(int cpu, struct delayed_work *dwork, unsigned long delay)
{
	bool anywhere = cpu == WORK_CPU_UNBOUND;

	dwork->cpu = anywhere ? (int)raw_smp_processor_id() : cpu;
	if (!delay) {
		work_insert_online(dwork->cpu, &dwork->work);
		return;
	}
	dwork->timer.expires = jiffies + delay;
	if (anywhere || !cpu_online(cpu))
		add_timer(&dwork->timer);
	else
		add_timer_on(&dwork->timer, cpu);
}

bool schedule_delayed_work_on(int cpu, struct delayed_work *dwork, unsigned long delay)
{
	if (xchg(&dwork->work.pending, 1))
		return false;
	delayed_work_insert(cpu, dwork, delay);
	return true;
}
EXPORT_SYMBOL(schedule_delayed_work_on);

bool schedule_delayed_work(struct delayed_work *dwork, unsigned long delay)
{
	return schedule_delayed_work_on(WORK_CPU_UNBOUND, dwork, delay);
}
EXPORT_SYMBOL(schedule_delayed_work);

/* Deviation: it may sleep for some microseconds. Linux's spins, and is allowed in interrupts. */
bool mod_delayed_work_on(int cpu, struct workqueue_struct *wq, struct delayed_work *dwork,
			 unsigned long delay)
{
	bool pending = work_grab(&dwork->work, &dwork->timer);

	delayed_work_insert(cpu, dwork, delay);
	return pending;
}
EXPORT_SYMBOL_GPL(mod_delayed_work_on);

bool flush_delayed_work(struct delayed_work *dwork)
{
	if (del_timer_sync(&dwork->timer))
		work_insert_online(dwork->cpu, &dwork->work);
	return flush_work(&dwork->work);
}
EXPORT_SYMBOL(flush_delayed_work);

/* It may be running when this returns. */
bool cancel_delayed_work(struct delayed_work *dwork)
{
	bool pending = work_grab(&dwork->work, &dwork->timer);

	smp_store_release(&dwork->work.pending, 0);
	return pending;
}
EXPORT_SYMBOL(cancel_delayed_work);

bool cancel_delayed_work_sync(struct delayed_work *dwork)
{
	return cancel_sync(&dwork->work, &dwork->timer);
}
EXPORT_SYMBOL(cancel_delayed_work_sync);
