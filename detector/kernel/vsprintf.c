// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Formatting for printk() and its relatives. Conversions: d i u x X o c s p %,
 * lengths hh h l ll z t, flags 0 - + space #, width and precision, and of the
 * pointer forms %*pbl (a list), %*pb (hexadecimal), %pS (an address). A plain
 * pointer prints as (ptr): addresses belong to no report.
 */
#include "kernel.h"

struct out {
	char *at;
	char *end;     /* one past the last byte that may be written, before the NUL */
	size_t length; /* what it would be with room enough */
};

struct spec {
	int width;
	int precision; /* -1: none */
	bool left, zero, plus, space, alternate;
	char length; /* 0, 'H' hh, 'h', 'l', 'L' ll, 'z' */
};

static void put(struct out *out, char c)
{
	if (out->at < out->end)
		*out->at++ = c;
	out->length++;
}

static void put_padded(struct out *out, const struct spec *spec, const char *text, int length)
{
	int i;

	for (i = length; !spec->left && i < spec->width; i++)
		put(out, ' ');
	for (i = 0; i < length; i++)
		put(out, text[i]);
	for (i = length; spec->left && i < spec->width; i++)
		put(out, ' ');
}

static void put_number(struct out *out, const struct spec *spec, unsigned long long value,
		       bool negative, unsigned int base, bool capitals)
{
	const char *digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
	char reversed[24];
	int length = 0, prefix = 0, zeros = 0, i;
	char sign = negative ? '-' : spec->plus ? '+' : spec->space ? ' ' : 0;

	if (value || spec->precision != 0) {
		do {
			reversed[length++] = digits[value % base];
			value /= base;
		} while (value);
	}
	if (spec->alternate && base == 16)
		prefix = 2;
	if (spec->precision > length)
		zeros = spec->precision - length;
	else if (spec->precision < 0 && spec->zero && !spec->left)
		zeros = max(0, spec->width - length - prefix - !!sign);

	for (i = length + zeros + prefix + !!sign; !spec->left && i < spec->width; i++)
		put(out, ' ');
	if (sign)
		put(out, sign);
	if (prefix) {
		put(out, '0');
		put(out, capitals ? 'X' : 'x');
	}
	for (i = 0; i < zeros; i++)
		put(out, '0');
	for (i = length; i-- > 0;)
		put(out, reversed[i]);
	for (i = length + zeros + prefix + !!sign; spec->left && i < spec->width; i++)
		put(out, ' ');
}

static void put_decimal(struct out *out, unsigned int value)
{
	static const struct spec plain = { .precision = -1 };

	put_number(out, &plain, value, false, 10, false);
}

/* 0-2,5 */
static void put_bit_list(struct out *out, const unsigned long *bits, unsigned int nbits)
{
	unsigned int first = (unsigned int)find_next_bit(bits, nbits, 0);
	bool comma = false;

	while (first < nbits) {
		unsigned int last = (unsigned int)find_next_zero_bit(bits, nbits, first) - 1;

		if (comma)
			put(out, ',');
		comma = true;
		put_decimal(out, first);
		if (last > first) {
			put(out, '-');
			put_decimal(out, last);
		}
		first = (unsigned int)find_next_bit(bits, nbits, last + 1);
	}
}

/* 32 bits a group, the highest first: 3,0000000f */
static void put_bit_map(struct out *out, const unsigned long *bits, unsigned int nbits)
{
	unsigned int groups = DIV_ROUND_UP(nbits, 32);
	unsigned int group;

	for (group = groups; group-- > 0;) {
		unsigned int left = nbits - group * 32;
		struct spec spec = { .zero = true, .precision = -1 };
		u32 value = (u32)(bits[group / 2] >> (group % 2 * 32));

		if (left < 32)
			value &= (1u << left) - 1;
		spec.width = left < 32 ? (int)DIV_ROUND_UP(left, 4) : 8;
		put_number(out, &spec, value, false, 16, false);
		if (group)
			put(out, ',');
	}
}

/* What follows "%p". Returns the last character that belongs to it. */
static const char *put_pointer(struct out *out, struct spec *spec, const char *fmt, const void *ptr)
{
	if (fmt[1] == 'b') {
		if (fmt[2] == 'l') {
			put_bit_list(out, ptr, (unsigned int)spec->width);
			return fmt + 2;
		}
		put_bit_map(out, ptr, (unsigned int)spec->width);
		return fmt + 1;
	}
	put_padded(out, spec, "(ptr)", 5);
	while ((fmt[1] >= 'a' && fmt[1] <= 'z') || (fmt[1] >= 'A' && fmt[1] <= 'Z'))
		fmt++;
	return fmt;
}

