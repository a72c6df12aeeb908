/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_MATH64_H
#define _LINUX_MATH64_H
#include <linux/types.h>
#include <linux/math.h>

static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = (u32)(dividend % divisor);
	return dividend / divisor;
}
static inline u64 div64_u64_rem(u64 dividend, u64 divisor, u64 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}
static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}
static inline s64 div64_s64(s64 dividend, s64 divisor)
{
	return dividend / divisor;
}
static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}
static inline s64 div_s64(s64 dividend, s32 divisor)
{
	return dividend / divisor;
}
#define div64_ul(x, y)		  div64_u64(x, y)
#define DIV64_U64_ROUND_UP(ll, d) (((ll) + (d)-1) / (d))

/* n = n / base; the value is the remainder. */
#define do_div(n, base)                                     \
	({                                                  \
		u32 __base = (base);                        \
		u32 __remainder = (u32)((u64)(n) % __base); \
		(n) = (u64)(n) / __base;                    \
		__remainder;                                \
	})

static inline u64 mul_u32_u32(u32 a, u32 b)
{
	return (u64)a * b;
}
static inline u64 mul_u64_u32_shr(u64 a, u32 mul, unsigned int shift)
{
	return (u64)(((unsigned __int128)a * mul) >> shift);
}
static inline u64 mul_u64_u64_shr(u64 a, u64 mul, unsigned int shift)
{
	return (u64)(((unsigned __int128)a * mul) >> shift);
}

/* a * mul / div, by long division: the 128-bit operator would need libgcc. */
static inline u64 mul_u64_u64_div_u64(u64 a, u64 mul, u64 div)
{
	unsigned __int128 product = (unsigned __int128)a * mul;
	unsigned __int128 remainder = 0;
	u64 quotient = 0;
	int bit;

	for (bit = 127; bit >= 0; bit--) {
		remainder = remainder << 1 | (product >> bit & 1);
		quotient <<= 1;
		if (remainder >= div) {
			remainder -= div;
			quotient |= 1;
		}
	}
	return quotient;
}
static inline u64 mul_u64_u32_div(u64 a, u32 mul, u32 div)
{
	return mul_u64_u64_div_u64(a, mul, div);
}
#endif
