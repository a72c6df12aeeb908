// SPDX-License-Identifier: Apache-2.0
// Devices write memory: when CPUs see it, and that a parked spin loop sees it as one that is simulated turn by turn.
#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

namespace {

void write_word(CpuFixture& f, std::size_t word, std::uint64_t value) {
    f.cpus->device_writes(&f.words[word], &value, sizeof value);
}

}  // namespace

TEST_CASE("a device's write is there for every action of that instant, and for none before", "[cpu][device-write]") {
    CpuFixture f;
    const std::int64_t offset = GENERATE(-1, 0, 1);
    std::uint64_t seen = 0;
    f.program[0] = [&] {
        f.load(0);  // holds the line: the next load is a hit
        f.work(1000);
        seen = f.load(0);
    };
    constexpr std::int64_t AT = (CpuFixture::MEMORY + 1000 + CpuFixture::HIT) * CpuFixture::CYCLE;
    f.at(AT + offset, [&] { write_word(f, 0, 7); });
    f.run();
    CHECK(seen == (offset <= 0 ? 7 : 0));
}

TEST_CASE("a device's write takes the line from its holders", "[cpu][device-write]") {
    CpuFixture f;
    std::int64_t cost = 0;
    f.program[0] = [&] {
        f.load(0);
        f.work(1000);
        const std::int64_t begin = f.now();
        f.load(0);
        cost = (f.now() - begin) / CpuFixture::CYCLE;
    };
    f.at(500 * CpuFixture::CYCLE, [&] { write_word(f, 0, 7); });
    f.run();
    CHECK(cost == CpuFixture::MEMORY);
}

TEST_CASE("a device reads what another device writes at the same instant", "[cpu][device-write]") {
    CpuFixture f;
    f.program[0] = [] {};
    std::uint64_t read = 0;
    f.at(1000, [&] {
        write_word(f, 2, 0x1122'3344'5566'7788);
        f.cpus->device_reads(&read, &f.words[2], 8);
        CHECK(read == 0x1122'3344'5566'7788);
        std::uint32_t half = 0xaabb'ccdd;
        f.cpus->device_writes(&f.words[2], &half, 4);
        f.cpus->device_reads(&read, &f.words[2], 8);
        CHECK(read == 0x1122'3344'aabb'ccdd);
    });
    f.run();
    CHECK(f.words[2] == 0x1122'3344'aabb'ccdd);
}

TEST_CASE("a loop that waits for a device's write ends at the same cycle, parked or turn by turn",
          "[cpu][device-write][spin]") {
    const std::int64_t at = 2'000'000'000 + GENERATE(range(0, 60)) * 1'000'003;
    std::vector<std::int64_t> ends;
    std::vector<std::uint64_t> parks;
    for (const bool parking : {true, false}) {
        Cpus::Options options;
        options.spin_parking = parking;
        CpuFixture f{1, options};
        f.program[0] = [&] {
            while (f.load(0) == 0) {
                f.cpus->relax(f.cpu(), static_cast<const char*>(__builtin_frame_address(0)));
            }
            ends.push_back(f.now());
        };
        f.at(at, [&] { write_word(f, 0, 1); });
        f.run();
        parks.push_back(f.cpus->parks());
    }
    REQUIRE(ends.size() == 2);
    CHECK(ends[0] == ends[1]);
    CHECK(parks[0] != 0);
    CHECK(parks[1] == 0);
}

TEST_CASE("INIT of a CPU does not undo a device's write", "[cpu][device-write]") {
    CpuFixture f;
    f.program[0] = [] {};
    f.at(1000, [&] {
        write_word(f, 3, 9);
        f.cpu().init({});
    });
    f.run();
    CHECK(f.words[3] == 9);
}
