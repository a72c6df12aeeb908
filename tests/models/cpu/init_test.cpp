// SPDX-License-Identifier: Apache-2.0
// INIT and SIPI, to the femtosecond. What an event finds at a CPU that waits for SIPI: wait_for_sipi_test.cpp.
#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

TEST_CASE("SIPI starts a CPU that waits for it, with its vector, and is discarded by any other", "[LAPIC-42]") {
    CpuFixture f{2};
    f.program[0] = [&] { f.delay(10'000); };
    std::vector<std::int64_t> began;
    f.program[1] = [&] {
        began.push_back(f.now(1));
        f.delay(5'000, 1);
    };
    f.at(1'000 * CYCLE + 1, [&] { f.cpu(1).sipi(0x9a, {}); });
    f.at(2'000 * CYCLE, [&] { f.cpu(1).sipi(0x9b, {}); });  // running
    f.at(9'000 * CYCLE, [&] { f.cpu(1).sipi(0x9c, {}); });  // halted
    f.run();
    CHECK(f.sipi_vectors == std::vector<std::uint8_t>{0x9a});
    CHECK(began == std::vector<std::int64_t>{1'001 * CYCLE});  // the first edge of the core clock at or after it
}

TEST_CASE("INIT in a delay: the next SIPI starts the CPU at once", "[CPU-15][LAPIC-42]") {
    CpuFixture f{2};
    f.program[0] = [] {};
    std::vector<std::int64_t> began;
    f.program[1] = [&] {
        began.push_back(f.now(1));
        f.delay(1'000'000, 1);
    };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(2'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(3'000 * CYCLE, [&] { f.cpu(1).sipi(2, {}); });
    f.run();
    CHECK(began == std::vector<std::int64_t>{1'000 * CYCLE, 3'000 * CYCLE});
    CHECK(f.init_resets == 1);
}

TEST_CASE("INIT while a read is under way acts at its completion, and nothing follows the read", "[CPU-5][CPU-15]") {
    CpuFixture f{2};
    f.program[0] = [] {};
    bool read = false;
    std::vector<int> resets;
    f.program[1] = [&] {
        f.cpus->mmio_read(f.cpu(1), 0x1000, Size::B4);
        read = true;
    };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(2'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(3'000 * CYCLE, [&] {
        resets.push_back(f.init_resets);
        f.completion->completed(7);
    });
    f.at(3'000 * CYCLE + 1, [&] { resets.push_back(f.init_resets); });
    f.run();
    CHECK_FALSE(read);
    CHECK(resets == std::vector<int>{0, 1});
    CHECK(f.cpu(1).state == Cpu::State::WaitForSipi);
}

TEST_CASE("INIT clears a latched NMI, or keeps it, as the profile says", "[CPU-15]") {
    for (const bool clears : {false, true}) {
        Cpus::Options options;
        options.profile.init_clears_nmi = clears;
        CpuFixture f{2, options};
        f.program[0] = [] {};
        f.program[1] = [&] { f.work(5'000, 1); };
        f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
        f.at(3'000 * CYCLE, [&] { f.send_nmi(1); });  // in the work: latched
        f.at(3'500 * CYCLE, [&] { f.cpu(1).init({}); });
        f.at(9'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
        f.loads_idt = false;
        f.run();
        CHECK(f.nmis.empty());
        CHECK(f.cpus->ended() == (clears ? End::Time : End::TripleFault));  // CPU-17: it finds no IDT
    }
}

TEST_CASE("INIT in an NMI handler unblocks NMIs, or keeps them blocked, as the profile says", "[CPU-15]") {
    const bool clears = GENERATE(true, false);
    Cpus::Options options;
    options.profile.init_clears_nmi = clears;
    CpuFixture f{2, options};
    f.program[0] = [] {};
    f.program[1] = [&] { f.delay(20'000, 1); };
    f.nmi_handler = [&] { f.delay(5'000, 1); };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(2'000 * CYCLE, [&] { f.send_nmi(1); });
    f.at(3'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(4'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(6'000 * CYCLE, [&] { f.send_nmi(1); });
    f.run();
    CHECK(f.nmis.size() == (clears ? 2 : 1));
    CHECK(f.cpu(1).nesting.nmi_latched() == !clears);
}

TEST_CASE("INIT keeps the count of SMIs in MSR 34h", "[CPU-15]") {
    CpuFixture f{2};
    f.program[0] = [] {};
    std::vector<std::uint64_t> counts;
    f.program[1] = [&] {
        counts.push_back(99);
        f.cpus->rdmsr(f.cpu(1), 0x34, counts.back());
        f.delay(50'000, 1);
    };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(2'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{1}, Duration{500 * CYCLE}); });
    f.at(5'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(6'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.run();
    CHECK(counts == std::vector<std::uint64_t>{0, 1});
}

TEST_CASE("INIT tells how many contexts end with it, none of which returns", "[CPU-15]") {
    CpuFixture f{2};
    std::vector<Initialized> told;
    unsigned returns = 0;
    f.program[0] = [] {};
    f.program[1] = [&] { f.delay(20'000, 1); };
    f.nmi_handler = [&] { f.delay(5'000, 1); };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(2'000 * CYCLE, [&] { f.send_nmi(1); });
    f.at(3'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(4'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(6'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.cpus->initialized.subscribe([&](const Initialized& now) { told.push_back(now); });
    f.cpus->context_changed.subscribe([&](const ContextChanged& now) { returns += now.entered ? 0 : 1; });
    f.run();
    REQUIRE(told.size() == 2);
    CHECK(told[0].cpu.value == 1);
    CHECK(told[0].at == Instant{3'000 * CYCLE + BOUNDARY});
    CHECK(told[0].depth == 1);
    CHECK(told[1].depth == 0);
    CHECK(returns == 0);
}

TEST_CASE("INIT ends that a CPU is stuck, and says so", "[CPU-15]") {
    CpuFixture f{2};
    std::vector<StuckChanged> told;
    f.program[0] = [&] { f.delay(100'000); };
    f.program[1] = [&] { f.delay(50'000, 1); };
    f.cpus->stuck_changed.subscribe([&](const StuckChanged& now) { told.push_back(now); });
    const bool for_ever = GENERATE(true, false);
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(2'000 * CYCLE,
         [&] { f.cpus->stick(CpuNumber{1}, StuckKind::Spinning, Duration{for_ever ? 0 : 40'000 * CYCLE}); });
    f.at(9'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.run();
    REQUIRE(told.size() == 2);
    CHECK(told[0].stuck);
    CHECK_FALSE(told[1].stuck);
    CHECK(told[1].kind == StuckKind::Spinning);
    CHECK(told[1].at == Instant{9'000 * CYCLE + BOUNDARY});
}

TEST_CASE("an SMI and an INIT that wait for one boundary: the SMI is taken, and INIT acts at RSM",
          "[CPU-5][CPU-11][CPU-15]") {
    CpuFixture f{2};
    f.program[0] = [&] { f.delay(100'000); };
    f.program[1] = [&] {
        f.work(6'000, 1);  // to 7000
        FAIL("went on behind INIT");
    };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    const bool smi_first = GENERATE(true, false);
    f.at((smi_first ? 2'000 : 3'000) * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{1}, Duration{500 * CYCLE}); });
    f.at((smi_first ? 3'000 : 2'000) * CYCLE, [&] { f.cpu(1).init({}); });
    const std::int64_t rsm = (7'000 + CpuFixture::SMM + 500) * CYCLE;
    std::vector<int> resets;
    for (const std::int64_t t : {7'000 * CYCLE, rsm - 1, rsm + 1}) {
        f.at(t, [&] { resets.push_back(f.init_resets); });
    }
    f.run();
    REQUIRE(f.contexts.size() == 2);
    CHECK(f.contexts[0].context == Context::Smm);
    CHECK(f.contexts[0].at.fs == 7'000 * CYCLE);
    CHECK(f.contexts[1].at.fs == rsm);
    CHECK(resets == std::vector<int>{0, 0, 1});
    CHECK(f.cpu(1).state == Cpu::State::WaitForSipi);
}

TEST_CASE("an INIT and an NMI that wait for one boundary: INIT acts there, and the NMI is cleared, or kept",
          "[CPU-5][CPU-15]") {
    const bool clears = GENERATE(true, false);
    const bool nmi_first = GENERATE(true, false);
    Cpus::Options options;
    options.profile.init_clears_nmi = clears;
    CpuFixture f{2, options};
    std::vector<Initialized> told;
    f.cpus->initialized.subscribe([&](const Initialized& now) { told.push_back(now); });
    f.program[0] = [] {};
    f.program[1] = [&] {
        f.work(6'000, 1);  // to 7000
        FAIL("went on behind INIT");
    };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at((nmi_first ? 2'000 : 3'000) * CYCLE, [&] { f.send_nmi(1); });
    f.at((nmi_first ? 3'000 : 2'000) * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(7'000 * CYCLE - 1, [&] {
        CHECK(f.init_resets == 0);
        CHECK(f.cpu(1).nesting.nmi_latched());
    });
    f.run();
    REQUIRE(told.size() == 1);
    CHECK(told[0].at.fs == 7'000 * CYCLE);
    CHECK(f.nmis.empty());
    CHECK(f.init_resets == 1);
    CHECK(f.cpu(1).state == Cpu::State::WaitForSipi);
    CHECK(f.cpu(1).nesting.nmi_latched() == !clears);
}

TEST_CASE("SIPIs behind an INIT that waits for the boundary: the first starts the CPU there", "[CPU-15][LAPIC-42]") {
    CpuFixture f{2};
    f.program[0] = [] {};
    std::vector<std::int64_t> began;
    f.program[1] = [&] {
        began.push_back(f.now(1));
        f.work(6'000, 1);
        f.delay(5'000, 1);
    };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(0x99, {}); });
    f.at(2'000 * CYCLE, [&] { f.cpu(1).sipi(0x9a, {}); });  // there is no INIT yet: discarded
    f.at(3'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(4'000 * CYCLE, [&] { f.cpu(1).sipi(0x9b, {}); });
    f.at(5'000 * CYCLE, [&] { f.cpu(1).sipi(0x9c, {}); });
    f.at(9'000 * CYCLE, [&] { f.cpu(1).sipi(0x9d, {}); });  // it runs: discarded
    f.run();
    CHECK(f.sipi_vectors == std::vector<std::uint8_t>{0x99, 0x9b});
    CHECK(began == std::vector<std::int64_t>{1'000 * CYCLE, 7'000 * CYCLE});
    CHECK(f.init_resets == 1);
    CHECK(f.cpu(1).state == Cpu::State::Halted);
}

TEST_CASE("INIT takes a CPU out of HLT without the exit of the C-state", "[CPU-7][CPU-15]") {
    CpuFixture f{2};
    std::vector<Initialized> told;
    f.cpus->initialized.subscribe([&](const Initialized& now) { told.push_back(now); });
    f.program[0] = [] {};
    f.program[1] = [] {};  // halts
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(3'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.run();
    REQUIRE(told.size() == 1);
    CHECK(told[0].at.fs == 3'000 * CYCLE + BOUNDARY);
}

TEST_CASE("stores before INIT become visible first, and an SMI that comes meanwhile is taken before it",
          "[CPU-5][CPU-15]") {
    const bool smi = GENERATE(false, true);
    CpuFixture f{2};
    std::vector<Initialized> told;
    f.cpus->initialized.subscribe([&](const Initialized& now) { told.push_back(now); });
    f.program[0] = [] {};
    f.program[1] = [&] {
        f.work(1'000, 1);
        f.store(0, 7, 1);
        f.work(1, 1);  // INIT is due here
    };
    const std::int64_t stored = (2'000 + CpuFixture::HIT) * CYCLE;
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(stored + CYCLE - BOUNDARY, [&] { f.cpu(1).init({}); });
    if (smi) {
        f.at(stored + 10 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{1}, Duration{500 * CYCLE}); });
    }
    f.run();
    const std::int64_t visible = stored + CpuFixture::DRAIN * CYCLE;
    CHECK(f.words[0] == 7);
    REQUIRE(told.size() == 1);
    CHECK(told[0].at.fs == visible + (smi ? CpuFixture::SMM + 500 : 0) * CYCLE);
    CHECK(f.contexts.size() == (smi ? 2 : 0));
}

TEST_CASE("a CPU that sends an INIT to itself takes it behind that, at its next boundary", "[CPU-5][CPU-15]") {
    struct ToItself : CpuFixture {
        ToItself() : CpuFixture{2} {}
        bool wrmsr(std::uint32_t, std::uint64_t) override {
            cpu(1).init({});
            return true;
        }
    };
    ToItself f;
    std::vector<Initialized> told;
    f.cpus->initialized.subscribe([&](const Initialized& now) { told.push_back(now); });
    f.program[0] = [] {};
    std::int64_t sent = 0;
    f.program[1] = [&] {
        f.cpus->wrmsr(f.cpu(1), 0x830, 0);
        sent = f.now(1);
        f.work(100, 1);
        FAIL("went on behind INIT");
    };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.run();
    REQUIRE(told.size() == 1);
    CHECK(told[0].at.fs == sent + 100 * CYCLE);
    CHECK(f.cpu(1).state == Cpu::State::WaitForSipi);
}

TEST_CASE("INIT to a CPU that a fault has paused waits until it goes on", "[CPU-15]") {
    CpuFixture f{2};
    std::vector<Initialized> told;
    f.cpus->initialized.subscribe([&](const Initialized& now) { told.push_back(now); });
    f.program[0] = [] {};
    f.program[1] = [&] { f.delay(50'000, 1); };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(2'000 * CYCLE, [&] { f.cpus->stick(CpuNumber{1}, StuckKind::Paused, Duration{8'000 * CYCLE}); });
    f.at(3'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.run();
    REQUIRE(told.size() == 1);
    CHECK(told[0].at.fs == 10'000 * CYCLE);
}

TEST_CASE("a wake-up that INIT meets on the way out of HLT does not end the first HLT of the next life",
          "[CPU-15][LAPIC-5]") {
    CpuFixture f{2};
    f.program[0] = [] {};
    unsigned left = 0;
    f.program[1] = [&] {
        f.halt(1);
        ++left;
    };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(2'000 * CYCLE, [&] { f.cpu(1).wake({}); });
    f.at(2'100 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(5'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.run();
    CHECK(f.init_resets == 1);
    CHECK(left == 0);
}

// ---- the boot CPU, at whose reset vector firmware begins

TEST_CASE("INIT to the boot CPU ends the run at the boundary at which it acts, and says why", "[CPU-15]") {
    CpuFixture f{2};
    std::vector<Initialized> told;
    f.cpus->initialized.subscribe([&](const Initialized& now) { told.push_back(now); });
    f.program[0] = [&] {
        f.work(6'000);
        FAIL("went on behind INIT");
    };
    f.at(3'000 * CYCLE, [&] { f.cpu().init({}); });
    f.at(6'000 * CYCLE - 1, [&] { CHECK(f.cpus->ended() == End::None); });
    f.at(6'000 * CYCLE + 1, [&] { FAIL("the run went on"); });
    f.run();
    CHECK(f.cpus->ended() == End::BootCpuInit);
    REQUIRE(told.size() == 1);
    CHECK(told[0].at.fs == 6'000 * CYCLE);
    CHECK(f.reasons ==
          std::vector<std::string>{"CPU 0 took an INIT: it begins at the reset vector, and firmware is not simulated"});
}

TEST_CASE("INIT to a boot CPU in SMM ends the run at RSM, in HLT at once", "[CPU-11][CPU-15]") {
    const bool in_smm = GENERATE(true, false);
    CpuFixture f;
    std::vector<Initialized> told;
    f.cpus->initialized.subscribe([&](const Initialized& now) { told.push_back(now); });
    f.program[0] = [] {};  // halts
    if (in_smm) {
        f.at(2'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{5'000 * CYCLE}); });
    }
    f.at(4'000 * CYCLE, [&] { f.cpu().init({}); });
    f.run();
    CHECK(f.cpus->ended() == End::BootCpuInit);
    REQUIRE(told.size() == 1);
    const std::int64_t rsm = (2'000 + CpuFixture::BOUNDARY + CpuFixture::WAKE + CpuFixture::SMM + 5'000) * CYCLE;
    CHECK(told[0].at.fs == (in_smm ? rsm : 4'000 * CYCLE + BOUNDARY));
}
