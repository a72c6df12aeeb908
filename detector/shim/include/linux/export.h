/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_EXPORT_H
#define _LINUX_EXPORT_H
/* Which symbols an object shows is decided by hldsim-cc, not here. */
#define EXPORT_SYMBOL(sym)	       _Static_assert(1, #sym)
#define EXPORT_SYMBOL_GPL(sym)	       _Static_assert(1, #sym)
#define EXPORT_SYMBOL_NS(sym, ns)      _Static_assert(1, #sym)
#define EXPORT_SYMBOL_NS_GPL(sym, ns)  _Static_assert(1, #sym)
#define EXPORT_PER_CPU_SYMBOL(sym)     _Static_assert(1, #sym)
#define EXPORT_PER_CPU_SYMBOL_GPL(sym) _Static_assert(1, #sym)
#define THIS_MODULE		       ((struct module *)0)
struct module;
#endif
