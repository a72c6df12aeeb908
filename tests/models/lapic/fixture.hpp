// SPDX-License-Identifier: Apache-2.0
// One local APIC between a CPU and a bus that write down what reaches them.
#pragma once
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "models/lapic/lapic.hpp"
#include "models/sim/session.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

using namespace hldsim::literals;

constexpr Duration ACCEPT = 23_ns;
constexpr Duration WIRE = 151_ns;
constexpr Hertz CRYSTAL{24'000'000};
constexpr Hertz TSC{3'000'000'000};
constexpr std::uint32_t APIC_ENABLED = 0x1ff;
constexpr std::uint32_t MASKED = 1U << 16;
constexpr std::uint32_t NMI_MODE = 4U << 8;
constexpr std::uint32_t EXT_INT_MODE = 7U << 8;
constexpr std::uint32_t PERIODIC = 1U << 17;
constexpr std::uint32_t DEADLINE_MODE = 2U << 17;
constexpr std::uint32_t DIVIDE_BY_1 = 0xb;
// of ICR
constexpr std::uint32_t ASSERT = 1U << 14;
constexpr std::uint32_t SELF = 1U << 18;
constexpr std::uint32_t OTHERS = 3U << 18;
// of the LVT; the first of ICR too
constexpr std::uint32_t DELIVERY_STATUS = 1U << 12;
constexpr std::uint32_t REMOTE_IRR = 1U << 14;
constexpr std::uint32_t LEVEL = 1U << 15;
// of IA32_APIC_BASE
constexpr std::uint64_t BASE_EN = 1U << 11;
constexpr std::uint64_t BASE_EXTD = 1U << 10;

inline Timing lapic_timing() {
    Timing timing{Hertz{3'000'000'000}, TSC, CRYSTAL, Duration{69'841'279}};
    timing.set(Row::LapicAccept, RowUnit::Time, ACCEPT.fs);
    timing.set(Row::IpiWire, RowUnit::Time, WIRE.fs);
    return timing;
}

struct RecordingBus : IpiPort {
    struct Sent {
        Instant at;
        Shorthand shorthand;
        InterruptMessage message;
    };
    explicit RecordingBus(sim::Timeline& on) : timeline{on} {}
    void send(CpuNumber /*sender*/, Shorthand shorthand, const InterruptMessage& message) override {
        sent.push_back({timeline.now(), shorthand, message});
    }
    void broadcast_eoi(std::uint8_t vector) override { eois.push_back(vector); }
    void identified(CpuNumber /*cpu*/, ApicId id, bool x2apic) override { identity = {id.value, x2apic}; }

    sim::Timeline& timeline;
    std::vector<Sent> sent;
    std::vector<unsigned> eois;
    std::pair<std::uint32_t, bool> identity{~0U, false};
};

struct RecordingCpu : CpuEvents {
    struct Event {
        Instant at;
        std::vector<std::uint32_t> tokens;
    };
    explicit RecordingCpu(sim::Timeline& on) : timeline{on} {}
    Event event(const TokenSet& tokens) const {
        Event e{timeline.now(), {}};
        for (const Token t : tokens) {
            e.tokens.push_back(t.id);
        }
        return e;
    }
    void nmi(const TokenSet& tokens, std::uint8_t vector) override {
        nmis.push_back(event(tokens));
        nmi_vectors.push_back(vector);
    }
    void smi(const TokenSet& tokens) override { smis.push_back(event(tokens)); }
    void init(const TokenSet& tokens) override { inits.push_back(event(tokens)); }
    void sipi(std::uint8_t vector, const TokenSet& tokens) override {
        sipis.push_back(event(tokens));
        sipi_vector = vector;
    }
    void external_interrupt(bool active) override { external = active; }
    void interrupt_request(bool active) override {
        requested = active;
        requests.push_back(timeline.now());
    }
    void wake(const TokenSet& tokens) override { wakes.push_back(event(tokens)); }

    sim::Timeline& timeline;
    std::vector<Event> nmis, smis, inits, sipis, wakes;
    std::vector<unsigned> nmi_vectors;
    std::vector<Instant> requests;  // instants at which the request line moved
    unsigned sipi_vector = 0;
    bool external = false;
    bool requested = false;
};

struct LapicFixture {
    explicit LapicFixture(const LapicProfile& profile = {}, std::uint32_t id = 0x12) { make(profile, id); }

    void make(const LapicProfile& profile, std::uint32_t id = 0x12) {
        static unsigned instances = 0;
        lapic = std::make_unique<Lapic>(("lapic" + std::to_string(++instances)).c_str(), timeline, timing, profile,
                                        CpuNumber{3}, ApicId{id}, false, bus, tokens);
        lapic->connect(cpu);
        lapic->reset_enter();
        lapic->reset_hold();
        lapic->reset_exit();
        lapic->hop.subscribe([this](const HopReached& h) { hops.push_back(h); });
        lapic->interrupt_discarded.subscribe([this](const auto& e) { discarded.push_back(e.reason); });
        lapic->access_diagnosed.subscribe([this](const auto& e) { diagnosed.push_back(e.diagnosis.kind); });
    }

    void to(Instant t) { timeline.run_until(t); }
    void by(Duration d) { timeline.run_until(timeline.now() + d); }
    Instant now() const { return timeline.now(); }

    std::uint32_t get(std::uint32_t offset) { return static_cast<std::uint32_t>(lapic->mmio_read(offset, Size::B4)); }
    void put(std::uint32_t offset, std::uint32_t value) { lapic->mmio_write(offset, Size::B4, value); }
    std::uint64_t msr(std::uint32_t number) {
        std::uint64_t value = 0;
        REQUIRE(lapic->rdmsr(number, value));
        return value;
    }
    std::uint64_t x2(std::uint32_t offset) { return msr(lapic::x2apic_msr(offset)); }
    bool put_x2(std::uint32_t offset, std::uint64_t value) { return lapic->wrmsr(lapic::x2apic_msr(offset), value); }
    bool readable_x2(std::uint32_t offset) {
        std::uint64_t value = 0;
        return lapic->rdmsr(lapic::x2apic_msr(offset), value);
    }
    bool set_base(std::uint64_t bits) { return lapic->wrmsr(lapic::IA32_APIC_BASE, 0xfee0'0000 | bits); }
    void enable() { put(lapic::SVR, APIC_ENABLED); }
    void enter_x2apic() { REQUIRE(set_base(BASE_EN | BASE_EXTD)); }

    void receive(DeliveryMode mode, std::uint8_t vector = 0, bool level = false) {
        InterruptMessage m;
        m.mode = mode;
        m.vector = vector;
        m.level = level;
        m.token = tokens.next(Source::Hpet);
        lapic->receive(m);
    }
    void accept(DeliveryMode mode, std::uint8_t vector = 0, bool level = false) {
        receive(mode, vector, level);
        by(ACCEPT);
    }
    unsigned acknowledge() {
        TokenSet carried;
        return lapic->acknowledge(carried);
    }
    bool in_irr(unsigned v) { return (get(lapic::IRR + 16 * (v / 32)) >> (v % 32) & 1) != 0; }
    bool in_isr(unsigned v) { return (get(lapic::ISR + 16 * (v / 32)) >> (v % 32) & 1) != 0; }
    bool in_tmr(unsigned v) { return (get(lapic::TMR + 16 * (v / 32)) >> (v % 32) & 1) != 0; }
    /// Errors since the last call: write, then read.
    std::uint32_t errors() {
        put(lapic::ESR, 0);
        return get(lapic::ESR);
    }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    Timing timing = lapic_timing();
    TokenCounter tokens;
    RecordingBus bus{timeline};
    RecordingCpu cpu{timeline};
    std::vector<HopReached> hops;
    std::vector<lapic::DiscardReason> discarded;
    std::vector<regs::Diagnosis::Kind> diagnosed;
    std::unique_ptr<Lapic> lapic;
};

struct EnabledFixture : LapicFixture {
    EnabledFixture() { enable(); }
};

inline InterruptMessage addressed_to(std::uint32_t destination, bool logical, bool wide) {
    InterruptMessage m;
    m.mode = DeliveryMode::Nmi;
    m.destination = destination;
    m.logical = logical;
    m.wide = wide;
    return m;
}

}  // namespace hldsim::test
