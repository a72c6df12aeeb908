/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_TYPECHECK_H
#define _LINUX_TYPECHECK_H
#include <linux/kernel.h>
#endif
