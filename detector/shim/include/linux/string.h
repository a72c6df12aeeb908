/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Memory and string calls. hldsim-cc renames their symbols to hld_memcpy and so
 * on (also where the compiler itself calls them): chunked, visible accesses of
 * the simulated CPU.
 */
#ifndef _LINUX_STRING_H
#define _LINUX_STRING_H

#include <linux/types.h>
#include <linux/errno.h>

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int byte, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t n);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int strcasecmp(const char *a, const char *b);
char *strcpy(char *to, const char *from);
char *strncpy(char *to, const char *from, size_t n);
size_t strlcpy(char *to, const char *from, size_t size);
char *strcat(char *to, const char *from);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *what);

/* Bytes copied without the end, or -E2BIG if it was cut. */
static inline ssize_t strscpy(char *to, const char *from, size_t size)
{
	size_t length;

	if (!size)
		return -E2BIG;
	length = strnlen(from, size);
	if (length < size) {
		memcpy(to, from, length + 1);
		return (ssize_t)length;
	}
	memcpy(to, from, size - 1);
	to[size - 1] = 0;
	return -E2BIG;
}

/* The miniature kernel's. */
char *kstrdup(const char *s, gfp_t gfp);
char *strsep(char **s, const char *separators);
char *strim(char *s);
char *skip_spaces(const char *s);
bool parse_option_str(const char *text, const char *option);
bool sysfs_streq(const char *a, const char *b);
int match_string(const char *const *array, size_t n, const char *string);
#define strstrip(s)		    strim(s)
#define str_has_prefix(str, prefix) (strncmp(str, prefix, strlen(prefix)) ? 0 : strlen(prefix))
#define memzero_explicit(s, n)	    memset(s, 0, n)

#endif
