/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_PTRACE_H
#define _LINUX_PTRACE_H

#include <asm/ptrace.h>

#endif
