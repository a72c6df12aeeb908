// SPDX-License-Identifier: Apache-2.0
// MONITOR and MWAIT: what ends it and when, what keeps it from waiting, and what the way out of the C-state costs.
#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

namespace {

constexpr std::int64_t NEVER = -1;
constexpr std::uint32_t MASKED_TOO = 1;  // ECX[0]
constexpr std::size_t SAME_LINE = 7;
constexpr std::size_t NEXT_LINE = 8;

/// CPU 0 waits on the line of word 0 from its beginning on; other CPUs begin at the same instant.
struct Mwait : CpuFixture {
    explicit Mwait(unsigned count = 1, const Cpus::Options& options = {}) : CpuFixture{count, options} {
        program[0] = [this] { wait(); };
        for (unsigned n = 1; n < count; ++n) {
            at(0, [this, n] { cpu(n).sipi(0x99, {}); });
        }
    }
    void monitor(std::size_t word, unsigned n = 0) { cpus->monitor(cpu(n), &words[word]); }
    void mwait(std::uint32_t hint = 0, std::uint32_t ecx = 0) { cpus->mwait(cpu(), {hint, ecx}); }
    void wait(std::uint32_t hint = 0, std::uint32_t ecx = 0) {
        monitor(0);
        mwait(hint, ecx);
        left = now();
    }
    void write_by_device(std::size_t word, std::uint64_t value) {
        cpus->device_writes(&words[word], &value, sizeof value);
    }
    std::int64_t left = NEVER;
};

constexpr std::int64_t WAITS_FROM = (CpuFixture::MEMORY + 1) * CYCLE;  // MONITOR loads, MWAIT takes a cycle

}  // namespace

// ---- stores

