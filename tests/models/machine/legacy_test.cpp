// SPDX-License-Identifier: Apache-2.0
// What a PC has from old: the 8254, the 8259 pair, legacy replacement, the old NMI watchdog, ports 61h and 70h.
#include <set>

#include "tests/models/machine/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

constexpr unsigned MS = 1193;  // pulses of the 8254

using LegacyFixture = MachineFixture;

}  // namespace

TEST_CASE("the 8254 is wired to input 2, and input 0 is the 8259's INTR", "[machine][I-21]") {
    LegacyFixture f{"desktop-2018", 1};
    std::vector<unsigned> risen;
    f.make().ioapic().pin_moved.subscribe([&](const ioapic::PinMoved& moved) {
        if (moved.level) {
            risen.push_back(moved.pin);
        }
    });
    f.programs[0] = [&] {
        f.start_pic();
        f.out(0x43, 0x30);  // counter 0, mode 0: one rise
        f.out(0x40, 100);
        f.out(0x40, 0);
    };
    f.run(Instant{} + 1_ms);
    CHECK(risen == std::vector<unsigned>{2, 0});
}

TEST_CASE("legacy replacement: timers 0 and 1 drive inputs 2 and 8 and IRQ 0 and 8, the 8254 is cut off",
          "[machine][H-32][I-21]") {
    const std::uint64_t kind = LegacyFixture::INT_ENB | GENERATE(std::uint64_t{0}, LegacyFixture::BY_LEVEL);
    const unsigned requests = (kind & LegacyFixture::BY_LEVEL) != 0 ? 1 : 0;  // a pulse is over before it is asked for
    LegacyFixture f{"desktop-2018", 1};
    std::vector<unsigned> risen;
    f.make().ioapic().pin_moved.subscribe([&](const ioapic::PinMoved& moved) {
        if (moved.level) {
            risen.push_back(moved.pin);
        }
    });
    const auto requested = [&](std::uint16_t chip) {  // IRR
        f.out(chip, 0x0a);
        return f.in(chip);
    };
    f.programs[0] = [&] {
        f.start_pic(1, 0xff);  // no INTR, and the slave's none to the master
        f.start_pit(MS);
        f.hpet(0x010, LegacyFixture::LEGACY);  // alone it cuts the 8254 off
        f.spend(0, 5_ms);
        risen.clear();
        f.spend(0, 5_ms);
        CHECK(risen.empty());
        f.start_pic(1, 0xff);  // forgets the edges that were
        CHECK(requested(0x20) == 0);
        CHECK(requested(0xa0) == 0);
        f.hpet(0x108, 0x1000, Size::B8);
        f.hpet(0x100, kind | 20U << 9);  // the route keeps its value without effect
        f.hpet(0x128, 0x2000);
        f.hpet(0x120, kind);
        f.hpet(0x010, LegacyFixture::LEGACY | LegacyFixture::ENABLE);
        f.spend(0, 5_ms);
        CHECK(risen == std::vector<unsigned>{2, 8});
        CHECK(requested(0x20) == requests);
        CHECK(requested(0xa0) == requests);
        CHECK(f.read(0, Machine::HPET_BASE + 0x100) == (kind | 20U << 9 | 0x8000U | 0x30U));
        risen.clear();
        f.hpet(0x010, LegacyFixture::ENABLE);  // and the 8254 is back
        f.spend(0, 5_ms);
        CHECK(risen.size() >= 4);
    };
    f.run(Instant{} + 100_ms);
    CHECK(f.now(0) > Instant{} + 20_ms);
}

TEST_CASE("legacy replacement cuts the RTC's periodic interrupt off from input 8 and IRQ 8, and gives it back",
          "[machine][H-32]") {
    LegacyFixture f{"desktop-2018", 1};
    unsigned rises = 0;
    f.make().ioapic().pin_moved.subscribe(
        [&](const ioapic::PinMoved& moved) { rises += moved.pin == 8 && moved.level ? 1 : 0; });
    const auto pulse = [&] {
        rises = 0;
        f.outside(0, [&] { f.machine().drive_rtc(true); });
        f.outside(0, [&] { f.machine().drive_rtc(false); });
        return rises;
    };
    const auto requested = [&] {  // IRR of the second 8259
        f.out(0xa0, 0x0a);
        return f.in(0xa0);
    };
    f.programs[0] = [&] {
        f.start_pic(1, 0xff);
        CHECK(pulse() == 1);
        f.hpet(0x010, LegacyFixture::LEGACY);
        f.read(0, Machine::HPET_BASE);
        CHECK(pulse() == 0);
        f.outside(0, [&] { f.machine().drive_rtc(true); });
        CHECK((requested() & 1) == 0);
        f.hpet(0x010, 0);
        f.read(0, Machine::HPET_BASE);
        CHECK(rises == 1);  // the line is high, and the wire its own again
        CHECK((requested() & 1) == 1);
    };
    f.run(Instant{} + 10_ms);
    CHECK(f.now(0) > Instant{} + 1_us);
    f.programs[0] = [&] { CHECK(pulse() == 1); };
    f.power_on();  // with the line still high: it has lost its power
    f.run(Instant{} + 10_ms);
}

