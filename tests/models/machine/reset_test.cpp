// SPDX-License-Identifier: Apache-2.0
// A run is one power cycle: nothing of it is left in any model, and what was copied out goes on as before.
#include "tests/models/machine/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

/// Software that touches every device of the machine and leaves all of them in the middle of something.
struct BusyMachine : MachineFixture {
    explicit BusyMachine(const std::string& profile = "desktop-2018") : MachineFixture{profile} {
        wanted.ioapics.push_back(IoapicProfile::ich());
        programs[0] = [this] {
            enable_apic(0);
            apic(0, LINT0, 0x700);
            start_cpu(1);
            start_pic(1, 0xf8);
            start_pit(1193);
            out(0x61, 1);
            program_entry(20, to(1) | NMI);
            program_entry(5, LEVEL | 0x51, 1);
            hpet(0x100, FSB | PERIODIC | VAL_SET | INT_ENB);
            hpet(0x108, 0x3000, Size::B8);
            hpet(0x108, 0x3000, Size::B8);
            hpet(0x110, 0x400);
            hpet(0x114, 0xfee01000);
            hpet(0x128, 0x5000);
            hpet(0x120, INT_ENB | BY_LEVEL | 20U << 9);
            hpet(0x010, ENABLE);
            machine().drive_gsi(machine().gsi_base(1) + 5, true);
            machine().nmi_control.assert_iochk();
        };
        programs[1] = [this] { enable_apic(1); };
        on_interrupt = [this](unsigned n, unsigned vector) {
            if (vector < 0x40) {
                out(0x20, 0x20);
            } else {
                apic(n, EOI, 0);
            }
        };
    }
};

std::vector<std::pair<std::int64_t, unsigned>> trace_of(const MachineFixture& f) {
    std::vector<std::pair<std::int64_t, unsigned>> all;
    for (const HopReached& h : f.hops) {
        all.emplace_back(h.at.fs, h.token.id * 16 + static_cast<unsigned>(h.hop));
    }
    return all;
}

}  // namespace

TEST_CASE("after power-on every model is as new, whatever the run before left behind", "[machine][reset]") {
    const std::string name = GENERATE("desktop-2018", "server-2018");
    BusyMachine f{name};
    const std::string fresh = f.make().dump();
    for (const Duration length : {1_us, 700_us, 5_ms, 30_ms + 7_ns}) {
        f.run(Instant{} + length);
        if (length > 1_ms) {
            CHECK(f.machine().dump() != fresh);
        }
        f.power_on();
        CHECK(f.machine().dump() == fresh);
    }
}

TEST_CASE("the second power cycle gives the trace of the first", "[machine][reset]") {
    BusyMachine f;
    f.make();
    f.run(Instant{} + 30_ms);
    const auto first = trace_of(f);
    CHECK(first.size() > 100);
    f.power_on();
    f.run(Instant{} + 30_ms);
    CHECK(trace_of(f) == first);
}

TEST_CASE("state copied out of the middle of a run goes on as the run did", "[machine][state]") {
    BusyMachine f;
    f.make();
    f.machine().run_up_to(Instant{} + 10_ms);
    StateCopy copy;
    copy.save_anew();
    copy(f.machine());
    const std::string then = f.machine().dump();
    f.hops.clear();
    f.machine().run_up_to(Instant{} + 13_ms);
    const auto onward = trace_of(f);
    REQUIRE_FALSE(onward.empty());
    const std::string later = f.machine().dump();
    f.machine().forget_plans();
    copy.restore_from_begin();
    copy(f.machine());
    CHECK(f.machine().dump() == then);
    f.hops.clear();
    f.machine().run_up_to(Instant{} + 13_ms);
    CHECK(trace_of(f) == onward);
    CHECK(f.machine().dump() == later);
}

TEST_CASE("inputs are numbered on from one I/O APIC to the next", "[machine]") {
    MachineFixture f{"server-2018", 1};
    f.wanted.ioapics = {IoapicProfile::ich(), IoapicProfile::pch_100(), IoapicProfile::ich()};
    f.make();
    CHECK(f.machine().gsi_base(0) == 0);
    CHECK(f.machine().gsi_base(1) == 24);
    CHECK(f.machine().gsi_base(2) == 144);
    f.machine().drive_gsi(24 + 100, true);
    CHECK(f.machine().ioapic(1).level(100));
    f.machine().drive_gsi(144, true);
    CHECK(f.machine().ioapic(2).level(0));
    const std::string before = f.machine().dump();
    f.machine().drive_gsi(168, true);  // beyond the last
    CHECK(f.machine().dump() == before);
}
