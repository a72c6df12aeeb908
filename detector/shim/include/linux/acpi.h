/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef _LINUX_ACPI_H
#define _LINUX_ACPI_H
#include <asm/acpi.h>
#endif
