/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_UNALIGNED_H
#define _ASM_UNALIGNED_H
#include <linux/types.h>
#define get_unaligned(ptr)                             \
	({                                             \
		const struct {                         \
			__typeof__(*(ptr)) x;          \
		} __packed *__p = (const void *)(ptr); \
		__p->x;                                \
	})
#define put_unaligned(val, ptr)                  \
	do {                                     \
		struct {                         \
			__typeof__(*(ptr)) x;    \
		} __packed *__p = (void *)(ptr); \
		__p->x = (val);                  \
	} while (0)
#endif
