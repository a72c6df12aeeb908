/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Static keys. Deviation: a branch on one is an ordinary load of the key; the
 * kernel patches the code instead, which is not modelled.
 */
#ifndef _LINUX_JUMP_LABEL_H
#define _LINUX_JUMP_LABEL_H

#include <linux/atomic.h>
#include <linux/types.h>

struct static_key {
	atomic_t enabled;
};
struct static_key_true {
	struct static_key key;
};
struct static_key_false {
	struct static_key key;
};
#define STATIC_KEY_INIT_TRUE              \
	{                                 \
		.enabled = ATOMIC_INIT(1) \
	}
#define STATIC_KEY_INIT_FALSE             \
	{                                 \
		.enabled = ATOMIC_INIT(0) \
	}
#define STATIC_KEY_TRUE_INIT                \
	{                                   \
		.key = STATIC_KEY_INIT_TRUE \
	}
#define STATIC_KEY_FALSE_INIT                \
	{                                    \
		.key = STATIC_KEY_INIT_FALSE \
	}
#define DEFINE_STATIC_KEY_TRUE(name)	 struct static_key_true name = STATIC_KEY_TRUE_INIT
#define DEFINE_STATIC_KEY_FALSE(name)	 struct static_key_false name = STATIC_KEY_FALSE_INIT
#define DEFINE_STATIC_KEY_TRUE_RO(name)	 DEFINE_STATIC_KEY_TRUE(name)
#define DEFINE_STATIC_KEY_FALSE_RO(name) DEFINE_STATIC_KEY_FALSE(name)
#define DECLARE_STATIC_KEY_TRUE(name)	 extern struct static_key_true name
#define DECLARE_STATIC_KEY_FALSE(name)	 extern struct static_key_false name

static __always_inline bool __hld_key_on(const struct static_key *key)
{
	return key->enabled.counter > 0;
}
#define static_branch_likely(x)		    likely(__hld_key_on(&(x)->key))
#define static_branch_unlikely(x)	    unlikely(__hld_key_on(&(x)->key))
#define static_key_enabled(x)		    __hld_key_on((const struct static_key *)(x))
#define static_key_false(key)		    unlikely(__hld_key_on(key))
#define static_key_true(key)		    likely(__hld_key_on(key))
#define static_branch_enable(x)		    atomic_set(&(x)->key.enabled, 1)
#define static_branch_disable(x)	    atomic_set(&(x)->key.enabled, 0)
#define static_branch_enable_cpuslocked(x)  static_branch_enable(x)
#define static_branch_disable_cpuslocked(x) static_branch_disable(x)
#define static_branch_inc(x)		    atomic_inc(&(x)->key.enabled)
#define static_branch_dec(x)		    atomic_dec(&(x)->key.enabled)

#endif