TEST_CASE("hpet.legacy_needs_enable: the 8254 is cut off while the HPET counts, and no longer", "[machine][H-32]") {
    LegacyFixture f{"desktop-2018", 1};
    f.wanted.hpet.legacy_needs_enable = true;
    unsigned rises = 0;
    f.make().ioapic().pin_moved.subscribe(
        [&](const ioapic::PinMoved& moved) { rises += moved.pin == 2 && moved.level ? 1 : 0; });
    const auto in_5_ms = [&] {
        rises = 0;
        f.spend(0, 5_ms);
        return rises;
    };
    f.programs[0] = [&] {
        f.start_pit(MS);
        f.hpet(0x010, LegacyFixture::LEGACY);
        CHECK(in_5_ms() >= 4);
        f.hpet(0x010, LegacyFixture::LEGACY | LegacyFixture::ENABLE);
        f.spend(0, 1_ms);
        CHECK(in_5_ms() == 0);
        f.hpet(0x010, LegacyFixture::LEGACY);
        CHECK(in_5_ms() >= 4);
    };
    f.run(Instant{} + 100_ms);
    CHECK(f.now(0) > Instant{} + 15_ms);
}

TEST_CASE("W-21: a reset in legacy replacement brings the 8254 back, and nothing rises by the reset",
          "[machine][H-32][H-37][W-21]") {
    LegacyFixture f{"desktop-2018", 1};
    f.programs[0] = [&] {
        f.start_pit(MS);  // OUT 0 is high when the run ends, and cut off
        f.hpet(0x010, LegacyFixture::LEGACY | LegacyFixture::ENABLE);
    };
    f.make();
    unsigned rises = 0;
    f.machine().ioapic().pin_moved.subscribe(
        [&](const ioapic::PinMoved& moved) { rises += moved.pin == 2 && moved.level ? 1 : 0; });
    f.run(Instant{} + 500_us);
    REQUIRE(f.machine().hpet.replaces_legacy());
    f.programs[0] = [&] { f.start_pit(MS); };
    rises = 0;
    f.power_on();
    CHECK(rises == 0);
    f.run(Instant{} + 10_ms);
    CHECK(rises >= 9);
}

TEST_CASE("each rise of input 2 is a token of its own, also where the 8254 gets its wire back with OUT 0 high",
          "[machine][H-32][hop]") {
    LegacyFixture f{"desktop-2018", 1};
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.program_entry(2, f.NMI);
        f.start_pit(0);  // OUT 0 rises now and falls 55 ms later
        for (int n = 0; n < 2; ++n) {
            f.spend(0, 1_ms);
            f.hpet(0x010, LegacyFixture::LEGACY);
            f.spend(0, 1_ms);
            f.hpet(0x010, 0);
        }
        f.hpet(0x108, 0x1000, Size::B8);
        f.hpet(0x100, LegacyFixture::INT_ENB);
        f.hpet(0x010, LegacyFixture::LEGACY | LegacyFixture::ENABLE);  // the HPET drives it once, then the 8254 again
        f.spend(0, 1_ms);
        f.hpet(0x010, 0);
    };
    f.run(Instant{} + 10_ms);
    std::vector<Source> sources;
    std::set<std::uint32_t> tokens;
    for (const HopReached& h : f.hops) {
        if (h.hop == Hop::Taken) {
            sources.push_back(h.token.source);
            tokens.insert(h.token.id);
            CHECK(f.hop(h.token.id, Hop::Matched) < f.hop(h.token.id, Hop::Posted));
        }
    }
    CHECK(sources == std::vector<Source>{Source::Pit, Source::Pit, Source::Pit, Source::Hpet, Source::Pit});
    CHECK(tokens.size() == sources.size());
}

