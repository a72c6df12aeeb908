/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_PERCPU_H
#define _LINUX_PERCPU_H

#include <linux/percpu-defs.h>
#include <linux/preempt.h>
#include <asm/smp.h>

/* Dynamic per-CPU memory: the miniature kernel's. For per_cpu_ptr() and this_cpu_ptr(). */
void __percpu *__alloc_percpu(size_t size, size_t align);
void free_percpu(void __percpu *ptr);
#define alloc_percpu(type)	    ((type __percpu *)__alloc_percpu(sizeof(type), __alignof__(type)))
#define alloc_percpu_gfp(type, gfp) alloc_percpu(type)

#endif
