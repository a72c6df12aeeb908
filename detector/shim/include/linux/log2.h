/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_LOG2_H
#define _LINUX_LOG2_H
#include <linux/types.h>
#include <linux/bitops.h>
#define ilog2(n)		(63 - __builtin_clzll((unsigned long long)(n)))
#define is_power_of_2(n)	((n) != 0 && ((n) & ((n)-1)) == 0)
#define order_base_2(n)		((n) > 1 ? ilog2((unsigned long)(n)-1) + 1 : 0)
#define roundup_pow_of_two(n)	(1UL << order_base_2(n))
#define rounddown_pow_of_two(n) (1UL << ilog2(n))
#endif
