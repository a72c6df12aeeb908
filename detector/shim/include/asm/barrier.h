/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * x86 orders all but a store before a later load of another line (TSO): only the
 * full barriers are instructions, the others hold the compiler. The fences for
 * device memory are instructions of their own.
 */
#ifndef _ASM_BARRIER_H
#define _ASM_BARRIER_H

#include <linux/compiler_types.h>
#include <hld/runtime.h>

#define __hld_compiler_barrier() __asm__ __volatile__("" : : : "memory")

#define __hld_fence(kind)                 \
	do {                              \
		__hld_compiler_barrier(); \
		hld_fence(kind);          \
		__hld_compiler_barrier(); \
	} while (0)
#define mb()		   __hld_fence(HLD_MFENCE)
#define rmb()		   __hld_fence(HLD_LFENCE)
#define wmb()		   __hld_fence(HLD_SFENCE)
#define dma_mb()	   mb()
#define dma_rmb()	   __hld_compiler_barrier()
#define dma_wmb()	   __hld_compiler_barrier()
#define barrier_nospec()   __hld_fence(HLD_LFENCE)
#define weak_wrmsr_fence() mb()

#define smp_mb()		      __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()		      __hld_compiler_barrier()
#define smp_wmb()		      __hld_compiler_barrier()
#define smp_mb__before_atomic()	      __hld_compiler_barrier()
#define smp_mb__after_atomic()	      __hld_compiler_barrier()
#define smp_mb__after_spinlock()      smp_mb()
#define smp_acquire__after_ctrl_dep() smp_rmb()

#define smp_load_acquire(p)                                                         \
	({                                                                          \
		__typeof__(*(p)) __value = *(const volatile __typeof__(*(p)) *)(p); \
		__hld_compiler_barrier();                                           \
		__value;                                                            \
	})
#define smp_store_release(p, v)                          \
	do {                                             \
		__hld_compiler_barrier();                \
		*(volatile __typeof__(*(p)) *)(p) = (v); \
	} while (0)
#define smp_store_mb(var, value) ((void)__atomic_exchange_n(&(var), value, __ATOMIC_SEQ_CST))

#define smp_cond_load_relaxed(ptr, cond_expr)                              \
	({                                                                 \
		__typeof__(*(ptr)) VAL;                                    \
		for (;;) {                                                 \
			VAL = *(const volatile __typeof__(*(ptr)) *)(ptr); \
			if (cond_expr)                                     \
				break;                                     \
			hld_relax();                                       \
			__hld_compiler_barrier();                          \
		}                                                          \
		VAL;                                                       \
	})
#define smp_cond_load_acquire(ptr, cond_expr)                                          \
	({                                                                             \
		__typeof__(*(ptr)) __acquired = smp_cond_load_relaxed(ptr, cond_expr); \
		__hld_compiler_barrier();                                              \
		__acquired;                                                            \
	})

#endif
