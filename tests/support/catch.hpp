// SPDX-License-Identifier: Apache-2.0
// Both majors of Catch2. SystemC owns main(), so the runner is in sc_main.cpp.
#pragma once
#if __has_include(<catch2/catch_all.hpp>)  // 3.x
#include <catch2/catch_all.hpp>
#else  // 2.13
#include <catch2/catch.hpp>
#endif
