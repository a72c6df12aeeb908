// SPDX-License-Identifier: Apache-2.0
// From a pin to a CPU: every hop at its instant, and the differences are rows of the profile.
#include <algorithm>

#include "tests/models/machine/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

/// Timer 0 of the HPET, one-shot and as an edge, on input 20; an NMI to CPU 1, which halts.
struct PinPath : MachineFixture {
    using MachineFixture::MachineFixture;

    void program(std::uint64_t entry = 0) {
        programs[0] = [this, entry] {
            enable_apic(0);
            start_cpu(1);
            program_entry(20, entry != 0 ? entry : to(1) | NMI);
            hpet(0x108, 0x10000, Size::B8);
            hpet(0x100, INT_ENB | 20U << 9);
            hpet(0x010, ENABLE);
        };
        programs[1] = [this] { enable_apic(1); };
    }
    Instant of(Hop which) const { return hop(last_hpet_token(), which); }
    std::uint32_t last_hpet_token() const {
        std::uint32_t token = 0;
        for (const HopReached& h : hops) {
            token = h.token.source == Source::Hpet ? h.token.id : token;
        }
        return token;
    }
    Duration flight() const {
        return row(Row::IoapicPinToMsg) + row(Row::MsiDeviceToRoot) + row(Row::MsiRootToLapic) + row(Row::LapicAccept);
    }
};

}  // namespace

TEST_CASE("an NMI from an HPET pin has every hop, and their differences are rows of the profile",
          "[machine][latency][I-16]") {
    const std::string name = GENERATE("desktop-2018", "server-2018", "server-2024", "amd-2020", "fast-uniform");
    INFO(name);
    PinPath f{name};
    f.wanted.hpet.timers[0].route_cap = 1U << 20;
    f.program();
    f.run(Instant{} + 100_ms);
    REQUIRE(f.nmis.size() == 1);
    CHECK(f.nmis[0].cpu == 1);
    const Instant matched = f.of(Hop::Matched);
    CHECK(f.of(Hop::Posted) == matched + f.row(Row::IoapicPinToMsg));
    CHECK(f.of(Hop::Accepted) == matched + f.flight());
    // Then the boundary, the way out of the C-state, and the next edge of the core's clock.
    const Instant due = matched + f.flight() + f.row(Row::CpuEventBoundary) + f.row(Row::CpuCstateExitC1);
    const ClockDomain core = ClockDomain::of_frequency(f.wanted.timing.core());
    CHECK(f.of(Hop::Taken) == core.edge(core.first_at(due)));
    CHECK(f.of(Hop::Returned) > f.of(Hop::Taken));
}

