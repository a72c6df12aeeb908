// SPDX-License-Identifier: Apache-2.0
// A remapping unit between a plain memory and a fabric that writes down what leaves it. Every latency has a value of
// its own.
#pragma once
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/sim/session.hpp"
#include "models/vtd/vtd.hpp"
#include "tests/support/remapper.hpp"

namespace hldsim::test {

using namespace hldsim::literals;
using Kind = regs::Diagnosis::Kind;
using vtd::Reason;
using vtd::Recorded;

constexpr Duration IEC_HIT = 7_ns;
constexpr Duration IEC_MISS = 151_ns;
constexpr Duration QI_FETCH = 149_ns;
constexpr Duration IEC_INV = 1009_ns;
constexpr Duration STATUS_WRITE = 83_ns;
constexpr Duration GCMD_LATENCY = 1013_ns;

// Registers, by the offsets of the specification.
constexpr std::uint32_t VER = 0x00, CAP = 0x08, ECAP = 0x10, GCMD = 0x18, GSTS = 0x1c, RTADDR = 0x20, FSTS = 0x34,
                        FECTL = 0x38, FEDATA = 0x3c, FEADDR = 0x40, FEUADDR = 0x44, IQH = 0x80, IQT = 0x88, IQA = 0x90,
                        ICS = 0x9c, IECTL = 0xa0, IEDATA = 0xa4, IEADDR = 0xa8, IEUADDR = 0xac, IQERCD = 0xb0,
                        IRTA = 0xb8, FRCD = 0x220;
constexpr std::uint64_t TE = 1U << 31, SRTP = 1U << 30, QIE = 1U << 26, IRE = 1U << 25, SIRTP = 1U << 24,
                        CFI = 1U << 23;
constexpr std::uint64_t PFO = 1, PPF = 2, IQE = 16;
constexpr std::uint64_t IM = 1U << 31, IP = 1U << 30;
constexpr std::uint64_t EIME = 1U << 11;

constexpr std::uint64_t TABLE = 0x10'0000;
constexpr std::uint64_t OTHER_TABLE = 0x20'0000;
constexpr std::uint64_t QUEUE = 0x30'0000;
constexpr std::uint64_t STATUS = 0x40'0000;
constexpr std::uint64_t PID = 0x50'0000;

constexpr RequesterId HPET{0xfa78};
constexpr RequesterId NIC{0x0100};

/// An entry, as software puts it together. Remapped, NMI, no check of the source, to physical id 4 unless told
/// otherwise.
struct Entry {
    std::uint64_t low = 1 | 4ULL << 5 | 4ULL << 32;
    std::uint64_t high = 0;

    [[nodiscard]] Entry to(std::uint32_t destination) const { return set({63, 32}, destination); }
    [[nodiscard]] Entry to_narrow(std::uint8_t id) const { return set({63, 32}, std::uint64_t{id} << 8U); }
    [[nodiscard]] Entry mode(unsigned dlm) const { return set({7, 5}, dlm); }
    [[nodiscard]] Entry vector(unsigned v) const { return set({23, 16}, v); }
    [[nodiscard]] Entry logical() const { return set({2, 2}, 1); }
    [[nodiscard]] Entry hint() const { return set({3, 3}, 1); }
    [[nodiscard]] Entry level() const { return set({4, 4}, 1); }
    [[nodiscard]] Entry quiet() const { return set({1, 1}, 1); }  // FPD
    [[nodiscard]] Entry absent() const { return set({0, 0}, 0); }
    [[nodiscard]] Entry from(unsigned svt, unsigned sq, unsigned sid) const {
        Entry other = *this;
        other.high = std::uint64_t{svt} << 18U | std::uint64_t{sq} << 16U | sid;
        return other;
    }
    [[nodiscard]] Entry set(Bits bits, std::uint64_t value) const {
        Entry other = *this;
        other.low = bits.set(low, value);
        return other;
    }
    static Entry posted(std::uint64_t pid, unsigned virtual_vector) {
        Entry e;
        e.low = 1 | 1U << 15 | virtual_vector << 16 | (pid >> 6 & 0x3ff'ffff) << 38;
        e.high = pid >> 32 << 32;
        return e;
    }
};

/// A descriptor of 128 bits.
struct Command128 {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
};
constexpr Command128 invalidate_all() { return {4, 0}; }
constexpr Command128 invalidate(std::uint64_t index, std::uint64_t mask = 0) {
    return {4 | 1U << 4 | mask << 27 | index << 32, 0};
}
constexpr std::uint64_t WAIT_IF = 1U << 4, WAIT_SW = 1U << 5, WAIT_FN = 1U << 6;
constexpr Command128 wait_for(std::uint64_t flags, std::uint32_t data = 0, std::uint64_t address = 0) {
    return {5 | flags | std::uint64_t{data} << 32, address};
}

struct VtdFixture {
    VtdFixture() { make({}); }

