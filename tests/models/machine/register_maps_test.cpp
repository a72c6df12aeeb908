// SPDX-License-Identifier: Apache-2.0
#include "models/machine/register_maps.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;

TEST_CASE("each register map has a name of its own, and they are in the order of their names", "[machine][regs]") {
    for (std::size_t n = 1; n < register_maps().size(); ++n) {
        CHECK(register_maps()[n - 1]->device < register_maps()[n]->device);
    }
}
