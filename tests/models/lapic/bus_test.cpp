// SPDX-License-Identifier: Apache-2.0
// Local APICs and the fabric together: who really gets a message, at which instant, and at what cost.
#include <cstdlib>
#include <new>
#include <string>

#include "models/fabric/fabric.hpp"
#include "tests/models/lapic/fixture.hpp"

namespace {

std::uint64_t allocations = 0;

}  // namespace

// Counted, so that a test can state that there are none in the steady state.
void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size != 0 ? size : 1)) {
        return memory;
    }
    throw std::bad_alloc{};
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    ++allocations;
    return std::malloc(size != 0 ? size : 1);
}
// Not inlined: gcc would take free() for one that belongs to another operator new.
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

using namespace hldsim;
using namespace hldsim::test;

namespace {

constexpr Duration DEVICE_TO_ROOT = 229_ns;
constexpr Duration ROOT_TO_LAPIC = 127_ns;

Timing bus_timing() {
    Timing timing = lapic_timing();
    timing.set(Row::MsiDeviceToRoot, RowUnit::Time, DEVICE_TO_ROOT.fs);
    timing.set(Row::MsiRootToLapic, RowUnit::Time, ROOT_TO_LAPIC.fs);
    timing.set(Row::IpiCrossSocketAdd, RowUnit::Time, 0);
    timing.set(Row::FabricPostedWrite, RowUnit::Time, 1'000);
    timing.set(Row::FabricReadRequest, RowUnit::Time, 1'000);
    timing.set(Row::FabricReadResponse, RowUnit::Time, 1'000);
    timing.set(Row::HpetService, RowUnit::Time, 1'000);
    return timing;
}

/// Counts, keeps nothing.
struct CountingCpu : CpuEvents {
    void nmi(const TokenSet& /*tokens*/, std::uint8_t /*vector*/) override { ++nmis; }
    void smi(const TokenSet& /*tokens*/) override {}
    void init(const TokenSet& /*tokens*/) override {}
    void sipi(std::uint8_t /*vector*/, const TokenSet& /*tokens*/) override {}
    void external_interrupt(bool /*active*/) override {}
    void interrupt_request(bool active) override { requested = active; }
    unsigned nmis = 0;
    bool requested = false;
};

struct BusFixture {
    /// APIC id of CPU n: 2n, so that nobody takes one number for the other.
    explicit BusFixture(unsigned count = 4) : BusFixture(even_ids(count)) {}
    explicit BusFixture(const std::vector<std::uint32_t>& ids) {
        for (unsigned n = 0; n < ids.size(); ++n) {
            cpus.push_back(std::make_unique<CountingCpu>());
            apics.push_back(std::make_unique<Lapic>(("lapic" + std::to_string(n)).c_str(), timeline, timing,
                                                    LapicProfile{}, CpuNumber{n}, ApicId{ids[n]}, n == 0, fabric,
                                                    tokens));
            apics.back()->connect(*cpus.back());
            fabric.add(CpuNumber{n}, *apics.back());
        }
        fabric.message_without_target.subscribe([this](const auto&) { ++without_target; });
        reset();
    }
    static std::vector<std::uint32_t> even_ids(unsigned count) {
        std::vector<std::uint32_t> ids;
        for (unsigned n = 0; n < count; ++n) {
            ids.push_back(2 * n);
        }
        return ids;
    }
    void reset() {
        fabric.reset_enter();
        for (auto& apic : apics) {
            apic->reset_enter();
        }
        for (auto& apic : apics) {
            apic->reset_hold();
        }
    }
    void by(Duration d) { timeline.run_until(timeline.now() + d); }
    void put(unsigned cpu, std::uint32_t offset, std::uint32_t value) {
        apics[cpu]->mmio_write(offset, Size::B4, value);
    }
    void post(std::uint32_t destination, std::uint32_t data, std::uint32_t flags = 0) {
        fabric.post({RequesterId{0xfa78}, 0xfee0'0000ULL | std::uint64_t{destination} << 12 | flags, data,
                     tokens.next(Source::Hpet)});
    }
    std::vector<unsigned> nmis() const {
        std::vector<unsigned> counts;
        for (const auto& cpu : cpus) {
            counts.push_back(cpu->nmis);
        }
        return counts;
    }

    sim::Session session;
    sim::Timeline timeline{"timeline"};
    Timing timing = bus_timing();
    DefaultChoice choices;
    TokenCounter tokens;
    Fabric fabric{"fabric", timeline, timing, choices};
    std::vector<std::unique_ptr<CountingCpu>> cpus;
    std::vector<std::unique_ptr<Lapic>> apics;
    unsigned without_target = 0;
};

}  // namespace

TEST_CASE_METHOD(BusFixture, "a device's NMI is in the latch after both hops and lapic.accept",
                 "[lapic][fabric][hops]") {
    std::vector<HopReached> hops;
    apics[2]->hop.subscribe([&](const HopReached& h) { hops.push_back(h); });
    timeline.run_until(Instant{} + 10_ns);
    post(4, NMI_MODE);
    by(1_us);
    CHECK(nmis() == std::vector{0U, 0U, 1U, 0U});
    REQUIRE(hops.size() == 1);
    CHECK(hops[0].at == Instant{} + 10_ns + DEVICE_TO_ROOT + ROOT_TO_LAPIC + ACCEPT);
}

TEST_CASE_METHOD(BusFixture,
                 "a broadcast NMI reaches CPUs whose APIC is software-disabled, as those of offline CPUs are",
                 "[lapic][LAPIC-43][WI-53]") {
    put(0, lapic::SVR, APIC_ENABLED);
    put(1, lapic::SVR, APIC_ENABLED);
    put(0, lapic::ICR_LOW, ASSERT | OTHERS | NMI_MODE);
    by(1_us);
    CHECK(nmis() == std::vector{0U, 1U, 1U, 1U});
}

TEST_CASE_METHOD(BusFixture, "a globally disabled APIC is not there: nobody takes its message",
                 "[lapic][LAPIC-2][M-9]") {
    REQUIRE(apics[1]->wrmsr(lapic::IA32_APIC_BASE, 0xfee0'0000));
    post(2, NMI_MODE);
    by(1_us);
    CHECK(without_target == 1);
    CHECK(nmis() == std::vector{0U, 0U, 0U, 0U});
}

TEST_CASE_METHOD(BusFixture, "xAPIC and x2APIC side by side: 8-bit messages and IPIs reach both by physical id",
                 "[lapic][LAPIC-8][LAPIC-10]") {
    REQUIRE(apics[1]->wrmsr(lapic::IA32_APIC_BASE, 0xfee0'0000 | BASE_EN | BASE_EXTD));
    post(2, NMI_MODE);
    put(0, lapic::ICR_HIGH, 2U << 24);
    put(0, lapic::ICR_LOW, ASSERT | NMI_MODE);
    REQUIRE(apics[1]->wrmsr(lapic::x2apic_msr(lapic::ICR_LOW), 4ULL << 32 | ASSERT | NMI_MODE));
    by(1_us);
    CHECK(nmis() == std::vector{0U, 2U, 1U, 0U});
}

TEST_CASE("WI-33: of two APICs with one id both take the message, the NMI and the IPI", "[lapic][LAPIC-7][WI-33]") {
    // x2APIC ids that are one xAPIC id: its 8 bits are the low ones.
    BusFixture machine{std::vector<std::uint32_t>{0, 0x12, 0x112, 4, 0x212}};
    for (unsigned n = 0; n < 5; ++n) {
        machine.put(n, lapic::SVR, APIC_ENABLED);
    }
    machine.post(0x12, NMI_MODE);
    machine.by(1_us);
    CHECK(machine.nmis() == std::vector{0U, 1U, 1U, 0U, 1U});
    machine.put(0, lapic::ICR_HIGH, 0x12U << 24);
    machine.put(0, lapic::ICR_LOW, ASSERT | 0x41);
    machine.by(1_us);
    for (unsigned n = 0; n < 5; ++n) {
        CAPTURE(n);
        CHECK(machine.cpus[n]->requested == (n == 1 || n == 2 || n == 4));
    }
    CHECK(machine.without_target == 0);
    SECTION("one of them becomes an x2APIC: its id is its own again") {
        REQUIRE(machine.apics[2]->wrmsr(lapic::IA32_APIC_BASE, 0xfee0'0000 | BASE_EN | BASE_EXTD));
        machine.post(0x12, NMI_MODE);
        machine.by(1_us);
        CHECK(machine.nmis() == std::vector{0U, 2U, 1U, 0U, 2U});
    }
}

TEST_CASE_METHOD(BusFixture, "a message under way is for the CPU whose APIC matches", "[lapic][M-15]") {
    put(0, lapic::ICR_HIGH, 4U << 24);
    put(0, lapic::ICR_LOW, ASSERT | NMI_MODE);
    CHECK(fabric.message_under_way_to(CpuNumber{2}));
    CHECK_FALSE(fabric.message_under_way_to(CpuNumber{1}));
    by(WIRE);
    CHECK_FALSE(fabric.message_under_way_to(CpuNumber{2}));
}

TEST_CASE_METHOD(BusFixture, "reset finds every APIC at its hardware's id again", "[lapic][reset]") {
    REQUIRE(apics[1]->wrmsr(lapic::IA32_APIC_BASE, 0xfee0'0000 | BASE_EN | BASE_EXTD));
    reset();
    post(2, NMI_MODE);
    by(1_us);
    CHECK(nmis() == std::vector{0U, 1U, 0U, 0U});
}

TEST_CASE("1024 APICs: one physical NMI reaches its CPU, a broadcast all but the sender", "[lapic][scale]") {
    BusFixture machine{1024};
    for (auto& apic : machine.apics) {
        REQUIRE(apic->wrmsr(lapic::IA32_APIC_BASE, 0xfee0'0000 | BASE_EN | BASE_EXTD));
    }
    const auto send = [&](std::uint64_t icr) {
        REQUIRE(machine.apics[0]->wrmsr(lapic::x2apic_msr(lapic::ICR_LOW), icr | ASSERT | NMI_MODE));
        machine.by(1_us);
    };
    send(2046ULL << 32);
    CHECK(machine.cpus[1023]->nmis == 1);
    send(OTHERS);
    send(1ULL << 43 | (0x12ULL << 16 | 0x5) << 32);  // logical bit in the destination's way: cluster 812h, nobody
    unsigned once = 0;
    for (unsigned n = 1; n < 1023; ++n) {
        once += machine.cpus[n]->nmis == 1 ? 1 : 0;
    }
    CHECK(once == 1022);
    CHECK(machine.cpus[0]->nmis == 0);
    CHECK(machine.cpus[1023]->nmis == 2);
    SECTION("a cluster: bits 0 and 2 of cluster 12h are ids 120h and 122h") {
        send((0x12ULL << 16 | 0x5) << 32 | 1U << 11);
        CHECK(machine.cpus[0x90]->nmis == 2);
        CHECK(machine.cpus[0x91]->nmis == 2);
        CHECK(machine.cpus[0x92]->nmis == 1);
    }
}

TEST_CASE_METHOD(BusFixture, "in the steady state messages, IPIs, timers and acknowledges allocate nothing",
                 "[lapic][fabric][cost]") {
    timeline.following(false);
    for (unsigned n = 0; n < 4; ++n) {
        put(n, lapic::SVR, APIC_ENABLED);
        put(n, lapic::LVT_TIMER, PERIODIC | 0x40);
        put(n, lapic::INITIAL_COUNT, 100);
    }
    TokenSet carried;
    const auto round = [&] {
        post(2, NMI_MODE);
        put(0, lapic::ICR_LOW, ASSERT | OTHERS | 0x51);
        put(1, lapic::ICR_LOW, ASSERT | 1U << 18 | 0x52);
        by(20_us);
        for (auto& apic : apics) {
            for (int i = 0; i < 3; ++i) {
                carried.clear();
                apic->acknowledge(carried);
                apic->mmio_write(lapic::EOI, Size::B4, 0);
            }
        }
    };
    for (int i = 0; i < 10; ++i) {
        round();
    }
    const std::uint64_t before = allocations;
    for (int i = 0; i < 100; ++i) {
        round();
    }
    CHECK(allocations == before);
    CHECK(cpus[1]->nmis == 110);
}
