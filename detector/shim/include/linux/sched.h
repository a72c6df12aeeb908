/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_SCHED_H
#define _LINUX_SCHED_H

#include <linux/types.h>
#include <linux/list.h>
#include <linux/percpu.h>

/*
 * A CPU of the miniature kernel has one stack and no preemptive scheduler. A
 * task runs to its end; where it must wait, schedule() runs another runnable
 * task of this CPU on top of it, or halts. There are four tasks a CPU: idle,
 * the operator's (it executes writes to files), the hotplug thread and the
 * stopper.
 */
struct task_struct {
	const char *comm;
	unsigned int cpu;
	unsigned int mutexes; /* held: nothing that may want one runs on top of it */
	bool sleeping;	      /* charged time that a real task sleeps: others may run */
	bool hotplug_wait;    /* waits for the hotplug core, whose thread must run */
	int woken;
	struct list_head wait_entry;
};

DECLARE_PER_CPU(struct task_struct *, current_task);
#define current (*this_cpu_ptr(&current_task))

#define TASK_RUNNING	     0
#define TASK_INTERRUPTIBLE   1
#define TASK_UNINTERRUPTIBLE 2
#define MAX_SCHEDULE_TIMEOUT LONG_MAX

void schedule(void);
void cpu_kick(unsigned int cpu); /* makes schedule() on that CPU return */
long schedule_timeout(long timeout);
long schedule_timeout_uninterruptible(long timeout);
int _cond_resched(void);
#define cond_resched() _cond_resched()

static inline bool need_resched(void)
{
	return false;
}

#endif
