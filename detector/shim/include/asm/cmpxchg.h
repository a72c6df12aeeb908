/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Locked read-modify-writes, and the unlocked ones of this CPU. */
#ifndef _ASM_CMPXCHG_H
#define _ASM_CMPXCHG_H

#include <linux/compiler.h>

#define xchg(ptr, v) __atomic_exchange_n(ptr, (__typeof__(*(ptr)))(v), __ATOMIC_SEQ_CST)
#define cmpxchg(ptr, old, new)                                                          \
	({                                                                              \
		__typeof__(*(ptr)) __seen = (old);                                      \
		__atomic_compare_exchange_n(ptr, &__seen, (__typeof__(*(ptr)))(new), 0, \
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);        \
		__seen;                                                                 \
	})
/* On failure *pold becomes what is in memory. */
#define try_cmpxchg(ptr, pold, new)                                                            \
	__atomic_compare_exchange_n(ptr, pold, (__typeof__(*(ptr)))(new), 0, __ATOMIC_SEQ_CST, \
				    __ATOMIC_SEQ_CST)

/* x86 has only the fully ordered instruction. */
#define xchg_relaxed	    xchg
#define xchg_acquire	    xchg
#define xchg_release	    xchg
#define cmpxchg_relaxed	    cmpxchg
#define cmpxchg_acquire	    cmpxchg
#define cmpxchg_release	    cmpxchg
#define cmpxchg64	    cmpxchg
#define cmpxchg64_relaxed   cmpxchg
#define try_cmpxchg_relaxed try_cmpxchg
#define try_cmpxchg_acquire try_cmpxchg
#define try_cmpxchg_release try_cmpxchg
#define try_cmpxchg64	    try_cmpxchg

#define cmpxchg128(ptr, old, new)      cmpxchg(ptr, old, new)
#define try_cmpxchg128(ptr, pold, new) try_cmpxchg(ptr, pold, new)
/* Two neighbouring longs at once; true if both were as expected. */
#define cmpxchg_double(p1, p2, o1, o2, n1, n2)                                                     \
	({                                                                                         \
		unsigned __int128 __pair_old =                                                     \
			(unsigned __int128)(unsigned long)(o2) << 64 | (unsigned long)(o1);        \
		unsigned __int128 __pair_new =                                                     \
			(unsigned __int128)(unsigned long)(n2) << 64 | (unsigned long)(n1);        \
		__atomic_compare_exchange_n((unsigned __int128 *)(p1), &__pair_old, __pair_new, 0, \
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                   \
	})

/* No bus lock: indivisible for this CPU's interrupts and NMIs only. */
#define cmpxchg_local(ptr, old, new)                                                     \
	((__typeof__(*(ptr)))hld_local((void *)(ptr), sizeof(*(ptr)), HLD_LOCAL_CMPXCHG, \
				       (unsigned long)(new), (unsigned long)(old)))
#define cmpxchg64_local cmpxchg_local

#endif
