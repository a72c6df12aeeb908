// SPDX-License-Identifier: Apache-2.0
// What people get wrong about NMI, SMI and INIT in the CPU: each case is a mistake that was made somewhere, and the
// right behaviour.
#include <algorithm>

#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

namespace {

/// What of word 0 others can see when a WRMSR reaches the local APIC.
struct IcrFixture : CpuFixture {
    bool wrmsr(std::uint32_t msr, std::uint64_t /*value*/) override {
        if (msr == 0x830) {
            cpus->device_reads(&visible, words.data(), sizeof visible);
        }
        return true;
    }
    std::uint64_t visible = 99;
};

}  // namespace

TEST_CASE("WI-44: NMIs are blocked from the first cycle of delivery on, and not later", "[CPU-2][WI-44]") {
    // The second one comes in each cycle of the entry, and in the first of the handler.
    const std::int64_t into = GENERATE(std::int64_t{1}, CYCLE, ENTRY / 2, ENTRY - 1, ENTRY);
    CAPTURE(into);
    CpuFixture f;
    std::size_t deepest = 0;
    f.program[0] = [&] { f.delay(100'000); };
    f.nmi_handler = [&] {
        deepest = std::max(deepest, f.cpu().nesting.depth());
        f.delay(1'000);
    };
    const std::int64_t taken = 2'000 * CYCLE + BOUNDARY;
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(taken + into, [&] { f.send_nmi(); });
    f.run();
    const std::int64_t first = taken + ENTRY;
    CHECK(f.nmis == std::vector<std::int64_t>{first, first + 1'000 * CYCLE + IRET + ENTRY});
    CHECK(deepest == 1);
}

TEST_CASE("WI-46: an NMI is taken once, whatever the CPU does behind its IRET", "[CPU-2][WI-46]") {
    CpuFixture f;
    f.program[0] = [&] {
        f.delay(10'000);
        f.work(10'000);
        f.cpus->set_interrupts(f.cpu(), true);
        f.halt();  // nothing is left that ends it
        FAIL("left HLT");
    };
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(30'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{100 * CYCLE}); });
    f.run();
    CHECK(f.nmis.size() == 1);
    CHECK_FALSE(f.cpu().nesting.nmi_latched());
    CHECK_FALSE(f.cpu().nesting.nmi_blocked());
}

TEST_CASE("WI-45: an INIT that waited for RSM acts once and is not pending any more", "[CPU-15][WI-45]") {
    CpuFixture f{2};
    std::vector<std::int64_t> began;
    f.program[0] = [&] { f.delay(100'000); };
    f.program[1] = [&] {
        began.push_back(f.now(1));
        f.delay(80'000, 1);
    };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(0x99, {}); });
    f.at(2'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{1}, Duration{5'000 * CYCLE}); });
    f.at(3'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(3'500 * CYCLE, [&] { f.cpu(1).init({}); });  // one is latched, not two
    f.at(20'000 * CYCLE, [&] { f.cpu(1).sipi(0x9a, {}); });
    f.at(30'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{1}, Duration{100 * CYCLE}); });
    f.run();
    CHECK(f.init_resets == 1);
    CHECK(began == std::vector<std::int64_t>{1'000 * CYCLE, 20'000 * CYCLE});
    CHECK(f.cpu(1).state != Cpu::State::WaitForSipi);
}

TEST_CASE("WI-47: an IRET that itself faults has unblocked NMIs before the exception's handler is entered",
          "[CPU-3][WI-47]") {
    Nesting nesting;
    TokenSet one;
    one.add(Token{1, Source::Operator});
    nesting.latch_nmi(one, Instant{});
    nesting.enter_nmi();
    nesting.latch_nmi(one, Instant{});
    REQUIRE(nesting.next(Instant{}) == Nesting::Event::None);
    nesting.leave_nmi();        // what IRET does to NMIs, whether or not it completes
    nesting.enter_interrupt();  // its fault
    CHECK(nesting.context() == Context::Interrupt);
    CHECK(nesting.next(Instant{}) == Nesting::Event::Nmi);
}

TEST_CASE("WI-49: an NMI does not start a CPU that waits for SIPI", "[CPU-16][WI-49]") {
    Cpus::Options options;
    options.profile.wfs_nmi_latches = GENERATE(false, true);
    CpuFixture f{2, options};
    bool began = false;
    f.program[0] = [&] { f.delay(100'000); };
    f.program[1] = [&] { began = true; };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(2'000 * CYCLE, [&] { f.send_nmi(1); });
    f.run();
    CHECK_FALSE(began);
    CHECK(f.nmis.empty());
    CHECK(f.cpu(1).state == Cpu::State::WaitForSipi);
    CHECK(f.cpus->ended() == End::Time);
}

TEST_CASE("WI-29: a WRMSR to the x2APIC's ICR overtakes a store, but not one that MFENCE; LFENCE has drained",
          "[LAPIC-17][WI-29]") {
    const bool fenced = GENERATE(false, true);
    IcrFixture f;
    f.program[0] = [&] {
        f.work(1'000);
        f.store(0, 7);
        if (fenced) {
            f.cpus->fence(f.cpu(), Cycles{1});
            f.cpus->spend(f.cpu(), Cycles{1});
        }
        f.cpus->wrmsr(f.cpu(), 0x830, 0x4400);
    };
    f.run();
    CHECK(f.visible == (fenced ? 7 : 0));
}
