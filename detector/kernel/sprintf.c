// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The short forms of vsnprintf(). */
#include "kernel.h"

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int length = vsnprintf(buf, size, fmt, args);

	if (!size)
		return 0;
	return min(length, (int)size - 1);
}
EXPORT_SYMBOL(vscnprintf);

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return length;
}
EXPORT_SYMBOL(snprintf);

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return length;
}
EXPORT_SYMBOL(scnprintf);

int vsprintf(char *buf, const char *fmt, va_list args)
{
	return vsnprintf(buf, INT_MAX, fmt, args);
}
EXPORT_SYMBOL(vsprintf);

int sprintf(char *buf, const char *fmt, ...)
{
	va_list args;
	int length;

	va_start(args, fmt);
	length = vsnprintf(buf, INT_MAX, fmt, args);
	va_end(args);
	return length;
}
EXPORT_SYMBOL(sprintf);

char *kasprintf(gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *text;
	int length;

	va_start(args, fmt);
	length = vsnprintf(NULL, 0, fmt, args);
	va_end(args);

	text = kmalloc((size_t)length + 1, gfp);
	if (text) {
		va_start(args, fmt);
		vsnprintf(text, (size_t)length + 1, fmt, args);
		va_end(args);
	}
	return text;
}
EXPORT_SYMBOL(kasprintf);
