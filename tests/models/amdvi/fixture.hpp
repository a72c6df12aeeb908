// SPDX-License-Identifier: Apache-2.0
// An AMD-Vi unit in its surroundings, and what software puts into its registers, tables and command buffer.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "models/amdvi/amdvi.hpp"
#include "tests/support/remapper_fixture.hpp"

namespace hldsim::test {

using amdvi::EventCode;
using amdvi::Reason;
using amdvi::Recorded;

// The rows of VT-d, by analogy.
constexpr Duration HIT = IEC_HIT;
constexpr Duration MISS = IEC_MISS;
constexpr Duration FETCH = QI_FETCH;
constexpr Duration INVALIDATION = IEC_INV;
constexpr Duration STORE = STATUS_WRITE;
constexpr Duration CONTROL_LATENCY = GCMD_LATENCY;

// Registers, by the offsets of the specification.
constexpr std::uint32_t DEV_TAB_BASE = 0x00, CMD_BASE = 0x08, EVENT_BASE = 0x10, CONTROL = 0x18, EFR = 0x30,
                        MSI_CAP = 0x158, MSI_ADDR_LO = 0x15c, MSI_ADDR_HI = 0x160, MSI_DATA = 0x164,
                        XT_INT_CTRL = 0x170, CMD_HEAD = 0x2000, CMD_TAIL = 0x2008, EVENT_HEAD = 0x2010,
                        EVENT_TAIL = 0x2018, STATUS = 0x2020;
constexpr std::uint64_t IOMMU_EN = 1, EVENT_LOG_EN = 1U << 2, EVENT_INT_EN = 1U << 3, COM_WAIT_INT_EN = 1U << 4,
                        CMD_BUF_EN = 1U << 12, GA_EN = 1U << 17, XT_EN = 1ULL << 50, INT_CAP_XT_EN = 1ULL << 51,
                        IRT_CACHE_DIS = 1ULL << 59;
constexpr std::uint64_t EVENT_OVERFLOW = 1, EVENT_LOG_INT = 2, COM_WAIT_INT = 4, EVENT_LOG_RUN = 8, CMD_BUF_RUN = 16;

constexpr std::uint64_t DEVICES = 0x10'0000;
constexpr std::uint64_t TABLE = 0x20'0000;  // of the HPET
constexpr std::uint64_t OTHER_TABLE = 0x21'0000;
constexpr std::uint64_t COMMANDS = 0x30'0000;
constexpr std::uint64_t LOG = 0x40'0000;
constexpr std::uint64_t STORED = 0x50'0000;

constexpr RequesterId HPET{0x00a0};  // 00:14.0
constexpr RequesterId NIC{0x0100};   // 01:00.0

/// Bits 191:128 of a device table entry, as software puts them together: 512 entries, remapped, nothing passes.
struct Device {
    std::uint64_t word = 1 | 9U << 1U | 2ULL << 60U;

    [[nodiscard]] Device set(Bits bits, std::uint64_t value) const { return {bits.set(word, value)}; }
    [[nodiscard]] Device table(std::uint64_t base) const { return {word | base}; }
    [[nodiscard]] Device int_ctl(unsigned n) const { return set({61, 60}, n); }
    [[nodiscard]] Device length(unsigned n) const { return set({4, 1}, n); }
    [[nodiscard]] Device nmi_pass() const { return set({58, 58}, 1); }
    [[nodiscard]] Device init_pass() const { return set({56, 56}, 1); }
    [[nodiscard]] Device ext_int_pass() const { return set({57, 57}, 1); }
    [[nodiscard]] Device quiet() const { return set({5, 5}, 1); }  // IG
    [[nodiscard]] Device invalid() const { return set({0, 0}, 0); }
};

/// An interrupt remapping entry of 32 bits: enabled, fixed, vector 50h, to physical id 4 unless told otherwise.
struct Entry {
    std::uint32_t word = 1 | 4U << 8U | 0x50U << 16U;

    [[nodiscard]] Entry set(Bits bits, std::uint64_t value) const {
        return {static_cast<std::uint32_t>(bits.set(word, value))};
    }
    [[nodiscard]] Entry to(std::uint8_t id) const { return set({15, 8}, id); }
    [[nodiscard]] Entry vector(std::uint8_t v) const { return set({23, 16}, v); }
    [[nodiscard]] Entry type(unsigned n) const { return set({4, 2}, n); }
    [[nodiscard]] Entry logical() const { return set({6, 6}, 1); }
    [[nodiscard]] Entry quiet() const { return set({1, 1}, 1); }  // SupIOPF
    [[nodiscard]] Entry off() const { return set({0, 0}, 0); }
};

struct Command {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
};
constexpr std::uint64_t WAIT_STORE = 1, WAIT_INTERRUPT = 2, WAIT_FLUSH = 4;
constexpr Command invalidate_device(RequesterId device) { return {2ULL << 60U | device.value, 0}; }
constexpr Command invalidate_table(RequesterId device) { return {5ULL << 60U | device.value, 0}; }
constexpr Command invalidate_all() { return {8ULL << 60U, 0}; }
constexpr Command completion_wait(std::uint64_t flags, std::uint64_t data = 1, std::uint64_t address = STORED) {
    return {1ULL << 60U | address | flags, data};
}

struct AmdviFixture : RemapperFixture<Amdvi, amdvi::RequestBlocked, amdvi::EntryUsed, amdvi::WaitCompleted> {
    AmdviFixture() { make({}); }

