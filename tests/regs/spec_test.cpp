// SPDX-License-Identifier: Apache-2.0
#include "models/regs/spec.hpp"

#include "tests/regs/sample_map.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using regs::Access;
using regs::Field;
using regs::Register;

namespace {

// clang-format off
constexpr Field BYTE_FIELDS[] = {
    {{7, 0},   "BYTE",   Access::RW,   0, ""},
};
constexpr Field GAP_FIELDS[] = {
    {{7, 4},   "HIGH",   Access::RW,   0, ""},
    {{2, 0},   "LOW",    Access::RW,   0, "bit 3 is nobody's"},
};
constexpr Register GAP[] = {
    {0, 8, "WHOLE", {}, BYTE_FIELDS, "1"},
    {1, 8, "GAP",   {}, GAP_FIELDS,  "2"},
};
constexpr Register OVERLAP[] = {
    {0, 8, "CHn",  {2, 1}, BYTE_FIELDS, "1"},
    {1, 8, "NEXT", {},     BYTE_FIELDS, "2"},
};
constexpr Register TWICE[] = {
    {0, 8, "SAME", {}, BYTE_FIELDS, "1"},
    {1, 8, "SAME", {}, BYTE_FIELDS, "2"},
};
// clang-format on

}  // namespace

TEST_CASE("a register with a bit that no row covers does not pass, whatever stands before it", "[regs]") {
    CHECK(regs::well_formed(GAP));
    CHECK(regs::well_formed(GAP[0]));
    CHECK_FALSE(regs::well_formed(GAP[1]));
    CHECK_FALSE(regs::each_well_formed(GAP));
    CHECK(regs::each_well_formed(OVERLAP));
}

TEST_CASE("registers that overlap, or have one name, do not pass as a map", "[regs]") {
    CHECK_FALSE(regs::well_formed(OVERLAP));
    CHECK_FALSE(regs::well_formed(TWICE));
}

TEST_CASE("a row is found by its name", "[regs]") {
    CHECK(&regs::row(sample::REGISTERS, "CHn_VAL") == &sample::REGISTERS[3]);
    CHECK(regs::row(sample::REGISTERS, "MIXED").field("KNOWN").msb == 15);
}
