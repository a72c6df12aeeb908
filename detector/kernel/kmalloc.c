// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The allocator: powers of two from 32 bytes up, a free list each, fed from the
 * arena. A freed object is filled with a pattern, so that who still looks at it
 * reads nonsense and not what was there.
 */
#include "kernel.h"

#define MIN_SHIFT 5
#define MAX_SHIFT 20
#define POISON	  0x6b

struct object {
	u32 class;	     /* MIN_SHIFT ..; above 0x100: free */
	u32 size;	     /* asked for */
	struct object *next; /* while free */
};

#define CLASS_FREE 0x100u
/* The head is a line of its own, as the object behind it is. */
#define HEAD_SIZE 64

static DEFINE_RAW_SPINLOCK(slab_lock);
static char *arena_at;
static char *arena_end;
static struct object *free_lists[MAX_SHIFT + 1];

void kmalloc_init(void)
{
	hld_u64 size;
	char *arena = hld_arena(&size);

	arena_at = PTR_ALIGN(arena, 64);
	arena_end = arena + size;
}

static u32 class_of(size_t size)
{
	return size <= 1u << MIN_SHIFT ? MIN_SHIFT : (u32)fls64(size - 1);
}

void *__kmalloc(size_t size, gfp_t flags)
{
	u32 class = class_of(size);
	struct object *object;
	unsigned long irq;
	bool fresh = false;

	if (class > MAX_SHIFT)
		return NULL;
	WARN_ON_ONCE(in_nmi() || (gfpflags_allow_blocking(flags) && !in_task()));
	if (gfpflags_allow_blocking(flags))
		__might_sleep("kmalloc", __FILE__, __LINE__, _RET_IP_);

	raw_spin_lock_irqsave(&slab_lock, irq);
	object = free_lists[class];
	if (object) {
		free_lists[class] = object->next;
	} else if (arena_at + HEAD_SIZE + (1ul << class) <= arena_end) {
		object = (struct object *)arena_at;
		arena_at += ALIGN(HEAD_SIZE + (1ul << class), 64);
		fresh = true;
	}
	raw_spin_unlock_irqrestore(&slab_lock, irq);
	if (!object)
		return NULL;

	object->class = class;
	object->size = (u32)size;
	/* The arena comes zeroed. */
	if ((flags & __GFP_ZERO) && !fresh)
		memset((char *)object + HEAD_SIZE, 0, size);
	return (char *)object + HEAD_SIZE;
}
EXPORT_SYMBOL(__kmalloc);

static struct object *object_of(const void *p)
{
	return (struct object *)((char *)(unsigned long)p - HEAD_SIZE);
}

void kfree(const void *p)
{
	struct object *object;
	unsigned long irq;

	if (!p)
		return;
	object = object_of(p);
	if (object->class < MIN_SHIFT || object->class > MAX_SHIFT) {
		WARN(1, "kfree() of what kmalloc() did not return, or twice\n");
		return;
	}
	memset((char *)object + HEAD_SIZE, POISON, object->size);
	raw_spin_lock_irqsave(&slab_lock, irq);
	object->next = free_lists[object->class];
	free_lists[object->class] = object;
	object->class |= CLASS_FREE;
	raw_spin_unlock_irqrestore(&slab_lock, irq);
}
EXPORT_SYMBOL(kfree);

size_t ksize(const void *p)
{
	return p ? 1ul << object_of(p)->class : 0;
}
EXPORT_SYMBOL(ksize);

void *krealloc(const void *p, size_t size, gfp_t flags)
{
	void *bigger;

	if (!size) {
		kfree(p);
		return NULL;
	}
	if (p && ksize(p) >= size) {
		object_of(p)->size = (u32)size;
		return (void *)(unsigned long)p;
	}
	bigger = __kmalloc(size, flags);
	if (bigger && p) {
		memcpy(bigger, p, object_of(p)->size);
		kfree(p);
	}
	return bigger;
}
EXPORT_SYMBOL(krealloc);
