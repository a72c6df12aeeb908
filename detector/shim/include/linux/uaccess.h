/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* There is no user space: the "user" buffer of a written file is kernel memory. */
#ifndef _LINUX_UACCESS_H
#define _LINUX_UACCESS_H
#include <linux/string.h>
static inline unsigned long copy_from_user(void *to, const void __user *from, unsigned long n)
{
	memcpy(to, from, n);
	return 0;
}
static inline unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
{
	memcpy(to, from, n);
	return 0;
}
int kstrtouint_from_user(const char __user *s, size_t count, unsigned int base, unsigned int *res);
#endif
