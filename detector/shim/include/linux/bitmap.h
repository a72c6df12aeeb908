/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Bit maps as plain word loops: none of these is atomic as a whole. */
#ifndef _LINUX_BITMAP_H
#define _LINUX_BITMAP_H

#include <linux/bitops.h>
#include <linux/find.h>
#include <linux/string.h>

/* The valid bits of the last word. */
#define BITMAP_LAST_WORD_MASK(nbits)  (~0UL >> (-(nbits) & (BITS_PER_LONG - 1)))
#define BITMAP_FIRST_WORD_MASK(start) (~0UL << ((start) & (BITS_PER_LONG - 1)))

static inline void bitmap_zero(unsigned long *dst, unsigned int nbits)
{
	unsigned int k;

	for (k = 0; k < BITS_TO_LONGS(nbits); k++)
		dst[k] = 0;
}
static inline void bitmap_fill(unsigned long *dst, unsigned int nbits)
{
	unsigned int k;

	for (k = 0; k < BITS_TO_LONGS(nbits); k++)
		dst[k] = ~0UL;
}
static inline void bitmap_copy(unsigned long *dst, const unsigned long *src, unsigned int nbits)
{
	unsigned int k;

	for (k = 0; k < BITS_TO_LONGS(nbits); k++)
		dst[k] = src[k];
}

#define __hld_bitmap_combine(name, expression)                              \
	static inline bool name(unsigned long *dst, const unsigned long *a, \
				const unsigned long *b, unsigned int nbits) \
	{                                                                   \
		unsigned long some = 0;                                     \
		unsigned int k;                                             \
                                                                            \
		for (k = 0; k < BITS_TO_LONGS(nbits); k++) {                \
			unsigned long word = expression;                    \
                                                                            \
			dst[k] = word;                                      \
			if (k + 1 == BITS_TO_LONGS(nbits))                  \
				word &= BITMAP_LAST_WORD_MASK(nbits);       \
			some |= word;                                       \
		}                                                           \
		return some != 0;                                           \
	}
__hld_bitmap_combine(bitmap_and, a[k] & b[k]) __hld_bitmap_combine(bitmap_or, a[k] | b[k])
	__hld_bitmap_combine(bitmap_xor, a[k] ^ b[k])
		__hld_bitmap_combine(bitmap_andnot, a[k] & ~b[k])

			static inline unsigned int bitmap_weight(const unsigned long *src,
								 unsigned int nbits)
{
	unsigned int weight = 0;
	unsigned int k;

	for (k = 0; k < BITS_TO_LONGS(nbits); k++) {
		unsigned long word = src[k];

		if (k + 1 == BITS_TO_LONGS(nbits))
			word &= BITMAP_LAST_WORD_MASK(nbits);
		weight += hweight64(word);
	}
	return weight;
}
static inline bool bitmap_empty(const unsigned long *src, unsigned int nbits)
{
	return find_first_bit(src, nbits) == nbits;
}
static inline bool bitmap_full(const unsigned long *src, unsigned int nbits)
{
	return find_first_zero_bit(src, nbits) == nbits;
}
static inline bool bitmap_equal(const unsigned long *a, const unsigned long *b, unsigned int nbits)
{
	unsigned int k;

	for (k = 0; k < BITS_TO_LONGS(nbits); k++) {
		unsigned long differ = a[k] ^ b[k];

		if (k + 1 == BITS_TO_LONGS(nbits))
			differ &= BITMAP_LAST_WORD_MASK(nbits);
		if (differ)
			return false;
	}
	return true;
}
static inline bool bitmap_intersects(const unsigned long *a, const unsigned long *b,
				     unsigned int nbits)
{
	return find_next_and_bit(a, b, nbits, 0) < nbits;
}
static inline bool bitmap_subset(const unsigned long *a, const unsigned long *b, unsigned int nbits)
{
	return find_next_andnot_bit(a, b, nbits, 0) >= nbits;
}

#endif