    Vtd& make(const VtdProfile& profile) {
        static unsigned instances = 0;
        unit.reset();
        unit = std::make_unique<Vtd>(("vtd" + std::to_string(++instances)).c_str(), timeline, timing(), profile,
                                     FabricProfile{}, memory, tokens, choices);
        unit->connect(output);
        unit->request_blocked.subscribe([this](const auto& e) { blocked.push_back(e); });
        unit->entry_used.subscribe([this](const auto& e) { used.push_back(e); });
        unit->diagnosis.subscribe([this](const auto& d) { diagnoses.push_back(d); });
        unit->wait_completed.subscribe([this](const auto& w) { waits.push_back(w); });
        unit->event_raised.subscribe([this](const auto& e) { events.push_back(e); });
        unit->hop.subscribe([this](const auto& h) { hops.push_back(h); });
        unit->cache_invalidated.subscribe([this](const auto& e) { invalidated.push_back(e); });
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
    /// As software composes it: the status without the one-shot bits, and one control changed.
    void set(std::uint64_t bit) { w32(GCMD, (r32(GSTS) & 0x96ff'ffffU) | bit); }
    void clear(std::uint64_t bit) { w32(GCMD, r32(GSTS) & 0x96ff'ffffU & ~bit); }
    void set_and_wait(std::uint64_t bit) {
        set(bit);
        by(2_us);
        REQUIRE((r32(GSTS) & bit) == bit);
    }
    void clear_and_wait(std::uint64_t bit) {
        clear(bit);
        by(2_us);
        REQUIRE((r32(GSTS) & bit) == 0);
    }
    bool diagnosed(Kind kind) const {
        for (const regs::Diagnosis& d : diagnoses) {
            if (d.kind == kind) {
                return true;
            }
        }
        return false;
    }

    // ---- as Linux sets the unit up: queue, table, remapping. 256 entries, 32-bit destinations.
    void queue_on() {
        w64(IQA, QUEUE);
        set_and_wait(QIE);
    }
    void table_at(std::uint64_t base, std::uint64_t flags = EIME) {
        w64(IRTA, base | flags | 7);
        set_and_wait(SIRTP);
    }
    void start(std::uint64_t flags = EIME) {
        queue_on();
        table_at(TABLE, flags);
        set_and_wait(IRE);
    }

    // ---- the table
    static std::uint64_t entry_address(std::uint32_t index, std::uint64_t table = TABLE) {
        return table + std::uint64_t{index} * 16;
    }
    void put(std::uint32_t index, const Entry& entry, std::uint64_t table = TABLE) {
        memory.put(entry_address(index, table), entry.low);
        memory.put(entry_address(index, table) + 8, entry.high);
    }

    // ---- messages
    static MessageWrite message(std::uint32_t handle, RequesterId requester = HPET) {
        MessageWrite write;
        write.requester = requester;
        write.address = 0xfee0'0000U | (handle & 0x7fffU) << 5U | 1U << 4U | (handle >> 15U & 1U) << 2U;
        write.token = Token{++last_token(), Source::Hpet};
        return write;
    }
    static MessageWrite message_with_subhandle(std::uint32_t handle, std::uint32_t data) {
        MessageWrite write = message(handle);
        write.address |= 1U << 3U;
        write.data = data;
        return write;
    }
    static MessageWrite compatible(std::uint8_t destination, std::uint32_t data = 0x400) {
        MessageWrite write = message(0);
        write.address = 0xfee0'0000U | std::uint32_t{destination} << 12U;
        write.data = data;
        return write;
    }
    static std::uint32_t& last_token() {
        static std::uint32_t last = 1000;
        return last;
    }
    void send(std::uint32_t handle, RequesterId requester = HPET) { unit->arrive(message(handle, requester)); }
    /// Sends and lets it arrive; the reason for which it was blocked, or None.
    Reason request(const MessageWrite& write) {
        const std::size_t before = blocked.size();
        unit->arrive(write);
        by(1_us);
        return blocked.size() == before ? Reason::None : blocked.back().reason;
    }
    Reason request(std::uint32_t handle, RequesterId requester = HPET) { return request(message(handle, requester)); }
    std::vector<std::uint32_t> destinations() const {
        std::vector<std::uint32_t> ids;
        for (const auto& d : output.delivered) {
            ids.push_back(d.message.destination);
        }
        return ids;
    }

    // ---- the queue
    void queue(std::initializer_list<Command128> commands) {
        for (const Command128& command : commands) {
            memory.put(QUEUE + tail, command.low);
            memory.put(QUEUE + tail + 8, command.high);
            tail = (tail + 16) % 4096;
        }
    }
    void submit(std::initializer_list<Command128> commands) {
        queue(commands);
        w64(IQT, tail);
    }
    /// Submits and waits for its status, as software does.
    void submit_and_wait(const Command128& command) {
        memory.put(STATUS, 0);
        submit({command, wait_for(WAIT_SW, 2, STATUS)});
        by(5_us);
        REQUIRE(memory.u32(STATUS) == 2);
    }

    // ---- fault records
    std::uint64_t record_low(unsigned n) { return r64(FRCD + 16 * n); }
    std::uint64_t record_high(unsigned n) { return r64(FRCD + 16 * n + 8); }
    bool record_valid(unsigned n) { return (record_high(n) >> 63U) != 0; }
    void clear_record(unsigned n) { w32(FRCD + 16 * n + 12, 1U << 31U); }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    PlainMemory memory;
    TokenCounter tokens;
    ScriptedChoice choices;
    RecordedOutput output{timeline};
    std::unique_ptr<Vtd> unit;
    std::uint64_t tail = 0;
    std::vector<vtd::RequestBlocked> blocked;
    std::vector<vtd::EntryUsed> used;
    std::vector<regs::Diagnosis> diagnoses;
    std::vector<vtd::WaitCompleted> waits;
    std::vector<vtd::EventRaised> events;
    std::vector<vtd::CacheInvalidated> invalidated;
    std::vector<HopReached> hops;
    std::vector<std::unique_ptr<sim::Alarm>> planned;
};

}  // namespace hldsim::test