TEST_CASE("a row of the pin path changed by d moves the acceptance by d", "[machine][latency]") {
    const Row changed = GENERATE(Row::IoapicPinToMsg, Row::MsiDeviceToRoot, Row::MsiRootToLapic, Row::LapicAccept);
    constexpr Duration D{12'345};
    PinPath before;
    before.program();
    before.run(Instant{} + 100_ms);
    PinPath after;
    after.wanted.timing.set(changed, RowUnit::Time, (after.row(changed) + D).fs);
    after.program();
    after.run(Instant{} + 100_ms);
    REQUIRE(before.nmis.size() == 1);
    REQUIRE(after.nmis.size() == 1);
    CHECK(after.of(Hop::Accepted) - after.of(Hop::Matched) == before.of(Hop::Accepted) - before.of(Hop::Matched) + D);
}

TEST_CASE("W-30: a handler that asks the HPET who fired shows what that costs, and that reads wait for each other",
          "[machine][H-30][W-30]") {
    const bool asks = GENERATE(false, true);
    PinPath f{"desktop-2018", 3};
    f.program(f.to(0xff) | f.NMI);
    f.programs[0] = [&f, boot = f.programs[0]] {
        f.start_cpu(2);
        boot();
    };
    std::vector<Duration> spent;
    f.on_nmi = [&](unsigned n) {
        const Instant entered = f.now(n);
        if (asks) {
            f.read(n, Machine::HPET_BASE + 0x020);
        }
        spent.push_back(f.now(n) - entered);
    };
    f.run(Instant{} + 100_ms);
    REQUIRE(spent.size() == 3);
    std::sort(spent.begin(), spent.end());
    const Duration read = f.row(Row::FabricReadRequest) + f.row(Row::HpetService) + f.row(Row::FabricReadResponse);
    const Duration cycle = ClockDomain::of_frequency(f.wanted.timing.core()).edge({1}) - Instant{};
    for (int n = 0; n < 3; ++n) {
        const Duration expected = asks ? read + f.row(Row::HpetService) * n : Duration{};
        CHECK(spent[static_cast<std::size_t>(n)] >= expected);
        CHECK(spent[static_cast<std::size_t>(n)] <= expected + cycle);
    }
}

TEST_CASE("W-76: an NMI through the I/O APIC sets neither IRR nor ISR and wants no end", "[machine][M-3][W-76]") {
    PinPath f;
    f.program();
    unsigned pending = 0;
    f.on_nmi = [&](unsigned n) {
        for (std::uint32_t offset = 0; offset < 0x80; offset += 0x10) {
            pending |= f.read(n, MachineFixture::LAPIC + 0x100 + offset) != 0 ? 1U : 0U;
            pending |= f.read(n, MachineFixture::LAPIC + 0x200 + offset) != 0 ? 2U : 0U;
        }
    };
    f.run(Instant{} + 100_ms);
    REQUIRE(f.nmis.size() == 1);
    CHECK(pending == 0);
    CHECK((f.machine().ioapic().entry(20) & MachineFixture::REMOTE_IRR) == 0);
}

TEST_CASE("W-77: a message to a CPU that is not there is reported, not delivered", "[machine][M-9][W-77]") {
    PinPath f;
    f.program(PinPath::to(9) | PinPath::NMI);
    unsigned without_target = 0;
    f.make().fabric.message_without_target.subscribe([&](const MessageWithoutTarget& m) {
        ++without_target;
        CHECK(m.message.destination == 9);
    });
    f.run(Instant{} + 100_ms);
    CHECK(f.nmis.empty());
    CHECK(without_target == 1);
}

TEST_CASE("W-77: nor is one to a software-disabled APIC that drops NMIs", "[machine][LAPIC-5][W-77]") {
    PinPath f;
    f.wanted.lapic.nmi_when_soft_disabled = NmiWhenSoftDisabled::Drop;
    f.program();
    f.programs[1] = nullptr;  // CPU 1 leaves its APIC as it is after reset
    unsigned dropped = 0;
    f.make().lapic(CPU1).interrupt_discarded.subscribe([&](const lapic::InterruptDiscarded& d) {
        dropped += d.reason == lapic::DiscardReason::NmiSoftwareDisabled ? 1 : 0;
    });
    f.run(Instant{} + 100_ms);
    CHECK(f.nmis.empty());
    CHECK(dropped == 1);
}

TEST_CASE("kvm-unit-tests ioapic: physical and logical destinations", "[machine][kvm-unit-tests]") {
    PinPath f{"desktop-2018", 3};
    const bool logical = GENERATE(false, true);
    f.program(logical ? f.to(0x06) | f.LOGICAL | 0x51 : f.to(2) | 0x51);
    f.programs[0] = [&f, boot = f.programs[0]] {
        f.start_cpu(2);
        boot();
    };
    for (const unsigned n : {1U, 2U}) {
        f.programs[n] = [&f, n] {
            f.enable_apic(n);
            f.apic(n, 0xd0, 1U << (24 + n));  // LDR
        };
    }
    f.on_interrupt = [&f](unsigned n, unsigned) { f.apic(n, f.EOI, 0); };
    f.run(Instant{} + 100_ms);
    std::vector<unsigned> cpus;
    for (const auto& irq : f.irqs) {
        CHECK(irq.vector == 0x51);
        cpus.push_back(irq.cpu);
    }
    std::sort(cpus.begin(), cpus.end());
    CHECK(cpus == (logical ? std::vector<unsigned>{1, 2} : std::vector<unsigned>{2}));
}

TEST_CASE("kvm-unit-tests ioapic: an interrupt of higher priority waits until IRET restores IF",
          "[machine][CPU-5][kvm-unit-tests]") {
    MachineFixture f{"desktop-2018", 1};
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.program_entry(4, 0x31);
        f.program_entry(5, 0x91);
        f.drive(0, 4, true);
    };
    std::vector<std::string> order;
    f.on_interrupt = [&](unsigned, unsigned vector) {
        order.push_back("enter " + std::to_string(vector));
        if (vector == 0x31) {
            f.drive(0, 5, true);
            f.spend(0, 100_us);  // long enough for the other to arrive
        }
        f.apic(0, f.EOI, 0);
        order.push_back("leave " + std::to_string(vector));
    };
    f.run(Instant{} + 10_ms);
    CHECK(order == std::vector<std::string>{"enter 49", "leave 49", "enter 145", "leave 145"});
}

