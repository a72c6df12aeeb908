/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_RCUPDATE_H
#define _LINUX_RCUPDATE_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/barrier.h>

/*
 * Deviation: a grace period is a time (the row hotplug.rcu_grace), not a wait
 * for readers. Readers here are interrupt and NMI handlers, thousands of times
 * shorter than the row.
 */
static inline void rcu_read_lock(void)
{
	barrier();
}

static inline void rcu_read_unlock(void)
{
	barrier();
}

static inline void rcu_read_lock_sched(void)
{
	barrier();
}

static inline void rcu_read_unlock_sched(void)
{
	barrier();
}

#define rcu_dereference(p)		READ_ONCE(p)
#define rcu_dereference_raw(p)		READ_ONCE(p)
#define rcu_dereference_sched(p)	READ_ONCE(p)
#define rcu_dereference_check(p, c)	READ_ONCE(p)
#define rcu_dereference_protected(p, c) (p)
#define rcu_access_pointer(p)		READ_ONCE(p)
#define rcu_assign_pointer(p, v)	smp_store_release(&(p), (typeof(p))(v))
#define RCU_INIT_POINTER(p, v)		WRITE_ONCE(p, v)

void synchronize_rcu(void);
void synchronize_rcu_expedited(void);

static inline void synchronize_sched(void)
{
	synchronize_rcu();
}

#endif
