/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_KTHREAD_H
#define _LINUX_KTHREAD_H

#include <linux/sched.h>

/*
 * A simulated CPU has one stack, so there is no kthread_run(): code that needs
 * one fails to link with its name. Deferred work has <linux/workqueue.h>.
 */

#endif
