// SPDX-License-Identifier: Apache-2.0
// What an event finds at a CPU that waits for SIPI.
#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

TEST_CASE("INIT in wait-for-SIPI is ignored: an SMI that is latched there is taken behind SIPI", "[CPU-5][CPU-16]") {
    CpuFixture f{2};
    f.program[0] = [&] { f.delay(100'000); };
    f.program[1] = [&] { f.delay(50'000, 1); };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.at(2'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(3'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{1}, Duration{500 * CYCLE}); });
    f.at(4'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(5'000 * CYCLE, [&] {
        CHECK(f.contexts.empty());
        f.cpu(1).sipi(1, {});
    });
    f.run();
    CHECK(f.init_resets == 1);
    REQUIRE(f.contexts.size() == 2);
    CHECK(f.contexts[0].context == Context::Smm);
    CHECK(f.contexts[0].at.fs == 5'000 * CYCLE);
    CHECK(f.contexts[1].at.fs == (5'000 + CpuFixture::SMM + 500) * CYCLE);
}

TEST_CASE("INIT in wait-for-SIPI is ignored: neither is the local APIC reset nor a latched NMI dropped", "[CPU-16]") {
    CpuFixture f{2};
    unsigned told = 0;
    f.cpus->initialized.subscribe([&](const Initialized&) { ++told; });
    f.program[0] = [] {};
    f.program[1] = [&] { f.delay(10'000, 1); };
    f.at(1'000 * CYCLE, [&] { f.send_nmi(1); });
    f.at(2'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(3'000 * CYCLE, [&] { CHECK(f.cpu(1).nesting.nmi_latched()); });
    f.at(5'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.run();
    CHECK(f.init_resets == 0);
    CHECK(told == 0);
    CHECK(f.cpus->ended() == End::TripleFault);  // CPU-17: the NMI finds no IDT
}

TEST_CASE("INIT in wait-for-SIPI is not latched: the CPU that SIPI starts runs on", "[CPU-16][LAPIC-42]") {
    CpuFixture f{2};
    f.program[0] = [] {};
    std::vector<std::int64_t> began;
    bool ended = false;
    f.program[1] = [&] {
        began.push_back(f.now(1));
        f.work(5'000, 1);
        f.delay(5'000, 1);
        ended = true;
    };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).init({}); });
    f.at(2'000 * CYCLE, [&] { f.cpu(1).sipi(0x9a, {}); });
    f.at(3'000 * CYCLE, [&] { f.cpu(1).sipi(0x9b, {}); });
    f.run();
    CHECK(began == std::vector<std::int64_t>{2'000 * CYCLE});
    CHECK(ended);
    CHECK(f.sipi_vectors == std::vector<std::uint8_t>{0x9a});
    CHECK(f.init_resets == 0);
}

TEST_CASE("an NMI in wait-for-SIPI is latched, or dropped, as the profile says", "[CPU-16]") {
    for (const bool latches : {false, true}) {
        Cpus::Options options;
        options.profile.wfs_nmi_latches = latches;
        CpuFixture f{2, options};
        f.program[0] = [] {};
        f.program[1] = [&] { f.delay(10'000, 1); };
        f.at(1'000 * CYCLE, [&] { f.send_nmi(1); });
        f.at(5'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
        f.run();
        CHECK(f.nmis.empty());
        CHECK(f.cpus->ended() == (latches ? End::TripleFault : End::Time));  // CPU-17: it finds no IDT
    }
}
