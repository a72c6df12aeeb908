/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Marked accesses, the compiler barrier, branch hints. */
#ifndef _LINUX_COMPILER_H
#define _LINUX_COMPILER_H

#include <linux/compiler_types.h>

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* Orders the compiler only; the simulated CPU does not see it and it costs nothing. */
#define barrier()	  __asm__ __volatile__("" : : : "memory")
#define barrier_data(ptr) __asm__ __volatile__("" : : "r"(ptr) : "memory")

/* A volatile access is a marked one: the hooks tell the two apart. */
#define __READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define READ_ONCE(x)   __READ_ONCE(x)
#define WRITE_ONCE(x, val)                               \
	do {                                             \
		*(volatile __typeof__(x) *)&(x) = (val); \
	} while (0)
#define __WRITE_ONCE(x, val)	     WRITE_ONCE(x, val)
#define READ_ONCE_NOCHECK(x)	     READ_ONCE(x)
#define data_race(expr)		     (expr)
#define ASSERT_EXCLUSIVE_WRITER(var) ((void)0)
#define ASSERT_EXCLUSIVE_ACCESS(var) ((void)0)

#define OPTIMIZER_HIDE_VAR(var) __asm__("" : "=r"(var) : "0"(var))
/* ptr + off, and the compiler no longer knows which object it points into. */
#define RELOC_HIDE(ptr, off)                             \
	({                                               \
		unsigned long __hidden;                  \
		__asm__("" : "=r"(__hidden) : "0"(ptr)); \
		(__typeof__(ptr))(__hidden + (off));     \
	})
#define absolute_pointer(val) RELOC_HIDE((void *)(val), 0)

#define unreachable()	    __builtin_unreachable()
#define __must_be_array(a)  (sizeof(struct { int : -!!__same_type((a), &(a)[0]); }))
#define __is_constexpr(x)   (sizeof(int) == sizeof(*(8 ? ((void *)((long)(x)*0l)) : (int *)8)))
#define __UNIQUE_ID(prefix) __hld_paste(__hld_paste(__unique_id_##prefix, _), __COUNTER__)
#define __hld_paste(a, b)   __hld_paste2(a, b)
#define __hld_paste2(a, b)  a##b
#define __ADDRESSABLE(sym)                                               \
	static void *__used __hld_paste(__addressable_##sym, __LINE__) = \
		(void *)(unsigned long)&sym;

#define _THIS_IP_                        \
	({                               \
		__label__ __here;        \
__here:                                  \
		(unsigned long)&&__here; \
	})
#define _RET_IP_ ((unsigned long)__builtin_return_address(0))

#include <asm/barrier.h>

#endif
