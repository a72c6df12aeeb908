// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Text to number. A number is the whole text; one newline may follow it. */
#include "kernel.h"

/* The value of a digit up to base 16, or -1. */
int hex_to_bin(unsigned char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* Strips the prefix that goes with @base, and finds the base that is meant by 0. */
static const char *skip_base(const char *s, unsigned int *base)
{
	bool hexadecimal = s[0] == '0' && (s[1] | 0x20) == 'x' && hex_to_bin(s[2]) >= 0;

	if (*base == 0)
		*base = hexadecimal ? 16 : s[0] == '0' ? 8 : 10;
	return hexadecimal && *base == 16 ? s + 2 : s;
}

/* Characters used; a value beyond 64 bits sets *overflow. */
static size_t parse_digits(const char *s, unsigned int base, unsigned long long *res,
			   bool *overflow)
{
	unsigned long long value = 0;
	size_t used;

	*overflow = false;
	for (used = 0; (unsigned int)hex_to_bin(s[used]) < base; used++) {
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, (unsigned int)hex_to_bin(s[used]), &value))
			*overflow = true;
	}
	*res = value;
	return used;
}

int kstrtoull(const char *s, unsigned int base, unsigned long long *res)
{
	unsigned long long value;
	bool overflow;
	size_t used;

	if (*s == '+')
		s++;
	s = skip_base(s, &base);
	used = parse_digits(s, base, &value, &overflow);
	if (!used)
		return -EINVAL;
	if (overflow)
		return -ERANGE;
	s += used;
	if (*s == '\n')
		s++;
	if (*s)
		return -EINVAL;
	*res = value;
	return 0;
}
EXPORT_SYMBOL(kstrtoull);

int kstrtoll(const char *s, unsigned int base, long long *res)
{
	bool negative = *s == '-';
	unsigned long long value;
	int ret = kstrtoull(negative ? s + 1 : s, base, &value);

	if (ret)
		return ret;
	if (negative ? value > (unsigned long long)LLONG_MAX + 1 : value > LLONG_MAX)
		return -ERANGE;
	*res = (long long)(negative ? -value : value);
	return 0;
}
EXPORT_SYMBOL(kstrtoll);

int kstrtouint(const char *s, unsigned int base, unsigned int *res)
{
	unsigned long long value;
	int ret = kstrtoull(s, base, &value);

	if (ret)
		return ret;
	if (value > UINT_MAX)
		return -ERANGE;
	*res = (unsigned int)value;
	return 0;
}
EXPORT_SYMBOL(kstrtouint);

int kstrtoint(const char *s, unsigned int base, int *res)
{
	long long value;
	int ret = kstrtoll(s, base, &value);

	if (ret)
		return ret;
	if (value < INT_MIN || value > INT_MAX)
		return -ERANGE;
	*res = (int)value;
	return 0;
}
EXPORT_SYMBOL(kstrtoint);

int kstrtobool(const char *s, bool *res)
{
	switch (s ? s[0] : 0) {
	case 'y':
	case 'Y':
	case '1':
		*res = true;
		return 0;
	case 'n':
	case 'N':
	case '0':
		*res = false;
		return 0;
	case 'o':
	case 'O':
		if ((s[1] | 0x20) == 'n' || (s[1] | 0x20) == 'f') {
			*res = (s[1] | 0x20) == 'n';
			return 0;
		}
		break;
	}
	return -EINVAL;
}
EXPORT_SYMBOL(kstrtobool);

unsigned long long simple_strtoull(const char *s, char **end, unsigned int base)
{
	unsigned long long value;
	bool overflow;

	s = skip_base(s, &base);
	s += parse_digits(s, base, &value, &overflow);
	if (end)
		*end = (char *)s;
	return value;
}
EXPORT_SYMBOL(simple_strtoull);

unsigned long simple_strtoul(const char *s, char **end, unsigned int base)
{
	return simple_strtoull(s, end, base);
}
EXPORT_SYMBOL(simple_strtoul);

long simple_strtol(const char *s, char **end, unsigned int base)
{
	return *s == '-' ? -(long)simple_strtoul(s + 1, end, base)
			 : (long)simple_strtoul(s, end, base);
}
EXPORT_SYMBOL(simple_strtol);
