/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_RCUPDATE_H
#define _LINUX_RCUPDATE_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <linux/bottom_half.h>
#include <linux/percpu-defs.h>
#include <linux/preempt.h>
#include <asm/barrier.h>

/*
 * Deviation: a grace period is a time (the row hotplug.rcu_grace), not a wait
 * for readers. Readers here are interrupt and NMI handlers, thousands of times
 * shorter than the row.
 */
DECLARE_PER_CPU(int, rcu_read_lock_nesting);

/* Deviation: the count, of PREEMPT_RCU, is for might_sleep() alone and costs nothing. */
static inline void rcu_read_lock(void)
{
	hld_note_rcu(this_cpu_ptr(&rcu_read_lock_nesting), 1);
	barrier();
}

static inline void rcu_read_unlock(void)
{
	barrier();
	hld_note_rcu(this_cpu_ptr(&rcu_read_lock_nesting), -1);
}

static inline void rcu_read_lock_bh(void)
{
	local_bh_disable();
	rcu_read_lock();
}

static inline void rcu_read_unlock_bh(void)
{
	rcu_read_unlock();
	local_bh_enable();
}

#define rcu_read_lock_sched()	preempt_disable()
#define rcu_read_unlock_sched() preempt_enable()

#define rcu_dereference(p)		READ_ONCE(p)
#define rcu_dereference_raw(p)		READ_ONCE(p)
#define rcu_dereference_sched(p)	READ_ONCE(p)
#define rcu_dereference_bh(p)		READ_ONCE(p)
#define rcu_dereference_check(p, c)	READ_ONCE(p)
#define rcu_dereference_protected(p, c) (p)
#define rcu_access_pointer(p)		READ_ONCE(p)
#define rcu_assign_pointer(p, v)	smp_store_release(&(p), (typeof(p))(v))
#define RCU_INIT_POINTER(p, v)		WRITE_ONCE(p, v)

void synchronize_rcu(void);
void synchronize_rcu_expedited(void);

void call_rcu(struct rcu_head *head, rcu_callback_t func); /* not from an NMI */
void rcu_barrier(void);
void kfree(const void *p);

/* An offset in an object, where else a function would be. */
#define __is_kvfree_rcu_offset(offset) ((offset) < 4096)

/* kfree_rcu(p, member): member is the object's rcu_head; kfree_rcu(p) waits, and so may sleep. */
#define __hld_kfree_rcu_2(ptr, member)                                                       \
	do {                                                                                 \
		__typeof__(ptr) __object = (ptr);                                            \
		if (__object)                                                                \
			call_rcu(&__object->member, (rcu_callback_t) __builtin_offsetof(     \
							    __typeof__(*__object), member)); \
	} while (0)
#define __hld_kfree_rcu_1(ptr)                    \
	do {                                      \
		__typeof__(ptr) __object = (ptr); \
		synchronize_rcu();                \
		kfree(__object);                  \
	} while (0)
#define __hld_kfree_rcu(a, b, form, ...) form
#define kfree_rcu(...) \
	__hld_kfree_rcu(__VA_ARGS__, __hld_kfree_rcu_2, __hld_kfree_rcu_1, )(__VA_ARGS__)
#define kvfree_rcu(...) kfree_rcu(__VA_ARGS__)

static inline void synchronize_sched(void)
{
	synchronize_rcu();
}

#endif
