/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_WATCHDOG_H
#define _LINUX_WATCHDOG_H

#include <linux/types.h>

/* The watchdog device class (a chip that resets the machine) is not offered. */

#endif
