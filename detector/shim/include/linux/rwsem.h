/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_RWSEM_H
#define _LINUX_RWSEM_H

#include <linux/atomic.h>
#include <linux/swait.h>

/* Sleeping lock, many readers or one writer; a waiting writer keeps new readers out. */
struct rw_semaphore {
	atomic_t count;
	int waiting; /* this and the rest: under wait.lock */
	int writers_waiting;
	struct swait_queue_head wait;
	const char *name;
};

#define __RWSEM_INITIALIZER(semname)                                                      \
	{                                                                                 \
		.wait = __SWAIT_QUEUE_HEAD_INITIALIZER((semname).wait), .name = #semname, \
	}
#define DECLARE_RWSEM(semname) struct rw_semaphore semname = __RWSEM_INITIALIZER(semname)
#define init_rwsem(sem)	       __init_rwsem((sem), #sem)

void __init_rwsem(struct rw_semaphore *sem, const char *name);
void down_read(struct rw_semaphore *sem);
int down_read_trylock(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
int down_write_trylock(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);

#endif
