// SPDX-License-Identifier: Apache-2.0
// NMI, SMI and INTR at a running or halted CPU: when each is taken, to the femtosecond. INIT and SIPI: init_test.cpp.
#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

TEST_CASE("an NMI that is due exactly at an access's time precedes it, one femtosecond later it follows", "[CPU-2]") {
    for (const std::int64_t late : {0, 1}) {
        CpuFixture f;
        std::uint64_t seen = 9;
        f.program[0] = [&] {
            f.work(1000);
            f.locked_store(0, 1);  // paid at 1000 + memory + locked
        };
        f.nmi_handler = [&] { seen = f.load(0); };
        const std::int64_t access = (1000 + CpuFixture::MEMORY + CpuFixture::LOCKED) * CYCLE;
        f.at(access - BOUNDARY + late, [&] { f.send_nmi(); });
        f.run();
        CHECK(seen == (late == 0 ? 0 : 1));
    }
}

TEST_CASE("an NMI enters a boundary and its entry after it was latched", "[CPU-2]") {
    CpuFixture f;
    f.program[0] = [&] { f.delay(10'000); };
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{2'000 * CYCLE + BOUNDARY + ENTRY});
}

TEST_CASE("WI-43: ten NMIs sent inside the handler run it once more", "[CPU-1][CPU-2][WI-43]") {
    CpuFixture f;
    f.program[0] = [&] { f.delay(10'000); };
    f.nmi_handler = [&] { f.delay(1'000); };
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    for (int k = 0; k < 10; ++k) {
        f.at((2'200 + 10 * k) * CYCLE, [&] { f.send_nmi(); });
    }
    f.run();
    const std::int64_t first = 2'000 * CYCLE + BOUNDARY + ENTRY;
    CHECK(f.nmis == std::vector<std::int64_t>{first, first + (1'000 + CpuFixture::IRET) * CYCLE + ENTRY});
}

TEST_CASE("an NMI in the middle of a long instruction is taken at its end, to the femtosecond", "[CPU-20]") {
    CpuFixture f;
    std::int64_t end = 0;
    f.program[0] = [&] {
        f.work(1'000);
        f.work(5'000);  // REP, WBINVD, microcode
        end = f.now();
    };
    // Due behind its first cycle, in its middle, in its last cycle, at its very end.
    const std::int64_t due = GENERATE(1'001 * CYCLE, 3'000 * CYCLE, 5'999 * CYCLE + 1, 6'000 * CYCLE);
    f.at(due - BOUNDARY, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{6'000 * CYCLE + ENTRY});
    CHECK(end == f.nmis.front() + CpuFixture::IRET * CYCLE);
}

TEST_CASE("an NMI that is due a femtosecond behind the end of a long instruction waits for that of the next",
          "[CPU-20]") {
    CpuFixture f;
    f.program[0] = [&] {
        f.work(6'000);
        f.work(300);
    };
    f.at(6'000 * CYCLE + 1 - BOUNDARY, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{6'300 * CYCLE + ENTRY});
}

TEST_CASE("a delay is many instructions: an NMI cuts it, and it lasts as long as it should and the handler more",
          "[CPU-2]") {
    CpuFixture f;
    std::int64_t end = 0;
    f.program[0] = [&] {
        f.delay(10'000);
        end = f.now();
    };
    f.nmi_handler = [&] { f.work(500); };
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis.size() == 1);
    CHECK(end == (10'000 + CpuFixture::ENTRY + 500 + CpuFixture::IRET) * CYCLE);
}

TEST_CASE("an NMI that was latched, but is not due, when a delay begins cuts it", "[CPU-2]") {
    CpuFixture f;
    f.program[0] = [&] {
        f.work(1'000);
        f.work(BOUNDARY / CYCLE - 2);  // the NMI is latched within this work, and due after it
        f.delay(100'000);
    };
    f.at(1'001 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{1'001 * CYCLE + BOUNDARY + ENTRY});
}

TEST_CASE("an NMI that was latched, but is not due, when HLT begins ends it", "[CPU-7][CPU-8]") {
    CpuFixture f;
    std::int64_t woken = 0;
    f.program[0] = [&] {
        f.work(1'000);
        f.work(BOUNDARY / CYCLE - 2);
        f.halt();
        woken = f.now();
    };
    f.at(1'001 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{1'001 * CYCLE + BOUNDARY + CpuFixture::WAKE * CYCLE + ENTRY});
    CHECK(woken == f.nmis.front() + CpuFixture::IRET * CYCLE);
}

TEST_CASE("a CPU that is stuck for ever takes an NMI that was latched, but not due, before", "[CPU-2]") {
    CpuFixture f;
    f.program[0] = [&] {
        f.work(1'000);
        f.work(1);
        f.work(1'000);
    };
    f.at(1'000 * CYCLE, [&] {
        f.send_nmi();
        f.cpus->stick(CpuNumber{0}, StuckKind::IrqOff, {});
    });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{1'000 * CYCLE + BOUNDARY + ENTRY});
}

TEST_CASE("HLT is left by an NMI after the C-state's exit", "[CPU-7][CPU-8]") {
    CpuFixture f;
    f.program[0] = [&] { f.halt(); };
    f.at(5'000 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{5'000 * CYCLE + BOUNDARY + CpuFixture::WAKE * CYCLE + ENTRY});
}

TEST_CASE("HLT is left by an interrupt only with interrupts on", "[CPU-7]") {
    for (const bool on : {false, true}) {
        CpuFixture f;
        bool left = false;
        f.program[0] = [&] {
            f.cpus->set_interrupts(f.cpu(), on);
            f.halt();
            left = true;
        };
        f.at(5'000 * CYCLE, [&] { f.send_interrupt(true); });
        f.run();
        CHECK(left == on);
        CHECK(f.irqs.size() == (on ? 1 : 0));
    }
}

TEST_CASE("STI; HLT loses no wake-up: an interrupt that waits ends HLT", "[CPU-6][CPU-7]") {
    CpuFixture f;
    bool left = false;
    f.program[0] = [&] {
        f.delay(1'000);
        f.cpus->halt(f.cpu(), true);
        left = true;
    };
    f.at(500 * CYCLE, [&] { f.send_interrupt(true); });
    f.run();
    CHECK(f.irqs.size() == 1);
    CHECK(left);
}

TEST_CASE("an SMI does not end HLT", "[CPU-7][CPU-10]") {
    CpuFixture f;
    bool left = false;
    f.program[0] = [&] {
        f.halt();
        left = true;
    };
    f.at(5'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{}); });
    f.run();
    CHECK(f.contexts.size() == 2);
    CHECK_FALSE(left);
}

TEST_CASE("WI-48: an NMI in SMM waits for RSM", "[CPU-11][CPU-13][WI-48]") {
    CpuFixture f;
    f.program[0] = [&] { f.delay(100'000); };
    f.at(2'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{3'000 * CYCLE}); });
    f.at(2'500 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{2'000 * CYCLE + BOUNDARY + (CpuFixture::SMM + 3'000) * CYCLE + ENTRY});
}

TEST_CASE("WI-48: an SMI inside an NMI handler leaves NMIs blocked", "[CPU-13][WI-48]") {
    CpuFixture f;
    f.program[0] = [&] { f.delay(100'000); };
    f.nmi_handler = [&] { f.delay(10'000); };
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(3'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{100 * CYCLE}); });
    f.at(3'050 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    REQUIRE(f.nmis.size() == 2);
    CHECK(f.nmis[1] == f.nmis[0] + (10'000 + CpuFixture::SMM + 100 + CpuFixture::IRET) * CYCLE + ENTRY);
}

TEST_CASE("STI holds an NMI for one instruction, or does not, as the profile says", "[CPU-6]") {
    const bool holds = GENERATE(true, false);
    Cpus::Options options;
    options.profile.sti_holds_nmi = holds;
    CpuFixture f{1, options};
    f.program[0] = [&] {
        f.work(1'000);
        f.cpu().nesting.enable_interrupts(true);  // STI
        f.work(100);                              // the instruction behind it
        f.work(50);
    };
    f.at(1'020 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{(holds ? 1'150 : 1'100) * CYCLE + ENTRY});
}

TEST_CASE("a masked INTR that ends MWAIT clears the monitor: a second MWAIT does not wait", "[CPU-8]") {
    CpuFixture f;
    std::int64_t left = 0;
    f.program[0] = [&] {
        f.cpus->monitor(f.cpu(), &f.words[0]);
        f.cpus->mwait(f.cpu(), {0, 1});  // ECX[0]: a masked interrupt ends it, too
        f.send_interrupt(false);
        f.cpus->mwait(f.cpu(), {0, 0});
        left = f.now();
    };
    f.at(5'000 * CYCLE, [&] { f.send_interrupt(true); });
    f.run();
    CHECK(left == 5'001 * CYCLE + BOUNDARY + CpuFixture::WAKE * CYCLE);
}

TEST_CASE("the store before an event is visible when delivery begins, and that of a handler before its return",
          "[cpu][TSO]") {
    const bool interrupt = GENERATE(false, true);
    CpuFixture f;
    std::int64_t stored = 0;
    std::int64_t stored_in_handler = 0;
    f.nmi_handler = f.irq_handler = [&] {
        f.store(8, 2);
        stored_in_handler = f.now();
    };
    f.program[0] = [&] {
        f.cpus->set_interrupts(f.cpu(), true);
        f.work(100);
        f.store(0, 1);
        stored = f.now();
        interrupt ? f.send_interrupt(true) : f.send_nmi();
        f.work(CpuFixture::BOUNDARY);  // here it is due, and the store is in the buffer
    };
    f.run();
    CHECK((interrupt ? f.irqs : f.nmis) == std::vector<std::int64_t>{stored + DRAIN + ENTRY});
    REQUIRE(!f.contexts.empty());
    CHECK(f.contexts.back().at.fs == stored_in_handler + DRAIN + IRET);
}
