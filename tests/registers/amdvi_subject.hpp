// SPDX-License-Identifier: Apache-2.0
// How the register tests get at an AMD-Vi unit.
#pragma once
#include "models/amdvi/amdvi.hpp"
#include "models/sim/session.hpp"
#include "tests/registers/standard_tests.hpp"
#include "tests/support/remapper.hpp"

namespace hldsim::registers::amdvi_test {

// What the profile changes is said here a second time; the rows are the device's own. Whether those are right is
// amdvi_table_test.cpp's question.
inline regs::File shaped(const AmdviProfile& profile) {
    regs::File file{amdvi::MAP, {Size::B4, Size::B8}};
    file.set_reset(file.slot("EFR"), {7, 7}, profile.ga ? 1 : 0);
    file.set_reset(file.slot("EFR"), {2, 2}, profile.xt ? 1 : 0);
    if (!profile.ga) {
        file.set_access(file.slot("CONTROL"), {17, 17}, regs::Access::RSVD);
    }
    if (!profile.xt) {
        file.set_access(file.slot("CONTROL"), {51, 50}, regs::Access::RSVD);
        file.limit("XT_INT_CTRL", 0);
    }
    return file;
}

class AmdviSubject final : public registers::Subject {
public:
    explicit AmdviSubject(const AmdviProfile& profile)
        : shape_{shaped(profile)}, unit_{"amdvi", timeline_, timing_, profile, {}, outside_, tokens_, choices_} {
        timing_.set(Row::VtdGcmdLatency, RowUnit::Time, 1000);
        timing_.set(Row::VtdQiFetch, RowUnit::Time, 1000);
        timing_.set(Row::VtdIecMiss, RowUnit::Time, 1000);
        unit_.connect(outside_);
    }

    std::uint64_t read(std::uint32_t offset, Size size) override { return unit_.read(offset, size); }
    void write(std::uint32_t offset, Size size, std::uint64_t value) override { unit_.write(offset, size, value); }
    void reset() override {
        unit_.reset_enter();
        unit_.reset_hold();
        unit_.reset_exit();
    }
    std::string dump() override { return unit_.dump(); }
    const regs::File& shape() const override { return shape_; }
    /// A COMPLETION_WAIT with an interrupt, and two faults where the log has room for one.
    void raise(regs::File::Slot /*slot*/) override {
        constexpr std::uint64_t DEVICES = 0x10'0000, COMMANDS = 0x30'0000, LOG = 0x40'0000;
        constexpr std::uint64_t COMPLETION_WAIT = 1ULL << 60, I = 2;
        constexpr std::uint64_t EXISTS = 1, ABORT = 0;  // of a device table entry: IV, IntCtl
        outside_.answers = true;
        outside_.memory.put(COMMANDS, COMPLETION_WAIT | I);
        outside_.memory.put(DEVICES + 16, EXISTS | 9U << 1 | ABORT);
        const auto put = [&](const char* name, std::uint64_t value) {
            write(shape_.offset(shape_.slot(name)), Size::B8, value);
            let_time_pass();
        };
        put("DEV_TAB_BASE", DEVICES);
        put("CMD_BASE", COMMANDS | 8ULL << 56);
        put("EVENT_BASE", LOG | 8ULL << 56);
        put("CONTROL", 1 | 1U << 2 | 1U << 12);  // IommuEn, EventLogEn, CmdBufEn
        put("EVENT_HEAD", 2 * 16);
        put("CMD_TAIL", 16);
        for (int n = 0; n < 2; ++n) {
            MessageWrite write;
            write.address = 0xfee0'1000;
            unit_.arrive(write);
            let_time_pass();
            let_time_pass();
        }
        outside_.answers = false;
    }
    void let_time_pass() override { timeline_.run_until(timeline_.now() + Duration{1501}); }
    // A write of a base moves the pointers of its ring to 0; the unit moves them, too.
    std::uint64_t storage(regs::File::Slot slot) const override {
        const std::string_view name = shape_.spec(slot).name;
        const bool pointer = name == "CMD_HEAD" || name == "CMD_TAIL" || name == "EVENT_HEAD" || name == "EVENT_TAIL";
        return pointer ? 0 : Subject::storage(slot);
    }

private:
    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    Timing timing_{Hertz{3'000'000'000}, Hertz{3'000'000'000}, Hertz{24'000'000}, Duration{69'841'279}};
    test::QuietOutside outside_;
    TokenCounter tokens_;
    DefaultChoice choices_;
    regs::File shape_;
    Amdvi unit_;
};

}  // namespace hldsim::registers::amdvi_test
