// SPDX-License-Identifier: Apache-2.0
// The standard tests over the AMD-Vi unit, for units of several capabilities.
#include "tests/registers/amdvi_subject.hpp"

using namespace hldsim;

using registers::amdvi_test::AmdviSubject;

namespace {

AmdviProfile any_amdvi() {
    AmdviProfile profile;
    profile.xt = GENERATE(true, false);
    profile.ga = profile.xt;
    return profile;
}

}  // namespace

TEST_CASE("amdvi: every register reads its reset value", "[registers][amdvi]") {
    AmdviSubject subject{any_amdvi()};
    registers::test_reset(subject, {Size::B4, Size::B8});
}

TEST_CASE("amdvi: what is written to storage reads back", "[registers][amdvi]") {
    AmdviSubject subject{any_amdvi()};
    registers::test_rw(subject);
}

TEST_CASE("amdvi: each bit alone is writable or is not, as its row says", "[registers][amdvi]") {
    AmdviSubject subject{any_amdvi()};
    registers::test_bit_walk(subject);
}

TEST_CASE("amdvi: no register answers in another's place", "[registers][amdvi]") {
    AmdviSubject subject{any_amdvi()};
    registers::test_aliasing(subject);
}

TEST_CASE("amdvi: an access of a wrong size or alignment changes nothing", "[registers][amdvi][AMDVI-20]") {
    AmdviSubject subject{any_amdvi()};
    registers::test_wrong_accesses(subject, 0, 0x3fff, [](std::uint32_t offset, Size size) {
        return bytes(size) >= 4 && offset % bytes(size) == 0;
    });
}

TEST_CASE("amdvi: a reset in the middle of anything leaves a new unit", "[registers][amdvi]") {
    AmdviSubject subject{any_amdvi()};
    registers::test_reset_in_the_middle(subject);
}

TEST_CASE("amdvi: the pointers of a ring keep what is written while nothing moves them", "[registers][amdvi]") {
    AmdviSubject subject{any_amdvi()};
    for (const std::uint32_t pointer : {0x2000U, 0x2008U, 0x2010U, 0x2018U}) {
        subject.write(pointer, Size::B8, ~std::uint64_t{0});
        CHECK(subject.read(pointer, Size::B8) == 0x7'fff0);
    }
}

TEST_CASE("amdvi: writing 1 clears a status bit and no other", "[registers][amdvi][AMDVI-10][AMDVI-11]") {
    AmdviProfile profile = any_amdvi();
    profile.aborts_are_logged = true;
    AmdviSubject subject{profile};
    registers::test_write_one_to_clear(subject, {Size::B4, Size::B8});
}
