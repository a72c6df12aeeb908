/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Scope-bound locks: guard(raw_spinlock)(&lock) and the like. */
#ifndef _LINUX_CLEANUP_H
#define _LINUX_CLEANUP_H

#include <linux/compiler.h>

#define __hld_unique(name) __hld_paste(__hld_paste(name, _), __COUNTER__)

/* Defines how a class is taken and dropped, for a lock that is given by its address. */
#define DEFINE_GUARD(class, type, lock, unlock)                          \
	typedef type __guard_##class##_t;                                \
	static __always_inline void __guard_##class##_end(type *guarded) \
	{                                                                \
		type _T = *guarded;                                      \
		unlock;                                                  \
	}                                                                \
	static __always_inline type __guard_##class##_begin(type _T)     \
	{                                                                \
		lock;                                                    \
		return _T;                                               \
	}
#define guard(class)                                                               \
	__guard_##class##_t __hld_unique(__guard) __cleanup(__guard_##class##_end) \
		__maybe_unused = __guard_##class##_begin
#define __free(class) __cleanup(__free_##class)
#define DEFINE_FREE(class, type, free)                      \
	static __always_inline void __free_##class(void *p) \
	{                                                   \
		type _T = *(type *)p;                       \
		free;                                       \
	}
#define no_free_ptr(p)                      \
	({                                  \
		__typeof__(p) __kept = (p); \
		(p) = NULL;                 \
		__kept;                     \
	})
#define return_ptr(p) return no_free_ptr(p)

#endif