    Amdvi& make(const AmdviProfile& profile, const FabricProfile& fabric = {}) {
        make_unit("amdvi", profile, fabric);
        unit->device_entry_used.subscribe([this](const auto& e) { devices_used.push_back(e); });
        unit->interrupt_sent.subscribe([this](const auto& e) { interrupts.push_back(e); });
        return *unit;
    }

    // ---- registers
    std::uint64_t status() { return r64(STATUS); }
    void control(std::uint64_t value) {
        w64(CONTROL, value);
        by(2_us);
    }

    // ---- as Linux sets the unit up: device table, command buffer and event log of 512 entries
    static constexpr std::uint64_t RUNNING = IOMMU_EN | EVENT_LOG_EN | CMD_BUF_EN;
    void bases() {
        w64(DEV_TAB_BASE, DEVICES | 15);  // 2048 devices
        w64(CMD_BASE, COMMANDS | 9ULL << 56U);
        w64(EVENT_BASE, LOG | 9ULL << 56U);
    }
    void start(std::uint64_t more = 0) {
        bases();
        control(RUNNING | more);
        REQUIRE((status() & (CMD_BUF_RUN | EVENT_LOG_RUN)) == (CMD_BUF_RUN | EVENT_LOG_RUN));
    }
    void interrupts_to(std::uint8_t id, std::uint8_t vector) {
        w32(MSI_ADDR_LO, 0xfee0'0000U | std::uint32_t{id} << 12U);
        w32(MSI_DATA, vector);
        w32(MSI_CAP, 1U << 16U);
    }

    // ---- tables
    void device(const Device& entry, RequesterId id = HPET, std::uint64_t table = TABLE) {
        memory.put(DEVICES + std::uint64_t{id.value} * 32 + 16, entry.table(table).word);
    }
    void entry(std::uint32_t index, const Entry& e, std::uint64_t table = TABLE) {
        memory.write(table + index * std::uint64_t{4}, &e.word, sizeof(e.word));
    }
    void long_entry(std::uint32_t index, std::uint64_t low, std::uint64_t high, std::uint64_t table = TABLE) {
        memory.put(table + index * std::uint64_t{16}, low);
        memory.put(table + index * std::uint64_t{16} + 8, high);
    }

    // ---- messages
    static MessageWrite message(std::uint32_t data, RequesterId requester = HPET, std::uint8_t destination = 1) {
        return message_to(0xfee0'0000U | std::uint32_t{destination} << 12U, data, requester);
    }
    static constexpr std::uint32_t NMI = 0x400, SMI = 0x200, INIT = 0x500, EXT_INT = 0x700;
    void send(std::uint32_t data, RequesterId requester = HPET) { unit->arrive(message(data, requester)); }
    using RemapperFixture::request;
    Reason request(std::uint32_t data, RequesterId requester = HPET) { return request(message(data, requester)); }
    const InterruptMessage& delivered() const { return output.delivered.back().message; }

    // ---- the command buffer
    void submit(std::initializer_list<Command> commands) {
        for (const Command& command : commands) {
            memory.put(COMMANDS + tail, command.low);
            memory.put(COMMANDS + tail + 8, command.high);
            tail = (tail + 16) % 8192;
        }
        w64(CMD_TAIL, tail);
    }
    /// Submits and waits for the store of a COMPLETION_WAIT, as software does.
    void submit_and_wait(const Command& command) {
        memory.put(STORED, 0);
        submit({command, completion_wait(WAIT_STORE, 2)});
        by(5_us);
        REQUIRE(memory.u64(STORED) == 2);
    }

    // ---- the event log
    std::uint64_t events() { return r64(EVENT_TAIL) / 16; }
    std::uint64_t event_low(unsigned n = 0) { return memory.u64(LOG + std::uint64_t{16} * n); }
    std::uint64_t event_high(unsigned n = 0) { return memory.u64(LOG + std::uint64_t{16} * n + 8); }
    static std::uint64_t code(EventCode c) { return static_cast<std::uint64_t>(c) << 60U; }
    static constexpr std::uint64_t I = 1ULL << 51U, PR = 1ULL << 52U, RZ = 1ULL << 55U;

    std::vector<amdvi::DeviceEntryUsed> devices_used;
    std::vector<amdvi::InterruptSent> interrupts;
};

}  // namespace hldsim::test
