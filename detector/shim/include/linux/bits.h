/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_BITS_H
#define _LINUX_BITS_H
#include <linux/const.h>
#include <linux/types.h>
#define BIT(nr)		  (UL(1) << (nr))
#define BIT_ULL(nr)	  (ULL(1) << (nr))
#define BIT_MASK(nr)	  (UL(1) << ((nr) % BITS_PER_LONG))
#define BIT_WORD(nr)	  ((nr) / BITS_PER_LONG)
#define BIT_ULL_MASK(nr)  (ULL(1) << ((nr) % BITS_PER_LONG_LONG))
#define GENMASK(h, l)	  ((~UL(0) << (l)) & (~UL(0) >> (BITS_PER_LONG - 1 - (h))))
#define GENMASK_ULL(h, l) ((~ULL(0) << (l)) & (~ULL(0) >> (BITS_PER_LONG_LONG - 1 - (h))))
#endif
