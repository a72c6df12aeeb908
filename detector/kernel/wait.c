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

/* Not in interrupts either, though it never sleeps: a mutex has a task as its owner. */
int mutex_trylock(struct mutex *lock)
{
	struct task_struct *task = current;
	unsigned long old = 0;

	if (unlikely(in_interrupt()))
		note_task_only("mutex_trylock", _RET_IP_);
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

	if (unlikely(in_interrupt()))
		note_task_only("mutex_unlock", _RET_IP_);
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

/*
 * The count, with Linux's bits: a writer; somebody waits; readers from bit 8 on. Whoever
 * finds the way free takes it and leaves by an atomic operation alone, so that a trylock is
 * allowed in any context. Who waits is under wait.lock.
 */
#define RWSEM_WRITER_LOCKED 0x001
#define RWSEM_FLAG_WAITERS  0x002
#define RWSEM_READER_BIAS   0x100

void __init_rwsem(struct rw_semaphore *sem, const char *name)
{
	atomic_set(&sem->count, 0);
	sem->waiting = 0;
	sem->writers_waiting = 0;
	sem->name = name;
	init_swait_queue_head(&sem->wait);
}

/* Takes it by adding @bias, if no bit of @barred is there. */
static bool rwsem_take(struct rw_semaphore *sem, int barred, int bias)
{
	int old = atomic_read(&sem->count);

	do {
		if (old & barred)
			return false;
	} while (!atomic_try_cmpxchg(&sem->count, &old, old + bias));
	return true;
}

/* Under wait.lock. Each tries again after it has said that it waits: who leaves then wakes it. */
static void rwsem_wait_begin(struct rw_semaphore *sem)
{
	sem->waiting++;
	atomic_or(RWSEM_FLAG_WAITERS, &sem->count);
}

static void rwsem_wait_end(struct rw_semaphore *sem)
{
	if (!--sem->waiting)
		atomic_andnot(RWSEM_FLAG_WAITERS, &sem->count);
}

static void rwsem_wake(struct rw_semaphore *sem)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&sem->wait.lock, flags);
	swake_up_all_locked(&sem->wait);
	raw_spin_unlock_irqrestore(&sem->wait.lock, flags);
}

static void down_read_slowpath(struct rw_semaphore *sem)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&sem->wait.lock, flags);
	rwsem_wait_begin(sem);
	while (sem->writers_waiting || !rwsem_take(sem, RWSEM_WRITER_LOCKED, RWSEM_READER_BIAS))
		swait_locked(&sem->wait, &flags);
	rwsem_wait_end(sem);
	raw_spin_unlock_irqrestore(&sem->wait.lock, flags);
}

void down_read(struct rw_semaphore *sem)
{
	might_sleep();
	if (!rwsem_take(sem, RWSEM_WRITER_LOCKED | RWSEM_FLAG_WAITERS, RWSEM_READER_BIAS)) {
		hld_note_sleeping_lock(HLD_LOCK_READ_WAITS, sem, sem->name);
		down_read_slowpath(sem);
	}
	hld_note_sleeping_lock(HLD_LOCK_READ_TAKEN, sem, sem->name);
}

int down_read_trylock(struct rw_semaphore *sem)
{
	if (!rwsem_take(sem, RWSEM_WRITER_LOCKED | RWSEM_FLAG_WAITERS, RWSEM_READER_BIAS))
		return 0;
	hld_note_sleeping_lock(HLD_LOCK_READ_TRYLOCK_TAKEN, sem, sem->name);
	return 1;
}

void up_read(struct rw_semaphore *sem)
{
	hld_note_sleeping_lock(HLD_LOCK_DROPPED, sem, sem->name);
	if (atomic_sub_return(RWSEM_READER_BIAS, &sem->count) == RWSEM_FLAG_WAITERS)
		rwsem_wake(sem);
}

static void down_write_slowpath(struct rw_semaphore *sem)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&sem->wait.lock, flags);
	sem->writers_waiting++;
	rwsem_wait_begin(sem);
	while (!rwsem_take(sem, ~RWSEM_FLAG_WAITERS, RWSEM_WRITER_LOCKED))
		swait_locked(&sem->wait, &flags);
	rwsem_wait_end(sem);
	sem->writers_waiting--;
	raw_spin_unlock_irqrestore(&sem->wait.lock, flags);
}

void down_write(struct rw_semaphore *sem)
{
	might_sleep();
	if (!rwsem_take(sem, ~0, RWSEM_WRITER_LOCKED)) {
		hld_note_sleeping_lock(HLD_LOCK_WAITS, sem, sem->name);
		down_write_slowpath(sem);
	}
	hld_note_sleeping_lock(HLD_LOCK_TAKEN, sem, sem->name);
}

int down_write_trylock(struct rw_semaphore *sem)
{
	if (!rwsem_take(sem, ~0, RWSEM_WRITER_LOCKED))
		return 0;
	hld_note_sleeping_lock(HLD_LOCK_TRYLOCK_TAKEN, sem, sem->name);
	return 1;
}

void up_write(struct rw_semaphore *sem)
{
	hld_note_sleeping_lock(HLD_LOCK_DROPPED, sem, sem->name);
	if (atomic_sub_return(RWSEM_WRITER_LOCKED, &sem->count) & RWSEM_FLAG_WAITERS)
		rwsem_wake(sem);
}
