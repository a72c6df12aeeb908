// SPDX-License-Identifier: GPL-2.0 OR MIT
/* String functions beyond those that the simulator has itself. */
#include "kernel.h"
#include <linux/string.h>

char *kstrdup(const char *s, gfp_t gfp)
{
	size_t length;
	char *copy;

	if (!s)
		return NULL;
	length = strlen(s) + 1;
	copy = kmalloc(length, gfp);
	if (copy)
		memcpy(copy, s, length);
	return copy;
}
EXPORT_SYMBOL(kstrdup);

int match_string(const char *const *array, size_t n, const char *string)
{
	size_t i;

	for (i = 0; i < n && array[i]; i++) {
		if (!strcmp(array[i], string))
			return (int)i;
	}
	return -EINVAL;
}
EXPORT_SYMBOL(match_string);

/* Equal but for one newline at the end of either. */
bool sysfs_streq(const char *s1, const char *s2)
{
	while (*s1 && *s1 == *s2) {
		s1++;
		s2++;
	}
	if (*s1 == '\n' && !s1[1])
		s1++;
	if (*s2 == '\n' && !s2[1])
		s2++;
	return !*s1 && !*s2;
}
EXPORT_SYMBOL(sysfs_streq);

char *skip_spaces(const char *s)
{
	while (*s == ' ' || (*s >= '\t' && *s <= '\r'))
		s++;
	return (char *)(unsigned long)s;
}
EXPORT_SYMBOL(skip_spaces);

char *strim(char *s)
{
	size_t length;

	s = skip_spaces(s);
	length = strlen(s);
	while (length && skip_spaces(&s[length - 1])[0] == '\0')
		s[--length] = '\0';
	return s;
}
EXPORT_SYMBOL(strim);

/* Is @option one of the words of @str, which commas separate? */
bool parse_option_str(const char *str, const char *option)
{
	size_t length = strlen(option);

	while (*str) {
		if (!strncmp(str, option, length) && (!str[length] || str[length] == ','))
			return true;
		while (*str && *str != ',')
			str++;
		if (*str == ',')
			str++;
	}
	return false;
}
EXPORT_SYMBOL(parse_option_str);
