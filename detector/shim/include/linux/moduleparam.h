/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Module parameters. Each is a struct hld_param in a section of the object, which
 * the simulator fills from the scenario before the first initcall.
 */
#ifndef _LINUX_MODULEPARAM_H
#define _LINUX_MODULEPARAM_H

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/stringify.h>

/* Any other type is a compile error that names it: __HLD_PARAM_short and so on. */
#define __HLD_PARAM_int	  HLD_PARAM_INT
#define __HLD_PARAM_uint  HLD_PARAM_UINT
#define __HLD_PARAM_ulong HLD_PARAM_ULONG
#define __HLD_PARAM_bool  HLD_PARAM_BOOL
#define __HLD_PARAM_charp HLD_PARAM_CHARP
#define __HLD_PARAM__Bool HLD_PARAM_BOOL

#define __HLD_PARAM_C_int   int
#define __HLD_PARAM_C_uint  unsigned int
#define __HLD_PARAM_C_ulong unsigned long
#define __HLD_PARAM_C_bool  bool
#define __HLD_PARAM_C__Bool bool
#define __HLD_PARAM_C_charp char *

/* Weak: MODULE_PARM_DESC() may stand before or after, or be missing. */
#define __hld_param_desc(name) \
	extern const char __parm_desc_##name[] __attribute__((weak, visibility("hidden")))

#define __hld_param(text, variable, kind, ctype)                                   \
	_Static_assert(__same_type(variable, ctype),                               \
		       "module_param(): the variable has another type");           \
	__hld_param_desc(text);                                                    \
	static struct hld_param __param_##text __used __section(HLD_PARAM_SECTION) \
		__aligned(sizeof(void *)) = {                                      \
			.name = #text,                                             \
			.type = kind,                                              \
			.value = &(variable),                                      \
			.description = __parm_desc_##text,                         \
		}

#define module_param(name, type, perm) \
	__hld_param(name, name, __HLD_PARAM_##type, __HLD_PARAM_C_##type)
#define module_param_named(name, value, type, perm) \
	__hld_param(name, value, __HLD_PARAM_##type, __HLD_PARAM_C_##type)
#define module_param_unsafe(name, type, perm) module_param(name, type, perm)
#define core_param(name, value, type, perm)   module_param_named(name, value, type, perm)

/*
 * A parameter with functions of its own. set() runs on a simulated CPU when a
 * scenario writes the file of that name; get() prints into a page.
 */
struct kernel_param;
struct kernel_param_ops {
	unsigned int flags;
	int (*set)(const char *value, const struct kernel_param *param);
	int (*get)(char *buffer, const struct kernel_param *param);
	void (*free)(void *arg);
};
struct kernel_param {
	const char *name;
	const struct kernel_param_ops *ops;
	void *arg;
};

#define module_param_cb(text, operations, argument, perm)                          \
	__hld_param_desc(text);                                                    \
	static struct hld_param __param_##text __used __section(HLD_PARAM_SECTION) \
		__aligned(sizeof(void *)) = {                                      \
			.name = #text,                                             \
			.type = HLD_PARAM_CALLBACK,                                \
			.value = (argument),                                       \
			.description = __parm_desc_##text,                         \
			.ops = (operations),                                       \
		}

#define MODULE_PARM_DESC(name, text) \
	__hld_param_desc(name);      \
	const char __parm_desc_##name[] = text

#endif
