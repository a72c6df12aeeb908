// SPDX-License-Identifier: Apache-2.0
// The standard tests over the I/O APIC, for every chip and for 240 entries: the window directly, the rest through index
// and data.
#include "models/ioapic/ioapic.hpp"
#include "models/ioapic/registers.hpp"
#include "models/sim/session.hpp"
#include "tests/registers/nowhere.hpp"
#include "tests/registers/standard_tests.hpp"

using namespace hldsim;

namespace {

// What the profile changes is said here a second time; the rows are the device's own. Whether those are right is
// ioapic_table_test.cpp's question.
regs::File shaped(const IoapicProfile& profile) {
    regs::File file{ioapic::MAP, {Size::B4}};
    file.limit("RTEn", profile.pins);
    file.limit("EOIR", profile.version >= 0x20 ? 1 : 0);
    file.limit("ARB", profile.version == 0x11 ? 1 : 0);
    file.limit("IRQPA", 0);  // diagnosed as unimplemented, never a value
    file.set_reset(file.slot("VER"), {7, 0}, profile.version);
    file.set_reset(file.slot("VER"), {23, 16}, profile.pins - 1);
    if (profile.index_bits == 8) {
        file.set_access(file.slot("IOREGSEL"), {8, 8}, regs::Access::RSVD);
    }
    for (unsigned n = 0; n < profile.pins && profile.version == 0x11; ++n) {
        file.set_access(file.slot("RTEn", n), {55, 48}, regs::Access::RSVD);
    }
    return file;
}

class IoapicSubject final : public registers::Subject {
public:
    explicit IoapicSubject(const IoapicProfile& profile)
        : shape_{shaped(profile)}, ioapic_{"ioapic", timeline_, timing_, profile, nowhere_, tokens_} {}

    std::uint64_t read(std::uint32_t offset, Size size) override {
        if (offset < ioapic::INDEXED) {
            return ioapic_.read(offset, size);
        }
        std::uint64_t value = 0;
        for (unsigned at = 0; at < bytes(size); at += 4) {
            select(offset + at);
            value |= ioapic_.read(0x10, Size::B4) << (8 * at);
        }
        return value;
    }
    void write(std::uint32_t offset, Size size, std::uint64_t value) override {
        if (offset < ioapic::INDEXED) {
            return ioapic_.write(offset, size, value);
        }
        for (unsigned at = bytes(size); at >= 4; at -= 4) {  // the high half first, as software does it
            select(offset + at - 4);
            ioapic_.write(0x10, Size::B4, value >> (8 * (at - 4)) & 0xffff'ffff);
        }
    }
    void reset() override {
        ioapic_.reset_enter();
        ioapic_.reset_hold();
        ioapic_.reset_exit();
    }
    std::string dump() override { return ioapic_.dump(); }
    const regs::File& shape() const override { return shape_; }
    void let_time_pass() override { timeline_.run_until(timeline_.now() + Duration{1'000'003}); }
    std::uint64_t storage(regs::File::Slot slot) const override {
        const std::string_view name = shape_.spec(slot).name;
        // Every access behind the index moves IOREGSEL, and IOWIN is whatever that selects.
        return name == "IOREGSEL" || name == "IOWIN" ? 0 : Subject::storage(slot);
    }
    // I-22: it takes ID whenever that is written; tests/models/ioapic asks for the value.
    std::uint64_t shadows(regs::File::Slot slot) const override {
        return shape_.spec(slot).name == "ARB" ? shape_.mask(slot, regs::Access::RO) : 0;
    }

private:
    void select(std::uint32_t offset) { ioapic_.write(0, Size::B4, (offset - ioapic::INDEXED) / 4); }

    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    Timing timing_{Hertz{3'000'000'000}, Hertz{3'000'000'000}, Hertz{24'000'000}, Duration{69'841'279}};
    registers::Nowhere nowhere_;
    TokenCounter tokens_;
    regs::File shape_;
    Ioapic ioapic_;
};

IoapicProfile any_ioapic() {
    IoapicProfile largest;
    largest.pins = 240;
    largest.index_bits = 9;
    switch (GENERATE(0, 1, 2, 3, 4)) {
        case 0:
            return IoapicProfile::i82093aa();
        case 1:
            return IoapicProfile::ich();
        case 2:
            return IoapicProfile::pch_100();
        case 3:
            return IoapicProfile::fch();
        default:
            return largest;
    }
}

}  // namespace

TEST_CASE("ioapic: every register reads its reset value", "[registers][ioapic][82093AA/3.2]") {
    IoapicSubject subject{any_ioapic()};
    registers::test_reset(subject, {Size::B4});
}

TEST_CASE("ioapic: what is written to storage reads back", "[registers][ioapic]") {
    IoapicSubject subject{any_ioapic()};
    registers::test_rw(subject);
}

TEST_CASE("ioapic: each bit alone is writable or is not, as its row says", "[registers][ioapic][I-3]") {
    IoapicSubject subject{any_ioapic()};
    registers::test_bit_walk(subject);
}

TEST_CASE("ioapic: no register answers in another's place", "[registers][ioapic]") {
    IoapicSubject subject{any_ioapic()};
    registers::test_aliasing(subject);
}

TEST_CASE("ioapic: an access of a wrong size or alignment changes nothing", "[registers][ioapic][I-2]") {
    IoapicSubject subject{any_ioapic()};
    registers::test_wrong_accesses(subject, 0, 0xff, [](std::uint32_t offset, Size size) {
        return (size == Size::B4 && offset % 0x10 == 0) || (size == Size::B1 && offset == 0);
    });
}

TEST_CASE("ioapic: a reset in the middle of anything leaves a new device", "[registers][ioapic]") {
    IoapicSubject subject{any_ioapic()};
    registers::test_reset_in_the_middle(subject);
}
