/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_MINMAX_H
#define _LINUX_MINMAX_H
#include <linux/compiler.h>
#include <linux/const.h>
#define __hld_pick(x, op, y)             \
	({                               \
		__typeof__(x) __x = (x); \
		__typeof__(y) __y = (y); \
		(void)(&__x == &__y);    \
		__x op __y ? __x : __y;  \
	})
#define __hld_pick_t(type, x, op, y)    \
	({                              \
		type __x = (x);         \
		type __y = (y);         \
		__x op __y ? __x : __y; \
	})
#define min(x, y)		   __hld_pick(x, <, y)
#define max(x, y)		   __hld_pick(x, >, y)
#define min_t(type, x, y)	   __hld_pick_t(type, x, <, y)
#define max_t(type, x, y)	   __hld_pick_t(type, x, >, y)
#define min3(x, y, z)		   min((__typeof__(x))min(x, y), z)
#define max3(x, y, z)		   max((__typeof__(x))max(x, y), z)
#define clamp_t(type, val, lo, hi) min_t(type, max_t(type, val, lo), hi)
#define clamp(val, lo, hi)	   min((__typeof__(val))max(val, lo), hi)
#define clamp_val(val, lo, hi)	   clamp_t(__typeof__(val), val, lo, hi)
#define swap(a, b)                             \
	do {                                   \
		__typeof__(a) __swapped = (a); \
		(a) = (b);                     \
		(b) = __swapped;               \
	} while (0)
#endif
