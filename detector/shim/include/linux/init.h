/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Initcalls: a pointer each in a section, run by the miniature kernel in link order. */
#ifndef _LINUX_INIT_H
#define _LINUX_INIT_H

#include <linux/compiler.h>
#include <linux/types.h>

/* Nothing is ever discarded: these sections would only move the code. */
#define __init
#define __exit
#define __initdata
#define __initconst
#define __exitdata
#define __ref
#define __refdata
#define __init_or_module
#define __initdata_or_module
#define __cpuinit
#define __meminit
#define __ro_after_init
#define __read_mostly

typedef hld_initcall_t initcall_t;
typedef void (*exitcall_t)(void);

#define __hld_initcall(fn)                                                           \
	static hld_initcall_t __initcall_##fn __used __section(HLD_INITCALL_SECTION) \
		__aligned(sizeof(void *)) = fn

#define early_initcall(fn)    __hld_initcall(fn)
#define pure_initcall(fn)     __hld_initcall(fn)
#define core_initcall(fn)     __hld_initcall(fn)
#define postcore_initcall(fn) __hld_initcall(fn)
#define arch_initcall(fn)     __hld_initcall(fn)
#define subsys_initcall(fn)   __hld_initcall(fn)
#define fs_initcall(fn)	      __hld_initcall(fn)
#define rootfs_initcall(fn)   __hld_initcall(fn)
#define device_initcall(fn)   __hld_initcall(fn)
#define late_initcall(fn)     __hld_initcall(fn)
#define __initcall(fn)	      __hld_initcall(fn)
#define __exitcall(fn)	      static exitcall_t __exitcall_##fn __maybe_unused = fn

/* Parameters of the command line: name and parser, in a section of their own. */
#define __hld_setup(text, parser, is_early)                                          \
	static struct hld_setup __setup_##parser __used __section(HLD_SETUP_SECTION) \
		__aligned(sizeof(void *)) = { .name = text, .parse = parser, .early = is_early }
#define __setup(text, parser)	  __hld_setup(text, parser, 0)
#define early_param(text, parser) __hld_setup(text, parser, 1)

#endif
