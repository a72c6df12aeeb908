/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Lock-less singly linked list: pushing is one cmpxchg, safe from NMIs; the consumer takes all. */
#ifndef _LINUX_LLIST_H
#define _LINUX_LLIST_H

#include <linux/atomic.h>
#include <linux/container_of.h>
#include <linux/types.h>

struct llist_node {
	struct llist_node *next;
};
struct llist_head {
	struct llist_node *first;
};
#define LLIST_HEAD_INIT(name) \
	{                     \
		NULL          \
	}
#define LLIST_HEAD(name) struct llist_head name = LLIST_HEAD_INIT(name)

static inline void init_llist_head(struct llist_head *list)
{
	list->first = NULL;
}
static inline bool llist_empty(const struct llist_head *head)
{
	return READ_ONCE(head->first) == NULL;
}
/* True if the list was empty before: then the caller has to wake the consumer. */
static inline bool llist_add(struct llist_node *node, struct llist_head *head)
{
	struct llist_node *first = READ_ONCE(head->first);

	do {
		node->next = first;
	} while (!try_cmpxchg(&head->first, &first, node));
	return !first;
}
/* All nodes, youngest first. */
static inline struct llist_node *llist_del_all(struct llist_head *head)
{
	return xchg(&head->first, NULL);
}
struct llist_node *llist_reverse_order(struct llist_node *head);

#define llist_entry(ptr, type, member) container_of(ptr, type, member)
#define llist_for_each(pos, node)      for ((pos) = (node); (pos); (pos) = (pos)->next)
#define llist_for_each_safe(pos, n, node) \
	for ((pos) = (node); (pos) && ((n) = (pos)->next, true); (pos) = (n))
#define __llist_entry_or_null(ptr, type, member)                   \
	({                                                         \
		struct llist_node *__node = (ptr);                 \
		__node ? llist_entry(__node, type, member) : NULL; \
	})
#define llist_for_each_entry(pos, node, member)                                        \
	for ((pos) = __llist_entry_or_null((node), __typeof__(*(pos)), member); (pos); \
	     (pos) = __llist_entry_or_null((pos)->member.next, __typeof__(*(pos)), member))
#define llist_for_each_entry_safe(pos, n, node, member)                                         \
	for ((pos) = __llist_entry_or_null((node), __typeof__(*(pos)), member);                 \
	     (pos) &&                                                                           \
	     ((n) = __llist_entry_or_null((pos)->member.next, __typeof__(*(n)), member), true); \
	     (pos) = (n))

#endif
