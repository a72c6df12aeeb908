// SPDX-License-Identifier: Apache-2.0
// The standard tests over the remapping unit, for units of several capabilities.
#include "tests/registers/vtd_subject.hpp"

using namespace hldsim;

using registers::vtd_test::VtdSubject;

namespace {

VtdProfile any_vtd() {
    VtdProfile profile;
    switch (GENERATE(0, 1, 2)) {
        case 1:
            profile.eim = false;
            profile.fault_records = 1;
            break;
        case 2:
            profile.version_major = 6;
            profile.fault_records = limits::VTD_FAULT_RECORDS;
            profile.posted_interrupts = profile.esirtps = profile.caching_mode = true;
            profile.scalable_mode = profile.abort_dma_mode = profile.eim_required = profile.ir_required = true;
            profile.max_index_mask = 4;
            break;
        default:
            break;
    }
    return profile;
}

}  // namespace

TEST_CASE("vtd: every register reads its reset value", "[registers][vtd][VTD-5]") {
    VtdSubject subject{any_vtd()};
    registers::test_reset(subject, {Size::B4, Size::B8});
}

TEST_CASE("vtd: what is written to storage reads back", "[registers][vtd]") {
    VtdSubject subject{any_vtd()};
    registers::test_rw(subject);
}

TEST_CASE("vtd: each bit alone is writable or is not, as its row says", "[registers][vtd]") {
    VtdSubject subject{any_vtd()};
    registers::test_bit_walk(subject);
}

TEST_CASE("vtd: no register answers in another's place", "[registers][vtd]") {
    VtdSubject subject{any_vtd()};
    registers::test_aliasing(subject);
}

TEST_CASE("vtd: an access of a wrong size or alignment changes nothing", "[registers][vtd]") {
    VtdSubject subject{any_vtd()};
    registers::test_wrong_accesses(subject, 0, 0xfff, [](std::uint32_t offset, Size size) {
        return bytes(size) >= 4 && offset % bytes(size) == 0;
    });
}

TEST_CASE("vtd: a reset in the middle of anything leaves a new unit", "[registers][vtd]") {
    VtdSubject subject{any_vtd()};
    registers::test_reset_in_the_middle(subject);
}

TEST_CASE("vtd: writing 1 clears a status bit or a fault record, and no other", "[registers][vtd][VTD-35]") {
    VtdSubject subject{any_vtd()};
    registers::test_write_one_to_clear(subject, {Size::B4, Size::B8});
}
