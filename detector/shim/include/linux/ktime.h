/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_KTIME_H
#define _LINUX_KTIME_H

#include <linux/types.h>

typedef s64 ktime_t;

#define KTIME_MAX     ((s64) ~((u64)1 << 63))
#define NSEC_PER_MSEC 1000000L
#define NSEC_PER_USEC 1000L
#define NSEC_PER_SEC  1000000000L
#define USEC_PER_SEC  1000000L
#define USEC_PER_MSEC 1000L
#define MSEC_PER_SEC  1000L

static inline ktime_t ktime_set(const s64 secs, const unsigned long nsecs)
{
	return secs * NSEC_PER_SEC + (s64)nsecs;
}

#define ktime_sub(lhs, rhs)	((lhs) - (rhs))
#define ktime_add(lhs, rhs)	((lhs) + (rhs))
#define ktime_add_ns(kt, nsval) ((kt) + (nsval))
#define ktime_sub_ns(kt, nsval) ((kt) - (nsval))
#define ktime_add_us(kt, usec)	((kt) + (ktime_t)((usec)*NSEC_PER_USEC))
#define ktime_sub_us(kt, usec)	((kt) - (ktime_t)((usec)*NSEC_PER_USEC))
#define ktime_add_ms(kt, msec)	((kt) + (ktime_t)((msec)*NSEC_PER_MSEC))
#define ktime_sub_ms(kt, msec)	((kt) - (ktime_t)((msec)*NSEC_PER_MSEC))

static inline s64 ktime_to_ns(const ktime_t kt)
{
	return kt;
}

static inline s64 ktime_to_us(const ktime_t kt)
{
	return kt / NSEC_PER_USEC;
}

static inline s64 ktime_to_ms(const ktime_t kt)
{
	return kt / NSEC_PER_MSEC;
}

static inline ktime_t ns_to_ktime(u64 ns)
{
	return (ktime_t)ns;
}

static inline ktime_t ms_to_ktime(u64 ms)
{
	return (ktime_t)(ms * NSEC_PER_MSEC);
}

static inline int ktime_compare(const ktime_t cmp1, const ktime_t cmp2)
{
	return cmp1 < cmp2 ? -1 : cmp1 > cmp2;
}

static inline bool ktime_after(const ktime_t cmp1, const ktime_t cmp2)
{
	return cmp1 > cmp2;
}

static inline bool ktime_before(const ktime_t cmp1, const ktime_t cmp2)
{
	return cmp1 < cmp2;
}

#include <linux/timekeeping.h>

#endif
