// SPDX-License-Identifier: Apache-2.0
// What one event costs in each device alone: items are events. The HPET's is BM_HpetMatch.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "models/amdvi/amdvi.hpp"
#include "models/chipset/nmi_control.hpp"
#include "models/fabric/fabric.hpp"
#include "models/ioapic/ioapic.hpp"
#include "models/lapic/lapic.hpp"
#include "models/pic/pic.hpp"
#include "models/pit/pit.hpp"
#include "models/pmu/pmu.hpp"
#include "models/sim/session.hpp"
#include "models/vtd/vtd.hpp"

namespace {

using namespace hldsim;
using namespace hldsim::literals;

Timing timing() {
    Timing rows{Hertz{1'000'000'000}, Hertz{1'000'000'000}, Hertz{24'000'000}, Duration{41'666'667}};
    for (std::size_t row = 0; row < ROWS; ++row) {
        rows.set(static_cast<Row>(row), RowUnit::Time, 1'000'000);  // 1 ns each
    }
    return rows;
}

/// Takes whatever leaves a device.
struct Sink final : MessagePort, InterruptPins {
    void post(const MessageWrite& /*message*/) override { ++events; }
    void drive(unsigned /*input*/, bool active, Token /*token*/) override { events += active ? 1 : 0; }
    std::int64_t events = 0;
};

struct Bench {
    Bench() { timeline.following(false); }
    void by(Duration span) { timeline.run_until(timeline.now() + span); }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    Timing rows = timing();
    TokenCounter tokens;
    DefaultChoice choices;
    Sink sink;
};

void finish(benchmark::State& state, std::int64_t events) {
    if (events < state.iterations()) {
        state.SkipWithError("events are missing");
    }
    state.SetItemsProcessed(events);
}

/// An edge of an input becomes a message.
void BM_IoapicEdge(benchmark::State& state) {
    Bench bench;
    Ioapic ioapic{"ioapic", bench.timeline, bench.rows, IoapicProfile::ich(), bench.sink, bench.tokens};
    ioapic.write(0x00, Size::B4, 0x10 + 2 * 5);
    ioapic.write(0x10, Size::B4, 0x41);
    for ([[maybe_unused]] auto _ : state) {
        ioapic.drive(5, true, {});
        bench.by(10_ns);
        ioapic.drive(5, false, {});
    }
    finish(state, bench.sink.events);
}
BENCHMARK(BM_IoapicEdge);

struct Core final : IpiPort, CpuEvents {
    void send(CpuNumber, Shorthand, const InterruptMessage&) override {}
    void broadcast_eoi(std::uint8_t) override {}
    void identified(CpuNumber, ApicId, bool) override {}
    void nmi(const TokenSet&, std::uint8_t) override { ++nmis; }
    void smi(const TokenSet&) override {}
    void init(const TokenSet&) override {}
    void sipi(std::uint8_t, const TokenSet&) override {}
    void external_interrupt(bool) override {}
    void interrupt_request(bool active) override { requested = active; }
    std::int64_t nmis = 0;
    bool requested = false;
};

/// An interrupt from its message to its end; an NMI from its message to the CPU.
void BM_LapicInterrupt(benchmark::State& state) {
    Bench bench;
    Core core;
    Lapic lapic{"lapic", bench.timeline, bench.rows, {}, CpuNumber{0}, ApicId{0}, true, core, bench.tokens};
    lapic.connect(static_cast<CpuEvents&>(core));
    lapic.reset_enter();
    lapic.reset_hold();
    lapic.mmio_write(lapic::SVR, Size::B4, 0x1ff);
    InterruptMessage message;
    message.mode = state.range(0) != 0 ? DeliveryMode::Nmi : DeliveryMode::Fixed;
    message.vector = 0x41;
    std::int64_t taken = 0;
    for ([[maybe_unused]] auto _ : state) {
        lapic.receive(message);
        bench.by(10_ns);
        if (core.requested) {
            TokenSet carried;
            taken += lapic.acknowledge(carried) == 0x41 ? 1 : 0;
            lapic.mmio_write(lapic::EOI, Size::B4, 0);
        }
    }
    finish(state, taken + core.nmis);
}
BENCHMARK(BM_LapicInterrupt)->ArgName("nmi")->Arg(0)->Arg(1);

/// A request, its INTA cycle and its end.
void BM_PicInterrupt(benchmark::State& state) {
    Bench bench;
    Pic pic{"pic", bench.timeline, {}, bench.sink};
    for (const std::uint32_t base : {0x20U, 0xa0U}) {
        const unsigned words[] = {0x11, base, base == 0x20 ? 4U : 2U, 1, 0};
        for (std::size_t n = 0; n < std::size(words); ++n) {
            pic.write(n == 0 ? base : base + 1, Size::B1, words[n]);
        }
    }
    std::int64_t taken = 0;
    for ([[maybe_unused]] auto _ : state) {
        pic.drive(3, true, {});
        TokenSet carried;
        taken += pic.acknowledge_external(carried) == 0x23 ? 1 : 0;
        pic.write(0x20, Size::B1, 0x20);
        pic.drive(3, false, {});
    }
    finish(state, taken);
}
BENCHMARK(BM_PicInterrupt);

/// A rise of OUT 0, 100 pulses apart.
void BM_PitTick(benchmark::State& state) {
    Bench bench;
    Pit pit{"pit", bench.timeline, bench.sink, bench.tokens};
    for (const auto& [port, value] : {std::pair{0x43U, 0x34U}, {0x40U, 100U}, {0x40U, 0U}}) {
        pit.write(port, Size::B1, value);
    }
    bench.by(200_us);
    for ([[maybe_unused]] auto _ : state) {
        bench.by(84_us);  // 100.2 pulses
    }
    finish(state, bench.sink.events);
}
BENCHMARK(BM_PitTick);

/// A reason: latched, read at port 61h and cleared there.
void BM_NmiReason(benchmark::State& state) {
    Bench bench;
    Sink speaker;
    Pit pit{"pit", bench.timeline, speaker, bench.tokens};
    NmiControl control{"nmi_control", bench.timeline, {}, pit, bench.sink, bench.tokens};
    control.write(NmiControl::ENABLE_PORT, Size::B1, 0);
    std::int64_t seen = 0;
    for ([[maybe_unused]] auto _ : state) {
        control.assert_serr();
        seen += (control.read(NmiControl::STATUS_PORT, Size::B1) & 0x80) != 0 ? 1 : 0;
        control.write(NmiControl::STATUS_PORT, Size::B1, 0x04);
        control.write(NmiControl::STATUS_PORT, Size::B1, 0);
    }
    finish(state, std::min(seen, bench.sink.events));
}
BENCHMARK(BM_NmiReason);

struct Overflows final : LocalInterrupts {
    void performance_counter_overflowed() override { ++events; }
    std::int64_t events = 0;
};

/// A counter of cycles is set to ten before its end, gets there, and its status bit is cleared.
void BM_PmuOverflow(benchmark::State& state) {
    Bench bench;
    Overflows apic;
    Pmu pmu{bench.timeline, bench.rows, apic};
    constexpr std::uint32_t FIXED_CTR1 = 0x30a, FIXED_CTR_CTRL = 0x38d, GLOBAL_CTRL = 0x38f, GLOBAL_OVF_CTRL = 0x390;
    pmu.wrmsr(FIXED_CTR_CTRL, 0x90);
    pmu.wrmsr(GLOBAL_CTRL, 1ULL << 33U);
    for ([[maybe_unused]] auto _ : state) {
        pmu.wrmsr(FIXED_CTR1, (1ULL << 48U) - 10);
        bench.by(12_ns);
        pmu.wrmsr(GLOBAL_OVF_CTRL, 1ULL << 33U);
    }
    finish(state, apic.events);
}
BENCHMARK(BM_PmuOverflow);

struct Unit final : MemoryPort, RouteOutput {
    bool read(std::uint64_t address, void* to, std::size_t size) override {
        std::memcpy(to, &bytes.at(address), size);
        return true;
    }
    bool write(std::uint64_t address, const void* from, std::size_t size) override {
        std::memcpy(&bytes.at(address), from, size);
        return true;
    }
    Instant deliver(const InterruptMessage& /*message*/) override {
        ++delivered;
        return timeline->now();
    }
    void diagnose(const MessageWrite& /*write*/, msi::Fault /*fault*/, bool /*delivered*/) override {}
    void finished(const MessageWrite& /*write*/, Instant /*passable*/) override {}

