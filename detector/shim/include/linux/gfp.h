/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_GFP_H
#define _LINUX_GFP_H
#include <linux/types.h>
#define ___GFP_ATOMIC		       0x20u
#define ___GFP_RECLAIM		       0x400u
#define ___GFP_ZERO		       0x100u
#define __GFP_ZERO		       ((gfp_t)___GFP_ZERO)
#define __GFP_NOWARN		       ((gfp_t)0x2000u)
#define __GFP_NORETRY		       ((gfp_t)0x4000u)
#define __GFP_HIGH		       ((gfp_t)0x8000u)
#define GFP_KERNEL		       ((gfp_t)___GFP_RECLAIM) /* may sleep */
#define GFP_NOIO		       GFP_KERNEL
#define GFP_ATOMIC		       ((gfp_t)___GFP_ATOMIC)
#define GFP_NOWAIT		       ((gfp_t)0)
#define gfpflags_allow_blocking(flags) (((flags)&___GFP_RECLAIM) != 0)
#endif
