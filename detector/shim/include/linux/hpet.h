/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_HPET_H
#define _LINUX_HPET_H
#include <asm/hpet.h>
#endif
