// SPDX-License-Identifier: Apache-2.0
// A CPU that reads a register of a device again and again, and does nothing else.
#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

namespace {

constexpr std::uint32_t APIC_BASE = 0x1b;
constexpr std::uint64_t MOST = 40;

struct Polls : CpuFixture {
    Polls() : CpuFixture{1, options()} {}
    static Cpus::Options options() {
        Cpus::Options options;
        options.most_device_reads = MOST;
        return options;
    }
    void poll(std::uint64_t times) {
        std::uint64_t value = 0;
        for (std::uint64_t i = 0; i < times; ++i) {
            cpus->rdmsr(cpu(), APIC_BASE, value);
        }
    }
};

}  // namespace

TEST_CASE("a poll ends the run one read beyond the limit, and not at it", "[progress]") {
    const std::uint64_t beyond = GENERATE(0U, 1U);
    Polls f;
    f.program[0] = [&] { f.poll(MOST + beyond); };
    f.run();
    CHECK(f.cpus->ended() == (beyond != 0 ? End::AccessLimit : End::Time));
    CHECK((f.cpus->fault().what != nullptr) == (beyond != 0));
}

TEST_CASE("a CPU that halts between two polls makes progress", "[progress]") {
    const bool halts = GENERATE(true, false);
    Polls f;
    f.program[0] = [&] {
        f.poll(MOST);
        if (halts) {
            f.halt();
        }
        f.poll(MOST);
    };
    f.at(1'000'000 * f.CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.cpus->ended() == (halts ? End::Time : End::AccessLimit));
}

TEST_CASE("each NMI has reads of its own, and those of who is interrupted count on", "[progress]") {
    const std::uint64_t below = GENERATE(MOST - 1, MOST);
    Polls f;
    f.program[0] = [&] {
        f.poll(below);
        f.delay(1'000'000);
        f.poll(1);
    };
    f.nmi_handler = [&] { f.poll(MOST); };
    for (int nmi = 1; nmi <= 3; ++nmi) {
        f.at(nmi * 200'000 * f.CYCLE, [&] { f.send_nmi(); });
    }
    f.run();
    CHECK(f.nmis.size() == 3);
    CHECK(f.cpus->ended() == (below < MOST ? End::Time : End::AccessLimit));
}
