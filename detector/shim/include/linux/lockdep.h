/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Lock classes are told apart by the observers (hld_note_lock()); the assertions cost nothing. */
#ifndef _LINUX_LOCKDEP_H
#define _LINUX_LOCKDEP_H

#include <linux/types.h>

struct lock_class_key {
	char unused;
};
struct lockdep_map {
	const char *name;
};

/* Without CONFIG_TRACE_IRQFLAGS there is nothing to print. */
struct task_struct;
static inline void print_irqtrace_events(struct task_struct *curr)
{
}

#define STATIC_LOCKDEP_MAP_INIT(map_name, key) \
	{                                      \
		.name = map_name               \
	}
#define lockdep_init_map(map, text, key, subclass)  ((void)(map), (void)(text), (void)(key))
#define lockdep_set_class(lock, key)		    ((void)(lock), (void)(key))
#define lockdep_set_class_and_name(lock, key, name) ((void)(lock), (void)(key), (void)(name))
#define lockdep_register_key(key)		    ((void)(key))
#define lockdep_unregister_key(key)		    ((void)(key))
#define lockdep_is_held(lock)			    1
#define lockdep_assert_held(lock)		    ((void)(lock))
#define lockdep_assert_held_once(lock)		    ((void)(lock))
#define lockdep_assert_held_write(lock)		    ((void)(lock))
#define lockdep_assert_not_held(lock)		    ((void)(lock))
#define lockdep_assert_none_held_once()		    ((void)0)
#define lockdep_assert_irqs_enabled()		    ((void)0)
#define lockdep_assert_irqs_disabled()		    ((void)0)
#define lockdep_assert_in_irq()			    ((void)0)
#define lockdep_assert_preemption_enabled()	    ((void)0)
#define lockdep_assert_preemption_disabled()	    ((void)0)
#define lock_acquire_exclusive(map, ...)	    ((void)(map))
#define lock_map_acquire(map)			    ((void)(map))
#define lock_map_release(map)			    ((void)(map))
#define lockdep_off()				    ((void)0)
#define lockdep_on()				    ((void)0)

#endif
