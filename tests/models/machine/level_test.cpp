// SPDX-License-Identifier: Apache-2.0
// Level-triggered interrupts between an HPET, an I/O APIC, local APICs and their software.
#include "tests/models/machine/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

/// Timer 0 of the HPET is a level on input 20, vector 51h, to CPU 0.
struct LevelFixture : MachineFixture {
    using MachineFixture::MachineFixture;

    void program(std::uint64_t entry = 0x8051) {
        programs[0] = [this, entry] {
            enable_apic(0);
            program_entry(20, entry);
            hpet(0x108, 0x10000, Size::B8);
            hpet(0x100, INT_ENB | BY_LEVEL | 20U << 9);
            hpet(0x010, ENABLE);
        };
    }
    void quiet_device() {
        hpet(0x020, 1);
        read(0, Machine::HPET_BASE + 0x020);  // the write has arrived
    }
    void end() { apic(0, EOI, 0); }
    bool remote_irr() { return (machine().ioapic().entry(20) & REMOTE_IRR) != 0; }
};

}  // namespace

TEST_CASE("a level interrupt: the device first, then its end, and it comes once", "[machine][I-5][I-12]") {
    LevelFixture f;
    f.program();
    Instant ended;
    f.on_interrupt = [&](unsigned, unsigned) {
        f.quiet_device();
        CHECK(f.remote_irr());
        f.end();
        ended = f.now(0);
    };
    std::vector<Instant> cleared;
    f.make().ioapic().entry_changed.subscribe([&](const ioapic::EntryChanged& e) {
        if ((e.before & f.REMOTE_IRR) != 0 && (e.after & f.REMOTE_IRR) == 0) {
            cleared.push_back(e.at);
        }
    });
    f.run(Instant{} + 100_ms);
    CHECK(f.vectors() == std::vector<unsigned>{0x51});
    REQUIRE(cleared.size() == 1);
    CHECK(cleared[0] == ended + f.row(Row::IoapicEoiBroadcast));
    CHECK_FALSE(f.remote_irr());
}

TEST_CASE("W-45: an end before the device is quiet sends again, but never at once", "[machine][I-15][W-45]") {
    LevelFixture f;
    f.program();
    std::vector<Instant> ends;
    f.on_interrupt = [&](unsigned, unsigned) {
        f.end();
        ends.push_back(f.now(0));
        if (ends.size() == 2) {
            f.quiet_device();
        }
    };
    std::vector<Instant> accepted;
    f.make().lapic(CPU0).vector_accepted.subscribe([&](const lapic::VectorAccepted& v) { accepted.push_back(v.at); });
    f.run(Instant{} + 100_ms);
    REQUIRE(accepted.size() >= 2);
    CHECK(accepted[1] == ends[0] + f.row(Row::IoapicEoiBroadcast) + f.row(Row::IoapicPinToMsg) +
                             f.row(Row::MsiDeviceToRoot) + f.row(Row::MsiRootToLapic) + f.row(Row::LapicAccept));
    CHECK(f.irqs.size() <= 3);
}

TEST_CASE("W-56: a line that rises between the end's write and its arrival is not lost", "[machine][I-13][W-56]") {
    MachineFixture f{"desktop-2018", 1};
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.program_entry(5, f.LEVEL | 0x51);
        f.drive(0, 5, true);
    };
    f.on_interrupt = [&](unsigned, unsigned) {
        f.drive(0, 5, false);
        f.apic(0, f.EOI, 0);
        if (f.irqs.size() == 1) {
            f.drive(0, 5, true);  // the end has been written and has not arrived
        }
    };
    f.run(Instant{} + 10_ms);
    CHECK(f.irqs.size() == 2);
}

