/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_LOCKDEP_TYPES_H
#define _LINUX_LOCKDEP_TYPES_H
#include <linux/lockdep.h>
#endif
