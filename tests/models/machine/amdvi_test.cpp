// SPDX-License-Identifier: Apache-2.0
// A machine with an AMD-Vi unit, driven by software on its CPUs through registers and memory: an NMI of the HPET that
// passes or does not, what the log says, and what a read-back waits for.
#include <algorithm>
#include <cstring>

#include "tests/models/machine/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

/// CPU 0 sets the unit up; timer 0 of the HPET sends an NMI to CPU 1.
struct WithAmdvi : MachineFixture {
    static constexpr std::uint64_t DEVICES = 0x10'0000, COMMANDS = 0x10'2000, LOG = 0x10'3000, END = 0x10'4000;
    static constexpr std::uint64_t RING_LENGTH = 8ULL << 56U;
    static constexpr std::uint32_t CONTROL = 0x18, MSI_CAP = 0x158, MSI_ADDR_LO = 0x15c, MSI_DATA = 0x164,
                                   STATUS = 0x2020;
    static constexpr std::uint64_t IV = 1, NMI_PASS = 1ULL << 58U, RUNNING = 1 | 1U << 2 | 1U << 3 | 1U << 12;
    static constexpr RequesterId FCH{0x00a0};

    explicit WithAmdvi(std::uint64_t interrupts_of_hpet) : MachineFixture{"amd-2020", 2} {
        wanted.amdvi = AmdviProfile{};
        for (auto& timer : wanted.hpet.timers) {
            timer.requester = FCH;
        }
        programs[1] = [this] { enable_apic(1); };
        ram.assign(END - DEVICES, 0);
        std::memcpy(&ram[std::size_t{FCH.value} * 32 + 16], &interrupts_of_hpet, sizeof interrupts_of_hpet);
    }
    void build() {
        Machine& made = make();
        made.connect_memory(DEVICES, ram.data(), ram.size());
        made.amdvi()->request_blocked.subscribe([this](const auto& b) { blocked.push_back(b); });
    }
    void amdvi(std::uint32_t offset, std::uint64_t value, Size size = Size::B8) {
        write(0, Machine::AMDVI_BASE + offset, value, size);
    }
    void switch_on() {
        amdvi(0x00, DEVICES | 1);
        amdvi(0x08, COMMANDS | RING_LENGTH);
        amdvi(0x10, LOG | RING_LENGTH);
        amdvi(MSI_ADDR_LO, 0xfee0'0000, Size::B4);
        amdvi(MSI_DATA, 0x41, Size::B4);
        amdvi(MSI_CAP, 1U << 16, Size::B4);
        amdvi(CONTROL, RUNNING);
        while ((read(0, Machine::AMDVI_BASE + STATUS) & 0x18U) != 0x18) {
        }
    }
    /// Timer 0 sends an NMI to CPU 1 once, `ticks` from now on.
    void arm(std::uint64_t ticks) {
        hpet(0x010, 0);
        hpet(0x0f0, 0, Size::B8);
        hpet(0x110, 0xfee0'1000ULL << 32U | 0x400, Size::B8);
        hpet(0x108, ticks, Size::B8);
        hpet(0x100, INT_ENB | FSB);
        hpet(0x010, ENABLE);
    }
    Instant of(Hop which) const {
        for (const HopReached& h : hops) {
            if (h.token.source == Source::Hpet && h.hop == which) {
                return h.at;
            }
        }
        return Instant::never();
    }

    std::vector<char> ram;
    std::vector<amdvi::RequestBlocked> blocked;
};

}  // namespace

TEST_CASE("with NMIPass an NMI passes unremapped, later by the lookup of its device table entry",
          "[machine][latency][AMDVI-7]") {
    WithAmdvi f{WithAmdvi::IV | WithAmdvi::NMI_PASS};
    f.programs[0] = [&f] {
        f.enable_apic(0);
        f.start_cpu(1);
        f.switch_on();
        f.arm(0x100);
    };
    f.build();
    f.run(Instant{} + 100_ms);
    REQUIRE(f.nmis.size() == 1);
    CHECK(f.nmis[0].cpu == 1);
    CHECK(f.of(Hop::Remapped) == Instant::never());
    CHECK(f.of(Hop::Accepted) == f.of(Hop::Posted) + f.row(Row::MsiDeviceToRoot) + f.row(Row::VtdIecMiss) +
                                     f.row(Row::MsiRootToLapic) + f.row(Row::LapicAccept));
    CHECK(f.blocked.empty());
}

TEST_CASE("without NMIPass the NMI ends in the unit, an event is in memory, and the unit interrupts",
          "[machine][AMDVI-7][AMDVI-9][AMDVI-11]") {
    WithAmdvi f{WithAmdvi::IV};
    f.programs[0] = [&f] {
        f.enable_apic(0);
        f.start_cpu(1);
        f.switch_on();
        f.arm(0x100);
    };
    f.build();
    f.run(Instant{} + 100_ms);
    CHECK(f.nmis.empty());
    REQUIRE(f.blocked.size() == 1);
    CHECK(f.blocked[0].reason == amdvi::Reason::NmiBlocked);
    CHECK(f.blocked[0].at == f.of(Hop::Posted) + f.row(Row::MsiDeviceToRoot) + f.row(Row::VtdIecMiss));
    std::uint64_t event = 0;
    std::memcpy(&event, &f.ram[WithAmdvi::LOG - WithAmdvi::DEVICES], sizeof event);
    CHECK(event == (2ULL << 60U | 1ULL << 51U | WithAmdvi::FCH.value));
    REQUIRE(f.irqs.size() == 1);
    CHECK(f.irqs[0].cpu == 0);
    CHECK(f.irqs[0].vector == 0x41);
}

TEST_CASE("a read-back of the HPET does not overtake an NMI that the unit looks up", "[machine][AMDVI-18][M-13]") {
    WithAmdvi f{WithAmdvi::IV | WithAmdvi::NMI_PASS};
    // So long that no read is back before.
    f.wanted.timing.set(Row::VtdIecMiss, RowUnit::Time, Duration{50_us}.fs);
    Instant back;
    f.programs[0] = [&f, &back] {
        f.enable_apic(0);
        f.start_cpu(1);
        f.switch_on();
        f.arm(1);
        f.spend(0, 2_us);
        f.read(0, Machine::HPET_BASE + 0x100);
        back = f.now(0);
    };
    f.build();
    f.run(Instant{} + 100_ms);
    REQUIRE(f.nmis.size() == 1);
    const Instant left = f.of(Hop::Posted) + f.row(Row::MsiDeviceToRoot) + f.row(Row::VtdIecMiss);
    CHECK(back > left);
    CHECK(back < left + 2_us);
}

TEST_CASE("a power cycle leaves a machine with AMD-Vi as new", "[machine][AMDVI-20]") {
    WithAmdvi f{WithAmdvi::IV};
    f.programs[0] = [&f] {
        f.enable_apic(0);
        f.start_cpu(1);
        f.switch_on();
        f.arm(0x100);
    };
    f.build();
    const std::string fresh = f.machine().dump();
    f.run(Instant{} + 100_ms);
    REQUIRE(f.blocked.size() == 1);
    f.power_on();
    CHECK(f.machine().dump() == fresh);
}

TEST_CASE("state copied out of a machine with AMD-Vi goes on as the run did", "[machine][state][AMDVI-20]") {
    WithAmdvi f{WithAmdvi::IV | (GENERATE(true, false) ? WithAmdvi::NMI_PASS : 0)};
    // A lookup takes most of the time between two NMIs: the unit is never without one for long.
    for (const Row row : {Row::VtdIecMiss, Row::VtdIecHit}) {
        f.wanted.timing.set(row, RowUnit::Time, Duration{3_us}.fs);
    }
    f.programs[0] = [&f] {
        f.enable_apic(0);
        f.start_cpu(1);
        f.switch_on();
        f.arm(0x40);
        f.hpet(0x010, 0);
        f.hpet(0x100, WithAmdvi::INT_ENB | WithAmdvi::FSB | WithAmdvi::PERIODIC | WithAmdvi::VAL_SET);
        f.hpet(0x108, 0x80);
        f.hpet(0x108, 0x40);
        f.hpet(0x010, WithAmdvi::ENABLE);
    };
    f.build();
    f.machine().run_up_to(Instant{} + 1_ms + GENERATE(0_ns, 900_ns, 1800_ns, 2700_ns, 3600_ns));
    StateCopy copy;
    copy.save_anew();
    copy(f.machine());
    const std::string then = f.machine().dump();
    const std::vector<char> ram_then = f.ram;
    const auto go_on = [&f] {
        f.hops.clear();
        f.blocked.clear();
        f.machine().run_up_to(Instant{} + 1_ms + 100_us);
    };
    go_on();
    const std::vector<HopReached> onward = f.hops;
    const std::size_t blocked = f.blocked.size();
    const std::string later = f.machine().dump();
    const std::vector<char> ram_later = f.ram;
    REQUIRE(onward.size() > 20);
    f.machine().forget_plans();
    copy.restore_from_begin();
    copy(f.machine());
    std::copy(ram_then.begin(), ram_then.end(), f.ram.begin());
    CHECK(f.machine().dump() == then);
    go_on();
    CHECK(f.machine().dump() == later);
    CHECK(f.blocked.size() == blocked);
    CHECK(f.ram == ram_later);
    CHECK(std::equal(f.hops.begin(), f.hops.end(), onward.begin(), onward.end(), [](const auto& a, const auto& b) {
        return a.at == b.at && a.token == b.token && a.hop == b.hop && a.cpu.value == b.cpu.value;
    }));
}
