// SPDX-License-Identifier: Apache-2.0
// Code that goes on and on: one CPU, in one context, without HLT.
#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

namespace {

constexpr std::uint32_t APIC_BASE = 0x1b;
constexpr std::uint64_t MOST = 40;

enum class Deed { Poll, Access, TscRead, Block };

struct Endless : CpuFixture {
    explicit Endless(Deed what, unsigned count = 1) : CpuFixture{count, options()}, deed{what} {}
    static Cpus::Options options() {
        Cpus::Options options;
        options.most_device_reads = options.most_accesses = options.most_blocks = MOST;
        options.most_events = MOST;
        return options;
    }
    void go_on(std::uint64_t times, unsigned n = 0) {
        std::uint64_t value = 0;
        for (std::uint64_t i = 0; i < times; ++i) {
            switch (deed) {
                case Deed::Poll:
                    cpus->rdmsr(cpu(n), APIC_BASE, value);
                    break;
                case Deed::Access:
                    load(n, n);
                    break;
                case Deed::TscRead:
                    cpus->rdtsc(cpu(n));
                    break;
                case Deed::Block:
                    cpus->block(cpu(n));
                    break;
            }
        }
    }

    const Deed deed;
};

Deed any_deed() { return GENERATE(Deed::Poll, Deed::Access, Deed::TscRead, Deed::Block); }

}  // namespace

TEST_CASE("what a CPU does without HLT ends the run one step beyond the limit, and not at it", "[progress]") {
    const std::uint64_t beyond = GENERATE(0U, 1U);
    Endless f{any_deed()};
    f.program[0] = [&] { f.go_on(MOST + beyond); };
    f.run();
    CHECK(f.cpus->ended() == (beyond != 0 ? End::AccessLimit : End::Time));
    CHECK(!f.cpus->fault().storm);
}

TEST_CASE("only of a poll it is said what the CPU does", "[progress]") {
    const Deed deed = any_deed();
    Endless f{deed};
    f.program[0] = [&] { f.go_on(MOST + 1); };
    f.run();
    CHECK((f.cpus->fault().what != nullptr) == (deed == Deed::Poll));
}

TEST_CASE("a CPU that halts in between makes progress", "[progress]") {
    const bool halts = GENERATE(true, false);
    Endless f{any_deed()};
    f.program[0] = [&] {
        f.go_on(MOST);
        if (halts) {
            f.halt();
        }
        f.go_on(MOST);
    };
    f.at(1'000'000 * f.CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.cpus->ended() == (halts ? End::Time : End::AccessLimit));
}

TEST_CASE("each CPU is counted by itself: many CPUs for a long time are no endless loop", "[progress]") {
    const std::uint64_t beyond = GENERATE(0U, 1U);
    Endless f{any_deed(), 2};
    f.program[0] = [&] {
        f.cpu(1).sipi(1, {});
        f.go_on(MOST);
    };
    f.program[1] = [&] { f.go_on(MOST + beyond, 1); };
    f.run();
    CHECK(f.cpus->ended() == (beyond != 0 ? End::AccessLimit : End::Time));
    CHECK(f.cpus->fault().cpu == CpuNumber{beyond != 0 ? 1U : 0U});
}

TEST_CASE("each NMI is counted by itself, and who is interrupted counts on", "[progress]") {
    const std::uint64_t below = GENERATE(MOST - 1, MOST);
    Endless f{any_deed()};
    f.program[0] = [&] {
        f.go_on(below);
        f.delay(1'000'000);
        f.go_on(1);
    };
    f.nmi_handler = [&] { f.go_on(MOST); };
    for (int nmi = 1; nmi <= 3; ++nmi) {
        f.at(nmi * 200'000 * f.CYCLE, [&] { f.send_nmi(); });
    }
    f.run();
    CHECK(f.nmis.size() == 3);
    CHECK(f.cpus->ended() == (below < MOST ? End::Time : End::AccessLimit));
}

TEST_CASE("an NMI that goes on for ever is where the run ends", "[progress]") {
    Endless f{any_deed()};
    f.program[0] = [&] { f.delay(1'000'000); };
    f.nmi_handler = [&] { f.go_on(MOST + 1); };
    f.at(1'000 * f.CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.cpus->ended() == End::AccessLimit);
    CHECK(f.cpus->fault().context == Context::Nmi);
}

TEST_CASE("events without HLT between them end the run as a storm, one beyond the limit", "[progress]") {
    const std::uint64_t beyond = GENERATE(0U, 1U);
    Endless f{Deed::Access};
    f.program[0] = [&] { f.delay(1'000'000); };
    for (std::uint64_t nmi = 1; nmi <= MOST + beyond; ++nmi) {
        f.at(static_cast<std::int64_t>(nmi) * 1'000 * f.CYCLE, [&] { f.send_nmi(); });
    }
    f.run();
    CHECK(f.nmis.size() == MOST);
    CHECK(f.cpus->ended() == (beyond != 0 ? End::AccessLimit : End::Time));
    CHECK(f.cpus->fault().storm == (beyond != 0));
}

TEST_CASE("events that each end a HLT are no storm", "[progress]") {
    Endless f{Deed::Access};
    f.program[0] = [&] { f.halt_for_ever(); };
    for (std::uint64_t nmi = 1; nmi <= 3 * MOST; ++nmi) {
        f.at(static_cast<std::int64_t>(nmi) * 1'000 * f.CYCLE, [&] { f.send_nmi(); });
    }
    f.run();
    CHECK(f.nmis.size() == 3 * MOST);
    CHECK(f.cpus->ended() == End::Time);
}
