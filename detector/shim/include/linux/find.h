/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Search in bit maps: plain loads, word by word, not atomic as a whole. */
#ifndef _LINUX_FIND_H
#define _LINUX_FIND_H

#include <linux/bits.h>

#define __hld_find(word_at, size, start, flip)                                               \
	({                                                                                   \
		unsigned long __found = (size);                                              \
		unsigned long __at = (start);                                                \
		if (__at < (size)) {                                                         \
			unsigned long __index = BIT_WORD(__at);                              \
			unsigned long __word = ((word_at) ^ (flip)) & (~0ul << (__at % 64)); \
			for (;;) {                                                           \
				if (__word) {                                                \
					__found = __index * 64 +                             \
						  (unsigned long)__builtin_ctzl(__word);     \
					if (__found > (size))                                \
						__found = (size);                            \
					break;                                               \
				}                                                            \
				if (++__index * 64 >= (size))                                \
					break;                                               \
				__word = (word_at) ^ (flip);                                 \
			}                                                                    \
		}                                                                            \
		__found;                                                                     \
	})

static inline unsigned long find_next_bit(const unsigned long *addr, unsigned long size,
					  unsigned long offset)
{
	return __hld_find(addr[__index], size, offset, 0ul);
}
static inline unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long size,
					       unsigned long offset)
{
	return __hld_find(addr[__index], size, offset, ~0ul);
}
static inline unsigned long find_next_and_bit(const unsigned long *a, const unsigned long *b,
					      unsigned long size, unsigned long offset)
{
	return __hld_find(a[__index] & b[__index], size, offset, 0ul);
}
static inline unsigned long find_next_andnot_bit(const unsigned long *a, const unsigned long *b,
						 unsigned long size, unsigned long offset)
{
	return __hld_find(a[__index] & ~b[__index], size, offset, 0ul);
}
static inline unsigned long find_next_or_bit(const unsigned long *a, const unsigned long *b,
					     unsigned long size, unsigned long offset)
{
	return __hld_find(a[__index] | b[__index], size, offset, 0ul);
}
#define find_first_bit(addr, size)	find_next_bit(addr, size, 0)
#define find_first_zero_bit(addr, size) find_next_zero_bit(addr, size, 0)
#define find_first_and_bit(a, b, size)	find_next_and_bit(a, b, size, 0)

static inline unsigned long find_last_bit(const unsigned long *addr, unsigned long size)
{
	unsigned long index = (size + 63) / 64;

	while (index--) {
		unsigned long word = addr[index];

		if ((index + 1) * 64 > size)
			word &= ~0ul >> ((index + 1) * 64 - size);
		if (word)
			return index * 64 + 63 - (unsigned long)__builtin_clzl(word);
	}
	return size;
}

#define for_each_set_bit(bit, addr, size)                              \
	for ((bit) = find_next_bit((addr), (size), 0); (bit) < (size); \
	     (bit) = find_next_bit((addr), (size), (bit) + 1))
#define for_each_set_bit_from(bit, addr, size)                             \
	for ((bit) = find_next_bit((addr), (size), (bit)); (bit) < (size); \
	     (bit) = find_next_bit((addr), (size), (bit) + 1))
#define for_each_clear_bit(bit, addr, size)                                 \
	for ((bit) = find_next_zero_bit((addr), (size), 0); (bit) < (size); \
	     (bit) = find_next_zero_bit((addr), (size), (bit) + 1))

#endif
