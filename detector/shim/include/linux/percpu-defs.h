/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Per-CPU variables. CPU c's copy of v is at &v + __per_cpu_offset[c]. The calls
 * on this CPU's own copy take the offset from the simulated segment base, which
 * costs nothing; each read-modify-write is one instruction, indivisible for this
 * CPU's interrupts and NMIs, with no bus lock.
 */
#ifndef _LINUX_PERCPU_DEFS_H
#define _LINUX_PERCPU_DEFS_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <linux/threads.h>
#include <asm/cmpxchg.h>

#define PER_CPU_BASE_SECTION ".data..percpu"

#define DECLARE_PER_CPU(type, name)		   extern __percpu __typeof__(type) name
#define DEFINE_PER_CPU(type, name)		   __section(PER_CPU_BASE_SECTION) __typeof__(type) name
#define DECLARE_PER_CPU_SECTION(type, name, sec)   DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU_SECTION(type, name, sec)	   DEFINE_PER_CPU(type, name)
#define DECLARE_PER_CPU_READ_MOSTLY(type, name)	   DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU_READ_MOSTLY(type, name)	   DEFINE_PER_CPU(type, name)
#define DECLARE_PER_CPU_FIRST(type, name)	   DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU_FIRST(type, name)	   DEFINE_PER_CPU(type, name)
#define DECLARE_PER_CPU_ALIGNED(type, name)	   DECLARE_PER_CPU(type, name) __aligned(64)
#define DEFINE_PER_CPU_ALIGNED(type, name)	   DEFINE_PER_CPU(type, name) __aligned(64)
#define DECLARE_PER_CPU_SHARED_ALIGNED(type, name) DECLARE_PER_CPU_ALIGNED(type, name)
#define DEFINE_PER_CPU_SHARED_ALIGNED(type, name)  DEFINE_PER_CPU_ALIGNED(type, name)
#define DECLARE_PER_CPU_PAGE_ALIGNED(type, name)   DECLARE_PER_CPU(type, name) __aligned(4096)
#define DEFINE_PER_CPU_PAGE_ALIGNED(type, name)	   DEFINE_PER_CPU(type, name) __aligned(4096)

/* The miniature kernel's table, which other CPUs' copies are found by: an ordinary load. */
extern unsigned long __per_cpu_offset[NR_CPUS];
#define per_cpu_offset(cpu) (__per_cpu_offset[cpu])

/* "+ 0" makes a pointer of an array. */
#define per_cpu_ptr(ptr, cpu) RELOC_HIDE((ptr) + 0, per_cpu_offset(cpu))
#define per_cpu(var, cpu)     (*per_cpu_ptr(&(var), cpu))

#define raw_cpu_ptr(ptr)	      RELOC_HIDE((ptr) + 0, hld_percpu_offset(hld_cpu()))
#define this_cpu_ptr(ptr)	      raw_cpu_ptr(ptr)
#define __my_cpu_offset		      hld_percpu_offset(hld_cpu())
#define my_cpu_offset		      __my_cpu_offset
#define SHIFT_PERCPU_PTR(ptr, offset) RELOC_HIDE((ptr) + 0, (offset))

#define this_cpu_read(pcp)	 READ_ONCE(*this_cpu_ptr(&(pcp)))
#define this_cpu_write(pcp, val) WRITE_ONCE(*this_cpu_ptr(&(pcp)), (val))

#define __hld_local_op(pcp, op, val, expected)                                     \
	((__typeof__(pcp))hld_local((void *)this_cpu_ptr(&(pcp)), sizeof(pcp), op, \
				    (unsigned long)(val), (unsigned long)(expected)))
#define this_cpu_add(pcp, val) ((void)__hld_local_op(pcp, HLD_LOCAL_ADD, val, 0))
#define this_cpu_sub(pcp, val) this_cpu_add(pcp, -(__typeof__(pcp))(val))
#define this_cpu_inc(pcp)      this_cpu_add(pcp, 1)
#define this_cpu_dec(pcp)      this_cpu_sub(pcp, 1)
#define this_cpu_and(pcp, val) ((void)__hld_local_op(pcp, HLD_LOCAL_AND, val, 0))
#define this_cpu_or(pcp, val)  ((void)__hld_local_op(pcp, HLD_LOCAL_OR, val, 0))
#define this_cpu_add_return(pcp, val)                                                        \
	({                                                                                   \
		__typeof__(pcp) __added = (__typeof__(pcp))(val);                            \
		(__typeof__(pcp))(__hld_local_op(pcp, HLD_LOCAL_ADD, __added, 0) + __added); \
	})
#define this_cpu_sub_return(pcp, val)	this_cpu_add_return(pcp, -(__typeof__(pcp))(val))
#define this_cpu_inc_return(pcp)	this_cpu_add_return(pcp, 1)
#define this_cpu_dec_return(pcp)	this_cpu_add_return(pcp, -1)
#define this_cpu_xchg(pcp, new)		__hld_local_op(pcp, HLD_LOCAL_XCHG, new, 0)
#define this_cpu_cmpxchg(pcp, old, new) __hld_local_op(pcp, HLD_LOCAL_CMPXCHG, new, old)
#define this_cpu_try_cmpxchg(pcp, pold, new)                                     \
	({                                                                       \
		__typeof__(pcp) __expected = *(pold);                            \
		__typeof__(pcp) __seen = this_cpu_cmpxchg(pcp, __expected, new); \
		*(pold) = __seen;                                                \
		__seen == __expected;                                            \
	})

/* On x86 the forms that assume no preemption are the same instructions. */
#define raw_cpu_read	      this_cpu_read
#define raw_cpu_write	      this_cpu_write
#define raw_cpu_add	      this_cpu_add
#define raw_cpu_inc	      this_cpu_inc
#define raw_cpu_dec	      this_cpu_dec
#define __this_cpu_read	      this_cpu_read
#define __this_cpu_write      this_cpu_write
#define __this_cpu_add	      this_cpu_add
#define __this_cpu_sub	      this_cpu_sub
#define __this_cpu_inc	      this_cpu_inc
#define __this_cpu_dec	      this_cpu_dec
#define __this_cpu_and	      this_cpu_and
#define __this_cpu_or	      this_cpu_or
#define __this_cpu_add_return this_cpu_add_return
#define __this_cpu_sub_return this_cpu_sub_return
#define __this_cpu_inc_return this_cpu_inc_return
#define __this_cpu_dec_return this_cpu_dec_return
#define __this_cpu_xchg	      this_cpu_xchg
#define __this_cpu_cmpxchg    this_cpu_cmpxchg

#define get_cpu_var(var)              \
	(*({                          \
		preempt_disable();    \
		this_cpu_ptr(&(var)); \
	}))
#define put_cpu_var(var)          \
	do {                      \
		(void)&(var);     \
		preempt_enable(); \
	} while (0)
#define get_cpu_ptr(var)           \
	({                         \
		preempt_disable(); \
		this_cpu_ptr(var); \
	})
#define put_cpu_ptr(var)          \
	do {                      \
		(void)(var);      \
		preempt_enable(); \
	} while (0)

#endif
