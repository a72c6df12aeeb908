// SPDX-License-Identifier: Apache-2.0
// A VT-d unit in its surroundings, and what software puts into its registers, table and queue.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "models/vtd/vtd.hpp"
#include "tests/support/remapper_fixture.hpp"

namespace hldsim::test {

using namespace hldsim::literals;
using vtd::Reason;
using vtd::Recorded;

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

struct VtdFixture : RemapperFixture<Vtd, vtd::RequestBlocked, vtd::EntryUsed, vtd::WaitCompleted> {
    VtdFixture() { make({}); }

    Vtd& make(const VtdProfile& profile) {
        make_unit("vtd", profile, {});
        unit->event_raised.subscribe([this](const auto& e) { events.push_back(e); });
        unit->cache_invalidated.subscribe([this](const auto& e) { invalidated.push_back(e); });
        return *unit;
    }

    // ---- registers
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
        return message_to(0xfee0'0000U | (handle & 0x7fffU) << 5U | 1U << 4U | (handle >> 15U & 1U) << 2U, 0,
                          requester);
    }
    static MessageWrite message_with_subhandle(std::uint32_t handle, std::uint32_t data) {
        MessageWrite write = message(handle);
        write.address |= 1U << 3U;
        write.data = data;
        return write;
    }
    static MessageWrite compatible(std::uint8_t destination, std::uint32_t data = 0x400) {
        return message_to(0xfee0'0000U | std::uint32_t{destination} << 12U, data, HPET);
    }
    void send(std::uint32_t handle, RequesterId requester = HPET) { unit->arrive(message(handle, requester)); }
    using RemapperFixture::request;
    Reason request(std::uint32_t handle, RequesterId requester = HPET) { return request(message(handle, requester)); }

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

    std::vector<vtd::EventRaised> events;
    std::vector<vtd::CacheInvalidated> invalidated;
};

}  // namespace hldsim::test
