/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_INSTRUCTION_POINTER_H
#define _LINUX_INSTRUCTION_POINTER_H
#include <linux/compiler.h>
#endif
