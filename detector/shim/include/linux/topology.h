/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_TOPOLOGY_H
#define _LINUX_TOPOLOGY_H
#include <linux/cpumask.h>
#include <asm/topology.h>
#endif
