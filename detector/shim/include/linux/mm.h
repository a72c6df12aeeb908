/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_MM_H
#define _LINUX_MM_H
#include <asm/page.h>
#endif