TEST_CASE("the old NMI watchdog, I/O APIC way: the 8254 through input 2 is an NMI to every CPU", "[machine][M-8]") {
    LegacyFixture f{"desktop-2018", 3};
    f.programs[0] = [&] {
        f.start_cpu(1);
        f.start_cpu(2);
        f.program_entry(2, f.to(0xff) | f.NMI);
        f.start_pit(10 * MS);
    };
    for (const unsigned n : {1U, 2U}) {
        f.programs[n] = [&f, n] { f.enable_apic(n); };
    }
    f.run(Instant{} + 105_ms);
    std::vector<unsigned> by_cpu(3);
    for (const auto& nmi : f.nmis) {
        ++by_cpu[nmi.cpu];
    }
    CHECK(by_cpu[0] >= 9);
    CHECK(by_cpu[1] == by_cpu[0]);
    CHECK(by_cpu[2] == by_cpu[0]);
    // Each has the hops of a pin: OUT 0 rose, the I/O APIC's message left, the local APIC accepted, the CPU took it.
    const Instant rise = f.hop(f.hops.back().token.id, Hop::Matched);
    CHECK(f.hops.back().token.source == Source::Pit);
    CHECK(f.hop(f.hops.back().token.id, Hop::Posted) == rise + f.row(Row::IoapicPinToMsg));
}

TEST_CASE("the old NMI watchdog, LINT0 way: each tick is an NMI of each CPU, and nobody acknowledges",
          "[machine][LAPIC-41]") {
    LegacyFixture f{"desktop-2018", 2};
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.apic(0, f.LINT0, 0x400);
        f.start_cpu(1);
        f.start_pic(3, 0xfe);  // automatic end of interrupt, IRQ 0 alone
        f.start_pit(10 * MS);
    };
    f.programs[1] = [&] {
        f.enable_apic(1);
        f.apic(1, f.LINT0, 0x400);
    };
    f.run(Instant{} + 105_ms);
    std::vector<unsigned> by_cpu(2);
    for (const auto& nmi : f.nmis) {
        ++by_cpu[nmi.cpu];
    }
    CHECK(by_cpu[0] >= 9);
    CHECK(by_cpu[1] == by_cpu[0]);
    const std::uint32_t token = f.hops.back().token.id;
    CHECK(f.hop(token, Hop::Posted) == f.hop(token, Hop::Matched));
    CHECK(f.hop(token, Hop::Accepted) == f.hop(token, Hop::Matched) + f.row(Row::LapicAccept));
}

TEST_CASE("LINT0 as ExtINT: the 8259 gives the vector, and its end goes to the 8259", "[machine][LAPIC-23]") {
    LegacyFixture f{"desktop-2018", 1};
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.apic(0, f.LINT0, 0x700);
        f.start_pic(1, 0xfe);
        f.start_pit(MS);
    };
    std::uint64_t in_service = 0;
    f.on_interrupt = [&](unsigned, unsigned) {
        for (std::uint32_t offset = 0; offset < 0x80; offset += 0x10) {
            in_service |= f.read(0, f.LAPIC + 0x100 + offset);
        }
        f.out(0x20, 0x20);
    };
    f.run(Instant{} + 10_ms);
    CHECK(f.irqs.size() >= 8);
    for (const auto& irq : f.irqs) {
        CHECK(irq.vector == 0x30);
    }
    CHECK(in_service == 0);
}

TEST_CASE("an ExtINT message through input 0: the 8259 gives the vector", "[machine][I-17]") {
    LegacyFixture f{"desktop-2018", 1};
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.program_entry(0, f.EXTINT);
        f.start_pic(1, 0xfe);
        f.start_pit(MS);
    };
    f.on_interrupt = [&](unsigned, unsigned) { f.out(0x20, 0x20); };
    f.run(Instant{} + 10_ms);
    CHECK(f.irqs.size() >= 8);
    for (const auto& irq : f.irqs) {
        CHECK(irq.vector == 0x30);
    }
}

