// SPDX-License-Identifier: Apache-2.0
// How the register tests get at a remapping unit.
#pragma once
#include "models/sim/session.hpp"
#include "models/vtd/vtd.hpp"
#include "tests/registers/standard_tests.hpp"
#include "tests/support/remapper.hpp"

namespace hldsim::registers::vtd_test {

// What the profile changes is said here a second time; the rows are the device's own. Whether those are right is
// vtd_table_test.cpp's question.
inline regs::File shaped(const VtdProfile& profile) {
    regs::File file{vtd::MAP, {Size::B4, Size::B8}};
    file.limit("FRCDn_LO", profile.fault_records);
    file.limit("FRCDn_HI", profile.fault_records);
    const auto flag = [&](const char* name, unsigned bit, bool on) {
        file.set_reset(file.slot(name), {bit, bit}, on ? 1 : 0);
    };
    file.set_reset(file.slot("VER"), {7, 4}, profile.version_major);
    file.set_reset(file.slot("VER"), {3, 0}, profile.version_minor);
    file.set_reset(file.slot("CAP"), {47, 40}, profile.fault_records - 1);
    flag("CAP", 59, profile.posted_interrupts);
    flag("CAP", 62, profile.esirtps);
    flag("CAP", 7, profile.caching_mode);
    flag("ECAP", 4, profile.eim);
    flag("ECAP", 43, profile.scalable_mode);
    flag("ECAP", 52, profile.abort_dma_mode);
    flag("ECAP", 61, profile.eim_required);
    flag("ECAP", 62, profile.ir_required);
    file.set_reset(file.slot("ECAP"), {23, 20}, profile.max_index_mask);
    if (!profile.eim) {
        file.set_access(file.slot("FEUADDR"), {31, 0}, regs::Access::RSVD);
        file.set_access(file.slot("IEUADDR"), {31, 0}, regs::Access::RSVD);
        file.set_access(file.slot("IRTA"), {11, 11}, regs::Access::RSVD);
    }
    return file;
}

class VtdSubject final : public registers::Subject {
public:
    explicit VtdSubject(const VtdProfile& profile)
        : records_{profile.fault_records}, shape_{shaped(profile)}, unit_{"vtd", timeline_, timing_, profile,
                                                                          {},    outside_,  tokens_, choices_} {
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
    /// One wait descriptor and one that is none, and a fault more than there are records.
    void raise(regs::File::Slot /*slot*/) override {
        constexpr std::uint64_t QUEUE = 0x30'0000, WAIT = 5, IF = 1U << 4;
        constexpr std::uint64_t QIE = 1U << 26, IRE = 1U << 25, SIRTP = 1U << 24;
        outside_.answers = true;
        outside_.memory.put(QUEUE, WAIT | IF);
        const auto at = [&](const char* name) { return shape_.offset(shape_.slot(name)); };
        write(at("IQA"), Size::B8, QUEUE);
        for (const std::uint64_t command : {QIE, QIE | SIRTP, QIE | IRE}) {
            write(at("GCMD"), Size::B4, command);
            let_time_pass();
        }
        write(at("IQT"), Size::B8, 2 * 16);
        for (std::uint16_t n = 0; n <= records_; ++n) {
            MessageWrite write;
            write.requester = RequesterId{n};
            write.address = 0xfee0'0000;  // compatibility format, which CFI does not let pass
            unit_.arrive(write);
            let_time_pass();
            let_time_pass();
        }
        outside_.answers = false;
    }
    std::uint64_t never_set(regs::File::Slot slot) const override {
        return shape_.spec(slot).name == "FSTS" ? 3U << 5 : 0;  // ITE, ICE: devices have no TLB
    }
    void let_time_pass() override { timeline_.run_until(timeline_.now() + Duration{1501}); }

private:
    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    Timing timing_{Hertz{3'000'000'000}, Hertz{3'000'000'000}, Hertz{24'000'000}, Duration{69'841'279}};
    test::QuietOutside outside_;
    TokenCounter tokens_;
    DefaultChoice choices_;
    unsigned records_;
    regs::File shape_;
    Vtd unit_;
};

}  // namespace hldsim::registers::vtd_test
