/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_DEVICE_H
#define _LINUX_DEVICE_H
#include <linux/printk.h>
#include <linux/types.h>
struct device {
	const char *init_name;
	void *driver_data;
};
#define dev_err(dev, fmt, ...)	printk(KERN_ERR fmt, ##__VA_ARGS__)
#define dev_warn(dev, fmt, ...) printk(KERN_WARNING fmt, ##__VA_ARGS__)
#define dev_info(dev, fmt, ...) printk(KERN_INFO fmt, ##__VA_ARGS__)
#endif