TEST_CASE("MWAIT ends the exit of its C-state after another CPU's store has become visible", "[CPU-8]") {
    const std::size_t word = GENERATE(std::size_t{0}, SAME_LINE);
    Mwait f{2};
    f.program[1] = [&] {
        f.delay(10'000, 1);
        f.store(word, 1, 1);
    };
    f.run();
    CHECK(f.left == 10'000 * CYCLE + HIT + DRAIN + WAKE);
}

TEST_CASE("a store to the line beside the monitored one, and a load of that one, end nothing", "[CPU-8]") {
    Mwait f{2};
    f.program[1] = [&] {
        f.delay(10'000, 1);
        f.store(NEXT_LINE, 1, 1);
        f.load(0, 1);
    };
    f.run();
    CHECK(f.left == NEVER);
}

TEST_CASE("a locked operation ends MWAIT at its own instant", "[CPU-8]") {
    Mwait f{2};
    f.program[1] = [&] {
        f.delay(10'000, 1);
        f.locked_store(0, 1, 1);
    };
    f.run();
    CHECK(f.left == (10'000 + CpuFixture::TRANSFER + CpuFixture::LOCKED) * CYCLE + WAKE);
}

TEST_CASE("a device's write ends MWAIT at its own instant, and one to the next line does not", "[CPU-8]") {
    const std::size_t word = GENERATE(SAME_LINE, NEXT_LINE);
    Mwait f;
    f.at(5'000 * CYCLE, [&] { f.write_by_device(word, 1); });
    f.run();
    CHECK(f.left == (word == SAME_LINE ? 5'000 * CYCLE + WAKE : NEVER));
}

TEST_CASE("a store of the CPU's own that drains behind MONITOR ends MWAIT", "[CPU-8]") {
    Mwait f{2};
    std::int64_t made = 0;
    f.program[0] = [&] {
        f.load(0);
        f.delay(2'000);  // meanwhile CPU 1 reads it: no longer owned, so the store takes its time
        f.store(SAME_LINE, 1);
        made = f.now();
        f.monitor(0);
        f.mwait();
        f.left = f.now();
    };
    f.program[1] = [&] {
        f.delay(1'000, 1);
        f.load(0, 1);
    };
    f.run();
    CHECK(f.left == made + DRAIN + WAKE);
}

TEST_CASE("a store between MONITOR and MWAIT: MWAIT does not wait", "[CPU-8]") {
    const bool before = GENERATE(true, false);
    Mwait f;
    f.program[0] = [&] {
        f.monitor(0);
        f.delay(1'000);
        f.mwait();
        f.left = f.now();
    };
    // One femtosecond before MONITOR has been paid, and at it: what comes before an instant's action is not triggered.
    const std::int64_t monitored = CpuFixture::MEMORY * CYCLE;
    f.at(before ? monitored - 1 : monitored + 1, [&] { f.write_by_device(0, 1); });
    f.run();
    CHECK(f.left == (before ? NEVER : monitored + 1'001 * CYCLE));
}

TEST_CASE("run ahead or step by step, the instants of MWAIT are the same", "[CPU-8]") {
    Cpus::Options options;
    options.stepping = GENERATE(false, true);
    options.spin_parking = GENERATE(false, true);
    Mwait f{3, options};
    std::int64_t seen = 0;
    f.program[1] = [&] {  // spins on the line that CPU 0 waits on
        while (f.load(0, 1) == 0) {
            f.cpus->relax(f.cpu(1), static_cast<const char*>(__builtin_frame_address(0)));
        }
        seen = f.now(1);
    };
    f.program[2] = [&] {
        f.delay(10'000, 2);
        f.store(0, 1, 2);
    };
    f.run();
    CHECK(f.left == 10'000 * CYCLE + HIT + DRAIN + WAKE);
    CHECK(seen > 10'000 * CYCLE + HIT + DRAIN);
    CHECK(seen < 10'000 * CYCLE + HIT + DRAIN + (CpuFixture::TRANSFER + CpuFixture::PAUSE + CpuFixture::HIT) * CYCLE);
}

TEST_CASE("each CPU has a monitor of its own: one store ends all that wait on its line", "[CPU-8]") {
    Mwait f{3};
    std::int64_t other = NEVER;
    f.program[1] = [&] {
        f.monitor(SAME_LINE, 1);
        f.cpus->mwait(f.cpu(1), {});
        other = f.now(1);
    };
    f.program[2] = [&] {
        f.delay(10'000, 2);
        f.store(0, 1, 2);
    };
    f.run();
    CHECK(f.left == 10'000 * CYCLE + HIT + DRAIN + WAKE);
    CHECK(other == f.left);
}

// ---- what must be armed

TEST_CASE("without MONITOR, and a second time after one, MWAIT does not wait", "[CPU-8]") {
    Mwait f;
    std::vector<std::int64_t> at;
    f.program[0] = [&] {
        f.mwait();
        at.push_back(f.now());
        f.monitor(0);
        f.mwait();
        at.push_back(f.now());
        f.mwait();
        at.push_back(f.now());
    };
    f.at(5'000 * CYCLE, [&] { f.write_by_device(0, 1); });
    f.run();
    CHECK(at == std::vector<std::int64_t>{CYCLE, 5'000 * CYCLE + WAKE, 5'001 * CYCLE + WAKE});
}

TEST_CASE("a second MONITOR replaces the first", "[CPU-8]") {
    Mwait f;
    f.program[0] = [&] {
        f.monitor(0);
        f.monitor(NEXT_LINE);
        f.mwait();
        f.left = f.now();
    };
    f.at(5'000 * CYCLE, [&] { f.write_by_device(0, 1); });
    f.at(6'000 * CYCLE, [&] { f.write_by_device(NEXT_LINE, 1); });
    f.run();
    CHECK(f.left == 6'000 * CYCLE + WAKE);
}

TEST_CASE("memory without lines arms nothing", "[CPU-8]") {
    Mwait f;
    f.program[0] = [&] {
        std::uint64_t local = 0;
        f.cpus->monitor(f.cpu(), &local);
        f.mwait();
        f.left = f.now();
    };
    f.run();
    CHECK(f.left == CYCLE);
}

// ---- events

TEST_CASE("an NMI ends MWAIT: the exit of the C-state comes before its delivery", "[CPU-8]") {
    Mwait f;
    f.at(5'000 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{5'000 * CYCLE + BOUNDARY + WAKE + ENTRY});
    CHECK(f.left == f.nmis.front() + CpuFixture::IRET * CYCLE);
}

TEST_CASE("an NMI that is pending when MWAIT executes: no wait, and no exit of a C-state", "[CPU-8]") {
    Mwait f;
    f.at(WAITS_FROM - 1, [&] { f.send_nmi(); });  // due a boundary later, behind MWAIT
    f.program[0] = [&] {
        f.monitor(0);
        f.mwait();
        f.left = f.now();
        f.delay(1'000);
    };
    f.run();
    CHECK(f.left == WAITS_FROM);
    CHECK(f.nmis == std::vector<std::int64_t>{WAITS_FROM + BOUNDARY + ENTRY});
}

TEST_CASE("an NMI, an SMI or an interrupt that is taken between MONITOR and MWAIT clears the monitor", "[CPU-8]") {
    const int event = GENERATE(0, 1, 2);
    Mwait f;
    f.program[0] = [&] {
        f.cpus->set_interrupts(f.cpu(), true);
        f.monitor(0);
        f.delay(5'000);
        f.mwait();
        f.left = f.now();
    };
    f.at(1'000 * CYCLE, [&] {
        event == 0 ? f.send_nmi() : event == 1 ? f.cpus->assert_smi(CpuNumber{0}, {}) : f.send_interrupt(true);
    });
    f.run();
    const std::int64_t taken = event == 1 ? CpuFixture::SMM : CpuFixture::ENTRY + CpuFixture::IRET;
    CHECK(f.left == (CpuFixture::MEMORY + 5'000 + taken + 1) * CYCLE);
}

TEST_CASE("INTR ends MWAIT with IF = 1, and is delivered behind the exit of the C-state", "[CPU-8]") {
    const std::uint32_t ecx = GENERATE(std::uint32_t{0}, MASKED_TOO);
    Mwait f;
    f.program[0] = [&] {
        f.cpus->set_interrupts(f.cpu(), true);
        f.wait(0, ecx);
    };
    f.at(5'000 * CYCLE, [&] { f.send_interrupt(true); });
    f.run();
    CHECK(f.irqs == std::vector<std::int64_t>{5'000 * CYCLE + BOUNDARY + WAKE + ENTRY});
}

TEST_CASE("with IF = 0 INTR ends MWAIT if ECX[0] says so, and is not delivered", "[CPU-8]") {
    const std::uint32_t ecx = GENERATE(std::uint32_t{0}, MASKED_TOO);
    Mwait f;
    f.program[0] = [&] { f.wait(0, ecx); };
    f.at(5'000 * CYCLE, [&] { f.send_interrupt(true); });
    f.run();
    CHECK(f.irqs.empty());
    CHECK(f.left == (ecx == MASKED_TOO ? 5'000 * CYCLE + BOUNDARY + WAKE : NEVER));
}

TEST_CASE("a masked INTR that is pending when MWAIT executes keeps it from waiting with ECX[0] = 1 only", "[CPU-8]") {
    const std::uint32_t ecx = GENERATE(std::uint32_t{0}, MASKED_TOO);
    Mwait f;
    f.program[0] = [&] { f.wait(0, ecx); };
    f.at(1, [&] { f.send_interrupt(true); });
    f.run();
    CHECK(f.left == (ecx == MASKED_TOO ? WAITS_FROM : NEVER));
    CHECK(f.irqs.empty());
}

TEST_CASE("STI; MWAIT loses no wake-up: an interrupt that waits ends it", "[CPU-6][CPU-8]") {
    Mwait f;
    f.program[0] = [&] {
        f.monitor(0);
        f.delay(1'000);
        f.cpus->mwait(f.cpu(), {}, true);
        f.left = f.now();
    };
    f.at(500 * CYCLE, [&] { f.send_interrupt(true); });
    f.run();
    CHECK(f.irqs.size() == 1);
    CHECK(f.left == f.irqs.front() + CpuFixture::IRET * CYCLE);
}

TEST_CASE("an SMI ends MWAIT: unlike HLT it is not restarted", "[CPU-8][CPU-10]") {
    Mwait f;
    f.at(5'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{100 * CYCLE}); });
    f.run();
    CHECK(f.left == 5'000 * CYCLE + BOUNDARY + WAKE + (CpuFixture::SMM + 100) * CYCLE);
}

TEST_CASE("an NMI inside an NMI handler that waits in MWAIT is blocked and ends nothing", "[CPU-2][CPU-8]") {
    Mwait f;
    f.program[0] = [&] { f.delay(20'000); };
    f.nmi_handler = [&] {
        f.monitor(0);
        f.mwait();
        f.left = f.left == NEVER ? f.now() : f.left;
    };
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(5'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(9'000 * CYCLE, [&] { f.write_by_device(0, 1); });
    f.run();
    CHECK(f.left == 9'000 * CYCLE + WAKE);
}

TEST_CASE("a CPU that is woken and told nothing leaves MWAIT", "[CPU-8][LAPIC-5]") {
    Mwait f;
    f.at(5'000 * CYCLE, [&] { f.cpu().wake({}); });
    f.run();
    CHECK(f.left == 5'000 * CYCLE + BOUNDARY + WAKE);
    CHECK(f.nmis.empty());
}

TEST_CASE("INIT ends MWAIT, and the next life has no monitor", "[CPU-8][CPU-15]") {
    Mwait f{2};
    unsigned lives = 0;
    std::int64_t second = NEVER;
    f.program[1] = [&] {
        if (++lives == 1) {
            f.monitor(0, 1);
        }
        f.cpus->mwait(f.cpu(1), {0x20, 0});
        second = f.now(1);
    };
    f.at(5'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(6'000 * CYCLE, [&] { f.cpu(1).sipi(0x99, {}); });
    f.run();
    CHECK(second == 6'001 * CYCLE);
    CHECK(f.sleeps.back() == std::pair{false, 5'000 * CYCLE + BOUNDARY});
}

// ---- C-states

TEST_CASE("the hint names the C-state whose exit is paid", "[CPU-8][CPU-9]") {
    struct Case {
        std::uint32_t hint;
        Row row;
        bool deep;
    };
    const Case c = GENERATE(Case{0x00, Row::CpuCstateExitC1, false}, Case{0x01, Row::CpuCstateExitC1e, false},
                            Case{0x10, Row::CpuCstateExitC6, true}, Case{0x20, Row::CpuCstateExitC6, true},
                            Case{0x50, Row::CpuCstateExitC6, true}, Case{0x60, Row::CpuCstateExitC10, true},
                            Case{0xf0, Row::CpuCstateExitC1, false});
    Mwait f;
    f.timing.set(Row::CpuCstateExitC1e, RowUnit::CoreCycles, 1'009);
    f.timing.set(Row::CpuCstateExitC6, RowUnit::CoreCycles, 3'001);
    f.timing.set(Row::CpuCstateExitC10, RowUnit::CoreCycles, 7'001);
    f.program[0] = [&] { f.wait(c.hint); };
    f.at(5'000 * CYCLE, [&] { f.write_by_device(0, 1); });
    f.run();
    CHECK(f.left == 5'000 * CYCLE + f.timing.duration(c.row).fs);
    using Sleeps = std::vector<std::pair<bool, std::int64_t>>;
    CHECK(f.sleeps == (c.deep ? Sleeps{{true, WAITS_FROM}, {false, f.left}} : Sleeps{}));
}

TEST_CASE("NMIs that come on the way out of a deep C-state are one, and none is lost", "[CPU-9]") {
    Mwait f;
    f.timing.set(Row::CpuCstateExitC6, RowUnit::CoreCycles, 5'000);
    f.program[0] = [&] { f.wait(0x20); };
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(4'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(6'999 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{7'000 * CYCLE + BOUNDARY + ENTRY});
}

TEST_CASE("a store wakes the CPU, and an NMI that comes on the way out is taken before the next instruction",
          "[CPU-8][CPU-9]") {
    Mwait f;
    f.timing.set(Row::CpuCstateExitC6, RowUnit::CoreCycles, 5'000);
    f.program[0] = [&] { f.wait(0x20); };
    f.at(2'000 * CYCLE, [&] { f.write_by_device(0, 1); });
    f.at(3'000 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{7'000 * CYCLE + ENTRY});
    CHECK(f.left == (7'000 + CpuFixture::ENTRY + CpuFixture::IRET) * CYCLE);
}
