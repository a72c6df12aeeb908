// SPDX-License-Identifier: Apache-2.0
// An HPET alone on its timeline, with everything that leaves it on record.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/hpet/hpet.hpp"
#include "models/hpet/registers.hpp"
#include "models/sim/session.hpp"
#include "tests/support/catch.hpp"

namespace hldsim {

inline std::ostream& operator<<(std::ostream& out, Instant t) { return out << t.fs << " fs"; }

/// Always the other alternative: the access before the edge.
class TurnedChoice final : public ChoiceSource {
    std::uint32_t answer(std::string_view /*site*/, std::uint32_t alternatives) override { return alternatives - 1; }
};

struct HpetFixture {
    static constexpr std::uint64_t ENABLE = 1, LEGACY = 2;                                // GEN_CONF
    static constexpr std::uint64_t LEVEL = 2, INT_ENB = 4, PERIODIC = 8, VAL_SET = 0x40,  // TIMn_CONF
        MODE_32 = 0x100, FSB = 0x4000;
    static constexpr std::uint32_t GEN_CONF = 0x10, GINTR_STA = 0x20, MAIN_CNT = 0xf0;
    static constexpr std::uint32_t conf(unsigned n) { return 0x100 + 0x20 * n; }
    static constexpr std::uint32_t comp(unsigned n) { return 0x108 + 0x20 * n; }
    static constexpr std::uint32_t route(unsigned n) { return 0x110 + 0x20 * n; }
    static constexpr std::uint64_t to_input(unsigned input) { return std::uint64_t{input} << 9U; }

    struct Posted {
        Instant at;
        MessageWrite message;
    };
    struct Driven {
        Instant at;
        unsigned input;
        bool active;
        Token token;
        friend bool operator==(const Driven& a, const Driven& b) {
            return a.at == b.at && a.input == b.input && a.active == b.active;
        }
        friend std::ostream& operator<<(std::ostream& out, const Driven& d) {
            return out << "{input " << d.input << (d.active ? " up" : " down") << " at " << d.at << "}";
        }
    };
    struct Ports final : MessagePort, InterruptPins {
        explicit Ports(HpetFixture& f) : fixture{f} {}
        void post(const MessageWrite& message) override { fixture.posted.push_back({fixture.timeline.now(), message}); }
        void drive(unsigned input, bool active, Token token) override {
            fixture.driven.push_back({fixture.timeline.now(), input, active, token});
        }
        HpetFixture& fixture;
    };

    HpetFixture() { make(wide_profile()); }

    /// Eight timers that can all do everything, message delivery without latency.
    static HpetProfile wide_profile() {
        HpetProfile profile = HpetProfile::pch();
        for (HpetTimerProfile& timer : profile.timers) {
            timer.periodic = true;
            timer.wide = true;
            timer.route_cap = 0x00f0'1c04;
        }
        profile.match_to_msi_ticks = 0;
        return profile;
    }

    Hpet& make(const HpetProfile& profile) {
        hpet.reset();
        profile_ = profile;
        hpet = std::make_unique<Hpet>(("hpet" + std::to_string(++made)).c_str(), timeline, profile, ports, ports,
                                      tokens, *choices);
        hpet->matched.subscribe([this](const hpet::TimerMatched& m) { matches.push_back(m); });
        hpet->hop.subscribe([this](const HopReached& h) { hops.push_back(h); });
        hpet->diagnosis.subscribe([this](const regs::Diagnosis& d) { diagnoses.push_back(d); });
        return *hpet;
    }
    Hpet& make_turned(const HpetProfile& profile) {
        choices = std::make_unique<TurnedChoice>();
        return make(profile);
    }

    /// The instant of the edge with index k: k periods after power-on.
    Instant edge(std::uint64_t k) const { return ClockDomain::of_period(profile_.period).edge({k}); }
    void run(Instant t) { timeline.run_until(t); }
    void run_to_edge(std::uint64_t k) { run(edge(k)); }
    /// Between edge k and the next, so that an access is no tie.
    void run_past_edge(std::uint64_t k) { run(edge(k) + Duration{1}); }

    std::uint64_t r32(std::uint32_t offset) { return hpet->read(offset, Size::B4); }
    std::uint64_t r64(std::uint32_t offset) { return hpet->read(offset, Size::B8); }
    void w32(std::uint32_t offset, std::uint64_t value) { hpet->write(offset, Size::B4, value); }
    void w64(std::uint32_t offset, std::uint64_t value) { hpet->write(offset, Size::B8, value); }

    /// Does something at t as an access that arrives over the fabric: a tie with an edge at t is a real one.
    void at(Instant t, std::function<void()> action) {
        arrivals.push_back(std::make_unique<sim::Alarm>(timeline, sim::Priority::Fabric, std::move(action)));
        arrivals.back()->at(t);
    }

    void enable() { w32(GEN_CONF, ENABLE); }
    /// Timer n sends an NMI message at each match.
    void by_message(unsigned n, std::uint64_t more = 0) {
        w64(route(n), 0xfee0'1000'0000'0400);
        w32(conf(n), FSB | INT_ENB | more);
    }
    std::vector<std::int64_t> posted_at() const {
        std::vector<std::int64_t> times;
        for (const Posted& p : posted) {
            times.push_back(p.at.fs);
        }
        return times;
    }
    std::vector<std::int64_t> edges(std::initializer_list<std::uint64_t> ks) const {
        std::vector<std::int64_t> times;
        for (const std::uint64_t k : ks) {
            times.push_back(edge(k).fs);
        }
        return times;
    }
    bool diagnosed(regs::Diagnosis::Kind kind) const {
        for (const regs::Diagnosis& d : diagnoses) {
            if (d.kind == kind) {
                return true;
            }
        }
        return false;
    }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    std::vector<Posted> posted;
    std::vector<Driven> driven;
    std::vector<hpet::TimerMatched> matches;
    std::vector<HopReached> hops;
    std::vector<regs::Diagnosis> diagnoses;
    Ports ports{*this};
    TokenCounter tokens;
    std::unique_ptr<ChoiceSource> choices = std::make_unique<DefaultChoice>();
    HpetProfile profile_;
    int made = 0;
    std::unique_ptr<Hpet> hpet;
    std::vector<std::unique_ptr<sim::Alarm>> arrivals;
};

}  // namespace hldsim
