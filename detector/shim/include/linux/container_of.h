/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_CONTAINER_OF_H
#define _LINUX_CONTAINER_OF_H
#include <linux/stddef.h>
#define container_of(ptr, type, member)                                                  \
	({                                                                               \
		void *__member = (void *)(ptr);                                          \
		_Static_assert(__same_type(*(ptr), ((type *)0)->member) ||               \
				       __same_type(*(ptr), void),                        \
			       "container_of(): the pointer is not one to this member"); \
		(type *)((char *)__member - offsetof(type, member));                     \
	})
#define container_of_const(ptr, type, member) container_of(ptr, type, member)
#define typeof_member(type, member)	      __typeof__(((type *)0)->member)
#endif
