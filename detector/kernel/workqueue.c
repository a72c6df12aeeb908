// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Work in task context: a list a CPU, run by its worker one after the other. */
#include "kernel.h"
#include <linux/workqueue.h>

struct work_list {
	raw_spinlock_t lock;
	bool ready;
	struct list_head works;
	struct work_struct *running;
};

static DEFINE_PER_CPU(struct work_list, work_lists);

void __init_work(struct work_struct *work, work_func_t func)
{
	work->pending = 0;
	INIT_LIST_HEAD(&work->entry);
	work->func = func;
}

bool schedule_work_on(int cpu, struct work_struct *work)
{
	struct work_list *list = per_cpu_ptr(&work_lists, (unsigned int)cpu);
	unsigned long flags;

	if (xchg(&work->pending, 1))
		return false;

	raw_spin_lock_irqsave(&list->lock, flags);
	if (!list->ready) {
		INIT_LIST_HEAD(&list->works);
		list->ready = true;
	}
	list_add_tail(&work->entry, &list->works);
	raw_spin_unlock_irqrestore(&list->lock, flags);
	rq_request((unsigned int)cpu, RQ_WORK);
	return true;
}
EXPORT_SYMBOL(schedule_work_on);

bool schedule_work(struct work_struct *work)
{
	return schedule_work_on((int)smp_processor_id(), work);
}
EXPORT_SYMBOL(schedule_work);

void workqueue_run(void)
{
	struct work_list *list = this_cpu_ptr(&work_lists);
	struct work_struct *work;
	work_func_t func;
	unsigned long flags;

	for (;;) {
		raw_spin_lock_irqsave(&list->lock, flags);
		work = list_first_entry_or_null(&list->works, struct work_struct, entry);
		if (work)
			list_del_init(&work->entry);
		WRITE_ONCE(list->running, work);
		raw_spin_unlock_irqrestore(&list->lock, flags);
		if (!work)
			return;
		func = work->func; /* the work may free itself */
		smp_store_release(&work->pending, 0);
		func(work);
		check_returned("a work", (unsigned long)func);
	}
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
bool flush_work(struct work_struct *work)
{
	bool waited = false;

	might_sleep();
	while (READ_ONCE(work->pending) || work_is_running(work)) {
		waited = true;
		usleep_range(10, 20);
	}
	return waited;
}
EXPORT_SYMBOL(flush_work);

bool cancel_work_sync(struct work_struct *work)
{
	return flush_work(work);
}
EXPORT_SYMBOL(cancel_work_sync);
