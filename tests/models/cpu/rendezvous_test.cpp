// SPDX-License-Identifier: Apache-2.0
// One SMI for several CPUs: firmware meets with all of them, and they leave SMM together.
#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

namespace {

constexpr std::int64_t RESIDENCY = 500 * CYCLE;

/// All CPUs run a delay, which an event may cut, unless a program of their own stands before it.
struct Rendezvous : CpuFixture {
    explicit Rendezvous(unsigned count, const Cpus::Options& options = {}) : CpuFixture{count, options} {
        for (unsigned n = 0; n < count; ++n) {
            program[n] = [this, n] { delay(100'000, n); };
            if (n > 0) {
                at(1'000 * CYCLE, [this, n] { cpu(n).sipi(1, {}); });
            }
        }
    }
    /// CPU n begins, at 1000 cycles, with an instruction that takes so many.
    void busy(unsigned n, std::int64_t cycles) {
        program[n] = [this, n, cycles] {
            work(static_cast<std::uint64_t>(cycles), n);
            delay(100'000, n);
        };
    }
    void smi_at(std::int64_t fs, const std::vector<unsigned>& numbers, std::int64_t residency = RESIDENCY) {
        at(fs, [this, numbers, residency] {
            std::vector<CpuNumber> all;
            for (const unsigned n : numbers) {
                all.push_back(CpuNumber{n});
            }
            cpus->assert_smi(all, Duration{residency});
        });
    }
    /// When CPU n entered SMM, or left it.
    std::vector<std::int64_t> smm(unsigned n, bool enters) const {
        std::vector<std::int64_t> all;
        for (const ContextChanged& c : contexts) {
            if (c.cpu.value == n && c.context == Context::Smm && c.entered == enters) {
                all.push_back(c.at.fs);
            }
        }
        return all;
    }
    std::vector<std::int64_t> entered(unsigned n) const { return smm(n, true); }
    std::vector<std::int64_t> left(unsigned n) const { return smm(n, false); }
};

using Times = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("CPUs that one SMI reaches leave SMM together, when the last has come and the work is done", "[CPU-10]") {
    Rendezvous f{3};
    f.busy(1, 6'000);  // to 7000
    f.smi_at(2'000 * CYCLE, {0, 1, 2});
    f.run();
    CHECK(f.entered(0) == Times{2'000 * CYCLE + BOUNDARY});
    CHECK(f.entered(1) == Times{7'000 * CYCLE});
    for (unsigned n = 0; n < 3; ++n) {
        CAPTURE(n);
        CHECK(f.left(n) == Times{7'000 * CYCLE + SMM + RESIDENCY});
    }
}

TEST_CASE("an NMI to a CPU that waits in SMM for the others is delayed for as long", "[CPU-10][CPU-11]") {
    Rendezvous f{2};
    f.busy(1, 6'000);
    f.smi_at(2'000 * CYCLE, {0, 1});
    f.at(3'500 * CYCLE, [&] { f.send_nmi(0); });
    f.run();
    CHECK(f.nmis == Times{7'000 * CYCLE + SMM + RESIDENCY + ENTRY});
}

TEST_CASE("with smi.rendezvous off each CPU leaves SMM for itself", "[CPU-10]") {
    Cpus::Options options;
    options.profile.smi_rendezvous = false;
    Rendezvous f{2, options};
    f.busy(1, 6'000);
    f.smi_at(2'000 * CYCLE, {0, 1});
    f.run();
    CHECK(f.left(0) == Times{2'000 * CYCLE + BOUNDARY + SMM + RESIDENCY});
    CHECK(f.left(1) == Times{7'000 * CYCLE + SMM + RESIDENCY});
}

TEST_CASE("a CPU that waits for SIPI is not waited for; its SMI stays latched until SIPI", "[CPU-10][CPU-16]") {
    Rendezvous f{2};
    f.smi_at(500 * CYCLE, {0, 1});  // SIPI comes at 1000
    f.run();
    CHECK(f.left(0) == Times{500 * CYCLE + BOUNDARY + SMM + RESIDENCY});
    CHECK(f.entered(1) == Times{1'000 * CYCLE});
    CHECK(f.left(1) == Times{1'000 * CYCLE + SMM + RESIDENCY});
}

TEST_CASE("a CPU that is frozen is not waited for", "[CPU-10]") {
    Rendezvous f{2};
    f.at(1'500 * CYCLE, [&] { f.cpus->stick(CpuNumber{1}, StuckKind::Paused, Duration{20'000 * CYCLE}); });
    f.smi_at(2'000 * CYCLE, {0, 1});
    f.run();
    CHECK(f.left(0) == Times{2'000 * CYCLE + BOUNDARY + SMM + RESIDENCY});
    CHECK(f.entered(1) == Times{21'500 * CYCLE});
    CHECK(f.left(1) == Times{21'500 * CYCLE + SMM + RESIDENCY});
}

TEST_CASE("two SMIs for different CPUs at one time are two meetings", "[CPU-10]") {
    Rendezvous f{4};
    f.busy(1, 6'000);
    f.busy(3, 9'000);
    f.smi_at(2'000 * CYCLE, {0, 1});
    f.smi_at(2'000 * CYCLE, {2, 3}, 3 * RESIDENCY);
    f.run();
    for (unsigned n = 0; n < 4; ++n) {
        CAPTURE(n);
        CHECK(f.left(n) == Times{n < 2 ? 7'000 * CYCLE + SMM + RESIDENCY : 10'000 * CYCLE + SMM + 3 * RESIDENCY});
    }
}

TEST_CASE("an SMI for all while one CPU has not taken the one before: it merges there, the others meet again",
          "[CPU-10]") {
    Rendezvous f{3};
    f.busy(1, 6'000);
    f.smi_at(2'000 * CYCLE, {0, 1, 2});
    f.smi_at(5'000 * CYCLE, {0, 1, 2}, 2 * RESIDENCY);
    f.run();
    const std::int64_t first = 7'000 * CYCLE + SMM + RESIDENCY;
    CHECK(f.left(1) == Times{first});
    for (const unsigned n : {0U, 2U}) {
        CAPTURE(n);
        CHECK(f.entered(n) == Times{2'000 * CYCLE + BOUNDARY, first});
        CHECK(f.left(n) == Times{first, first + SMM + 2 * RESIDENCY});
    }
}

TEST_CASE("INIT to a CPU that waits in SMM for the others acts when all leave", "[CPU-10][CPU-15]") {
    Rendezvous f{2};
    f.program[0] = [&] {
        f.work(6'000);
        f.delay(100'000);
    };
    f.smi_at(2'000 * CYCLE, {0, 1});
    f.at(4'000 * CYCLE, [&] { f.cpu(1).init({}); });
    const std::int64_t leave = 6'000 * CYCLE + SMM + RESIDENCY;
    std::vector<int> resets;
    for (const std::int64_t t : {leave - 1, leave + 1}) {
        f.at(t, [&] { resets.push_back(f.init_resets); });
    }
    f.run();
    CHECK(f.left(0) == Times{leave});
    CHECK(f.left(1) == Times{leave});
    CHECK(resets == std::vector<int>{0, 1});
    CHECK(f.cpu(1).state == Cpu::State::WaitForSipi);
}

TEST_CASE("a thousand meetings one after the other: none is left over", "[CPU-10]") {
    Rendezvous f{2};
    f.program[0] = [&] { f.delay(10'000'000); };
    f.program[1] = [&] { f.delay(10'000'000, 1); };
    for (int n = 0; n < 1'000; ++n) {
        f.smi_at((3'000 + n * 4'000LL) * CYCLE, {0, 1});
    }
    f.run();
    REQUIRE(f.left(0).size() == 1'000);
    CHECK(f.left(0) == f.left(1));
    CHECK(f.left(0).back() == (3'000 + 999 * 4'000LL) * CYCLE + BOUNDARY + SMM + RESIDENCY);
}

TEST_CASE("firmware's IRET comes so long after the last CPU has entered, and an NMI that waits is taken in SMM then",
          "[CPU-10][CPU-12]") {
    constexpr std::int64_t IRET_AFTER = 200 * CYCLE;
    Rendezvous f{2};
    f.busy(1, 6'000);  // to 7000
    f.at(2'000 * CYCLE, [&] {
        f.cpus->assert_smi({CpuNumber{0}, CpuNumber{1}}, Duration{RESIDENCY}, Duration{IRET_AFTER});
    });
    f.at(4'000 * CYCLE, [&] { f.send_nmi(0); });
    std::vector<std::int64_t> taken;
    f.cpus->hop.subscribe([&](const HopReached& h) {
        if (h.hop == Hop::Taken) {
            taken.push_back(h.at.fs);
        }
    });
    f.run();
    CHECK(taken == Times{7'000 * CYCLE + SMM + IRET_AFTER});
    CHECK(f.nmis.empty());
    CHECK(f.left(0) == Times{7'000 * CYCLE + SMM + RESIDENCY});
}
