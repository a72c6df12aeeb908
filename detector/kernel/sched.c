// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Tasks of a CPU with one stack. What may run on top of a waiting task:
 *
 *   stopper     always: it never waits
 *   hotplug     if no task below holds a mutex and no work has begun, or if the
 *               waiting task waits for the hotplug core itself: then a mutex held
 *               below is a deadlock on a real kernel too
 *   work        if no task below holds a mutex
 *   operator    on top of idle only, one after the other, as a shell does it
 *
 * Deviation: a started task is never moved to another CPU: a CPU goes down when the
 * work that it has begun has ended. A task that waits goes on only when what runs on
 * top of it has ended.
 */
#include "kernel.h"
#include <linux/rcupdate.h>
#include <linux/timekeeping.h>
#include <asm/nmi.h>

DEFINE_PER_CPU(struct rq, runqueues);
DEFINE_PER_CPU(struct task_struct *, current_task);
DEFINE_PER_CPU(int, __preempt_count);

static void task_init(struct task_struct *task, const char *comm, unsigned int cpu)
{
	task->comm = comm;
	task->cpu = cpu;
}

void rq_init(unsigned int cpu)
{
	struct rq *rq = per_cpu_ptr(&runqueues, cpu);

	task_init(&rq->idle, "swapper", cpu);
	task_init(&rq->op, "operator", cpu);
	task_init(&rq->cpuhp, "cpuhp", cpu);
	task_init(&rq->stopper, "migration", cpu);
	task_init(&rq->worker, "kworker", cpu);
	per_cpu(current_task, cpu) = &rq->idle;
}

/* A CPU begins another life: what was on its stack is gone. */
void rq_restart(void)
{
	struct rq *rq = this_cpu_ptr(&runqueues);

	current = &rq->idle;
	rq->op_started = false;
}

void rq_request(unsigned int cpu, enum rq_bit bit)
{
	struct rq *rq = per_cpu_ptr(&runqueues, cpu);

	set_bit(bit, &rq->pending);
	if (cpu != (unsigned int)raw_smp_processor_id())
		smp_send_reschedule((int)cpu);
}

void cpu_kick(unsigned int cpu)
{
	rq_request(cpu, RQ_KICK);
}

bool rq_only_idle(unsigned int cpu)
{
	return !READ_ONCE(per_cpu_ptr(&runqueues, cpu)->op_started);
}

/* Boot is the first operator of CPU 0: the idle task may not wait. */
void boot_task_begin(void)
{
	struct rq *rq = this_cpu_ptr(&runqueues);

	rq->op_started = true;
	current = &rq->op;
}

void boot_task_end(void)
{
	struct rq *rq = this_cpu_ptr(&runqueues);

	current = &rq->idle;
	rq->op_started = false;
}

static void run_as(struct task_struct *task, void (*fn)(void))
{
	struct task_struct *below = current;

	current = task;
	fn();
	current = below;
}

/* What may run on top of the current task now, as bits of enum rq_bit. */
static unsigned long runnable_above(struct rq *rq)
{
	struct task_struct *task = current;
	unsigned long mask = BIT(RQ_STOPPER);

	if (task == &rq->stopper)
		return 0;
	if (task == &rq->idle)
		return mask | BIT(RQ_CPUHP) | BIT(RQ_WORK) | BIT(RQ_OPERATOR);
	if (task == &rq->cpuhp)
		return task->mutexes ? mask : mask | BIT(RQ_WORK);
	if ((!task->mutexes && task != &rq->worker) || task->hotplug_wait)
		mask |= BIT(RQ_CPUHP);
	if (!task->mutexes && task != &rq->worker)
		mask |= BIT(RQ_WORK);
	return mask;
}

/* Runs one thing that is pending and in @mask, and says what. Interrupts are on. */
static unsigned long run_pending(struct rq *rq, unsigned long mask)
{
	unsigned long pending = READ_ONCE(rq->pending) & mask;
	enum rq_bit bit;

	if (!pending)
		return 0;

	bit = (enum rq_bit)__ffs(pending);
	clear_bit(bit, &rq->pending);
	switch (bit) {
	case RQ_STOPPER:
		run_as(&rq->stopper, cpu_stopper_run);
		break;
	case RQ_CPUHP:
		run_as(&rq->cpuhp, cpuhp_thread_run);
		break;
	case RQ_WORK:
		run_as(&rq->worker, workqueue_run);
		break;
	case RQ_OPERATOR:
		rq->op_started = true;
		run_as(&rq->op, operator_run);
		rq->op_started = false;
		break;
	case RQ_KICK:
		break;
	}
	return BIT(bit);
}

/* All that is pending, but one work: it may queue itself again. */
static void run_all_pending(struct rq *rq)
{
	unsigned long ran, once = 0;

	while ((ran = run_pending(rq, runnable_above(rq) & ~once)))
		once |= ran & BIT(RQ_WORK);
}

/*
 * Returns after something ran on top, or after a wake-up of this CPU. The caller
 * tests what it waits for in a loop. A kick that comes before the HLT is seen
 * here with interrupts off; one that comes later ends the HLT.
 */
