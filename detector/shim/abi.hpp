// SPDX-License-Identifier: GPL-2.0 OR MIT
// include/hld/runtime.h for C++: C has one name space for structures and another for functions.
#pragma once

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
extern "C" {
#include "detector/shim/include/hld/runtime.h"
}
#pragma GCC diagnostic pop
