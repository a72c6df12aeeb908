// SPDX-License-Identifier: Apache-2.0
// The standard tests over the local APIC: its page in xAPIC mode, its MSRs in x2APIC mode, for each shape of processor.
#include "models/lapic/lapic.hpp"
#include "models/sim/session.hpp"
#include "tests/registers/standard_tests.hpp"

using namespace hldsim;

namespace {

constexpr std::uint32_t ID = 0x134;
constexpr std::uint64_t LVT_MASK = 1U << 16;
constexpr std::uint64_t TIMER_MODE = 3U << 17;
constexpr std::uint64_t DELIVERY_STATUS = 1U << 12;
constexpr std::uint32_t MSR_APIC_BASE = 0x1b;
constexpr std::uint64_t X2APIC_MODE = 0xfee0'0c00;

struct Nowhere final : IpiPort, CpuEvents {
    void send(CpuNumber /*sender*/, Shorthand /*to*/, const InterruptMessage& /*message*/) override {}
    void broadcast_eoi(std::uint8_t /*vector*/) override {}
    void identified(CpuNumber /*cpu*/, ApicId /*id*/, bool /*x2apic*/) override {}
    void nmi(const TokenSet& /*tokens*/, std::uint8_t /*vector*/) override {}
    void smi(const TokenSet& /*tokens*/) override {}
    void init(const TokenSet& /*tokens*/) override {}
    void sipi(std::uint8_t /*vector*/, const TokenSet& /*tokens*/) override {}
    void external_interrupt(bool /*active*/) override {}
    void interrupt_request(bool /*active*/) override {}
};

bool is_lvt(const regs::Register& row) { return row.name.substr(0, 4) == "LVT_"; }

// The shape is made here a second time, from the profile and SDM volume 3A, chapter 10, not taken from the device.
regs::File shaped(const LapicProfile& profile, bool x2apic) {
    using regs::Access;
    regs::File file{lapic::MAP, {Size::B4}};
    file.limit("RRD", 0);  // obsolete, diagnosed as unimplemented
    if (!profile.dual_timer.timer2_reason) {
        file.limit("LVT_TIMER2", 0);  // in no hardware
    }
    file.limit("SELF_IPI", 0);  // write-only where it exists
    file.limit("LVT_CMCI", (profile.version >> 16 & 0xff) >= 6 ? 1 : 0);
    file.set_reset(file.slot("VERSION"), {31, 0}, profile.version);
    file.set_reset(file.slot("ID"), {31, 24}, ID & 0xff);
    if ((profile.version >> 24 & 1) == 0) {
        file.set_access(file.slot("SVR"), {12, 12}, Access::RSVD);
    }
    if (!profile.tsc_deadline) {
        file.set_access(file.slot("LVT_TIMER"), {18, 18}, Access::RSVD);
    }
    if (x2apic) {
        for (const char* gone : {"APR", "DFR", "ICR_HIGH"}) {
            file.limit(gone, 0);
        }
        file.set_access(file.slot("ICR_LOW"), {12, 12}, Access::RSVD);
        file.set_access(file.slot("ID"), {31, 0}, Access::RO);
        file.set_reset(file.slot("ID"), {31, 0}, ID);
        file.set_access(file.slot("LDR"), {31, 0}, Access::RO);
        file.set_reset(file.slot("LDR"), {31, 0}, ID >> 4 << 16 | 1U << (ID & 0xf));
    }
    return file;
}

class LapicSubject final : public registers::Subject {
public:
    LapicSubject(const LapicProfile& profile, bool x2apic) : x2apic_{x2apic}, shape_{shaped(profile, x2apic)} {
        lapic_ = std::make_unique<Lapic>("lapic", timeline_, timing_, profile, CpuNumber{0}, ApicId{ID}, false,
                                         nowhere_, tokens_);
        lapic_->connect(nowhere_);
        reset();
    }

    std::uint64_t read(std::uint32_t offset, Size size) override {
        if (!x2apic_) {
            return lapic_->mmio_read(offset, size);
        }
        std::uint64_t value = 0;
        lapic_->rdmsr(lapic::x2apic_msr(offset), value);
        return value & 0xffff'ffff;
    }
    void write(std::uint32_t offset, Size size, std::uint64_t value) override {
        if (x2apic_) {
            lapic_->wrmsr(lapic::x2apic_msr(offset), value);
        } else {
            lapic_->mmio_write(offset, size, value);
        }
    }
    void reset() override {
        lapic_->reset_enter();
        lapic_->reset_hold();
        lapic_->reset_exit();
        if (x2apic_) {
            REQUIRE(lapic_->wrmsr(MSR_APIC_BASE, X2APIC_MODE));
        }
    }
    std::string dump() override { return lapic_->dump(); }
    const regs::File& shape() const override { return shape_; }
    /// Timer 2 of the counterfactual runs out once.
    void raise(regs::File::Slot /*slot*/) override {
        write(lapic::SVR, Size::B4, 0x1ff);
        write(lapic::LVT_TIMER, Size::B4, 0x4'0040);
        write(lapic::LVT_TIMER2, Size::B4, 0x50);
        write(lapic::INITIAL_COUNT, Size::B4, 3);
        let_time_pass();
    }
    void let_time_pass() override { timeline_.run_until(timeline_.now() + Duration{1'000'003'000}); }
    std::uint64_t storage(regs::File::Slot slot) const override {
        const regs::Register& row = shape_.spec(slot);
        // Masks are forced to 1 until SVR enables; a change of the timer's mode stops it (their own tests below).
        return Subject::storage(slot) & ~(is_lvt(row) ? LVT_MASK | TIMER_MODE : 0);
    }
    std::uint64_t shadows(regs::File::Slot slot) const override {
        const std::string_view name = shape_.spec(slot).name;
        if (name == "PPR" || name == "APR" || name == "CURRENT_COUNT") {
            return shape_.mask(slot, regs::Access::RO);  // of TPR and INITIAL_COUNT
        }
        if (is_lvt(shape_.spec(slot))) {
            return LVT_MASK;  // of SVR.ENABLE
        }
        return name == "ICR_LOW" ? DELIVERY_STATUS : 0;  // what an ICR write sends is on its way
    }
    Lapic& lapic() { return *lapic_; }

private:
    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    Timing timing_{Hertz{3'000'000'000}, Hertz{3'000'000'000}, Hertz{24'000'000}, Duration{69'841'279}};
    Nowhere nowhere_;
    TokenCounter tokens_;
    bool x2apic_;
    regs::File shape_;
    std::unique_ptr<Lapic> lapic_;
};

LapicProfile any_lapic() {
    LapicProfile profile;
    switch (GENERATE(0, 1, 2)) {
        case 0:
            break;
        case 1:
            profile.version = 0x0005'0014;  // no CMCI entry, no suppression of EOI broadcasts
            profile.tsc_deadline = false;
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
