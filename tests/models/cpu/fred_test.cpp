// SPDX-License-Identifier: Apache-2.0
// Flexible return and event delivery: what it costs, what unblocks NMIs, and the NMI's sources as event data.
#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

namespace {

Cpus::Options fred_options(bool fred, bool nmi_source, bool init_clears = true) {
    Cpus::Options options;
    options.profile.fred = fred;
    options.profile.nmi_source = nmi_source;
    options.profile.init_clears_nmi = init_clears;
    return options;
}

/// CPU 0 runs on; `data` is the event data that each NMI handler reads.
struct Fred : CpuFixture {
    explicit Fred(const Cpus::Options& options = fred_options(true, true)) : CpuFixture{1, options} {
        program[0] = [this] { delay(100'000); };
        nmi_handler = [this] {
            data.push_back(Cpus::event_data(cpu()));
            delay(takes);
        };
    }
    std::vector<std::uint64_t> data;
    std::int64_t takes = 1;
};

using Data = std::vector<std::uint64_t>;

}  // namespace

// ---- costs

TEST_CASE("CPU-27: no CPU tells sources of NMIs without FRED, whose frame holds them", "[cpu][CPU-27]") {
    CHECK_THROWS_WITH(Fred(fred_options(false, true)), Catch::StartsWith("cpu profile: "));
    CHECK_NOTHROW(Fred(fred_options(true, true)));
}

TEST_CASE("with FRED an NMI and an interrupt cost its entry and its exit", "[CPU-26]") {
    const bool interrupt = GENERATE(false, true);
    Fred f;
    std::int64_t end = 0;
    f.takes = 0;
    f.program[0] = [&] {
        f.cpus->set_interrupts(f.cpu(), true);
        f.delay(10'000);
        end = f.now();
    };
    f.at(2'000 * CYCLE, [&] { interrupt ? f.send_interrupt(true) : f.send_nmi(); });
    f.run();
    CHECK((interrupt ? f.irqs : f.nmis) == std::vector<std::int64_t>{2'000 * CYCLE + BOUNDARY + FRED_ENTRY});
    CHECK(end == 10'000 * CYCLE + FRED_ENTRY + FRED_EXIT);
}

// ---- who unblocks

TEST_CASE("with FRED the return of an exception inside the handler unblocks nothing, its own return does", "[CPU-26]") {
    Fred f;
    f.takes = 10'000;
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(3'000 * CYCLE, [&] { f.cpus->raise_exception(CpuNumber{0}, Duration{500 * CYCLE}); });
    f.at(3'200 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    REQUIRE(f.nmis.size() == 2);
    const std::int64_t exception = FRED_ENTRY + 500 * CYCLE + FRED_EXIT;
    CHECK(f.nmis[1] == f.nmis[0] + 10'000 * CYCLE + exception + FRED_EXIT + FRED_ENTRY);
}

// ---- sources

TEST_CASE("a vector field of 1 to 15 sets that bit, any other value sets bit 0", "[CPU-27]") {
    const unsigned vector = GENERATE(range(0U, 256U));
    CHECK(Nesting::source_of(static_cast<std::uint8_t>(vector)) == (vector < 16 ? 1U << vector : 1U));
}

TEST_CASE("the source of an NMI is the event data of its frame, and the next frame begins anew", "[CPU-27]") {
    Fred f;
    f.at(2'000 * CYCLE, [&] { f.send_nmi(0, 8); });
    f.at(4'000 * CYCLE, [&] { f.send_nmi(0, 16); });
    f.at(6'000 * CYCLE, [&] { f.send_nmi(0, 15); });
    f.run();
    CHECK(f.data == Data{1U << 8, 1, 1U << 15});
}

TEST_CASE("sources gather while the NMI is pending: one NMI, no source lost", "[CPU-1][CPU-27]") {
    Fred f;
    f.takes = 1'000;
    f.at(2'000 * CYCLE, [&] { f.send_nmi(0, 8); });
    for (const unsigned vector : {7U, 8U, 0U, 7U}) {
        f.at((2'200 + 10 * vector) * CYCLE, [&f, vector] { f.send_nmi(0, static_cast<std::uint8_t>(vector)); });
    }
    f.run();
    CHECK(f.data == Data{1U << 8, 1U | 1U << 7 | 1U << 8});
}

TEST_CASE("a source that arrives at the start of delivery, or a femtosecond later, is the next frame's",
          "[CPU-2][CPU-27]") {
    const std::int64_t late = GENERATE(-1, 0, 1);
    Fred f;
    f.takes = 1'000;
    const std::int64_t delivery = 2'000 * CYCLE + BOUNDARY;
    f.at(2'000 * CYCLE, [&] { f.send_nmi(0, 8); });
    f.at(delivery + late, [&] { f.send_nmi(0, 7); });
    f.run();
    // Devices come before CPUs at equal times: what arrives at the instant itself is there when delivery begins.
    CHECK(f.data == (late <= 0 ? Data{1U << 7 | 1U << 8} : Data{1U << 8, 1U << 7}));
}

TEST_CASE("without NMI-source reporting the event data of an NMI is 0, whatever its vector field", "[CPU-27]") {
    const bool fred = GENERATE(false, true);
    Fred f{fred_options(fred, false)};
    f.at(2'000 * CYCLE, [&] { f.send_nmi(0, 8); });
    f.run();
    CHECK(f.data == Data{0});
}

TEST_CASE("an interrupt's frame has no sources, and the NMI's below it keeps its own", "[CPU-27]") {
    Nesting nesting;
    nesting.configure(true, true, true);
    TokenSet one;
    one.add(Token{1, Source::Hpet});
    CHECK(nesting.event_data() == 0);
    nesting.latch_nmi(one, Instant{}, Nesting::source_of(8));
    CHECK(nesting.event_data() == 0);
    nesting.enter_nmi();
    CHECK(nesting.event_data() == 1U << 8);
    nesting.latch_nmi(one, Instant{}, Nesting::source_of(7));
    CHECK(nesting.event_data() == 1U << 8);
    nesting.enter_interrupt();
    CHECK(nesting.event_data() == 0);
    nesting.leave_interrupt();
    CHECK(nesting.event_data() == 1U << 8);
    nesting.leave_nmi();
    nesting.enter_nmi();
    CHECK(nesting.event_data() == 1U << 7);
}

TEST_CASE("INIT drops the sources with the NMI, or keeps both", "[CPU-15][CPU-27]") {
    const bool clears = GENERATE(true, false);
    Fred f{fred_options(true, true, clears)};
    f.program[0] = [&] { f.halt_for_ever(); };
    f.takes = 10'000;
    f.at(2'000 * CYCLE, [&] { f.send_nmi(0, 1); });
    f.at(3'000 * CYCLE, [&] { f.send_nmi(0, 8); });  // pending: the first is in service
    f.at(4'000 * CYCLE, [&] { f.cpu().init({}); });
    f.run();
    CHECK(f.cpu().nesting.latched_source() == (clears ? 0 : 1U << 8));
}
