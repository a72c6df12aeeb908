// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Sleeping: simple wait queues, and on them completions, mutexes and
 * reader/writer semaphores. A waiter is queued by an entry in its task, so that
 * no other CPU looks into a stack.
 */
#include "kernel.h"
#include <linux/rwsem.h>

void init_swait_queue_head(struct swait_queue_head *q)
{
	raw_spin_lock_init(&q->lock);
	INIT_LIST_HEAD(&q->task_list);
}

void swait_locked(struct swait_queue_head *q, unsigned long *flags)
{
	struct task_struct *task = current;

	task->woken = 0;
	list_add_tail(&task->wait_entry, &q->task_list);
	raw_spin_unlock_irqrestore(&q->lock, *flags);

	while (!READ_ONCE(task->woken))
		schedule();

	raw_spin_lock_irqsave(&q->lock, *flags);
}

void swake_up_locked(struct swait_queue_head *q)
{
	struct task_struct *task;

	if (list_empty(&q->task_list))
		return;

	task = list_first_entry(&q->task_list, struct task_struct, wait_entry);
	list_del(&task->wait_entry);
	WRITE_ONCE(task->woken, 1);
	cpu_kick(task->cpu);
}

void swake_up_all_locked(struct swait_queue_head *q)
{
	while (!list_empty(&q->task_list))
		swake_up_locked(q);
}

/* ---- completions ---- */

void wait_for_completion(struct completion *x)
{
	unsigned long flags;

	might_sleep();
	raw_spin_lock_irqsave(&x->wait.lock, flags);
	while (!x->done)
		swait_locked(&x->wait, &flags);
	if (x->done != UINT_MAX)
		x->done--;
	raw_spin_unlock_irqrestore(&x->wait.lock, flags);
}

bool try_wait_for_completion(struct completion *x)
{
	unsigned long flags;
	bool ret;

	raw_spin_lock_irqsave(&x->wait.lock, flags);
	ret = x->done;
	if (ret && x->done != UINT_MAX)
		x->done--;
	raw_spin_unlock_irqrestore(&x->wait.lock, flags);
	return ret;
}

bool completion_done(struct completion *x)
{
	return READ_ONCE(x->done);
}

void complete(struct completion *x)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&x->wait.lock, flags);
	if (x->done != UINT_MAX)
		x->done++;
	swake_up_locked(&x->wait);
	raw_spin_unlock_irqrestore(&x->wait.lock, flags);
}

void complete_all(struct completion *x)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&x->wait.lock, flags);
	x->done = UINT_MAX;
	swake_up_all_locked(&x->wait);
	raw_spin_unlock_irqrestore(&x->wait.lock, flags);
}

/* ---- mutexes ---- */

/* The owner's address; bit 0: somebody waits, so unlocking goes through the queue. */
#define MUTEX_FLAG_WAITERS 1ul

void __mutex_init(struct mutex *lock, const char *name)
{
	lock->owner = 0;
	lock->name = name;
	init_swait_queue_head(&lock->wait);
}

static void mutex_lock_slowpath(struct mutex *lock, unsigned long me)
{
	unsigned long old, flags;

	raw_spin_lock_irqsave(&lock->wait.lock, flags);
	hld_note_sleeping_lock(HLD_LOCK_WAITS, lock, lock->name);
	for (;;) {
		old = READ_ONCE(lock->owner);
		if (!(old & ~MUTEX_FLAG_WAITERS)) {
			if (!list_empty(&lock->wait.task_list))
				me |= MUTEX_FLAG_WAITERS;
			if (try_cmpxchg(&lock->owner, &old, me))
				break;
			continue;
		}
		if (!(old & MUTEX_FLAG_WAITERS) &&
		    !try_cmpxchg(&lock->owner, &old, old | MUTEX_FLAG_WAITERS))
			continue;
		if ((old & ~MUTEX_FLAG_WAITERS) == (me & ~MUTEX_FLAG_WAITERS))
			hld_end(HLD_END_DEADLOCK, "");
		swait_locked(&lock->wait, &flags);
	}
	raw_spin_unlock_irqrestore(&lock->wait.lock, flags);
}

void mutex_lock(struct mutex *lock)
{
	struct task_struct *task = current;
	unsigned long old = 0;

	might_sleep();
	if (!try_cmpxchg(&lock->owner, &old, (unsigned long)task))
		mutex_lock_slowpath(lock, (unsigned long)task);
	task->mutexes++;
	hld_note_sleeping_lock(HLD_LOCK_TAKEN, lock, lock->name);
}
EXPORT_SYMBOL(mutex_lock);

int mutex_lock_interruptible(struct mutex *lock)
{
	mutex_lock(lock);
	return 0;
}
EXPORT_SYMBOL(mutex_lock_interruptible);

