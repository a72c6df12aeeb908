// SPDX-License-Identifier: Apache-2.0
// CPUs without hooks: a few lines of C++ run on their stacks, and a device that is an alarm acts on them.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/cpu/cpus.hpp"
#include "models/sim/session.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::cpu {

inline std::ostream& operator<<(std::ostream& out, Instant t) { return out << t.fs << " fs"; }

/// At 1 GHz: an edge of the core clock each 1,000,000 fs. Costs are primes, so that sums tell which were paid.
struct CpuFixture : Software, InterruptController, LapicRegisters, CpuBus {
    static constexpr std::int64_t CYCLE = 1'000'000;
    static constexpr std::int64_t HIT = 2, DRAIN = 29, TRANSFER = 71, MEMORY = 211, LOCKED = 19, ENTRY = 101, IRET = 53,
                                  BOUNDARY = 7, WAKE = 401, GAP = 31, PAUSE = 43, SMM = 997, SMI = 1'499,
                                  FRED_ENTRY = 61, FRED_EXIT = 37;

    explicit CpuFixture(unsigned count = 1, Cpus::Options wanted = {}) : timing{fixed_timing()} {
        wanted.count = count;
        cpus = std::make_unique<Cpus>(timeline, timing, wanted, *this);
        for (unsigned n = 0; n < count; ++n) {
            cpus->connect(CpuNumber{n}, *this, *this);
        }
        AddressMap map;
        map.add_arena(reinterpret_cast<std::uintptr_t>(words.data()), sizeof words);
        cpus->load(*this, std::move(map));
        timeline.following(false);
        program.resize(count);
        cpus->context_changed.subscribe([this](const ContextChanged& c) { contexts.push_back(c); });
        power_on();
    }

    static Timing fixed_timing() {
        Timing timing{{1'000'000'000, 1}, {1'000'000'000, 1}, {24'000'000, 1}, Duration{10'000'000}};
        for (std::size_t row = 0; row < ROWS; ++row) {
            timing.set(static_cast<Row>(row), RowUnit::CoreCycles, 1);
        }
        const std::pair<Row, std::int64_t> rows[] = {{Row::MemL1Hit, HIT},
                                                     {Row::MemStoreDrain, DRAIN},
                                                     {Row::MemLineTransferSocket, TRANSFER},
                                                     {Row::MemDram, MEMORY},
                                                     {Row::MemLocked, LOCKED},
                                                     {Row::CpuNmiEntryHw, ENTRY},
                                                     {Row::CpuNmiExitIret, IRET},
                                                     {Row::CpuEventBoundary, BOUNDARY},
                                                     {Row::CpuCstateExitC1, WAKE},
                                                     {Row::CpuFredEntry, FRED_ENTRY},
                                                     {Row::CpuFredExit, FRED_EXIT},
                                                     {Row::FabricUcWriteGap, GAP},
                                                     {Row::CpuPause, PAUSE},
                                                     {Row::SmmEntryExit, SMM},
                                                     {Row::SmmDurationShort, SMI}};
        for (const auto& [row, cycles] : rows) {
            timing.set(row, RowUnit::CoreCycles, cycles);
        }
        return timing;
    }

    void power_on() {
        timeline.power_on();
        cpus->power_on();
        planned.clear();
    }
    /// A device's action at that many fs.
    void at(std::int64_t fs, std::function<void()> act) {
        planned.push_back(std::make_unique<sim::Alarm>(timeline, sim::Priority::Lapic, std::move(act)));
        planned.back()->at(Instant{fs});
    }
    void run() {
        sim::Alarm limit{timeline, sim::Priority::Limit, [this] { cpus->end(End::Time); }};
        limit.at(Instant{} + Duration{FS_PER_S});
        timeline.run();
        for (auto& alarm : planned) {
            alarm->cancel();
        }
    }

    // ---- what programs do
    Cpu& cpu(unsigned n = 0) { return cpus->cpu(CpuNumber{n}); }
    std::int64_t now(unsigned n = 0) { return cpu(n).local.now().fs; }
    std::uint64_t load(std::size_t word, unsigned n = 0) {
        cpus->access(cpu(n), AccessKind::Load, &words[word], 8, true);
        return words[word];
    }
    void store(std::size_t word, std::uint64_t value, unsigned n = 0) {
        cpus->access(cpu(n), AccessKind::Store, &words[word], 8, true);
        words[word] = value;
    }
    void locked_store(std::size_t word, std::uint64_t value, unsigned n = 0) {
        cpus->access(cpu(n), AccessKind::Rmw, &words[word], 8, true);
        words[word] = value;
    }
    void work(std::uint64_t cycles, unsigned n = 0) { cpus->spend(cpu(n), Cycles{cycles}); }
    void delay(std::int64_t cycles, unsigned n = 0) { cpus->delay(cpu(n), Duration{cycles * CYCLE}); }
    void halt(unsigned n = 0) { cpus->halt(cpu(n), false); }
    void halt_for_ever(unsigned n = 0) {
        for (;;) {
            cpus->halt(cpu(n), false);
        }
    }
    void send_nmi(unsigned n = 0, std::uint8_t vector = 0) { send_nmi_to(cpu(n), vector); }
    void send_nmi_to(Cpu& target, std::uint8_t vector = 0) {
        TokenSet tokens;
        tokens.add(Token{++last_token, Source::Operator});
        target.nmi(tokens, vector);
    }
    void send_interrupt(bool active, unsigned n = 0) { cpu(n).interrupt_request(active); }

