/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_TIME_H
#define _LINUX_TIME_H
#include <linux/jiffies.h>
#endif
