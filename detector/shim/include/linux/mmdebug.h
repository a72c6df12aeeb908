/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_MMDEBUG_H
#define _LINUX_MMDEBUG_H
#include <linux/bug.h>
#endif
