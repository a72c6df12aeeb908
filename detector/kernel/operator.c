// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What the operator asks for, as files of /sys and /proc, or as code that reports a
 * stall: one request after the other on each CPU.
 */
#include "kernel.h"

struct request {
	struct list_head list;
	struct hld_task task;
	bool begun;
};

struct request_queue {
	raw_spinlock_t lock;
	bool ready;
	struct list_head requests;
};

static DEFINE_PER_CPU(struct request_queue, request_queues);

/*
 * Writers of /sys/devices/system/cpu/cpuN/online only try for this one and start
 * over: a task that waits for it could hold up the CPU that goes.
 */
static DEFINE_MUTEX(device_hotplug_lock);
static unsigned long device_hotplug_waiters[BITS_TO_LONGS(NR_CPUS)];

static int lock_device_hotplug_sysfs(void)
{
	if (mutex_trylock(&device_hotplug_lock))
		return 0;

	set_bit(smp_processor_id(), device_hotplug_waiters);
	/* It may have been dropped before the bit was seen. */
	smp_mb();
	if (!mutex_is_locked(&device_hotplug_lock))
		rq_request((unsigned int)smp_processor_id(), RQ_OPERATOR);
	return -ERESTARTSYS;
}

static void unlock_device_hotplug(void)
{
	unsigned long cpu;

	mutex_unlock(&device_hotplug_lock);
	smp_mb();
	for_each_set_bit(cpu, device_hotplug_waiters, nr_cpu_ids) {
		clear_bit(cpu, device_hotplug_waiters);
		rq_request((unsigned int)cpu, RQ_OPERATOR);
	}
}

static long online_store(const struct hld_task *task)
{
	long ret = lock_device_hotplug_sysfs();

	if (ret)
		return ret;
	if (task->cpu >= nr_cpu_ids)
		ret = -ENODEV;
	else if (task->action == HLD_TASK_OFFLINE)
		ret = cpu_offline_request(task->cpu, task->fails_at);
	else
		ret = cpu_online_request(task->cpu, task->fails_at);
	unlock_device_hotplug();
	return ret;
}

static long file_write(const struct hld_task *task)
{
	if (!strncmp(task->file, "/proc/irq/", 10))
		return irq_proc_write(task->file + 10, task->value);
	if (!strcmp(task->file, "watchdog_thresh"))
		return watchdog_thresh_write(task->value);
	if (!strcmp(task->file, "watchdog_cpumask"))
		return watchdog_cpumask_write(task->value);
	return params_write(task->file, task->value);
}

static long execute(const struct hld_task *task)
{
	switch (task->action) {
	case HLD_TASK_OFFLINE:
	case HLD_TASK_ONLINE:
		return online_store(task);
	case HLD_TASK_WRITE:
		return file_write(task);
	case HLD_TASK_BACKTRACE:
		return backtrace_request(task->cpu);
	}
	return -EINVAL;
}

static struct request_queue *queue_of(unsigned int cpu)
{
	struct request_queue *queue = per_cpu_ptr(&request_queues, cpu);

	if (!queue->ready) {
		INIT_LIST_HEAD(&queue->requests);
		queue->ready = true;
	}
	return queue;
}

/* What has come in since the last time, in order. */
static void take_all(struct request_queue *queue)
{
	struct request *request;
	struct hld_task task;

	/* Through the stack: what the simulator writes by itself passes no store buffer. */
	while (hld_task_take(&task)) {
		request = kzalloc(sizeof(*request), GFP_KERNEL);
		if (!request)
			break;
		/* As memset() in cpuhp.c: the same accesses whichever compiler. */
		memcpy(&request->task, &task, sizeof(task));
		raw_spin_lock_irq(&queue->lock);
		list_add_tail(&request->list, &queue->requests);
		raw_spin_unlock_irq(&queue->lock);
	}
}

static struct request *pop(struct request_queue *queue)
{
	struct request *request;

	raw_spin_lock_irq(&queue->lock);
	request = list_first_entry_or_null(&queue->requests, struct request, list);
	if (request)
		list_del(&request->list);
	raw_spin_unlock_irq(&queue->lock);
	return request;
}

/* Task context, on top of idle. */
void operator_run(void)
{
	struct request_queue *queue = queue_of((unsigned int)smp_processor_id());
	struct request *request;
	long ret;

	for (;;) {
		take_all(queue);
		request = pop(queue);
		if (!request)
			return;

		if (!request->begun)
			hld_note_task(request->task.number, 1, 0);
		request->begun = true;
		ret = execute(&request->task);
		if (ret == -ERESTARTSYS) {
			raw_spin_lock_irq(&queue->lock);
			list_add(&request->list, &queue->requests);
			raw_spin_unlock_irq(&queue->lock);
			return;
		}
		hld_note_task(request->task.number, 0, ret);
		kfree(request);
	}
}

/* The CPU goes: what it has not begun is the business of the first one that stays. */
void operator_move_away(unsigned int cpu)
{
	struct request_queue *queue = queue_of(cpu);
	unsigned int target = cpumask_any_but(cpu_online_mask, cpu);
	struct request_queue *other;
	struct request *request;
	bool moved = false;

	take_all(queue);
	while ((request = pop(queue))) {
		other = queue_of(target);
		raw_spin_lock_irq(&other->lock);
		list_add_tail(&request->list, &other->requests);
		raw_spin_unlock_irq(&other->lock);
		moved = true;
	}
	if (moved)
		rq_request(target, RQ_OPERATOR);
}
