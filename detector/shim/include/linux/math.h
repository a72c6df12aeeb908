/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_MATH_H
#define _LINUX_MATH_H
#include <linux/types.h>
#define __round_mask(x, y)	 ((__typeof__(x))((y)-1))
#define round_up(x, y)		 ((((x)-1) | __round_mask(x, y)) + 1)
#define round_down(x, y)	 ((x) & ~__round_mask(x, y))
#define DIV_ROUND_UP(n, d)	 (((n) + (d)-1) / (d))
#define DIV_ROUND_UP_ULL(n, d)	 (((unsigned long long)(n) + (d)-1) / (d))
#define DIV_ROUND_DOWN_ULL(n, d) ((unsigned long long)(n) / (d))
#define roundup(x, y)		 ((((x) + ((y)-1)) / (y)) * (y))
#define rounddown(x, y)		 ((x) - ((x) % (y)))
#define DIV_ROUND_CLOSEST(x, divisor)                                                            \
	({                                                                                       \
		__typeof__(x) __x = (x);                                                         \
		__typeof__(divisor) __d = (divisor);                                             \
		((__typeof__(x))-1 > 0 || (__typeof__(divisor))-1 > 0 || (__x > 0) == (__d > 0)) \
			? (__x + __d / 2) / __d                                                  \
			: (__x - __d / 2) / __d;                                                 \
	})
#define DIV_ROUND_CLOSEST_ULL(x, divisor) \
	(((unsigned long long)(x) + (divisor) / 2) / (unsigned long long)(divisor))
#define mult_frac(x, n, d)                             \
	({                                             \
		__typeof__(x) __x = (x);               \
		__typeof__(n) __n = (n);               \
		__typeof__(d) __d = (d);               \
		__x / __d *__n + __x % __d *__n / __d; \
	})
#define abs(x)                           \
	({                               \
		__typeof__(x) __x = (x); \
		__x < 0 ? -__x : __x;    \
	})
#endif