    // ---- Software
    void reset_vector(CpuNumber n) override { begin(n.value); }
    void startup(CpuNumber n, std::uint8_t vector) override {
        sipi_vectors.push_back(vector);
        if (loads_idt) {
            cpus->load_idt(cpus->cpu(n));
        }
        begin(n.value);
    }
    void begin(unsigned n) {
        program[n]();
        halt_for_ever(n);
    }
    void interrupt(CpuNumber n, std::uint8_t, const void*, bool) override {
        irqs.push_back(cpus->cpu(n).local.now().fs);
        if (irq_handler) {
            irq_handler();
        }
    }
    void nmi(CpuNumber n, const void*, bool enabled) override {
        nmi_was_enabled.push_back(enabled);
        nmis.push_back(cpus->cpu(n).local.now().fs);
        if (nmi_handler) {
            nmi_handler();
        }
    }
    bool waits_for_ever(CpuNumber) override { return false; }
    void shut_down(CpuNumber, const char* why) override { reasons.emplace_back(why); }

    // ---- the local APIC, the fabric
    std::uint8_t acknowledge(TokenSet&) override {
        ++acknowledges;
        Cpus::running()->nesting.interrupt_line(false, {});
        return 0x30;
    }
    void init_reset() override { ++init_resets; }
    void core_sleeps_deeply(bool asleep) override { sleeps.emplace_back(asleep, timeline.now().fs); }
    std::uint64_t page() const override { return 0xfee0'0000; }
    std::uint64_t mmio_read(std::uint32_t, Size) override { return 0; }
    void mmio_write(std::uint32_t, Size, std::uint64_t) override {}
    bool rdmsr(std::uint32_t, std::uint64_t&) override { return true; }
    bool wrmsr(std::uint32_t, std::uint64_t) override { return true; }
    void post_write(CpuNumber, std::uint64_t, Size, std::uint64_t value) override {
        posted.push_back({timeline.now().fs, value});
    }
    void read(CpuNumber, std::uint64_t, Size, ReadCompletion& waiting) override { completion = &waiting; }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    Timing timing;
    std::unique_ptr<Cpus> cpus;
    alignas(64) std::array<std::uint64_t, 64> words{};
    std::vector<std::unique_ptr<sim::Alarm>> planned;
    std::vector<std::function<void()>> program;
    std::function<void()> nmi_handler;
    std::function<void()> irq_handler;
    std::vector<std::int64_t> nmis, irqs;  // when their handlers began
    std::vector<std::string> reasons;      // of shut_down()
    std::vector<bool> nmi_was_enabled;
    std::vector<std::pair<bool, std::int64_t>> sleeps;  // deep C-states, entered and left
    std::vector<ContextChanged> contexts;
    std::vector<std::uint8_t> sipi_vectors;
    struct Posted {
        std::int64_t at;
        std::uint64_t value;
    };
    std::vector<Posted> posted;
    ReadCompletion* completion = nullptr;
    std::uint32_t last_token = 0;
    int init_resets = 0;
    int acknowledges = 0;
    bool loads_idt = true;
};

/// The costs of CpuFixture in fs, for what tests expect. Members of a fixture see its own instead, in cycles.
inline constexpr std::int64_t CYCLE = CpuFixture::CYCLE;
inline constexpr std::int64_t HIT = CpuFixture::HIT * CYCLE, DRAIN = CpuFixture::DRAIN * CYCLE,
                              ENTRY = CpuFixture::ENTRY * CYCLE, IRET = CpuFixture::IRET * CYCLE,
                              BOUNDARY = CpuFixture::BOUNDARY * CYCLE, WAKE = CpuFixture::WAKE * CYCLE,
                              SMM = CpuFixture::SMM * CYCLE, SMI = CpuFixture::SMI * CYCLE,
                              FRED_ENTRY = CpuFixture::FRED_ENTRY * CYCLE, FRED_EXIT = CpuFixture::FRED_EXIT * CYCLE;

}  // namespace hldsim::cpu
