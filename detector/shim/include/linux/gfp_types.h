/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_GFP_TYPES_H
#define _LINUX_GFP_TYPES_H
#include <linux/gfp.h>
#endif
