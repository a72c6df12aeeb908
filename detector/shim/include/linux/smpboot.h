/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_SMPBOOT_H
#define _LINUX_SMPBOOT_H

#include <linux/types.h>

/* There are no per-CPU threads to register: smpboot_register_percpu_thread() is not offered. */

#endif
