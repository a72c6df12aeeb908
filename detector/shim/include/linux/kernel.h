/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_KERNEL_H
#define _LINUX_KERNEL_H

#include <linux/stdarg.h>
#include <linux/align.h>
#include <linux/limits.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/bitops.h>
#include <linux/kstrtox.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/build_bug.h>
#include <linux/sprintf.h>

#define ARRAY_SIZE(arr)	     (sizeof(arr) / sizeof((arr)[0]) + __must_be_array(arr) * 0)
#define PTR_ALIGN_DOWN(p, a) ((__typeof__(p))ALIGN_DOWN((unsigned long)(p), (a)))

#define upper_32_bits(n) ((u32)(((n) >> 16) >> 16))
#define lower_32_bits(n) ((u32)((n)&0xffffffff))
#define upper_16_bits(n) ((u16)((n) >> 16))
#define lower_16_bits(n) ((u16)((n)&0xffff))

/* Who called the function that may sleep is told as well: it is whose fault it is. */
void __might_sleep(const char *function, const char *file, int line, unsigned long caller);
#define might_sleep()	__might_sleep(__func__, __FILE__, __LINE__, _RET_IP_)
#define might_resched() ((void)0)
#define might_fault()	((void)0)
#define cant_sleep()	((void)0)
#define might_sleep_if(cond)           \
	do {                           \
		if (cond)              \
			might_sleep(); \
	} while (0)
#define trace_printk(fmt, ...) printk(fmt, ##__VA_ARGS__)

#define typecheck(type, x)                       \
	({                                       \
		type __expected;                 \
		__typeof__(x) __given;           \
		(void)(&__expected == &__given); \
		1;                               \
	})
#define REPEAT_BYTE(x)			((~0ul / 0xff) * (x))
#define VERIFY_OCTAL_PERMISSIONS(perms) (perms)

enum system_states {
	SYSTEM_BOOTING,
	SYSTEM_SCHEDULING,
	SYSTEM_FREEING_INITMEM,
	SYSTEM_RUNNING,
	SYSTEM_HALT,
	SYSTEM_POWER_OFF,
	SYSTEM_RESTART,
	SYSTEM_SUSPEND,
};
extern enum system_states system_state;

#endif
