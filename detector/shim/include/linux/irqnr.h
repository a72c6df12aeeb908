/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_IRQNR_H
#define _LINUX_IRQNR_H

extern int nr_irqs; /* interrupt numbers are below it */

#endif
