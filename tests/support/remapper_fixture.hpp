// SPDX-License-Identifier: Apache-2.0
// A remapping unit between a plain memory and a fabric that writes down what leaves it. Every latency has a value of
// its own.
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/base/timing.hpp"
#include "models/fabric/token.hpp"
#include "models/regs/file.hpp"
#include "models/sim/session.hpp"
#include "models/sim/timeline.hpp"
#include "tests/support/remapper.hpp"

namespace hldsim::test {

using Kind = regs::Diagnosis::Kind;

constexpr Duration IEC_HIT = 7_ns;
constexpr Duration IEC_MISS = 151_ns;
constexpr Duration QI_FETCH = 149_ns;
constexpr Duration IEC_INV = 1009_ns;
constexpr Duration STATUS_WRITE = 83_ns;
constexpr Duration GCMD_LATENCY = 1013_ns;

/// The unit's own types of events: a request is blocked, an entry was used, a wait is complete.
template <class Unit, class Blocked, class Used, class Waited>
struct RemapperFixture {
    /// In place of the one before.
    template <class Profile>
    Unit& make_unit(const char* name, const Profile& profile, const FabricProfile& fabric) {
        static unsigned instances = 0;
        unit.reset();
        unit = std::make_unique<Unit>((name + std::to_string(++instances)).c_str(), timeline, timing(), profile, fabric,
                                      memory, tokens, choices);
        unit->connect(output);
        unit->request_blocked.subscribe([this](const auto& e) { blocked.push_back(e); });
        unit->entry_used.subscribe([this](const auto& e) { used.push_back(e); });
        unit->diagnosis.subscribe([this](const auto& d) { diagnoses.push_back(d); });
        unit->wait_completed.subscribe([this](const auto& w) { waits.push_back(w); });
        unit->hop.subscribe([this](const auto& h) { hops.push_back(h); });
        return *unit;
    }
    static const Timing& timing() {
        static const Timing timing = [] {
            Timing t{Hertz{3'000'000'000}, Hertz{3'000'000'000}, Hertz{24'000'000}, Duration{69'841'279}};
            const auto set = [&](Row row, Duration d) { t.set(row, RowUnit::Time, d.fs); };
            set(Row::VtdIecHit, IEC_HIT);
            set(Row::VtdIecMiss, IEC_MISS);
            set(Row::VtdQiFetch, QI_FETCH);
            set(Row::VtdIecInv, IEC_INV);
            set(Row::VtdStatusWrite, STATUS_WRITE);
            set(Row::VtdGcmdLatency, GCMD_LATENCY);
            set(Row::MsiRootToLapic, ROOT_TO_LAPIC);
            set(Row::LapicAccept, ACCEPT);
            return t;
        }();
        return timing;
    }

    // ---- time
    void to(Instant t) { timeline.run_until(t); }
    void by(Duration d) { timeline.run_until(timeline.now() + d); }
    Instant now() const { return timeline.now(); }
    /// Does something at t, before what the unit does at that instant.
    void at(Instant t, std::function<void()> act) {
        planned.push_back(std::make_unique<sim::Alarm>(timeline, sim::Priority::Fabric, std::move(act)));
        planned.back()->at(t);
    }

    // ---- registers
    std::uint32_t r32(std::uint32_t offset) { return static_cast<std::uint32_t>(unit->read(offset, Size::B4)); }
    std::uint64_t r64(std::uint32_t offset) { return unit->read(offset, Size::B8); }
    void w32(std::uint32_t offset, std::uint64_t value) { unit->write(offset, Size::B4, value & 0xffff'ffff); }
    void w64(std::uint32_t offset, std::uint64_t value) { unit->write(offset, Size::B8, value); }
    bool diagnosed(Kind kind) const {
        return std::any_of(diagnoses.begin(), diagnoses.end(), [&](const auto& d) { return d.kind == kind; });
    }

    // ---- messages
    /// Of the HPET, with a token of its own.
    static MessageWrite message_to(std::uint64_t address, std::uint32_t data, RequesterId requester) {
        static std::uint32_t last_token = 1000;
        return {requester, address, data, Token{++last_token, Source::Hpet}};
    }
    /// Sends and lets it arrive; the reason for which it was blocked, or None.
    auto request(const MessageWrite& write) {
        const std::size_t before = blocked.size();
        unit->arrive(write);
        by(1_us);
        return blocked.size() == before ? Blocked{}.reason : blocked.back().reason;
    }
    std::vector<std::uint32_t> destinations() const {
        std::vector<std::uint32_t> ids;
        for (const auto& d : output.delivered) {
            ids.push_back(d.message.destination);
        }
        return ids;
    }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    PlainMemory memory;
    TokenCounter tokens;
    ScriptedChoice choices;
    RecordedOutput output{timeline};
    std::unique_ptr<Unit> unit;
    std::uint64_t tail = 0;  // of the ring of commands
    std::vector<Blocked> blocked;
    std::vector<Used> used;
    std::vector<regs::Diagnosis> diagnoses;
    std::vector<Waited> waits;
    std::vector<HopReached> hops;
    std::vector<std::unique_ptr<sim::Alarm>> planned;
};

}  // namespace hldsim::test
