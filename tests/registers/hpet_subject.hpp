// SPDX-License-Identifier: Apache-2.0
// How the register tests get at an HPET.
#pragma once
#include "models/hpet/hpet.hpp"
#include "models/hpet/registers.hpp"
#include "models/sim/session.hpp"
#include "tests/registers/nowhere.hpp"
#include "tests/registers/standard_tests.hpp"

namespace hldsim::registers::hpet_test {

// What the profile changes is said here a second time; the rows are the device's own. Whether those are right is
// hpet_table_test.cpp's question.
inline regs::File shaped(const HpetProfile& profile) {
    regs::File file{hpet::MAP, {Size::B4, Size::B8}};
    const auto count = static_cast<unsigned>(profile.timers.size());
    for (const char* name : {"TIMn_CONF", "TIMn_COMP", "TIMn_PROCMSG_ROUT"}) {
        file.limit(name, count);
    }
    file.set_reset(file.slot("GCAP_ID"), {63, 0}, profile.gcap_id());
    file.set_access(file.slot("GINTR_STA"), {31, count}, regs::Access::RSVD);
    if (!profile.wide_counter) {
        file.set_access(file.slot("MAIN_CNT"), {63, 32}, regs::Access::RO);
    }
    for (unsigned n = 0; n < count; ++n) {
        const HpetTimerProfile& timer = profile.timers[n];
        const auto conf = file.slot("TIMn_CONF", n);
        const bool pins = timer.route_cap != 0;
        file.set_reset(conf, {63, 32}, timer.route_cap);
        file.set_reset(conf, {15, 15}, timer.message ? 1 : 0);
        file.set_reset(conf, {14, 14}, timer.message && !pins ? 1 : 0);
        file.set_reset(conf, {5, 5}, timer.wide ? 1 : 0);
        file.set_reset(conf, {4, 4}, timer.periodic ? 1 : 0);
        file.set_access(conf, {14, 14}, timer.message && pins ? regs::Access::RW : regs::Access::RO);
        file.set_access(conf, {8, 8}, timer.wide ? regs::Access::RW : regs::Access::RO);
        file.set_access(conf, {3, 3}, timer.periodic ? regs::Access::RW : regs::Access::RO);
        if (!timer.wide) {
            file.set_access(file.slot("TIMn_COMP", n), {63, 32}, regs::Access::RO);
            file.set_reset(file.slot("TIMn_COMP", n), {63, 32}, 0);
        }
        if (!timer.message) {
            file.set_access(file.slot("TIMn_PROCMSG_ROUT", n), {63, 0}, regs::Access::RO);
        }
    }
    return file;
}

class HpetSubject final : public registers::Subject {
public:
    explicit HpetSubject(const HpetProfile& profile)
        : timers_{static_cast<unsigned>(profile.timers.size())}, shape_{shaped(profile)}, hpet_{"hpet",  timeline_,
                                                                                                profile, ports_,
                                                                                                ports_,  tokens_,
                                                                                                choices_} {}

    std::uint64_t read(std::uint32_t offset, Size size) override { return hpet_.read(offset, size); }
    void write(std::uint32_t offset, Size size, std::uint64_t value) override { hpet_.write(offset, size, value); }
    void reset() override {
        hpet_.reset_enter();
        hpet_.reset_hold();
        hpet_.reset_exit();
    }
    std::string dump() override { return hpet_.dump(); }
    const regs::File& shape() const override { return shape_; }
    /// Every timer matches once, by level.
    void raise(regs::File::Slot /*slot*/) override {
        for (unsigned n = 0; n < timers_; ++n) {
            const auto at = [&](const char* name) { return shape_.offset(shape_.slot(name, n)); };
            write(at("TIMn_CONF"), Size::B4, hpet::INT_ENB_CNF.mask() | hpet::INT_TYPE_CNF.mask());
            write(at("TIMn_COMP"), Size::B8, 5);
        }
        write(shape_.offset(shape_.slot("GEN_CONF")), Size::B4, hpet::ENABLE_CNF.mask());
        timeline_.run_until(timeline_.now() + Duration{69'841'279 * 10});
    }
    void let_time_pass() override { timeline_.run_until(timeline_.now() + Duration{69'841'279 * 3 + 1}); }
    std::uint64_t storage(regs::File::Slot slot) const override {
        std::uint64_t bits = Subject::storage(slot);
        if (shape_.spec(slot).name == "TIMn_CONF") {
            bits &= ~(hpet::VAL_SET_CNF.mask() | hpet::MODE_32BIT_CNF.mask() | hpet::TYPE_CNF.mask());  // act on others
        }
        if (shape_.spec(slot).name == "GEN_CONF") {
            bits &= ~hpet::ENABLE_CNF.mask();  // makes MAIN_CNT count
        }
        return bits;
    }

private:
    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    Nowhere ports_;
    TokenCounter tokens_;
    DefaultChoice choices_;
    unsigned timers_;
    regs::File shape_;
    Hpet hpet_;
};

}  // namespace hldsim::registers::hpet_test