    std::array<std::uint8_t, 0x3000> bytes{};
    const sim::Timeline* timeline = nullptr;
    std::int64_t delivered = 0;
};

/// A request remapped by an entry that is cached, or read from memory.
void BM_VtdRequest(benchmark::State& state) {
    Bench bench;
    Unit around;
    around.timeline = &bench.timeline;
    VtdProfile profile;
    if (state.range(0) == 0) {
        profile.iec_entries = profile.iec_ways = 0;
    }
    Vtd unit{"vtd", bench.timeline, bench.rows, profile, FabricProfile{}, around, bench.tokens, bench.choices};
    unit.connect(around);
    constexpr std::uint64_t TABLE = 0x1000, QUEUE = 0x2000;
    const std::uint64_t entry[2] = {1 | 4U << 5U, 0};  // present, NMI, to APIC 0, any requester
    around.write(TABLE + std::uint64_t{16} * 3, entry, sizeof entry);
    unit.write(0xb8, Size::B8, TABLE | 7);
    unit.write(0x90, Size::B8, QUEUE);
    for (const std::uint64_t command : {1U << 24U, 1U << 26U, 1U << 26U | 1U << 25U}) {  // SIRTP, QIE, IRE
        unit.write(0x18, Size::B4, command);
        bench.by(1_us);
    }
    for ([[maybe_unused]] auto _ : state) {
        unit.arrive({RequesterId{0xfa78}, 0xfee0'0010 | 3U << 5U, 0, bench.tokens.next(Source::Hpet)});
        bench.by(10_ns);
    }
    finish(state, around.delivered);
}
BENCHMARK(BM_VtdRequest)->ArgName("hit")->Arg(1)->Arg(0);

/// A request that its device's entry lets pass (an NMI), or sends to an interrupt remapping entry (a fixed interrupt).
/// The entries are cached, or read from memory.
void BM_AmdviRequest(benchmark::State& state) {
    Bench bench;
    Unit around;
    around.timeline = &bench.timeline;
    const bool nmi = state.range(0) != 0;
    AmdviProfile profile;
    if (state.range(1) == 0) {
        profile.device_entries = profile.iec_entries = profile.iec_ways = 0;
    }
    Amdvi unit{"amdvi", bench.timeline, bench.rows, profile, FabricProfile{}, around, bench.tokens, bench.choices};
    unit.connect(around);
    constexpr std::uint64_t DEVICES = 0x0000, TABLE = 0x1000, COMMANDS = 0x2000;
    constexpr RequesterId DEVICE{0x0020};
    constexpr std::uint32_t INDEX = 3;
    // IV, 16 entries, NMIPass, fixed interrupts are remapped; one to vector 41h at APIC 0.
    const std::uint64_t device = 1 | 4U << 1U | TABLE | 1ULL << 58U | 2ULL << 60U;
    const std::uint64_t entry[2] = {1, 0x41};
    around.write(DEVICES + std::uint64_t{DEVICE.value} * 32 + 16, &device, sizeof device);
    around.write(TABLE + std::uint64_t{16} * INDEX, entry, sizeof entry);
    unit.write(0x00, Size::B8, DEVICES);
    unit.write(0x08, Size::B8, COMMANDS | 8ULL << 56U);
    unit.write(0x18, Size::B8, 1U | 1U << 12U | 1U << 17U);  // IommuEn, CmdBufEn, GAEn
    bench.by(1_us);
    for ([[maybe_unused]] auto _ : state) {
        unit.arrive({DEVICE, 0xfee0'0000, nmi ? 0x400 : INDEX, bench.tokens.next(Source::Hpet)});
        bench.by(10_ns);
    }
    finish(state, around.delivered);
}
BENCHMARK(BM_AmdviRequest)->ArgNames({"nmi", "hit"})->ArgsProduct({{0, 1}, {1, 0}});

struct Receiver final : MessageReceiver {
    bool matches(const InterruptMessage& message) const override { return message.destination == 0; }
    void receive(const InterruptMessage& /*message*/) override { ++received; }
    std::uint8_t processor_priority() const override { return 0; }
    std::int64_t received = 0;
};

/// A message of a device, from its write to the local APIC.
void BM_FabricMessage(benchmark::State& state) {
    Bench bench;
    Fabric fabric{"fabric", bench.timeline, bench.rows, bench.choices, {}, {0}};
    Receiver receiver;
    fabric.add(CpuNumber{0}, receiver);
    for ([[maybe_unused]] auto _ : state) {
        fabric.post({RequesterId{0xfa78}, 0xfee0'0000, 0x400, bench.tokens.next(Source::Hpet)});
        bench.by(10_ns);
    }
    finish(state, receiver.received);
}
BENCHMARK(BM_FabricMessage);

}  // namespace
