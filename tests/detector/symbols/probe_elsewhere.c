// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A second file, with a static variable whose name the first one has too. */
/* The kernel's style, in a folder of C++. */
/* clang-format off */
#include "probe.h"

static int probe_same_name;

void probe_elsewhere(void)
{
	probe_same_name++;
}
