// SPDX-License-Identifier: Apache-2.0
// Store buffers, cache lines and the costs of accesses.
#include <cstring>
#include <set>

#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

namespace {
constexpr std::size_t OTHER_LINE = 8;
}  // namespace

TEST_CASE("a load costs memory first, then a hit; a store its issue", "[cost]") {
    CpuFixture f;
    std::vector<std::int64_t> at;
    f.program[0] = [&] {
        f.load(0);
        at.push_back(f.now());
        f.load(1);  // the same line
        at.push_back(f.now());
        f.store(OTHER_LINE, 1);
        at.push_back(f.now());
    };
    f.run();
    const std::int64_t first = CpuFixture::MEMORY * CYCLE;
    CHECK(at == std::vector<std::int64_t>{first, first + CpuFixture::HIT * CYCLE, first + 2 * CpuFixture::HIT * CYCLE});
}

TEST_CASE("an uncached store waits for the stores before it, then for its gap", "[cost]") {
    CpuFixture f;
    std::int64_t after = 0;
    f.program[0] = [&] {
        f.store(0, 1);
        f.store(OTHER_LINE, 1);
        f.cpus->mmio_write(f.cpu(), 0x1000, Size::B4, 7);
        after = f.now();
    };
    f.run();
    REQUIRE(f.posted.size() == 1);
    // The first store issues at 2 and drains 29 later; the second follows it.
    CHECK(f.posted[0].at == (CpuFixture::HIT + 2 * CpuFixture::DRAIN) * CYCLE);
    CHECK(after == f.posted[0].at + CpuFixture::GAP * CYCLE);
}

