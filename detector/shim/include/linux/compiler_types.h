/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Attributes and address-space marks. Nothing here may switch instrumentation off. */
#ifndef _LINUX_COMPILER_TYPES_H
#define _LINUX_COMPILER_TYPES_H

#define __user
#define __kernel
#define __iomem
#define __percpu
#define __rcu
#define __force
#define __safe
#define __nocast
#define __private
#define __bitwise
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)
#define __acquire(x)	  ((void)0)
#define __release(x)	  ((void)0)
#define __chk_user_ptr(x) ((void)0)

#ifndef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#endif
#define __attribute_const__ __attribute__((__const__))
#define __pure		    __attribute__((__pure__))
#define __aligned(x)	    __attribute__((__aligned__(x)))
#define __packed	    __attribute__((__packed__))
#define __section(s)	    __attribute__((__section__(s)))
#define __used		    __attribute__((__used__))
#define __maybe_unused	    __attribute__((__unused__))
#define __always_unused	    __attribute__((__unused__))
#define __weak		    __attribute__((__weak__))
#define __alias(s)	    __attribute__((__alias__(#s)))
#define __cold		    __attribute__((__cold__))
#define __malloc	    __attribute__((__malloc__))
#define __must_check	    __attribute__((__warn_unused_result__))
#define __noreturn	    __attribute__((__noreturn__))
#define __printf(a, b)	    __attribute__((__format__(__printf__, a, b)))
#define __scanf(a, b)	    __attribute__((__format__(__scanf__, a, b)))
#define __visible	    __attribute__((visibility("default")))
#define __deprecated
#define __mode(x)    __attribute__((__mode__(x)))
#define __cleanup(f) __attribute__((__cleanup__(f)))
#define __designated_init
#define __no_randomize_layout
#define __randomize_layout
#define __counted_by(x)
#define __latent_entropy
#define noinline	   __attribute__((__noinline__))
#define noinline_for_stack noinline
#define __flatten
#if __has_attribute(__fallthrough__)
#define fallthrough __attribute__((__fallthrough__))
#else
#define fallthrough \
	do {        \
	} while (0)
#endif

/*
 * Code that the kernel keeps free of its tracers still executes instructions
 * here: these marks must not become no_sanitize, or its accesses would be free.
 */
#define notrace
#define noinstr noinline
#define __no_kcsan
#define __no_kasan_or_inline __always_inline
#define __no_sanitize_address
#define __no_sanitize_thread
#define __no_sanitize_undefined
#define __nocfi
#define __noscs
#define nokprobe_inline __always_inline
#define NOKPROBE_SYMBOL(fn)

#ifndef __same_type
#define __same_type(a, b) __builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#endif
#define __native_word(t)	  (sizeof(t) == 1 || sizeof(t) == 2 || sizeof(t) == 4 || sizeof(t) == 8)
#define __unqual_scalar_typeof(x) __typeof__(((void)0, (x)))
#define asm_inline		  asm
#define asm_volatile_goto(x...)	  asm goto(x)

#define __compiletime_assert(condition, msg) _Static_assert(condition, msg)
#define compiletime_assert(condition, msg)      \
	do {                                    \
		_Static_assert(condition, msg); \
	} while (0)

#endif
