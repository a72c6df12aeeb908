// SPDX-License-Identifier: Apache-2.0
// An I/O APIC alone on its timeline, with everything that leaves it on record.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/ioapic/ioapic.hpp"
#include "models/ioapic/registers.hpp"
#include "models/sim/session.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

using namespace hldsim::literals;

constexpr Duration PIN_TO_MSG = 101_ns;

struct IoapicFixture {
    static constexpr std::uint32_t IOREGSEL = 0x00, IOWIN = 0x10, EOIR = 0x40;
    static constexpr std::uint64_t MASKED = 1U << 16, LEVEL = 1U << 15, REMOTE_IRR = 1U << 14, LOW_ACTIVE = 1U << 13,
                                   DELIVS = 1U << 12, LOGICAL = 1U << 11;
    static constexpr std::uint64_t LOWEST = 1U << 8, SMI = 2U << 8, NMI = 4U << 8, INIT = 5U << 8, EXTINT = 7U << 8;
    static constexpr std::uint64_t to(std::uint64_t destination) { return destination << 56; }

    struct Ports final : MessagePort {
        explicit Ports(IoapicFixture& f) : fixture{f} {}
        void post(const MessageWrite& message) override { fixture.posted.push_back({fixture.timeline.now(), message}); }
        IoapicFixture& fixture;
    };
    struct Posted {
        Instant at;
        MessageWrite message;
    };

    explicit IoapicFixture(const IoapicProfile& profile = IoapicProfile::ich()) {
        timing.set(Row::IoapicPinToMsg, RowUnit::Time, PIN_TO_MSG.fs);
        make(profile);
    }

    void make(const IoapicProfile& profile) {
        ioapic.reset();
        static unsigned made = 0;
        ioapic = std::make_unique<Ioapic>(("ioapic" + std::to_string(++made)).c_str(), timeline, timing, profile, ports,
                                          tokens);
        ioapic->hop.subscribe([this](const HopReached& h) { hops.push_back(h); });
        ioapic->diagnosis.subscribe([this](const regs::Diagnosis& d) { diagnoses.push_back(d); });
        ioapic->edge_lost.subscribe([this](const ioapic::EdgeLost& e) { lost.push_back(e.pin); });
        posted.clear();
        diagnoses.clear();
    }

    void by(Duration d) { timeline.run_until(timeline.now() + d); }
    Instant now() const { return timeline.now(); }

    std::uint32_t get(unsigned index) {
        ioapic->write(IOREGSEL, Size::B4, index);
        return static_cast<std::uint32_t>(ioapic->read(IOWIN, Size::B4));
    }
    void put(unsigned index, std::uint64_t value) {
        ioapic->write(IOREGSEL, Size::B4, index);
        ioapic->write(IOWIN, Size::B4, value & 0xffff'ffff);
    }
    static constexpr unsigned low(unsigned pin) { return 0x10 + 2 * pin; }
    static constexpr unsigned high(unsigned pin) { return 0x11 + 2 * pin; }
    std::uint64_t entry(unsigned pin) { return std::uint64_t{get(high(pin))} << 32 | get(low(pin)); }
    /// High half first, then the low one with its mask: as software does it (I-4).
    void program(unsigned pin, std::uint64_t value) {
        put(high(pin), value >> 32);
        put(low(pin), value);
    }
    bool remote_irr(unsigned pin) { return (get(low(pin)) & REMOTE_IRR) != 0; }

    void raise(unsigned pin) { ioapic->drive(pin, true, {}); }
    void lower(unsigned pin) { ioapic->drive(pin, false, {}); }
    void pulse(unsigned pin) {
        raise(pin);
        lower(pin);
    }
    /// Messages that have left within the latency of the pin, and forgets them.
    std::vector<unsigned> vectors() {
        by(PIN_TO_MSG);
        std::vector<unsigned> all;
        for (const Posted& p : posted) {
            all.push_back(p.message.data & 0xff);
        }
        posted.clear();
        return all;
    }
    void eoi(std::uint8_t vector) { ioapic->end_of_interrupt(vector); }
    bool diagnosed(regs::Diagnosis::Kind kind) const {
        for (const regs::Diagnosis& d : diagnoses) {
            if (d.kind == kind) {
                return true;
            }
        }
        return false;
    }

    using Vectors = std::vector<unsigned>;

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    Timing timing{Hertz{3'000'000'000}, Hertz{3'000'000'000}, Hertz{24'000'000}, Duration{69'841'279}};
    Ports ports{*this};
    TokenCounter tokens;
    std::vector<Posted> posted;
    std::vector<HopReached> hops;
    std::vector<regs::Diagnosis> diagnoses;
    std::vector<unsigned> lost;
    std::unique_ptr<Ioapic> ioapic;
};

using Kind = regs::Diagnosis::Kind;

}  // namespace hldsim::test
