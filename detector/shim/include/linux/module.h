/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_MODULE_H
#define _LINUX_MODULE_H

#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/stringify.h>

/* An object is never unloaded: module_exit() keeps the function and calls it never. */
#define module_init(fn)			      __hld_initcall(fn)
#define module_exit(fn)			      __exitcall(fn)
#define builtin_driver(driver, register, ...) _Static_assert(1, "")

#define MODULE_INFO(tag, info)		_Static_assert(1, info)
#define MODULE_LICENSE(text)		_Static_assert(1, text)
#define MODULE_AUTHOR(text)		_Static_assert(1, text)
#define MODULE_DESCRIPTION(text)	_Static_assert(1, text)
#define MODULE_VERSION(text)		_Static_assert(1, text)
#define MODULE_ALIAS(text)		_Static_assert(1, text)
#define MODULE_SOFTDEP(text)		_Static_assert(1, text)
#define MODULE_IMPORT_NS(ns)		_Static_assert(1, #ns)
#define MODULE_DEVICE_TABLE(type, name) _Static_assert(1, #name)

void print_modules(void);

static inline bool try_module_get(struct module *module)
{
	return true;
}
static inline void module_put(struct module *module)
{
}

#endif
