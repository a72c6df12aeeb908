/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _ASM_CPUID_H
#define _ASM_CPUID_H
#include <asm/cpuid/api.h>
#endif