TEST_CASE("an ExtINT request is taken before the APIC's own vectors", "[machine][LAPIC-23]") {
    LegacyFixture f{"desktop-2018", 1};
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.apic(0, f.LINT0, 0x700);
        f.start_pic(1, 0xfe);
        f.program_entry(5, 0xe1);
        f.drive(0, 5, true);
        f.outside(0, [&] { f.machine().pic.drive(0, true, {}); });
        f.spend(0, 10_us);
    };
    f.on_interrupt = [&](unsigned, unsigned vector) {
        if (vector == 0x30) {
            f.out(0x20, 0x20);
        } else {
            f.apic(0, f.EOI, 0);
        }
    };
    f.run(Instant{} + 10_ms);
    CHECK(f.vectors() == std::vector<unsigned>{0x30, 0xe1});
}

TEST_CASE("SERR# and IOCHK# are NMIs by LINT1 of every CPU with their bit in port 61h", "[machine][CPU-22]") {
    LegacyFixture f{"desktop-2018", 2};
    const bool serr = GENERATE(true, false);
    const auto lint1_is_nmi = [&f](unsigned n) {
        f.enable_apic(n);
        f.apic(n, 0x360, 0x400);
    };
    f.programs[0] = [&] {
        lint1_is_nmi(0);
        f.start_cpu(1);
    };
    f.programs[1] = [&] { lint1_is_nmi(1); };
    std::vector<unsigned> reasons;
    f.on_nmi = [&](unsigned n) {
        if (n != 0) {
            return;
        }
        reasons.push_back(f.in(0x61));
        f.out(0x61, serr ? 4 : 8);  // clear and disable, then enable again
        f.out(0x61, 0);
        reasons.push_back(f.in(0x61));
    };
    f.make().at(Instant{} + 1_ms,
                [&] { serr ? f.machine().nmi_control.assert_serr() : f.machine().nmi_control.assert_iochk(); });
    f.run(Instant{} + 10_ms);
    REQUIRE(f.nmis.size() == 2);
    CHECK(f.nmis[0].cpu + f.nmis[1].cpu == 1);
    CHECK(reasons == std::vector<unsigned>{serr ? 0x80U : 0x40U, 0});
    CHECK(f.hops.back().token.source == (serr ? Source::Serr : Source::Iochk));
    const std::uint32_t token = f.hops.back().token.id;
    std::vector<unsigned> accepted;
    for (const HopReached& h : f.hops) {
        if (h.token.id == token && h.hop == Hop::Accepted) {
            accepted.push_back(h.cpu.value);
            CHECK(h.at == Instant{} + 1_ms + f.row(Row::LapicAccept));
        }
    }
    CHECK(accepted == std::vector<unsigned>{0, 1});
}

TEST_CASE("WI-55: an HPET's NMI never shows in port 61h, and port 70h does not stop it", "[machine][CPU-22][WI-55]") {
    LegacyFixture f{"desktop-2018", 1};
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.out(0x70, 0x80);
        f.hpet(0x110, 0x400);
        f.hpet(0x114, 0xfee00000);
        f.hpet(0x108, 0x10000, Size::B8);
        f.hpet(0x100, f.INT_ENB | f.FSB);
        f.hpet(0x010, f.ENABLE);
    };
    std::vector<unsigned> reasons;
    f.on_nmi = [&](unsigned) { reasons.push_back(f.in(0x61)); };
    f.run(Instant{} + 100_ms);
    CHECK(reasons == std::vector<unsigned>{0});
}

TEST_CASE("reading port 61h costs io.port61_read", "[machine][CPU-23]") {
    LegacyFixture f{"desktop-2018", 1};
    Duration cost;
    f.programs[0] = [&] {
        const Instant before = f.now(0);
        f.in(0x61);
        cost = f.now(0) - before;
    };
    f.run(Instant{} + 1_ms);
    const ClockDomain core = ClockDomain::of_frequency(f.wanted.timing.core());
    CHECK(cost >= f.row(Row::IoPort61Read));
    CHECK(cost <= f.row(Row::IoPort61Read) + (core.edge({1}) - Instant{}));
}

TEST_CASE("a port that nobody answers reads all ones and drops writes", "[machine]") {
    LegacyFixture f{"desktop-2018", 1};
    unsigned value = 0;
    f.programs[0] = [&] {
        f.out(0x80, 0x55);
        value = f.in(0x80);
    };
    std::vector<bool> writes;
    f.make().ports.unmapped_port.subscribe([&](const UnmappedPort& u) { writes.push_back(u.write); });
    f.run(Instant{} + 1_ms);
    CHECK(value == 0xff);
    CHECK(writes == std::vector<bool>{true, false});
}
