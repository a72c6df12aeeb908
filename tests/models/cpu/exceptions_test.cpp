// SPDX-License-Identifier: Apache-2.0
// Exceptions: what their IRET opens inside an NMI handler, and an IRET that faults itself.
#include <algorithm>

#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

namespace {

constexpr std::uint8_t BREAKPOINT = 3;
constexpr std::uint8_t PAGE_FAULT = 14;

/// A long NMI handler; how deep it was, each time that it was entered.
struct LongNmiHandler : CpuFixture {
    explicit LongNmiHandler(unsigned count = 1, Cpus::Options options = {}) : CpuFixture{count, options} {
        program[0] = [this] { delay(100'000); };
        nmi_handler = [this] {
            depths.push_back(cpu().nesting.depth());
            delay(depths.size() == 1 ? 10'000 : 10);
        };
    }
    std::vector<std::int64_t> entered(std::uint8_t vector) const {
        std::vector<std::int64_t> instants;
        for (const ContextChanged& c : contexts) {
            if (c.context == Context::Interrupt && c.entered && c.vector == vector) {
                instants.push_back(c.at.fs);
            }
        }
        return instants;
    }
    std::vector<std::size_t> depths;
};

constexpr std::int64_t HANDLER_ENDS = 2'000 * CYCLE + BOUNDARY + ENTRY + 10'000 * CYCLE;

}  // namespace

TEST_CASE("WI-47: an IRET that faults has unblocked NMIs, and the one that is latched is taken in the fault's handler",
          "[CPU-3][WI-47]") {
    LongNmiHandler f;
    f.at(1'000 * CYCLE, [&] { f.cpus->fault_iret(CpuNumber{0}, Duration{500 * CYCLE}); });
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(3'000 * CYCLE, [&] { f.send_nmi(); });  // in the handler of the first: blocked up to its IRET
    f.run();
    CHECK(f.entered(PAGE_FAULT) == std::vector<std::int64_t>{HANDLER_ENDS});
    CHECK(f.depths == std::vector<std::size_t>{1, 3});  // in the fault of the first
    REQUIRE(f.nmis.size() == 2);
    CHECK(f.nmis[1] == HANDLER_ENDS + ENTRY + ENTRY);
}

TEST_CASE("an IRET that has faulted is executed once more, and no other one faults", "[CPU-3]") {
    LongNmiHandler f;
    f.at(1'000 * CYCLE, [&] { f.cpus->fault_iret(CpuNumber{0}, Duration{500 * CYCLE}); });
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(30'000 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.entered(PAGE_FAULT).size() == 1);
    CHECK(f.nmis.size() == 2);
    const auto returned = std::find_if(f.contexts.begin(), f.contexts.end(),
                                       [](const ContextChanged& c) { return c.context == Context::Nmi && !c.entered; });
    REQUIRE(returned != f.contexts.end());
    CHECK(returned->at.fs == HANDLER_ENDS + ENTRY + 500 * CYCLE + IRET + IRET);
}

TEST_CASE("with FRED a return that faults unblocks no NMI", "[CPU-26]") {
    Cpus::Options options;
    options.profile.fred = true;
    LongNmiHandler f{1, options};
    f.at(1'000 * CYCLE, [&] { f.cpus->fault_iret(CpuNumber{0}, Duration{500 * CYCLE}); });
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(3'000 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.entered(PAGE_FAULT).size() == 1);
    CHECK(f.depths == std::vector<std::size_t>{1, 1});
}

TEST_CASE("INIT takes an IRET's fault that is to come with it", "[CPU-15]") {
    LongNmiHandler f{2};
    f.program[1] = [&] { f.delay(80'000, 1); };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(0x99, {}); });
    f.at(2'000 * CYCLE, [&] {
        f.cpus->fault_iret(CpuNumber{1}, Duration{500 * CYCLE});
        f.cpu(1).init({});
    });
    f.at(3'000 * CYCLE, [&] { f.cpu(1).sipi(0x99, {}); });
    f.at(4'000 * CYCLE, [&] { f.send_nmi(1); });
    f.run();
    CHECK(f.nmis.size() == 1);
    CHECK(f.entered(PAGE_FAULT).empty());
}

TEST_CASE("a CPU that waits for SIPI executes nothing that could raise an exception", "[CPU-17]") {
    LongNmiHandler f{2};
    f.program[1] = [&] { f.delay(80'000, 1); };
    f.at(1'000 * CYCLE, [&] { f.cpus->raise_exception(CpuNumber{1}, Duration{500 * CYCLE}); });
    f.at(2'000 * CYCLE, [&] { f.cpu(1).sipi(0x99, {}); });
    f.run();
    CHECK(f.cpus->ended() == End::Time);
    CHECK(f.entered(BREAKPOINT).empty());
}

TEST_CASE("a CPU that gets stuck where an exception comes has both, whichever was asked for first", "[CPU-4]") {
    const bool stuck_first = GENERATE(false, true);
    LongNmiHandler f;
    std::vector<std::int64_t> stuck;
    f.cpus->stuck_changed.subscribe([&](const StuckChanged& s) { stuck.push_back(s.at.fs); });
    f.at(3'000 * CYCLE, [&] {
        if (stuck_first) {
            f.cpus->stick(CpuNumber{0}, StuckKind::IrqOff, Duration{700 * CYCLE});
        }
        f.cpus->raise_exception(CpuNumber{0}, Duration{500 * CYCLE});
        if (!stuck_first) {
            f.cpus->stick(CpuNumber{0}, StuckKind::IrqOff, Duration{700 * CYCLE});
        }
    });
    f.run();
    CHECK(f.entered(BREAKPOINT) == std::vector<std::int64_t>{3'000 * CYCLE});
    REQUIRE(stuck.size() == 2);
    CHECK(stuck[1] - stuck[0] == 700 * CYCLE);
}

TEST_CASE("an NMI handler in which a CPU is stuck has the next NMI inside it, once firmware has executed IRET in SMM",
          "[CPU-13]") {
    const StuckKind kind = GENERATE(StuckKind::IrqOff, StuckKind::InNmi);
    LongNmiHandler f;
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(3'000 * CYCLE, [&] { f.cpus->stick(CpuNumber{0}, kind, Duration{5'000 * CYCLE}); });
    f.at(3'500 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{100 * CYCLE}, Duration{50 * CYCLE}); });
    f.at(9'000 * CYCLE, [&] { f.send_nmi(); });  // it is not stuck any more
    f.run();
    CHECK(f.depths == std::vector<std::size_t>{1, 2});
}

TEST_CASE("an exception between MONITOR and MWAIT clears the monitor, as other events do", "[CPU-8]") {
    const bool raised = GENERATE(true, false);
    CpuFixture f;
    bool left = false;
    f.program[0] = [&] {
        f.cpus->monitor(f.cpu(), &f.words[0]);
        if (raised) {
            f.cpus->raise_exception({0}, Duration{100 * CYCLE});
        }
        f.work(1);
        f.cpus->mwait(f.cpu(), {0, 0});
        left = true;
    };
    f.run();
    CHECK(left == raised);
}

TEST_CASE("the store before an exception or an SMI is visible when that begins", "[cpu][TSO]") {
    const bool smi = GENERATE(true, false);
    CpuFixture f;
    std::int64_t stored = 0;
    f.program[0] = [&] {
        f.store(0, 1);
        stored = f.now();
        if (smi) {
            f.cpu().smi({});
        } else {
            f.cpus->raise_exception({0}, Duration{100 * CYCLE});
        }
        f.work(CpuFixture::BOUNDARY);
    };
    f.run();
    REQUIRE(!f.contexts.empty());
    CHECK(f.contexts[0].context == (smi ? Context::Smm : Context::Interrupt));
    CHECK(f.contexts[0].at.fs == stored + DRAIN);
}