int mutex_trylock(struct mutex *lock)
{
	struct task_struct *task = current;
	unsigned long old = 0;

	if (!try_cmpxchg(&lock->owner, &old, (unsigned long)task))
		return 0;
	task->mutexes++;
	hld_note_sleeping_lock(HLD_LOCK_TRYLOCK_TAKEN, lock, lock->name);
	return 1;
}
EXPORT_SYMBOL(mutex_trylock);

void mutex_unlock(struct mutex *lock)
{
	struct task_struct *task = current;
	unsigned long old = (unsigned long)task;
	unsigned long flags;

	hld_note_sleeping_lock(HLD_LOCK_DROPPED, lock, lock->name);
	task->mutexes--;
	if (try_cmpxchg(&lock->owner, &old, 0))
		return;

	WARN_ON((old & ~MUTEX_FLAG_WAITERS) != (unsigned long)task);
	raw_spin_lock_irqsave(&lock->wait.lock, flags);
	swake_up_locked(&lock->wait);
	xchg(&lock->owner, list_empty(&lock->wait.task_list) ? 0 : MUTEX_FLAG_WAITERS);
	raw_spin_unlock_irqrestore(&lock->wait.lock, flags);
}
EXPORT_SYMBOL(mutex_unlock);

bool mutex_is_locked(struct mutex *lock)
{
	return READ_ONCE(lock->owner) & ~MUTEX_FLAG_WAITERS;
}
EXPORT_SYMBOL(mutex_is_locked);

/* ---- reader/writer semaphores ---- */

void __init_rwsem(struct rw_semaphore *sem, const char *name)
{
	sem->count = 0;
	sem->writers_waiting = 0;
	sem->name = name;
	init_swait_queue_head(&sem->wait);
}

void down_read(struct rw_semaphore *sem)
{
	unsigned long flags;

	might_sleep();
	raw_spin_lock_irqsave(&sem->wait.lock, flags);
	if (sem->count < 0 || sem->writers_waiting)
		hld_note_sleeping_lock(HLD_LOCK_READ_WAITS, sem, sem->name);
	while (sem->count < 0 || sem->writers_waiting)
		swait_locked(&sem->wait, &flags);
	sem->count++;
	raw_spin_unlock_irqrestore(&sem->wait.lock, flags);
	hld_note_sleeping_lock(HLD_LOCK_READ_TAKEN, sem, sem->name);
}

int down_read_trylock(struct rw_semaphore *sem)
{
	unsigned long flags;
	bool taken;

	raw_spin_lock_irqsave(&sem->wait.lock, flags);
	taken = sem->count >= 0 && !sem->writers_waiting;
	if (taken)
		sem->count++;
	raw_spin_unlock_irqrestore(&sem->wait.lock, flags);
	if (taken)
		hld_note_sleeping_lock(HLD_LOCK_READ_TRYLOCK_TAKEN, sem, sem->name);
	return taken;
}

void up_read(struct rw_semaphore *sem)
{
	unsigned long flags;

	hld_note_sleeping_lock(HLD_LOCK_DROPPED, sem, sem->name);
	raw_spin_lock_irqsave(&sem->wait.lock, flags);
	if (!--sem->count)
		swake_up_all_locked(&sem->wait);
	raw_spin_unlock_irqrestore(&sem->wait.lock, flags);
}

void down_write(struct rw_semaphore *sem)
{
	unsigned long flags;

	might_sleep();
	raw_spin_lock_irqsave(&sem->wait.lock, flags);
	sem->writers_waiting++;
	if (sem->count)
		hld_note_sleeping_lock(HLD_LOCK_WAITS, sem, sem->name);
	while (sem->count)
		swait_locked(&sem->wait, &flags);
	sem->writers_waiting--;
	sem->count = -1;
	raw_spin_unlock_irqrestore(&sem->wait.lock, flags);
	hld_note_sleeping_lock(HLD_LOCK_TAKEN, sem, sem->name);
}

int down_write_trylock(struct rw_semaphore *sem)
{
	unsigned long flags;
	bool taken;

	raw_spin_lock_irqsave(&sem->wait.lock, flags);
	taken = !sem->count;
	if (taken)
		sem->count = -1;
	raw_spin_unlock_irqrestore(&sem->wait.lock, flags);
	if (taken)
		hld_note_sleeping_lock(HLD_LOCK_TRYLOCK_TAKEN, sem, sem->name);
	return taken;
}

void up_write(struct rw_semaphore *sem)
{
	unsigned long flags;

	hld_note_sleeping_lock(HLD_LOCK_DROPPED, sem, sem->name);
	raw_spin_lock_irqsave(&sem->wait.lock, flags);
	sem->count = 0;
	swake_up_all_locked(&sem->wait);
	raw_spin_unlock_irqrestore(&sem->wait.lock, flags);
}
