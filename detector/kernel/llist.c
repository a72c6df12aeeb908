// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Lists that are built without a lock. */
#include "kernel.h"
#include <linux/llist.h>

struct llist_node *llist_reverse_order(struct llist_node *head)
{
	struct llist_node *reversed = NULL;

	while (head) {
		struct llist_node *next = head->next;

		head->next = reversed;
		reversed = head;
		head = next;
	}
	return reversed;
}
EXPORT_SYMBOL_GPL(llist_reverse_order);