TEST_CASE("kvm-unit-tests ioapic: TMR is set by a level, not by an edge, and changes at acceptance only",
          "[machine][LAPIC-24][kvm-unit-tests]") {
    MachineFixture f{"desktop-2018", 1};
    const auto tmr = [&] { return (f.read(0, f.LAPIC + 0x180 + 0x20) >> (0x51 - 0x40) & 1U) != 0; };
    std::vector<bool> seen;
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.program_entry(4, 0x51);
        f.drive(0, 4, true);
        f.spend(0, 10_us);
        f.program_entry(5, f.LEVEL | 0x51);
        seen.push_back(tmr());  // programming it changes nothing
        f.drive(0, 5, true);
        f.spend(0, 10_us);
        f.drive(0, 4, false);
        f.drive(0, 4, true);
        f.spend(0, 10_us);
    };
    f.on_interrupt = [&](unsigned, unsigned) {
        seen.push_back(tmr());
        f.drive(0, 5, false);
        f.apic(0, f.EOI, 0);
    };
    f.programs[0] = [boot = f.programs[0], &f] {
        f.machine().cpus.set_interrupts(f.cpu(0), true);
        boot();
    };
    f.run(Instant{} + 10_ms);
    CHECK(seen == std::vector<bool>{false, false, true, false});
}

TEST_CASE("a message that the HPET has posted arrives, though a reset of the HPET comes first", "[machine][H-37]") {
    const bool resets = GENERATE(true, false);
    PinPath f{"desktop-2018", 2};
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.start_cpu(1);
        f.hpet(0x110, 0xfee0'1000ULL << 32 | 0x400, Size::B8);
        f.hpet(0x108, 0x10000, Size::B8);
        f.hpet(0x100, PinPath::FSB | PinPath::INT_ENB);
        f.hpet(0x010, PinPath::ENABLE);
    };
    f.programs[1] = [&] { f.enable_apic(1); };
    f.run(Instant{} + 10_ms);
    const Instant posted = f.of(Hop::Posted);
    REQUIRE(posted != Instant::never());
    REQUIRE(f.of(Hop::Accepted) - posted > 2_ns);
    f.power_on();
    f.machine().at(posted + 1_ns, [&] {
        if (resets) {
            f.machine().hpet.reset_enter();
            f.machine().hpet.reset_hold();
            f.machine().hpet.reset_exit();
        }
    });
    f.run(Instant{} + 10_ms);
    CHECK((f.machine().hpet.peek(0x100) & PinPath::INT_ENB) == (resets ? 0 : PinPath::INT_ENB));
    REQUIRE(f.nmis.size() == 1);
    CHECK(f.nmis.front().cpu == 1);
}

TEST_CASE("ExtINT to two CPUs: one has the 8259's vector, the other comes too late and has that of no request",
          "[machine][I-17]") {
    PinPath f{"desktop-2018", 2};
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.start_cpu(1);
        f.spend(0, 20_us);
        f.start_pic(1, 0xfe);
        f.program_entry(0, PinPath::to(0xff) | PinPath::EXTINT);
        f.outside(0, [&] { f.machine().pic.drive(0, true, {}); });
        f.spend(0, 20_us);
    };
    f.programs[1] = [&] { f.enable_apic(1); };
    f.run(Instant{} + 1_ms);
    REQUIRE(f.irqs.size() == 2);
    CHECK(f.irqs[0].cpu != f.irqs[1].cpu);
    CHECK(f.vectors() == std::vector<unsigned>{0x30, 0x37});
}
