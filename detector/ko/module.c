// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Hard-lockup detector: what only a loadable module needs.
 */
#include <linux/init.h>
#include <linux/module.h>

#include "hld.h"

static void __exit hld_module_exit(void)
{
	hld_exit();
}
module_exit(hld_module_exit);

MODULE_DESCRIPTION("Hard-lockup detector on an HPET timer");
MODULE_LICENSE("Dual MIT/GPL");
