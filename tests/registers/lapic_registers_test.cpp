// SPDX-License-Identifier: Apache-2.0
// The standard tests over the local APIC: its page in xAPIC mode, its MSRs in x2APIC mode, for each shape of processor.
#include "tests/registers/lapic_subject.hpp"

using namespace hldsim;

using registers::lapic_test::is_lvt;
using registers::lapic_test::LapicSubject;

namespace {

LapicProfile any_lapic() {
    LapicProfile profile;
    switch (GENERATE(0, 1, 2, 3)) {
        case 0:
            break;
        case 1:
            profile.version = 0x0005'0014;  // no CMCI entry, no suppression of EOI broadcasts
            profile.tsc_deadline = false;
            break;
        case 2:
            profile.version = 0x0004'0010;  // no thermal entry either
            break;
        default:
            profile.version = 0x0106'0010;
            profile.always_running_timer = false;
            break;
    }
    return profile;
}

}  // namespace

TEST_CASE("lapic: the standard tests of registers", "[registers][lapic][2.1]") {
    LapicSubject subject{any_lapic(), GENERATE(false, true)};
    SECTION("every register reads its reset value") { registers::test_reset(subject, {Size::B4}); }
    SECTION("what is written to storage reads back") { registers::test_rw(subject); }
    SECTION("each bit alone is writable or is not, as its row says") { registers::test_bit_walk(subject); }
    SECTION("no register answers in another's place") { registers::test_aliasing(subject); }
    SECTION("a reset in the middle of anything leaves a new device") { registers::test_reset_in_the_middle(subject); }
}

TEST_CASE("lapic: an access of the page of a wrong size or alignment changes nothing and reads all ones",
          "[registers][lapic][2.1]") {
    LapicSubject subject{any_lapic(), false};
    const auto legal = [](std::uint32_t offset, Size size) { return size == Size::B4 && offset % 16 == 0; };
    registers::test_wrong_accesses(subject, 0, 0xfff, legal);
    for (std::uint32_t offset = 0; offset < 0x1000; ++offset) {
        for (const Size size : {Size::B1, Size::B2, Size::B4, Size::B8}) {
            if (!legal(offset, size) && subject.read(offset, size) != byte_mask(bytes(size))) {
                FAIL("offset " << offset << ", " << bytes(size) << " bytes");
            }
        }
    }
}

TEST_CASE("lapic: in x2APIC mode an access of the page of any size at any place changes nothing",
          "[registers][lapic][2.1]") {
    LapicSubject subject{any_lapic(), true};
    const std::string before = subject.dump();
    for (std::uint32_t offset = 0; offset < 0x1000; ++offset) {
        for (const Size size : {Size::B1, Size::B2, Size::B4, Size::B8}) {
            subject.lapic().mmio_write(offset, size, ~0ULL);
            if (subject.lapic().mmio_read(offset, size) != byte_mask(bytes(size))) {
                FAIL("offset " << offset << ", " << bytes(size) << " bytes");
            }
        }
    }
    CHECK(subject.dump() == before);
}

namespace {

/// What the write to ESR brings up.
std::uint64_t errors(registers::Subject& subject) {
    subject.write(lapic::ESR, Size::B4, 0);
    const std::uint64_t told = subject.read(lapic::ESR, Size::B4);
    subject.write(lapic::ESR, Size::B4, 0);
    return told;
}

/// The bits that a write of 1 to the MSR must not have: reserved ones, and all of a register that is read-only. A
/// status bit in a register that is written otherwise is not looked at.
std::uint64_t faulting_bits(const regs::File& file, regs::File::Slot slot) {
    const std::uint64_t stored = file.mask(slot, regs::Access::RW);
    const std::uint64_t ignored = stored != 0 ? file.mask(slot, regs::Access::RO) : 0;
    const std::uint64_t destination = file.offset(slot) == lapic::ICR_LOW ? ~0ULL << 32 : 0;
    return ~(stored | ignored | destination);
}

}  // namespace

TEST_CASE("lapic: a reserved place of the page reads 0, keeps nothing and is an error in ESR",
          "[registers][lapic][2.6]") {
    LapicSubject subject{any_lapic(), false};
    const std::string before = subject.dump();
    std::vector<std::uint32_t> wrong;
    for (std::uint32_t offset = 0; offset < 0x1000; offset += 16) {
        if (subject.shape().locate(offset, Size::B4, false) || offset == lapic::RRD) {
            continue;
        }
        bool right = subject.read(offset, Size::B4) == 0;
        right &= errors(subject) == 0x80;
        subject.write(offset, Size::B4, ~0ULL);
        right &= errors(subject) == 0x80;
        right &= subject.dump() == before;
        if (!right) {
            wrong.push_back(offset);
        }
    }
    CHECK(wrong == std::vector<std::uint32_t>{});
}

TEST_CASE("lapic: an MSR can be read if a register of it can", "[registers][lapic][2.1]") {
    LapicSubject subject{any_lapic(), true};
    registers::for_each_register(subject.shape(), [&](regs::File::Slot slot, std::uint32_t offset, Size /*size*/) {
        std::uint64_t value = 0;
        CHECK(subject.lapic().rdmsr(lapic::x2apic_msr(offset), value) ==
              (registers::defined_bits(subject.shape(), slot) != 0));
    });
}

TEST_CASE("lapic: each reserved bit of each MSR faults and changes nothing, and so does a write of a read-only one",
          "[registers][lapic][2.1]") {
    LapicSubject subject{any_lapic(), true};
    const std::string before = subject.dump();
    registers::for_each_register(subject.shape(), [&](regs::File::Slot slot, std::uint32_t offset, Size size) {
        const std::uint64_t value = subject.read(offset, size);
        std::uint64_t accepted = 0;
        for (std::uint64_t left = faulting_bits(subject.shape(), slot); left != 0; left &= left - 1) {
            const std::uint64_t one = left & ~(left - 1);
            accepted |= subject.lapic().wrmsr(lapic::x2apic_msr(offset), value | one) ? one : 0;
        }
        CHECK(accepted == 0);
        CHECK(subject.dump() == before);
    });
}

TEST_CASE("lapic: software-enabled, the mask and the modes of each LVT entry are storage", "[registers][lapic][2.1]") {
    const bool x2apic = GENERATE(false, true);
    LapicSubject subject{any_lapic(), x2apic};
    registers::for_each_register(subject.shape(), [&](regs::File::Slot slot, std::uint32_t offset, Size size) {
        if (!is_lvt(subject.shape().spec(slot))) {
            return;
        }
        subject.reset();
        subject.write(lapic::SVR, Size::B4, 0x1ff);
        const std::uint64_t bits = subject.shape().mask(slot, regs::Access::RW);
        for (unsigned bit = 0; bit < 32; ++bit) {
            const std::uint64_t one = bits & 1ULL << bit;
            subject.write(offset, size, one);
            CHECK(subject.read(offset, size) == one);
        }
        subject.write(offset, size, bits);
        CHECK(subject.read(offset, size) == bits);
    });
}

TEST_CASE("lapic: writing 1 clears the reason of the counterfactual second timer, writing 0 does not",
          "[registers][lapic][LAPIC-40]") {
    LapicProfile profile;
    profile.dual_timer = {true, true, true};
    LapicSubject subject{profile, GENERATE(false, true)};
    registers::test_write_one_to_clear(subject, {Size::B4});
}
