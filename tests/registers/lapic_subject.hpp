// SPDX-License-Identifier: Apache-2.0
// How the register tests get at a local APIC, by its page or by its MSRs.
#pragma once
#include <memory>

#include "models/lapic/lapic.hpp"
#include "models/sim/session.hpp"
#include "tests/registers/standard_tests.hpp"

namespace hldsim::registers::lapic_test {

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

inline bool is_lvt(const regs::Register& row) { return row.name.substr(0, 4) == "LVT_"; }

// What the profile changes is said here a second time; the rows are the device's own. Whether those are right is
// lapic_table_test.cpp's question.
inline regs::File shaped(const LapicProfile& profile, bool x2apic) {
    using regs::Access;
    regs::File file{lapic::MAP, {Size::B4}};
    file.limit("RRD", 0);  // obsolete, diagnosed as unimplemented
    if (!profile.dual_timer.timer2_reason) {
        file.limit("LVT_TIMER2", 0);  // in no hardware
    }
    file.limit("SELF_IPI", 0);  // write-only where it exists
    const unsigned last = profile.version >> 16 & 0xff;
    file.limit("LVT_CMCI", last >= 6 ? 1 : 0);
    file.limit("LVT_THERMAL", last >= 5 ? 1 : 0);
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

}  // namespace hldsim::registers::lapic_test
