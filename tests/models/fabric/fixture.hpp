// SPDX-License-Identifier: Apache-2.0
// A fabric between doubles that write down what reaches them, and when. Every latency row has a value of its own.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "models/fabric/fabric.hpp"
#include "models/sim/session.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

using namespace hldsim::literals;

constexpr std::uint64_t DEVICE = 0xfed0'0000;
constexpr std::uint64_t OTHER_DEVICE = 0xfec0'0000;
constexpr std::uint32_t WINDOW = 0x400;

constexpr Duration READ_REQUEST = 211_ns;
constexpr Duration READ_RESPONSE = 223_ns;
constexpr Duration POSTED_WRITE = 227_ns;
constexpr Duration SERVICE = 83_ns;
constexpr Duration DEVICE_TO_ROOT = 229_ns;
constexpr Duration ROOT_TO_LAPIC = 127_ns;
constexpr Duration IPI_WIRE = 151_ns;
constexpr Duration CROSS_SOCKET = 61_ns;
constexpr Duration EOI_BROADCAST = 401_ns;

inline Timing fabric_timing() {
    Timing timing{Hertz{3'000'000'000}, Hertz{3'000'000'000}, Hertz{24'000'000}, Duration{69'841'279}};
    const auto set = [&](Row row, Duration d) { timing.set(row, RowUnit::Time, d.fs); };
    set(Row::FabricReadRequest, READ_REQUEST);
    set(Row::FabricReadResponse, READ_RESPONSE);
    set(Row::FabricPostedWrite, POSTED_WRITE);
    set(Row::HpetService, SERVICE);
    set(Row::IoapicRead, SERVICE);
    set(Row::MsiDeviceToRoot, DEVICE_TO_ROOT);
    set(Row::MsiRootToLapic, ROOT_TO_LAPIC);
    set(Row::IpiWire, IPI_WIRE);
    set(Row::IpiCrossSocketAdd, CROSS_SOCKET);
    set(Row::IoapicEoiBroadcast, EOI_BROADCAST);
    return timing;
}

struct RecordingDevice : MmioTarget {
    struct Seen {
        Instant at;
        bool write;
        std::uint32_t offset;
        std::uint64_t value;
    };
    explicit RecordingDevice(sim::Timeline& on) : timeline{on} {}

    std::uint64_t read(std::uint32_t offset, Size /*size*/) override {
        seen.push_back({timeline.now(), false, offset, 0});
        return static_cast<std::uint64_t>(timeline.now().fs);  // the value tells when it was sampled
    }
    void write(std::uint32_t offset, Size /*size*/, std::uint64_t value) override {
        seen.push_back({timeline.now(), true, offset, value});
    }
    Instant completion_may_leave(Instant now) override { return std::max(now, may_leave); }

    sim::Timeline& timeline;
    std::vector<Seen> seen;
    Instant may_leave;
};

struct RecordingCompletion : ReadCompletion {
    explicit RecordingCompletion(sim::Timeline& on) : timeline{on} {}
    void completed(std::uint64_t v) override {
        at.push_back(timeline.now());
        value = v;
    }
    sim::Timeline& timeline;
    std::vector<Instant> at;
    std::uint64_t value = 0;
};

/// An APIC that matches its id, its logical bits and broadcasts, and keeps what it receives.
struct RecordingReceiver : MessageReceiver {
    struct Received {
        Instant at;
        InterruptMessage message;
    };
    RecordingReceiver(sim::Timeline& on, std::uint32_t physical) : timeline{on}, id{physical} {}

    bool matches(const InterruptMessage& m) const override {
        ++asked;
        if (is_broadcast(m)) {
            return true;
        }
        return m.logical ? (m.destination & logical) != 0 : m.destination == id;
    }
    void receive(const InterruptMessage& m) override { received.push_back({timeline.now(), m}); }
    std::uint8_t processor_priority() const override { return priority; }

    sim::Timeline& timeline;
    std::uint32_t id;
    std::uint32_t logical = 0;
    std::uint8_t priority = 0;
    mutable unsigned asked = 0;
    std::vector<Received> received;
};

/// Four CPUs whose APIC ids are 0, 2, 4, 6; CPUs 2 and 3 are in the second package.
struct FabricFixture {
    FabricFixture() {
        for (unsigned cpu = 0; cpu < 4; ++cpu) {
            apics.push_back(std::make_unique<RecordingReceiver>(timeline, 2 * cpu));
            apics.back()->logical = 1U << cpu;
            fabric.add(CpuNumber{cpu}, *apics.back());
        }
        fabric.map(DEVICE, WINDOW, device, Row::HpetService);
        fabric.map(OTHER_DEVICE, WINDOW, other_device, Row::IoapicRead);
        fabric.message_without_target.subscribe([this](const auto& e) { without_target.push_back(e); });
        fabric.message_diagnosed.subscribe([this](const auto& e) { diagnosed.push_back(e); });
        fabric.unmapped_access.subscribe([this](const auto& e) { unmapped.push_back(e); });
        fabric.message_faulted.subscribe([this](const auto& e) { faulted.push_back(e); });
    }

    void to(Instant t) { timeline.run_until(t); }
    void by(Duration d) { timeline.run_until(timeline.now() + d); }
    Instant now() const { return timeline.now(); }
    std::vector<unsigned> reached() const {
        std::vector<unsigned> cpus;
        for (unsigned cpu = 0; cpu < apics.size(); ++cpu) {
            if (!apics[cpu]->received.empty()) {
                cpus.push_back(cpu);
            }
        }
        return cpus;
    }
    void forget_received() {
        for (auto& apic : apics) {
            apic->received.clear();
        }
    }
    static MessageWrite message(std::uint8_t destination, std::uint32_t data, std::uint32_t flags = 0) {
        return {RequesterId{0xfa78}, 0xfee0'0000ULL | std::uint64_t{destination} << 12 | flags, data,
                Token{1, Source::Hpet}};
    }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    Timing timing = fabric_timing();
    DefaultChoice choices;
    Fabric fabric{"fabric", timeline, timing, choices, {}, {0, 0, 1, 1}};
    RecordingDevice device{timeline};
    RecordingDevice other_device{timeline};
    RecordingCompletion completion{timeline};
    std::vector<std::unique_ptr<RecordingReceiver>> apics;
    std::vector<MessageWithoutTarget> without_target;
    std::vector<MessageDiagnosed> diagnosed;
    std::vector<UnmappedAccess> unmapped;
    std::vector<MessageFaulted> faulted;
};

// Of a message: its data, and two bits of its address.
constexpr std::uint32_t NMI = 0x400;
constexpr std::uint32_t LOGICAL = 1U << 2;
constexpr std::uint32_t HINT = 1U << 3;
constexpr CpuNumber CPU0{0};
constexpr CpuNumber CPU1{1};
constexpr CpuNumber CPU2{2};

}  // namespace hldsim::test
