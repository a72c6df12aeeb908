// SPDX-License-Identifier: Apache-2.0
// The standard tests over the HPET, for every chip profile.
#include "tests/registers/hpet_subject.hpp"

using namespace hldsim;

using registers::hpet_test::HpetSubject;

namespace {

HpetProfile any_hpet() {
    switch (GENERATE(0, 1, 2, 3, 4)) {
        case 0:
            return HpetProfile::pch();
        case 1:
            return HpetProfile::pch_100();
        case 2:
            return HpetProfile::ich7();
        case 3:
            return HpetProfile::fch();
        default:
            return HpetProfile::qemu_q35();
    }
}

}  // namespace

TEST_CASE("hpet: every register reads its reset value", "[registers][hpet][HPET-1.0a/2.3]") {
    HpetSubject subject{any_hpet()};
    registers::test_reset(subject, {Size::B4, Size::B8});
}

TEST_CASE("hpet: what is written to storage reads back", "[registers][hpet]") {
    HpetSubject subject{any_hpet()};
    registers::test_rw(subject);
}

TEST_CASE("hpet: each bit alone is writable or is not, as its row says", "[registers][hpet]") {
    HpetSubject subject{any_hpet()};
    registers::test_bit_walk(subject);
}

TEST_CASE("hpet: no register answers in another's place", "[registers][hpet]") {
    HpetSubject subject{any_hpet()};
    registers::test_aliasing(subject);
}

TEST_CASE("hpet: an access of a wrong size or alignment changes nothing", "[registers][hpet]") {
    HpetSubject subject{any_hpet()};
    registers::test_wrong_accesses(subject, 0, 0x3ff, [](std::uint32_t offset, Size size) {
        return bytes(size) >= 4 && offset % bytes(size) == 0;
    });
}

TEST_CASE("hpet: a reset in the middle of anything leaves a new device", "[registers][hpet][H-37]") {
    HpetSubject subject{any_hpet()};
    registers::test_reset_in_the_middle(subject);
}

TEST_CASE("hpet: the bits with side effects are writable where the timer has the capability", "[registers][hpet]") {
    const HpetProfile profile = any_hpet();
    HpetSubject subject{profile};
    for (unsigned n = 0; n < profile.timers.size(); ++n) {
        subject.reset();
        const std::uint32_t conf = 0x100 + 0x20 * n;
        subject.write(conf, Size::B4, 0x148);
        const std::uint64_t expected =
            (profile.timers[n].periodic ? 0x48U : 0U) | (profile.timers[n].wide ? 0x100U : 0U);
        CHECK((subject.read(conf, Size::B4) & 0x148) == expected);
    }
}

TEST_CASE("hpet: writing 1 clears the status of a timer, and of no other", "[registers][hpet][H-29]") {
    HpetProfile profile = any_hpet();
    profile.fsb_level_sets_status = true;  // else a timer of messages alone never has one (H-30)
    HpetSubject subject{profile};
    registers::test_write_one_to_clear(subject, {Size::B4, Size::B8});
}
