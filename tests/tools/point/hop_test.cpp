// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "tools/point/drive.hpp"

using namespace hldsim;
using namespace hldsim::point;
using namespace hldsim::point::testing;

namespace {

scenario::Point nmi(unsigned cpu, scenario::Hop hop, scenario::NmiSource source = scenario::NmiSource::Hpet) {
    scenario::Point p;
    p.form = Form::Nmi;
    p.cpu.value = CpuNumber{cpu};
    p.hop = hop;
    p.source = source;
    return p;
}

constexpr CpuNumber NOBODY{HopReached::NO_CPU};
constexpr Token FIRST{1, Source::Hpet};
constexpr Token SECOND{2, Source::Hpet};
constexpr Token IPI{3, Source::Ipi};

Instant at_ns(std::int64_t n) { return {n * 1'000'000}; }

}  // namespace

TEST_CASE("an NMI is at a hop when a token of its source gets there on that CPU", "[point]") {
    Drive drive{"gcc"};
    drive.watch({nmi(1, scenario::Hop::Accepted), nmi(1, scenario::Hop::Taken), nmi(1, scenario::Hop::Returned)});
    drive.watcher().on_hop({FIRST, Hop::Accepted, at_ns(10), CpuNumber{2}});
    drive.watcher().on_hop({IPI, Hop::Accepted, at_ns(11), CpuNumber{1}});
    CHECK(drive.recorded.hits.empty());
    drive.watcher().on_hop({SECOND, Hop::Accepted, at_ns(12), CpuNumber{1}});
    drive.watcher().on_hop({SECOND, Hop::Taken, at_ns(13), CpuNumber{1}});
    drive.watcher().on_hop({SECOND, Hop::Returned, at_ns(14), CpuNumber{1}});
    REQUIRE(drive.recorded.hits.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(drive.recorded.hits[i].point == i);
        CHECK(drive.recorded.hits[i].at == at_ns(12 + static_cast<std::int64_t>(i)));
        CHECK(drive.recorded.hits[i].pc == nullptr);
    }
}

TEST_CASE("a match counts for the CPU that the message turns out to be for, at its own instant", "[point]") {
    Drive drive{"gcc"};
    drive.watch({nmi(1, scenario::Hop::Matched), nmi(1, scenario::Hop::Posted)});
    drive.watcher().on_hop({FIRST, Hop::Matched, at_ns(10), NOBODY});
    drive.watcher().on_hop({FIRST, Hop::Posted, at_ns(20), NOBODY});
    drive.watcher().on_hop({SECOND, Hop::Matched, at_ns(21), NOBODY});
    drive.run(1, "probe_move", 1);  // accesses of CPU 1 from 2 ns on
    drive.watcher().on_hop({FIRST, Hop::Accepted, at_ns(30), CpuNumber{2}});
    CHECK(drive.recorded.hits.empty());
    drive.watcher().on_hop({SECOND, Hop::Accepted, at_ns(31), CpuNumber{1}});
    REQUIRE(drive.recorded.hits.size() == 1);
    CHECK(drive.recorded.hits[0].point == 0);
    CHECK(drive.recorded.hits[0].at == at_ns(21));
    CHECK(drive.recorded.hits[0].previous_access == Instant{0});
    REQUIRE(drive.recorded.next_of.size() == 1);
    CHECK(drive.recorded.next_of[0].second == at_ns(2));
    drive.watcher().on_hop({SECOND, Hop::Accepted, at_ns(40), CpuNumber{1}});
    CHECK(drive.recorded.hits.size() == 1);
}

TEST_CASE("an IPI counts only when it is taken as an NMI", "[point]") {
    Drive drive{"gcc"};
    drive.watch({nmi(1, scenario::Hop::Accepted, scenario::NmiSource::Ipi),
                 nmi(1, scenario::Hop::Taken, scenario::NmiSource::Ipi)});
    drive.watcher().on_hop({IPI, Hop::Accepted, at_ns(10), CpuNumber{1}});
    drive.watcher().on_hop({IPI, Hop::Taken, at_ns(11), CpuNumber{1}}, false);
    CHECK(drive.recorded.hits.empty());
    drive.watcher().on_hop({IPI, Hop::Taken, at_ns(12), CpuNumber{1}}, true);
    REQUIRE(drive.recorded.hits.size() == 2);
    CHECK(drive.recorded.hits[0].point + drive.recorded.hits[1].point == 1);
}

TEST_CASE("a token that never arrives is forgotten by the seventeenth after it", "[point]") {
    Drive drive{"gcc"};
    drive.watch({nmi(1, scenario::Hop::Matched)});
    for (std::uint32_t id = 1; id <= 17; ++id) {
        drive.watcher().on_hop({{id, Source::Hpet}, Hop::Matched, at_ns(id), NOBODY});
    }
    drive.watcher().on_hop({{1, Source::Hpet}, Hop::Accepted, at_ns(30), CpuNumber{1}});
    CHECK(drive.recorded.hits.empty());
    drive.watcher().on_hop({{2, Source::Hpet}, Hop::Accepted, at_ns(31), CpuNumber{1}});
    CHECK(drive.recorded.hits.size() == 1);
}