TEST_CASE("an end of interrupt reaches every I/O APIC", "[machine][I-12]") {
    MachineFixture f{"desktop-2018", 1};
    f.wanted.ioapics = {IoapicProfile::ich(), IoapicProfile::ich()};
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.program_entry(5, f.LEVEL | 0x51, 0);
        f.program_entry(7, f.LEVEL | 0x51, 1);
        f.drive(0, 5, true, 0);
        f.drive(0, 7, true, 1);
        f.spend(0, 10_us);  // interrupts are off until both are here
    };
    unsigned set = 0;
    f.on_interrupt = [&](unsigned, unsigned) {
        set += (f.machine().ioapic(0).entry(5) & f.REMOTE_IRR) != 0 ? 1 : 0;
        set += (f.machine().ioapic(1).entry(7) & f.REMOTE_IRR) != 0 ? 1 : 0;
        f.drive(0, 5, false, 0);
        f.drive(0, 7, false, 1);
        f.apic(0, f.EOI, 0);
    };
    f.run(Instant{} + 10_ms);
    CHECK(f.irqs.size() == 1);  // both merged in IRR
    CHECK(set == 2);
    CHECK((f.machine().ioapic(0).entry(5) & f.REMOTE_IRR) == 0);
    CHECK((f.machine().ioapic(1).entry(7) & f.REMOTE_IRR) == 0);
}

TEST_CASE("W-62: with EOI broadcast suppressed only EOIR ends a level interrupt, and version 11h has none",
          "[machine][I-12][LAPIC-6][W-62]") {
    LevelFixture f;
    const bool has_eoir = GENERATE(true, false);
    f.wanted.ioapics = {has_eoir ? IoapicProfile::ich() : IoapicProfile::i82093aa()};
    f.program();
    f.programs[0] = [&f, boot = f.programs[0]] {
        boot();
        f.apic(0, f.SVR, 0x11ff);
    };
    bool after_eoi = false;
    f.on_interrupt = [&](unsigned n, unsigned vector) {
        f.quiet_device();
        f.end();
        f.spend(n, 10_us);
        after_eoi = f.remote_irr();
        f.write(n, Machine::IOAPIC_BASE + 0x40, vector);
    };
    f.run(Instant{} + 100_ms);
    CHECK(f.irqs.size() == 1);
    CHECK(after_eoi);
    CHECK(f.remote_irr() == !has_eoir);
}

TEST_CASE("W-60: a level that was delivered as an edge is not ended by EOI; mask and edge free it",
          "[machine][I-23][W-60]") {
    LevelFixture f;
    f.program();
    f.make().ioapic().fault_level_as_edge(20);
    bool stuck = false;
    f.on_interrupt = [&](unsigned n, unsigned) {
        const bool tmr = (f.read(n, f.LAPIC + 0x180 + 0x20) >> (0x51 - 0x40) & 1U) != 0;
        CHECK_FALSE(tmr);
        f.quiet_device();
        f.end();
        f.spend(n, 10_us);
        stuck = f.remote_irr();
        f.program_entry(20, f.MASKED | 0x51);  // Linux, ioapic_ack_level
        f.program_entry(20, f.LEVEL | 0x51);
    };
    f.run(Instant{} + 100_ms);
    CHECK(f.irqs.size() == 1);
    CHECK(stuck);
    CHECK_FALSE(f.remote_irr());
}

TEST_CASE("W-66: a level interrupt sent on as an IPI is an edge: no end is broadcast, and REMOTE_IRR stays",
          "[machine][I-27][W-66]") {
    LevelFixture f;
    f.program();
    f.programs[0] = [&f, boot = f.programs[0]] {
        f.start_cpu(1);
        boot();
    };
    f.programs[1] = [&f] { f.enable_apic(1); };
    f.on_interrupt = [&](unsigned n, unsigned) {
        if (n == 0) {
            f.write(0, f.LAPIC + f.ICR_HIGH, 1U << 24);  // what a dying CPU does with what is pending (fixup_irqs)
            f.write(0, f.LAPIC + f.ICR_LOW, 0x4051);
            return;
        }
        f.quiet_device();
        f.apic(1, f.EOI, 0);
        f.spend(1, 10_us);
    };
    f.run(Instant{} + 100_ms);
    REQUIRE(f.irqs.size() == 2);
    CHECK(f.irqs[1].cpu == 1);
    CHECK(f.remote_irr());
}

TEST_CASE("an EOI of a vector that came as an edge is not broadcast", "[machine][LAPIC-24]") {
    MachineFixture f{"desktop-2018", 1};
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.program_entry(5, 0x51);
        f.drive(0, 5, true);
    };
    f.on_interrupt = [&](unsigned, unsigned) { f.apic(0, f.EOI, 0); };
    unsigned broadcast = 0;
    f.make().fabric.eoi_broadcast.subscribe([&](const EoiBroadcast&) { ++broadcast; });
    f.run(Instant{} + 10_ms);
    CHECK(f.irqs.size() == 1);
    CHECK(broadcast == 0);
}