static const char *parse_spec(struct spec *spec, const char *fmt, va_list *args)
{
	*spec = (struct spec){ .precision = -1 };
	for (;; fmt++) {
		if (*fmt == '-')
			spec->left = true;
		else if (*fmt == '0')
			spec->zero = true;
		else if (*fmt == '+')
			spec->plus = true;
		else if (*fmt == ' ')
			spec->space = true;
		else if (*fmt == '#')
			spec->alternate = true;
		else
			break;
	}
	if (*fmt == '*') {
		spec->width = va_arg(*args, int);
		fmt++;
		if (spec->width < 0) {
			spec->left = true;
			spec->width = -spec->width;
		}
	} else {
		while (*fmt >= '0' && *fmt <= '9')
			spec->width = spec->width * 10 + (*fmt++ - '0');
	}
	if (*fmt == '.') {
		spec->precision = 0;
		if (*++fmt == '*') {
			spec->precision = max(-1, va_arg(*args, int));
			fmt++;
		} else {
			while (*fmt >= '0' && *fmt <= '9')
				spec->precision = spec->precision * 10 + (*fmt++ - '0');
		}
	}
	if (*fmt == 'l' || *fmt == 'h') {
		char twice = *fmt == 'l' ? 'L' : 'H';

		spec->length = *fmt++;
		if (*fmt == spec->length) {
			spec->length = twice;
			fmt++;
		}
	} else if (*fmt == 'z' || *fmt == 't') {
		spec->length = 'l';
		fmt++;
	}
	return fmt;
}

static unsigned long long fetch(const struct spec *spec, va_list *args, bool is_signed)
{
	switch (spec->length) {
	case 'L':
	case 'l':
		return va_arg(*args, unsigned long long);
	case 'h':
		return is_signed ? (unsigned long long)(short)va_arg(*args, int)
				 : (unsigned short)va_arg(*args, int);
	case 'H':
		return is_signed ? (unsigned long long)(signed char)va_arg(*args, int)
				 : (unsigned char)va_arg(*args, int);
	default:
		return is_signed ? (unsigned long long)va_arg(*args, int)
				 : va_arg(*args, unsigned int);
	}
}

static void put_string(struct out *out, const struct spec *spec, const char *text)
{
	int length = 0;

	if (!text)
		text = "(null)";
	while (text[length] && (spec->precision < 0 || length < spec->precision))
		length++;
	put_padded(out, spec, text, length);
}

static const char *put_conversion(struct out *out, const char *fmt, va_list *args)
{
	struct spec spec;
	long long value;
	char c;

	fmt = parse_spec(&spec, fmt, args);
	switch (*fmt) {
	case 'd':
	case 'i':
		value = (long long)fetch(&spec, args, true);
		put_number(out, &spec,
			   value < 0 ? -(unsigned long long)value : (unsigned long long)value,
			   value < 0, 10, false);
		break;
	case 'u':
		put_number(out, &spec, fetch(&spec, args, false), false, 10, false);
		break;
	case 'x':
	case 'X':
		put_number(out, &spec, fetch(&spec, args, false), false, 16, *fmt == 'X');
		break;
	case 'o':
		put_number(out, &spec, fetch(&spec, args, false), false, 8, false);
		break;
	case 'c':
		c = (char)va_arg(*args, int);
		put_padded(out, &spec, &c, 1);
		break;
	case 's':
		put_string(out, &spec, va_arg(*args, const char *));
		break;
	case 'p':
		fmt = put_pointer(out, &spec, fmt, va_arg(*args, const void *));
		break;
	case '%':
		put(out, '%');
		break;
	case '\0':
		return fmt - 1;
	default: /* unknown: shown as it stands */
		put(out, '%');
		put(out, *fmt);
		break;
	}
	return fmt;
}

/* Returns the length that the text has, without the NUL, whether it fits or not. */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out out = { .at = buf, .end = size ? buf + size - 1 : buf };
	va_list copy;

	va_copy(copy, args);
	for (; *fmt; fmt++) {
		if (*fmt == '%')
			fmt = put_conversion(&out, fmt + 1, &copy);
		else
			put(&out, *fmt);
	}
	va_end(copy);
	if (size)
		*out.at = '\0';
	return (int)out.length;
}
EXPORT_SYMBOL(vsnprintf);