void schedule(void)
{
	struct rq *rq = this_cpu_ptr(&runqueues);

	if (run_pending(rq, runnable_above(rq) | BIT(RQ_KICK)))
		return;

	local_irq_disable();
	if (READ_ONCE(rq->pending) & (runnable_above(rq) | BIT(RQ_KICK)))
		local_irq_enable();
	else
		hld_sti_halt();
}

/* Voluntary preemption: kernel code gives way only where it would sleep. */
void rq_preempt(void)
{
	struct rq *rq = this_cpu_ptr(&runqueues);

	if (likely(!current->sleeping))
		return;
	/* Not on top of a softirq, which the interrupt came upon: at the end of that. */
	if ((READ_ONCE(rq->pending) & runnable_above(rq)) && !in_serving_softirq()) {
		local_irq_enable();
		run_all_pending(rq);
		local_irq_disable();
	}
}

/* Time that a task sleeps on a real kernel: other tasks of the CPU run meanwhile. */
void sleep_charge(enum hld_row row, u32 times)
{
	struct rq *rq = this_cpu_ptr(&runqueues);

	current->sleeping = true;
	run_all_pending(rq);
	if (times)
		hld_charge(row, times);
	current->sleeping = false;
}

int _cond_resched(void)
{
	struct rq *rq = this_cpu_ptr(&runqueues);

	__might_sleep("cond_resched", __FILE__, __LINE__, _RET_IP_);
	return run_pending(rq, runnable_above(rq) & BIT(RQ_STOPPER));
}

DEFINE_PER_CPU(int, rcu_read_lock_nesting);
EXPORT_PER_CPU_SYMBOL(rcu_read_lock_nesting);

static struct hld_preempt_count preempt_count_here(void)
{
	struct hld_preempt_count here = { this_cpu_ptr(&__preempt_count),
					  HARDIRQ_MASK | SOFTIRQ_OFFSET,
					  this_cpu_ptr(&rcu_read_lock_nesting),
					  (const hld_u32 *)&system_state,
					  (const void *const *)this_cpu_ptr(&current_task),
					  &this_cpu_ptr(&runqueues)->stopper };

	return here;
}

/*
 * What CONFIG_DEBUG_ATOMIC_SLEEP looks at, without its cost: who looks is no code
 * of this kernel.
 */
void __might_sleep(const char *function, const char *file, int line, unsigned long caller)
{
	struct hld_preempt_count count = preempt_count_here();
	unsigned int why = hld_note_sleep(function, caller, &count);
	static u64 silent_until; /* once a second, as in Linux */

	if (!why || ktime_get_ns() < silent_until)
		return;
	silent_until = ktime_get_ns() + NSEC_PER_SEC;
	pr_err("BUG: sleeping function called from invalid context at %s:%d\n", file, line);
	pr_err("in_atomic(): %d, irqs_disabled(): %d\n", !!(why & HLD_SLEEP_ATOMIC),
	       !!(why & HLD_SLEEP_IRQS_OFF));
	if (why & HLD_SLEEP_RCU)
		pr_err("RCU nest depth is not 0\n");
}
EXPORT_SYMBOL(__might_sleep);

/* Linux prints nothing: its comments forbid it, and lockdep tells where it has seen both. */
void note_task_only(const char *function, unsigned long caller)
{
	struct hld_preempt_count count = preempt_count_here();

	hld_note_sleep(function, caller, &count);
}

/*
 * An initcall, a work or a hotplug callback has returned: what it leaves locked or
 * off, nobody ever ends. Linux checks the same in do_one_initcall() and
 * process_one_work(), and a hotplug thread in schedule().
 */
void check_returned(const char *what, unsigned long function)
{
	struct hld_preempt_count count = preempt_count_here();

	if (!hld_note_return(what, function, &count))
		return;
	pr_err("BUG: %s returned with interrupts off, a spinlock held or an RCU reader open\n",
	       what);
	this_cpu_write(__preempt_count, 0);
	hld_note_rcu(this_cpu_ptr(&rcu_read_lock_nesting), 0);
	local_irq_enable();
}

void synchronize_rcu(void)
{
	might_sleep();
	sleep_charge(HLD_ROW_RCU_GRACE, 1);
}

void synchronize_rcu_expedited(void)
{
	synchronize_rcu();
}

static void arch_cpu_idle_enter(void)
{
	local_touch_nmi();
}

void cpu_idle_loop(void)
{
	struct rq *rq = this_cpu_ptr(&runqueues);
	unsigned int cpu = (unsigned int)raw_smp_processor_id();

	for (;;) {
		local_irq_disable();
		if (!cpu_online(cpu)) {
			cpuhp_report_idle_dead();
			native_play_dead();
		}
		arch_cpu_idle_enter();
		if (READ_ONCE(rq->pending)) {
			local_irq_enable();
			run_pending(rq, ~0UL);
			continue;
		}
		idle_wait(&rq->pending);
	}
}
