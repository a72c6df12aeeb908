// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The stopper of each CPU, which runs above every other task, and the machine
 * stop that is built on it: all CPUs go through the same states together.
 */
#include "kernel.h"
#include <linux/stop_machine.h>
#include <linux/nmi.h>

struct cpu_stop_done {
	atomic_t pending;
	int ret; /* of the last function that failed */
	struct completion completion;
};

struct cpu_stopper {
	raw_spinlock_t lock;
	bool enabled;
	struct list_head works;
	struct cpu_stop_work stop_work; /* of stop_machine() */
};

static DEFINE_PER_CPU(struct cpu_stopper, cpu_stopper);
static DEFINE_MUTEX(stop_cpus_mutex);

void cpu_stopper_unpark(unsigned int cpu)
{
	struct cpu_stopper *stopper = per_cpu_ptr(&cpu_stopper, cpu);

	INIT_LIST_HEAD(&stopper->works);
	stopper->enabled = true;
}

static void cpu_stop_signal_done(struct cpu_stop_done *done)
{
	if (atomic_dec_and_test(&done->pending))
		complete(&done->completion);
}

static bool cpu_stop_queue_work(unsigned int cpu, struct cpu_stop_work *work)
{
	struct cpu_stopper *stopper = per_cpu_ptr(&cpu_stopper, cpu);
	unsigned long flags;
	bool enabled;

	raw_spin_lock_irqsave(&stopper->lock, flags);
	enabled = stopper->enabled;
	if (enabled)
		list_add_tail(&work->list, &stopper->works);
	else
		cpu_stop_signal_done(work->done);
	raw_spin_unlock_irqrestore(&stopper->lock, flags);
	if (enabled)
		rq_request(cpu, RQ_STOPPER);
	return enabled;
}

/* The stopper: until its list is empty. */
void cpu_stopper_run(void)
{
	struct cpu_stopper *stopper = this_cpu_ptr(&cpu_stopper);
	struct cpu_stop_work *work;
	struct cpu_stop_done *done;
	unsigned long flags;
	int ret;

	for (;;) {
		raw_spin_lock_irqsave(&stopper->lock, flags);
		work = list_first_entry_or_null(&stopper->works, struct cpu_stop_work, list);
		if (work)
			list_del_init(&work->list);
		raw_spin_unlock_irqrestore(&stopper->lock, flags);
		if (!work)
			return;

		done = work->done;
		ret = work->fn(work->arg);
		if (ret)
			done->ret = ret;
		cpu_stop_signal_done(done);
	}
}

static void cpu_stop_init_done(struct cpu_stop_done *done, int pending)
{
	atomic_set(&done->pending, pending);
	done->ret = 0;
	init_completion(&done->completion);
}

static void cpu_stop_wait(struct cpu_stop_done *done)
{
	bool outer = current->hotplug_wait;

	current->hotplug_wait = true;
	wait_for_completion(&done->completion);
	current->hotplug_wait = outer;
}

int stop_one_cpu(unsigned int cpu, cpu_stop_fn_t fn, void *arg)
{
	struct cpu_stop_done done;
	struct cpu_stop_work work = { .fn = fn, .arg = arg, .done = &done };

	cpu_stop_init_done(&done, 1);
	if (!cpu_stop_queue_work(cpu, &work))
		return -ENOENT;
	cpu_stop_wait(&done);
	return done.ret;
}

/* ---- all CPUs ---- */

enum multi_stop_state {
	MULTI_STOP_NONE,
	MULTI_STOP_PREPARE, /* wait until every CPU is here */
	MULTI_STOP_DISABLE_IRQ,
	MULTI_STOP_RUN,
	MULTI_STOP_EXIT,
};

/* One at a time, under stop_cpus_mutex; the CPUs that spin watch one line of it. */
struct multi_stop_data {
	enum multi_stop_state state;
	cpu_stop_fn_t fn;
	void *data;
	unsigned int num_threads;
	const struct cpumask *active_cpus;
	atomic_t thread_ack;
	struct cpu_stop_done done;
};
static struct multi_stop_data multi_stop;

static void set_state(struct multi_stop_data *msdata, enum multi_stop_state newstate)
{
	atomic_set(&msdata->thread_ack, (int)msdata->num_threads);
	smp_wmb();
	WRITE_ONCE(msdata->state, newstate);
}

/* The last one to acknowledge a state moves all to the next. */
static void ack_state(struct multi_stop_data *msdata)
{
	if (atomic_dec_and_test(&msdata->thread_ack))
		set_state(msdata, msdata->state + 1);
}

static int multi_cpu_stop(void *data)
{
	struct multi_stop_data *msdata = data;
	enum multi_stop_state newstate, curstate = MULTI_STOP_NONE;
	const struct cpumask *active_cpus = msdata->active_cpus;
	unsigned int cpu = (unsigned int)smp_processor_id();
	unsigned long flags;
	bool is_active;
	int err = 0;

	is_active = active_cpus ? cpumask_test_cpu((int)cpu, active_cpus)
				: cpu == cpumask_first(cpu_online_mask);
	local_save_flags(flags);
	do {
		cpu_relax();
		newstate = READ_ONCE(msdata->state);
		if (newstate != curstate) {
			curstate = newstate;
			switch (curstate) {
			case MULTI_STOP_DISABLE_IRQ:
				local_irq_disable();
				break;
			case MULTI_STOP_RUN:
				if (is_active)
					err = msdata->fn(msdata->data);
				break;
			default:
				break;
			}
			ack_state(msdata);
		} else if (curstate > MULTI_STOP_PREPARE) {
			/* Everybody waits for the slowest: that is no lockup of this CPU. */
			touch_nmi_watchdog();
		}
	} while (curstate != MULTI_STOP_EXIT);
	local_irq_restore(flags);
	return err;
}

int stop_machine_cpuslocked(cpu_stop_fn_t fn, void *data, const struct cpumask *cpus)
{
	struct multi_stop_data *msdata = &multi_stop;
	unsigned int cpu;
	int ret;

	lockdep_assert_cpus_held();

	mutex_lock(&stop_cpus_mutex);
	/* Waking and switching to a thread on each CPU: the row has what is no code here. */
	hld_charge(HLD_ROW_STOP_MACHINE, 1);
	msdata->fn = fn;
	msdata->data = data;
	msdata->num_threads = num_online_cpus();
	msdata->active_cpus = cpus;
	set_state(msdata, MULTI_STOP_PREPARE);

	cpu_stop_init_done(&msdata->done, (int)num_online_cpus());
	for_each_online_cpu(cpu) {
		struct cpu_stop_work *work = &per_cpu_ptr(&cpu_stopper, cpu)->stop_work;

		work->fn = multi_cpu_stop;
		work->arg = msdata;
		work->done = &msdata->done;
		cpu_stop_queue_work(cpu, work);
	}
	cpu_stop_wait(&msdata->done);
	ret = msdata->done.ret;
	mutex_unlock(&stop_cpus_mutex);
	return ret;
}

int stop_machine(cpu_stop_fn_t fn, void *data, const struct cpumask *cpus)
{
	int ret;

	cpus_read_lock();
	ret = stop_machine_cpuslocked(fn, data, cpus);
	cpus_read_unlock();
	return ret;
}
EXPORT_SYMBOL_GPL(stop_machine);