TEST_CASE("a store becomes visible when it drains, not before", "[TSO]") {
    for (const std::int64_t late : {-1, 1}) {
        CpuFixture f{2};
        std::uint64_t seen = 9;
        f.program[0] = [&] {
            f.work(100'000);
            f.store(0, 5);
        };
        const std::int64_t drained = 100'000 + CpuFixture::HIT + CpuFixture::DRAIN;
        f.program[1] = [&] {
            f.load(0, 1);
            f.delay(drained + late - CpuFixture::HIT - f.now(1) / CYCLE, 1);
            seen = f.load(0, 1);
        };
        f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
        f.run();
        CHECK(seen == (late < 0 ? 0 : 5));
    }
}

TEST_CASE("a drain comes before a CPU's access at the same instant", "[TSO]") {
    CpuFixture f{2};
    std::uint64_t seen = 9;
    f.program[0] = [&] {
        f.work(100'000);
        f.store(0, 5);
        f.work(1);
    };
    const std::int64_t drained = 100'000 + CpuFixture::HIT + CpuFixture::DRAIN;
    f.program[1] = [&] {
        f.load(0, 1);
        f.delay(drained - CpuFixture::HIT - f.now(1) / CYCLE, 1);
        seen = f.load(0, 1);
    };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.run();
    CHECK(seen == 5);
}

TEST_CASE("whoever spins on any line of a bulk store, or on the second of a store that crosses, is woken", "[spin]") {
    for (const bool bulk : {false, true}) {
        CpuFixture f{2};
        bool left = false;
        f.program[0] = [&] {
            f.delay(100'000);
            auto* const bytes = reinterpret_cast<char*>(f.words.data());
            char* const at = bulk ? bytes : bytes + 16 * 8 - 1;
            const unsigned size = bulk ? 256 : 8;
            f.cpus->access(f.cpu(), bulk ? AccessKind::Bulk : AccessKind::Store, at, size, true);
            std::memset(at, 1, size);
            f.work(1);
        };
        f.program[1] = [&] {
            while (f.load(16, 1) == 0) {
                f.cpus->relax(f.cpu(1), static_cast<const char*>(__builtin_frame_address(0)));
            }
            left = true;
        };
        f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
        f.run();
        CHECK(f.cpus->parks() > 0);
        CHECK(left);
    }
}

TEST_CASE("a store that crosses into a line ends MWAIT there, and one that ends before it does not", "[CPU-8]") {
    const std::ptrdiff_t before = GENERATE(7, 8);
    CpuFixture f{2};
    bool left = false;
    f.program[0] = [&] {
        f.cpus->monitor(f.cpu(), &f.words[8]);
        f.cpus->mwait(f.cpu(), {0, 0});
        left = true;
    };
    f.program[1] = [&] {
        f.delay(10'000, 1);
        char* const at = reinterpret_cast<char*>(&f.words[8]) - before;
        f.cpus->access(f.cpu(1), AccessKind::Store, at, 8, true);
        std::memset(at, 1, 8);
        f.work(1, 1);
    };
    f.at(0, [&] { f.cpu(1).sipi(1, {}); });
    f.run();
    CHECK(left == (before == 7));
}

TEST_CASE("a full buffer makes the next store wait for the oldest", "[TSO]") {
    CpuFixture f;
    std::int64_t issued = 0;
    f.program[0] = [&] {
        for (unsigned k = 0; k < StoreBuffer::CAPACITY; ++k) {
            f.store(k % 8, k);
        }
        const unsigned before = f.cpu().stores.count();
        CHECK(before > 1);
        for (unsigned k = 0; k < 4 * StoreBuffer::CAPACITY; ++k) {
            f.store(k % 64, k);
            CHECK(f.cpu().stores.count() <= StoreBuffer::CAPACITY);
        }
        issued = f.now();
    };
    f.run();
    CHECK(issued > 0);
    CHECK(f.words[(4 * StoreBuffer::CAPACITY - 1) % 64] == 4 * StoreBuffer::CAPACITY - 1);
}

TEST_CASE("a load that a store covers in part waits for the buffer, then sees both", "[TSO]") {
    CpuFixture f{2};
    std::uint64_t seen = 0;
    f.program[0] = [&] {
        f.delay(100'000);
        f.load(0);  // both hold the line: a load is cheap, and a drain is not
        f.store(0, 0x1111'1111'1111'1111);
        auto* const bytes = reinterpret_cast<std::uint8_t*>(f.words.data());
        f.cpus->access(f.cpu(), AccessKind::Store, bytes + 2, 1, true);
        bytes[2] = 0x22;
        seen = f.load(0);
        CHECK(f.cpu().stores.empty());
    };
    f.program[1] = [&] { f.load(0, 1); };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.run();
    CHECK(seen == 0x1111'1111'1122'1111);
}

TEST_CASE("a parked spin loop ends when the simulated one does, wherever in a turn the store falls", "[spin]") {
    const auto ends = [](bool parking, unsigned spinner, std::uint64_t offset) {
        Cpus::Options options;
        options.spin_parking = parking;
        CpuFixture f{2, options};
        std::int64_t end = 0;
        const auto spin = [&] {
            while (f.load(16, spinner) == 0) {
                f.cpus->relax(f.cpu(spinner), static_cast<const char*>(__builtin_frame_address(0)));
            }
            end = f.now(spinner);
        };
        const unsigned waker = 1 - spinner;
        const auto wake = [&] {
            f.load(16, waker);
            f.delay(50'000, waker);
            f.work(offset, waker);
            f.locked_store(16, 1, waker);
        };
        f.program[spinner] = spin;
        f.program[waker] = wake;
        f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
        f.run();
        CHECK((f.cpus->parks() > 0) == parking);
        return end;
    };
    for (const unsigned spinner : {0U, 1U}) {
        for (std::uint64_t offset = 1; offset <= CpuFixture::PAUSE + CpuFixture::HIT; ++offset) {
            INFO("CPU " << spinner << " spins, " << offset);
            CHECK(ends(true, spinner, offset) == ends(false, spinner, offset));
        }
    }
}

TEST_CASE("a spin loop of locked operations that change nothing parks, and a load of another CPU lengthens a turn",
          "[spin]") {
    const auto ends = [](bool parking, unsigned spinner, std::uint64_t offset, bool looks, bool parked) {
        Cpus::Options options;
        options.spin_parking = parking;
        CpuFixture f{2, options};
        std::int64_t end = 0;
        f.words[16] = 1;
        const auto test_and_set = [&] {
            f.cpus->access(f.cpu(spinner), AccessKind::Rmw, &f.words[16], 8, true);
            return std::exchange(f.words[16], 1);
        };
        const auto spin = [&] {
            test_and_set();
            f.load(0, spinner);  // both lines are there
            f.delay((parked ? 10'000 : 50'000) - f.now(spinner) / CYCLE, spinner);
            while (test_and_set() != 0) {
                f.load(0, spinner);
                f.cpus->relax(f.cpu(spinner), static_cast<const char*>(__builtin_frame_address(0)));
            }
            end = f.now(spinner);
        };
        const unsigned waker = 1 - spinner;
        const auto wake = [&] {
            f.delay(50'000 - f.now(waker) / CYCLE, waker);
            f.work(offset, waker);
            if (looks) {
                f.load(16, waker);
            }
            f.delay(30'000, waker);
            f.locked_store(16, 0, waker);
        };
        f.program[spinner] = spin;
        f.program[waker] = wake;
        f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(1, {}); });
        f.run();
        CHECK((f.cpus->parks() > (looks && parked ? 1 : 0)) == parking);
        return end;
    };
    bool load_delays = false;
    for (const unsigned spinner : {0U, 1U}) {
        for (std::uint64_t offset = 1; offset <= 6 * CpuFixture::PAUSE; ++offset) {
            INFO("CPU " << spinner << " spins, " << offset);
            for (const bool parked : {false, true}) {  // when the other one loads
                CHECK(ends(true, spinner, offset, true, parked) == ends(false, spinner, offset, true, parked));
            }
            const std::int64_t undisturbed = ends(true, spinner, offset, false, true);
            CHECK(undisturbed == ends(false, spinner, offset, false, true));
            load_delays = load_delays || ends(true, spinner, offset, true, true) != undisturbed;
        }
    }
    CHECK(load_delays);
}

TEST_CASE("a locked operation that changes the value, if only for a moment, keeps a spin loop from parking", "[spin]") {
    CpuFixture f{1};
    unsigned turns = 50;  // not on the CPU's stack: a loop with a counter there parks for no locked operation
    f.program[0] = [&] {
        while (turns-- != 0) {
            for (const std::uint64_t change : {std::uint64_t{1}, ~std::uint64_t{0}}) {
                f.cpus->access(f.cpu(), AccessKind::Rmw, &f.words[16], 8, true);
                f.words[16] += change;
            }
            f.cpus->relax(f.cpu(), static_cast<const char*>(__builtin_frame_address(0)));
        }
    };
    f.run();
    CHECK(f.cpus->parks() == 0);
}

TEST_CASE("a CPU sees its own store in the buffer, others see memory", "[TSO]") {
    StoreBuffer stores;
    std::uint32_t word = 1;
    CHECK(stores.value_seen(&word, 4) == 1);
    CHECK(stores.cover(&word, 4) == StoreBuffer::Cover::None);
    stores.announce(&word, 4, true, 0);
    word = 2;
    CHECK(stores.settle());
    CHECK(word == 1);
    CHECK(stores.value_seen(&word, 4) == 2);
    CHECK(stores.cover(&word, 4) == StoreBuffer::Cover::Whole);
    CHECK(stores.cover(reinterpret_cast<char*>(&word) + 1, 2) == StoreBuffer::Cover::Whole);
    CHECK(stores.cover(reinterpret_cast<char*>(&word) + 3, 2) == StoreBuffer::Cover::Partial);
    CHECK(stores.cover(&word + 1, 4) == StoreBuffer::Cover::None);
    stores.patch_load(&word, 4);
    CHECK(word == 2);
    CHECK_FALSE(stores.settle());  // the patch is taken out, no store has joined
    CHECK(word == 1);
    CHECK(stores.head().bytes[0] == 2);
}

TEST_CASE("a line is held by readers together and by a writer alone", "[lines]") {
    Lines lines;
    lines.configure(130, 2, 4);
    CHECK(lines.reach(1, 0) == Reach::Memory);
    lines.share(1, 0);
    CHECK(lines.owns(1, 0));
    lines.share(1, 129);
    CHECK_FALSE(lines.owns(1, 0));
    CHECK(lines.reach(1, 1) == Reach::SamePackage);
    lines.own(1, 129);
    CHECK_FALSE(lines.holds(1, 0));
    CHECK(lines.reach(1, 0) == Reach::OtherPackage);
    CHECK(lines.reach(1, 128) == Reach::SamePackage);
    CHECK(lines.touched() == std::vector<unsigned>{1});
    lines.reset();
    CHECK_FALSE(lines.holds(1, 129));
    CHECK(lines.touched().empty());
}

TEST_CASE("variables begin on lines of their own, in the order of their names", "[lines]") {
    alignas(64) static std::array<char, 256> image{};
    const auto begin = reinterpret_cast<std::uintptr_t>(image.data());
    AddressMap one;
    AddressMap other;
    one.add_image(begin, 256, {{0, 8, 111}, {8, 8, 222}});
    other.add_image(begin, 256, {{8, 8, 111}, {0, 8, 222}});
    CHECK(one.locate(image.data())->line != one.locate(image.data() + 8)->line);
    CHECK(one.locate(image.data() + 3)->line == one.locate(image.data())->line);
    CHECK(one.locate(image.data() + 3)->identity == 114);
    CHECK(other.locate(image.data() + 8)->line == one.locate(image.data())->line);
    CHECK(other.locate(image.data() + 8)->identity == one.locate(image.data())->identity);
    CHECK_FALSE(one.locate(image.data() + 256));
}

TEST_CASE("per-CPU copies of two objects lie between each other, each with its own lines", "[lines]") {
    static std::array<char, 16'384> memory{};
    const auto begin = reinterpret_cast<std::uintptr_t>(memory.data());
    AddressMap map;
    map.add_per_cpu(begin, 64, {{0, 8, 1}}, 0, 4096, 4);
    map.add_per_cpu(begin + 1024, 64, {{0, 8, 2}}, 0, 4096, 4);
    std::set<unsigned> lines;
    std::set<std::uint64_t> identities;
    for (std::size_t cpu = 0; cpu < 4; ++cpu) {
        for (const std::size_t object : {0, 1024}) {
            const auto found = map.locate(memory.data() + cpu * 4096 + object);
            REQUIRE(found);
            lines.insert(found->line);
            identities.insert(found->identity);
        }
    }
    CHECK(lines.size() == 8);
    CHECK(identities.size() == 8);
    CHECK_FALSE(map.locate(memory.data() + 512));
}
