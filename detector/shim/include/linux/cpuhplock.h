/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_CPUHPLOCK_H
#define _LINUX_CPUHPLOCK_H
#include <linux/cpu.h>
#endif
