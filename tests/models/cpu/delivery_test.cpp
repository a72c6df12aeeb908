// SPDX-License-Identifier: Apache-2.0
// How an NMI is delivered and left: the table it needs, what IRET of others does to it, shadows, deep C-states.
#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

namespace {

Cpus::Options with_profile(CpuProfile profile) {
    Cpus::Options options;
    options.profile = profile;
    return options;
}

/// CPU 1 gets SIPI at 1000 cycles; it loads a table when its program says so.
struct Starting : CpuFixture {
    Starting() : CpuFixture{2} {
        loads_idt = false;
        program[0] = [this] { delay(100'000); };
        cpus->triple_fault.subscribe([this](const TripleFault& f) { faults.push_back(f); });
        at(1'000 * CYCLE, [this] { cpu(1).sipi(0x99, {}); });
    }
    std::vector<TripleFault> faults;
};

}  // namespace

// ---- the table

TEST_CASE("WI-23: an NMI between SIPI and the load of an IDT is a triple fault and ends the run", "[CPU-17][WI-23]") {
    Starting f;
    f.program[1] = [&] {
        f.delay(10'000, 1);
        f.cpus->load_idt(f.cpu(1));
    };
    f.at(5'000 * CYCLE, [&] { f.send_nmi(1); });
    f.run();
    REQUIRE(f.faults.size() == 1);
    CHECK(f.faults[0].cpu == CpuNumber{1});
    CHECK(f.faults[0].at.fs == 5'000 * CYCLE + BOUNDARY);
    CHECK(std::string{f.faults[0].chain} == "NMI, vector 2 beyond the limit of the IDT: #GP, #DF, shutdown");
    CHECK(f.cpus->ended() == End::TripleFault);
    CHECK(f.nmis.empty());
}

TEST_CASE("an NMI that was latched in wait-for-SIPI meets the empty table as soon as SIPI comes", "[CPU-16][CPU-17]") {
    Starting f;
    f.program[1] = [&] { f.cpus->load_idt(f.cpu(1)); };
    f.at(500 * CYCLE, [&] { f.send_nmi(1); });
    f.run();
    REQUIRE(f.faults.size() == 1);
    CHECK(f.faults[0].at.fs == 1'000 * CYCLE);
    CHECK(f.cpus->ended() == End::TripleFault);
}

TEST_CASE("behind the load of an IDT an NMI is delivered", "[CPU-17]") {
    Starting f;
    f.program[1] = [&] {
        f.cpus->load_idt(f.cpu(1));
        f.delay(10'000, 1);
    };
    f.at(5'000 * CYCLE, [&] { f.send_nmi(1); });
    f.run();
    CHECK(f.faults.empty());
    CHECK(f.nmis == std::vector<std::int64_t>{5'000 * CYCLE + BOUNDARY + ENTRY});
    CHECK(f.cpus->ended() == End::Time);
}

TEST_CASE("a second life of a CPU begins without a table again", "[CPU-15][CPU-17]") {
    Starting f;
    f.program[1] = [&] {
        if (f.sipi_vectors.size() == 1) {
            f.cpus->load_idt(f.cpu(1));
        }
        f.delay(50'000, 1);
    };
    f.at(5'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(6'000 * CYCLE, [&] { f.cpu(1).sipi(0x99, {}); });
    f.at(7'000 * CYCLE, [&] { f.send_nmi(1); });
    f.run();
    CHECK(f.faults.size() == 1);
}

TEST_CASE("an interrupt between SIPI and the load of an IDT is a triple fault behind its INTA", "[CPU-17]") {
    Starting f;
    f.program[1] = [&] {
        f.cpus->set_interrupts(f.cpu(1), true);
        f.delay(10'000, 1);
        f.cpus->load_idt(f.cpu(1));
    };
    f.at(5'000 * CYCLE, [&] { f.send_interrupt(true, 1); });
    f.run();
    REQUIRE(f.faults.size() == 1);
    CHECK(f.faults[0].at.fs == 5'000 * CYCLE + BOUNDARY);
    CHECK(std::string{f.faults[0].chain} == "an interrupt beyond the limit of the IDT: #GP, #DF, shutdown");
    CHECK(f.cpus->ended() == End::TripleFault);
    CHECK(f.acknowledges == 1);
    CHECK(f.irqs.empty());
}

TEST_CASE("INT 2 between SIPI and the load of an IDT is a triple fault", "[CPU-17][CPU-19]") {
    Starting f;
    f.program[1] = [&] {
        f.delay(4'000, 1);
        f.cpus->software_nmi(f.cpu(1));
    };
    f.run();
    REQUIRE(f.faults.size() == 1);
    CHECK(f.faults[0].at.fs == 5'000 * CYCLE);
    CHECK(std::string{f.faults[0].chain} == "INT 2, beyond the limit of the IDT: #GP, #DF, shutdown");
    CHECK(f.cpus->ended() == End::TripleFault);
    CHECK(f.nmis.empty());
}

TEST_CASE("an exception between SIPI and the load of an IDT is a triple fault", "[CPU-17]") {
    Starting f;
    f.program[1] = [&] { f.delay(10'000, 1); };
    f.at(5'000 * CYCLE, [&] { f.cpus->raise_exception(CpuNumber{1}, Duration{500 * CYCLE}); });
    f.run();
    REQUIRE(f.faults.size() == 1);
    CHECK(f.faults[0].at.fs == 5'000 * CYCLE);
    CHECK(std::string{f.faults[0].chain} == "an exception beyond the limit of the IDT: #GP, #DF, shutdown");
    CHECK(f.cpus->ended() == End::TripleFault);
}

// ---- delivery

TEST_CASE("delivery clears IF, tells where it was and what IF was, and IRET restores IF", "[CPU-18]") {
    const bool on = GENERATE(false, true);
    CpuFixture f;
    bool inside = true;
    const void* const where = &f;
    f.program[0] = [&] {
        f.cpus->set_interrupts(f.cpu(), on);
        f.cpu().pc = where;
        f.delay(10'000);
    };
    f.nmi_handler = [&] {
        inside = f.cpu().nesting.interrupts_enabled();
        f.cpu().pc = nullptr;
    };
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    REQUIRE(f.nmis.size() == 1);
    CHECK_FALSE(inside);
    CHECK(f.nmi_was_enabled == std::vector<bool>{on});
    REQUIRE(f.contexts.size() == 2);
    CHECK(f.contexts[0].interrupted == where);
    CHECK(f.contexts[1].interrupted == where);
    CHECK(f.cpu().pc == where);
    CHECK(f.cpu().nesting.interrupts_enabled() == on);
}

TEST_CASE("INT 2 runs the handler, blocks no NMI and leaves what is latched", "[CPU-19]") {
    CpuFixture f;
    unsigned depth = 0;
    unsigned deepest = 0;
    f.program[0] = [&] {
        f.work(1'000);
        f.cpus->software_nmi(f.cpu());
        f.delay(100'000);
    };
    f.nmi_handler = [&] {
        deepest = std::max(deepest, ++depth);
        CHECK(f.cpu().nesting.nmi_blocked() == (depth == 2));
        f.delay(2'000);
        --depth;
    };
    f.at(1'500 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{1'000 * CYCLE + ENTRY, 1'500 * CYCLE + BOUNDARY + ENTRY});
    CHECK(deepest == 2);
}

TEST_CASE("INT 2 clears IF for its handler, and its IRET restores it", "[CPU-19]") {
    CpuFixture f;
    bool inside = true;
    f.program[0] = [&] {
        f.cpus->set_interrupts(f.cpu(), true);
        f.cpus->software_nmi(f.cpu());
        CHECK(f.cpu().nesting.interrupts_enabled());
    };
    f.nmi_handler = [&] { inside = f.cpu().nesting.interrupts_enabled(); };
    f.run();
    CHECK_FALSE(inside);
    CHECK(f.nmi_was_enabled == std::vector<bool>{true});
}

TEST_CASE("an NMI is taken up its recognition delay after the latch", "[CPU-21]") {
    const std::int64_t cycles = GENERATE(1, 7, 500);
    CpuFixture f;
    f.timing.set(Row::CpuEventBoundary, RowUnit::CoreCycles, cycles);
    f.program[0] = [&] { f.delay(100'000); };
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{(2'000 + cycles) * CYCLE + ENTRY});
}

TEST_CASE("what a device writes behind its NMI may be seen before the NMI is taken", "[CPU-21]") {
    CpuFixture f{2};
    std::uint64_t before = 0;
    f.nmi_handler = [&] { CHECK(before == 1); };
    f.program[0] = [&] {
        f.work(2'003);
        before = f.load(0);
        f.delay(10'000);
    };
    f.at(2'000 * CYCLE, [&] {
        f.send_nmi();
        const std::uint64_t one = 1;
        f.cpus->device_writes(&f.words[0], &one, sizeof one);
    });
    f.timing.set(Row::CpuEventBoundary, RowUnit::CoreCycles, 1'000);
    f.run();
    CHECK(before == 1);
    CHECK(f.nmis == std::vector<std::int64_t>{3'000 * CYCLE + ENTRY});
}

// ---- who unblocks

TEST_CASE("an exception inside the handler unblocks NMIs by its IRET, so the next one nests", "[CPU-4]") {
    CpuFixture f;
    std::vector<std::size_t> depths;
    f.program[0] = [&] { f.delay(100'000); };
    f.nmi_handler = [&] {
        depths.push_back(f.cpu().nesting.depth());
        if (depths.size() == 1) {
            f.delay(10'000);
        }
    };
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(3'000 * CYCLE, [&] { f.cpus->raise_exception(CpuNumber{0}, Duration{500 * CYCLE}); });
    f.at(3'200 * CYCLE, [&] { f.send_nmi(); });  // inside the exception: still blocked
    f.run();
    REQUIRE(f.nmis.size() == 2);
    CHECK(f.nmis[1] == 3'000 * CYCLE + ENTRY + 500 * CYCLE + IRET + ENTRY);
    CHECK(depths == std::vector<std::size_t>{1, 2});
}

TEST_CASE("with FRED an exception inside the handler does not unblock NMIs", "[CPU-26]") {
    CpuProfile profile;
    profile.fred = true;
    CpuFixture f{1, with_profile(profile)};
    std::vector<std::size_t> depths;
    f.program[0] = [&] { f.delay(100'000); };
    f.nmi_handler = [&] {
        depths.push_back(f.cpu().nesting.depth());
        f.delay(depths.size() == 1 ? 10'000 : 1);
    };
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(3'000 * CYCLE, [&] { f.cpus->raise_exception(CpuNumber{0}, Duration{500 * CYCLE}); });
    f.at(3'200 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(depths == std::vector<std::size_t>{1, 1});
}

TEST_CASE("an interrupt inside the handler unblocks NMIs by its IRET as well", "[CPU-4]") {
    Nesting nesting;
    TokenSet one;
    one.add(Token{1, Source::Operator});
    nesting.latch_nmi(one, Instant{});
    nesting.enter_nmi();
    nesting.latch_nmi(one, Instant{});
    nesting.enter_interrupt();
    CHECK(nesting.next(Instant{}) == Nesting::Event::None);
    nesting.leave_interrupt();
    CHECK(nesting.next(Instant{}) == Nesting::Event::Nmi);
}

// ---- shadows

TEST_CASE("MOV SS holds NMI and INTR until behind the next instruction", "[CPU-6]") {
    const bool interrupt = GENERATE(false, true);
    CpuFixture f;
    std::int64_t behind = 0;
    f.program[0] = [&] {
        f.cpus->set_interrupts(f.cpu(), true);
        f.work(1'000);
        f.cpus->move_to_ss(f.cpu());
        f.work(500);
        behind = f.now();
        f.work(1);
    };
    f.at(1'000 * CYCLE + 1, [&] { interrupt ? f.send_interrupt(true) : f.send_nmi(); });
    f.run();
    const auto& taken = interrupt ? f.irqs : f.nmis;
    CHECK(behind == 1'500 * CYCLE);
    CHECK(taken == std::vector<std::int64_t>{1'501 * CYCLE + ENTRY});
}

TEST_CASE("of two MOV SS in a row only the first has a shadow", "[CPU-6]") {
    CpuFixture f;
    std::int64_t behind = 0;
    f.program[0] = [&] {
        f.work(1'000);
        f.cpus->move_to_ss(f.cpu());
        f.cpu().local.advance(100);
        f.cpus->move_to_ss(f.cpu());
        f.work(500);
        behind = f.now();
    };
    f.at(1'000 * CYCLE + 1, [&] { f.send_nmi(); });
    f.run();
    REQUIRE(f.nmis.size() == 1);
    CHECK(f.nmis[0] < behind);
}

TEST_CASE("where STI does not hold NMIs, it holds interrupts only", "[CPU-6]") {
    Nesting nesting;
    const bool holds = GENERATE(true, false);
    nesting.configure(holds, false);
    TokenSet one;
    one.add(Token{1, Source::Operator});
    nesting.interrupt_line(true, Instant{});
    nesting.enable_interrupts(true);
    CHECK(nesting.next(Instant{}) == Nesting::Event::None);
    nesting.latch_nmi(one, Instant{});
    CHECK(nesting.next(Instant{}) == (holds ? Nesting::Event::None : Nesting::Event::Nmi));
}

// ---- deep C-states

TEST_CASE("in a deep C-state NMIs wait for the way out: nothing is lost and nothing is counted", "[CPU-8][CPU-9]") {
    CpuFixture f;
    f.timing.set(Row::CpuCstateExitC6, RowUnit::CoreCycles, 5'000);
    f.program[0] = [&] { f.cpus->halt(f.cpu(), false, Row::CpuCstateExitC6); };
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(3'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(4'000 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{7'000 * CYCLE + BOUNDARY + ENTRY});
}

// ---- a software-disabled APIC that only wakes

TEST_CASE("an NMI that only wakes ends HLT, and does nothing to a CPU that runs: its next HLT waits", "[LAPIC-5]") {
    CpuFixture f;
    std::vector<std::int64_t> left;
    f.program[0] = [&] {
        f.delay(5'000);
        f.work(5'000);
        f.halt();
        left.push_back(f.now());
        f.halt();
        left.push_back(f.now());
    };
    f.at(2'000 * CYCLE, [&] { f.cpu().wake({}); });  // in the delay
    f.at(7'000 * CYCLE, [&] { f.cpu().wake({}); });  // in the instruction behind it
    f.at(20'000 * CYCLE, [&] { f.cpu().wake({}); });
    f.run();
    CHECK(left == std::vector<std::int64_t>{(20'000 + CpuFixture::BOUNDARY + CpuFixture::WAKE) * CYCLE});
    CHECK(f.nmis.empty());
}
