/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Warnings and BUG: the text and its consequences are the miniature kernel's. */
#ifndef _LINUX_BUG_H
#define _LINUX_BUG_H

#include <linux/compiler.h>
#include <linux/build_bug.h>
#include <linux/types.h>

/* fmt is NULL for the forms without a message. */
__printf(3, 4) void __hld_warn(const char *file, int line, const char *fmt, ...);
__noreturn void __hld_bug(const char *file, int line);

#define BUG() __hld_bug(__FILE__, __LINE__)
#define BUG_ON(condition)                \
	do {                             \
		if (unlikely(condition)) \
			BUG();           \
	} while (0)

#define __WARN() __hld_warn(__FILE__, __LINE__, NULL)
#define WARN_ON(condition)                       \
	({                                       \
		int __warned_on = !!(condition); \
		if (unlikely(__warned_on))       \
			__WARN();                \
		unlikely(__warned_on);           \
	})
#define WARN(condition, format...)                              \
	({                                                      \
		int __warned_on = !!(condition);                \
		if (unlikely(__warned_on))                      \
			__hld_warn(__FILE__, __LINE__, format); \
		unlikely(__warned_on);                          \
	})

/* The first time only; the flag is ordinary memory, as in the kernel. */
#define __hld_once(condition, action)                              \
	({                                                         \
		static bool __already_done;                        \
		int __hld_happened = !!(condition);                \
		if (unlikely(__hld_happened && !__already_done)) { \
			__already_done = true;                     \
			action;                                    \
		}                                                  \
		unlikely(__hld_happened);                          \
	})
#define WARN_ON_ONCE(condition) __hld_once(condition, __WARN())
#define WARN_ONCE(condition, format...) \
	__hld_once(condition, __hld_warn(__FILE__, __LINE__, format))
#define WARN_TAINT(condition, taint, format...) WARN(condition, format)
#define WARN_ON_SMP(x)				WARN_ON(x)

#endif
