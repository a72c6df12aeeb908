// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Dynamic per-CPU memory: a piece of the static area, handed out once. */
#include "kernel.h"

#define PERCPU_DYNAMIC_SIZE 512

static DEFINE_PER_CPU_ALIGNED(char[PERCPU_DYNAMIC_SIZE], percpu_dynamic);
static size_t percpu_used;

void __percpu *__alloc_percpu(size_t size, size_t align)
{
	size_t old = READ_ONCE(percpu_used), begin;

	do {
		begin = ALIGN(old, align);
		if (begin + size > PERCPU_DYNAMIC_SIZE)
			return NULL;
	} while (!try_cmpxchg(&percpu_used, &old, begin + size));
	return (void __percpu *)&percpu_dynamic[begin];
}
EXPORT_SYMBOL_GPL(__alloc_percpu);

/* Deviation: dynamic per-CPU memory is not used again. */
void free_percpu(void __percpu *ptr)
{
}
EXPORT_SYMBOL_GPL(free_percpu);
