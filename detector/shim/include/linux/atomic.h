/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Atomic integers. On x86 every read-modify-write is one locked instruction and a
 * full barrier, so the weaker forms are the same thing; read and set are marked
 * accesses and order nothing.
 */
#ifndef _LINUX_ATOMIC_H
#define _LINUX_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/cmpxchg.h>

#define atomic_read(v)		 READ_ONCE((v)->counter)
#define atomic_set(v, i)	 WRITE_ONCE((v)->counter, (i))
#define atomic_read_acquire(v)	 smp_load_acquire(&(v)->counter)
#define atomic_set_release(v, i) smp_store_release(&(v)->counter, (i))

static __always_inline void atomic_add(int i, atomic_t *v)
{
	__atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline int atomic_fetch_add(int i, atomic_t *v)
{
	return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline void atomic_sub(int i, atomic_t *v)
{
	__atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline int atomic_fetch_sub(int i, atomic_t *v)
{
	return __atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline void atomic_and(int i, atomic_t *v)
{
	__atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline int atomic_fetch_and(int i, atomic_t *v)
{
	return __atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline void atomic_or(int i, atomic_t *v)
{
	__atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline int atomic_fetch_or(int i, atomic_t *v)
{
	return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline void atomic_xor(int i, atomic_t *v)
{
	__atomic_fetch_xor(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline int atomic_fetch_xor(int i, atomic_t *v)
{
	return __atomic_fetch_xor(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline int atomic_add_return(int i, atomic_t *v)
{
	return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST) + i;
}
static __always_inline int atomic_sub_return(int i, atomic_t *v)
{
	return __atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST) - i;
}
static __always_inline void atomic_andnot(int i, atomic_t *v)
{
	__atomic_fetch_and(&v->counter, ~i, __ATOMIC_SEQ_CST);
}
#define atomic_inc(v)			atomic_add(1, (v))
#define atomic_dec(v)			atomic_sub(1, (v))
#define atomic_inc_return(v)		atomic_add_return(1, (v))
#define atomic_dec_return(v)		atomic_sub_return(1, (v))
#define atomic_fetch_inc(v)		atomic_fetch_add(1, (v))
#define atomic_fetch_dec(v)		atomic_fetch_sub(1, (v))
#define atomic_inc_and_test(v)		(atomic_add_return(1, (v)) == 0)
#define atomic_dec_and_test(v)		(atomic_sub_return(1, (v)) == 0)
#define atomic_sub_and_test(i, v)	(atomic_sub_return((i), (v)) == 0)
#define atomic_add_negative(i, v)	(atomic_add_return((i), (v)) < 0)
#define atomic_xchg(v, new)		xchg(&(v)->counter, (new))
#define atomic_cmpxchg(v, old, new)	cmpxchg(&(v)->counter, (old), (new))
#define atomic_try_cmpxchg(v, old, new) try_cmpxchg(&(v)->counter, (old), (new))
#define atomic_xchg_relaxed		atomic_xchg
#define atomic_xchg_acquire		atomic_xchg
#define atomic_xchg_release		atomic_xchg
#define atomic_cmpxchg_relaxed		atomic_cmpxchg
#define atomic_cmpxchg_acquire		atomic_cmpxchg
#define atomic_cmpxchg_release		atomic_cmpxchg
#define atomic_try_cmpxchg_relaxed	atomic_try_cmpxchg
#define atomic_try_cmpxchg_acquire	atomic_try_cmpxchg
#define atomic_try_cmpxchg_release	atomic_try_cmpxchg
#define atomic_fetch_add_relaxed	atomic_fetch_add
#define atomic_fetch_add_acquire	atomic_fetch_add
#define atomic_fetch_add_release	atomic_fetch_add
#define atomic_fetch_sub_relaxed	atomic_fetch_sub
#define atomic_fetch_sub_acquire	atomic_fetch_sub
#define atomic_fetch_sub_release	atomic_fetch_sub
#define atomic_fetch_or_relaxed		atomic_fetch_or
#define atomic_fetch_or_acquire		atomic_fetch_or
#define atomic_fetch_or_release		atomic_fetch_or
#define atomic_fetch_and_relaxed	atomic_fetch_and
#define atomic_fetch_and_acquire	atomic_fetch_and
#define atomic_fetch_and_release	atomic_fetch_and
#define atomic_add_return_relaxed	atomic_add_return
#define atomic_add_return_acquire	atomic_add_return
#define atomic_add_return_release	atomic_add_return
#define atomic_sub_return_relaxed	atomic_sub_return
#define atomic_sub_return_acquire	atomic_sub_return
#define atomic_sub_return_release	atomic_sub_return
#define atomic_inc_return_relaxed	atomic_inc_return
#define atomic_inc_return_acquire	atomic_inc_return
#define atomic_inc_return_release	atomic_inc_return
#define atomic_dec_return_relaxed	atomic_dec_return
#define atomic_dec_return_acquire	atomic_dec_return
#define atomic_dec_return_release	atomic_dec_return

/* Adds unless the value is u; returns what it was. */
static inline int atomic_fetch_add_unless(atomic_t *v, int a, int u)
{
	int seen = atomic_read(v);

	do {
		if (seen == u)
			break;
	} while (!atomic_try_cmpxchg(v, &seen, seen + a));
	return seen;
}
#define atomic_add_unless(v, a, u) (atomic_fetch_add_unless((v), (a), (u)) != (u))
#define atomic_inc_not_zero(v)	   atomic_add_unless((v), 1, 0)
static inline int atomic_dec_if_positive(atomic_t *v)
{
	int seen = atomic_read(v);

	do {
		if (seen < 1)
			break;
	} while (!atomic_try_cmpxchg(v, &seen, seen - 1));
	return seen - 1;
}

#define ATOMIC64_INIT(i) \
	{                \
		(i)      \
	}
#define atomic64_read(v)	   READ_ONCE((v)->counter)
#define atomic64_set(v, i)	   WRITE_ONCE((v)->counter, (i))
#define atomic64_read_acquire(v)   smp_load_acquire(&(v)->counter)
#define atomic64_set_release(v, i) smp_store_release(&(v)->counter, (i))

static __always_inline void atomic64_add(s64 i, atomic64_t *v)
{
	__atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline s64 atomic64_fetch_add(s64 i, atomic64_t *v)
{
	return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline void atomic64_sub(s64 i, atomic64_t *v)
{
	__atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline s64 atomic64_fetch_sub(s64 i, atomic64_t *v)
{
	return __atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline void atomic64_and(s64 i, atomic64_t *v)
{
	__atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline s64 atomic64_fetch_and(s64 i, atomic64_t *v)
{
	return __atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline void atomic64_or(s64 i, atomic64_t *v)
{
	__atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline s64 atomic64_fetch_or(s64 i, atomic64_t *v)
{
	return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline void atomic64_xor(s64 i, atomic64_t *v)
{
	__atomic_fetch_xor(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline s64 atomic64_fetch_xor(s64 i, atomic64_t *v)
{
	return __atomic_fetch_xor(&v->counter, i, __ATOMIC_SEQ_CST);
}
static __always_inline s64 atomic64_add_return(s64 i, atomic64_t *v)
{
	return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST) + i;
}
static __always_inline s64 atomic64_sub_return(s64 i, atomic64_t *v)
{
	return __atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST) - i;
}
static __always_inline void atomic64_andnot(s64 i, atomic64_t *v)
{
	__atomic_fetch_and(&v->counter, ~i, __ATOMIC_SEQ_CST);
}
#define atomic64_inc(v)			  atomic64_add(1, (v))
#define atomic64_dec(v)			  atomic64_sub(1, (v))
#define atomic64_inc_return(v)		  atomic64_add_return(1, (v))
#define atomic64_dec_return(v)		  atomic64_sub_return(1, (v))
#define atomic64_fetch_inc(v)		  atomic64_fetch_add(1, (v))
#define atomic64_fetch_dec(v)		  atomic64_fetch_sub(1, (v))
#define atomic64_inc_and_test(v)	  (atomic64_add_return(1, (v)) == 0)
#define atomic64_dec_and_test(v)	  (atomic64_sub_return(1, (v)) == 0)
#define atomic64_sub_and_test(i, v)	  (atomic64_sub_return((i), (v)) == 0)
#define atomic64_add_negative(i, v)	  (atomic64_add_return((i), (v)) < 0)
#define atomic64_xchg(v, new)		  xchg(&(v)->counter, (new))
#define atomic64_cmpxchg(v, old, new)	  cmpxchg(&(v)->counter, (old), (new))
#define atomic64_try_cmpxchg(v, old, new) try_cmpxchg(&(v)->counter, (old), (new))
#define atomic64_xchg_relaxed		  atomic64_xchg
#define atomic64_xchg_acquire		  atomic64_xchg
#define atomic64_xchg_release		  atomic64_xchg
#define atomic64_cmpxchg_relaxed	  atomic64_cmpxchg
#define atomic64_cmpxchg_acquire	  atomic64_cmpxchg
#define atomic64_cmpxchg_release	  atomic64_cmpxchg
#define atomic64_try_cmpxchg_relaxed	  atomic64_try_cmpxchg
#define atomic64_try_cmpxchg_acquire	  atomic64_try_cmpxchg
#define atomic64_try_cmpxchg_release	  atomic64_try_cmpxchg
#define atomic64_fetch_add_relaxed	  atomic64_fetch_add
#define atomic64_fetch_add_acquire	  atomic64_fetch_add
#define atomic64_fetch_add_release	  atomic64_fetch_add
#define atomic64_fetch_sub_relaxed	  atomic64_fetch_sub
#define atomic64_fetch_sub_acquire	  atomic64_fetch_sub
#define atomic64_fetch_sub_release	  atomic64_fetch_sub
#define atomic64_fetch_or_relaxed	  atomic64_fetch_or
#define atomic64_fetch_or_acquire	  atomic64_fetch_or
#define atomic64_fetch_or_release	  atomic64_fetch_or
#define atomic64_fetch_and_relaxed	  atomic64_fetch_and
#define atomic64_fetch_and_acquire	  atomic64_fetch_and
#define atomic64_fetch_and_release	  atomic64_fetch_and
#define atomic64_add_return_relaxed	  atomic64_add_return
#define atomic64_add_return_acquire	  atomic64_add_return
#define atomic64_add_return_release	  atomic64_add_return
#define atomic64_sub_return_relaxed	  atomic64_sub_return
#define atomic64_sub_return_acquire	  atomic64_sub_return
#define atomic64_sub_return_release	  atomic64_sub_return
#define atomic64_inc_return_relaxed	  atomic64_inc_return
#define atomic64_inc_return_acquire	  atomic64_inc_return
#define atomic64_inc_return_release	  atomic64_inc_return
#define atomic64_dec_return_relaxed	  atomic64_dec_return
#define atomic64_dec_return_acquire	  atomic64_dec_return
#define atomic64_dec_return_release	  atomic64_dec_return

/* Adds unless the value is u; returns what it was. */
static inline s64 atomic64_fetch_add_unless(atomic64_t *v, s64 a, s64 u)
{
	s64 seen = atomic64_read(v);

	do {
		if (seen == u)
			break;
	} while (!atomic64_try_cmpxchg(v, &seen, seen + a));
	return seen;
}
#define atomic64_add_unless(v, a, u) (atomic64_fetch_add_unless((v), (a), (u)) != (u))
#define atomic64_inc_not_zero(v)     atomic64_add_unless((v), 1, 0)
static inline s64 atomic64_dec_if_positive(atomic64_t *v)
{
	s64 seen = atomic64_read(v);

	do {
		if (seen < 1)
			break;
	} while (!atomic64_try_cmpxchg(v, &seen, seen - 1));
	return seen - 1;
}

/* atomic_long_t: the same bits under a third name. */
typedef atomic64_t atomic_long_t;
#define ATOMIC_LONG_INIT(i)		 ATOMIC64_INIT(i)
#define atomic_long_read(v)		 ((long)atomic64_read(v))
#define atomic_long_set(v, i)		 atomic64_set(v, i)
#define atomic_long_add(i, v)		 atomic64_add(i, v)
#define atomic_long_sub(i, v)		 atomic64_sub(i, v)
#define atomic_long_inc(v)		 atomic64_inc(v)
#define atomic_long_dec(v)		 atomic64_dec(v)
#define atomic_long_add_return(i, v)	 ((long)atomic64_add_return(i, v))
#define atomic_long_inc_return(v)	 ((long)atomic64_inc_return(v))
#define atomic_long_dec_return(v)	 ((long)atomic64_dec_return(v))
#define atomic_long_xchg(v, new)	 ((long)atomic64_xchg(v, new))
#define atomic_long_cmpxchg(v, old, new) ((long)atomic64_cmpxchg(v, old, new))

#endif
