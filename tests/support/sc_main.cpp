// SPDX-License-Identifier: Apache-2.0
#if !__has_include(<catch2/catch_all.hpp>)
#define CATCH_CONFIG_RUNNER
#endif
#include <systemc>

#include "tests/support/catch.hpp"

int sc_main(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
