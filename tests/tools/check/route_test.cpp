// SPDX-License-Identifier: Apache-2.0
#include "tests/tools/check/story.hpp"

using namespace hldsim;
using namespace hldsim::check;

namespace {

constexpr std::uint64_t DATA = Story::ROUTE - 4;
constexpr std::uint64_t ADDRESS = Story::ROUTE;
constexpr std::uint32_t NMI_DATA = 0x400;
constexpr std::uint32_t CPU1 = 0xfee0'1000;
constexpr std::uint32_t CPU2 = 0xfee0'2000;

/// A route in two halves; `held` is what the register holds, as the device tells it.
class Route : public Story {
public:
    Route() {
        half(10_us, 0, Context::Task, DATA, NMI_DATA);
        half(11_us, 0, Context::Task, ADDRESS, CPU1);
    }
    /// One half written; effective 100 ns later.
    Route& half(Duration at, unsigned cpu, Context context, std::uint64_t address, std::uint32_t value) {
        write(at, cpu, context, address, value);
        log.records.back().bytes = 4;
        const unsigned shift = address == ADDRESS ? 32 : 0;
        held_ = (held_ & ~(std::uint64_t{0xffff'ffff} << shift)) | std::uint64_t{value} << shift;
        return effective(at + 100_ns);
    }
    Route& whole(Duration at, unsigned cpu, std::uint32_t data, std::uint32_t address) {
        held_ = std::uint64_t{address} << 32 | data;
        write(at, cpu, Context::Task, DATA, held_);
        log.records.back().bytes = 8;
        return effective(at + 100_ns);
    }
    /// Matched, posted, taken by CPU 1 and claimed.
    Route& message(Duration at, std::uint32_t id) {
        match(at, id);
        hop(at, id, Hop::Posted);
        accept(at + 1_us, id, 1);
        take(at + 1100_ns, id, 1);
        fate(at + 1500_ns, What::NmiClaimed, 1);
        leave(at + 2_us, id, 1);
        return *this;
    }
    Names names_at_end() {
        ends(20_s);
        return names();
    }

private:
    Route& effective(Duration at) {
        trace::Record& made = record(at, What::RegisterEffect);
        made.address = DATA;
        made.value = held_;
        return *this;
    }
    std::uint64_t held_ = 0;
};

}  // namespace

TEST_CASE("a message with a route that was written as a pair", "[check][INV-route]") {
    Route story;
    CHECK(story.message(1_s, 1).names_at_end().empty());
}

TEST_CASE("a message between the two halves of a pair is torn", "[check][route-tear]") {
    const auto context = GENERATE(Context::Task, Context::Nmi);
    Route story;
    story.message(1_s, 1);
    story.half(5_s, 0, context, DATA, 0x31);  // fixed delivery, to another CPU
    story.message(5_s + 101_ns, 2);
    story.half(5_s + 3_us, 0, context, ADDRESS, CPU2);
    story.ends(20_s);
    REQUIRE(story.names() == Names{"route-tear"});
    const Finding finding = story.verdict().findings[0];
    CHECK(finding.invariants == Names{"INV-route"});
    CHECK(finding.token.id == 2);
    CHECK(finding.sentence ==
          "the message left with the new data and the old address: CPU 0's other write took effect 2.999 us after the "
          "match; CPU 1 took the NMI at 5.000001201 s, it was claimed");
    const auto writes = std::count_if(finding.evidence.begin(), finding.evidence.end(), [&](std::size_t record) {
        return story.log.records[record].what == What::DeviceWrite;
    });
    CHECK(writes == 2);
}

TEST_CASE("the boundaries of a torn route are the effects of its two writes", "[check][route-tear]") {
    const auto [at, torn] = GENERATE(table<Duration, bool>({{5_s + 100_ns - 1_fs, false},
                                                            {5_s + 100_ns + 1_fs, true},
                                                            {5_s + 3100_ns - 1_fs, true},
                                                            {5_s + 3100_ns + 1_fs, false}}));
    Route story;
    story.message(1_s, 1);
    story.half(5_s, 0, Context::Task, ADDRESS, CPU2);
    story.half(5_s + 3_us, 0, Context::Task, DATA, 0x431);
    std::stable_sort(story.log.records.begin(), story.log.records.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    story.message(at, 2);
    CHECK(story.names_at_end() == (torn ? Names{"route-tear"} : Names{}));
}

TEST_CASE("a pair is torn until its second half, although another CPU writes between, and by that half as well",
          "[check][INV-route]") {
    Route story;
    story.half(5_s, 0, Context::Nmi, ADDRESS, CPU2);
    const bool before = GENERATE(true, false);
    if (before) {
        story.message(5_s + 101_ns, 1);
    }
    story.half(5_s + 5_us, 2, Context::Nmi, ADDRESS, CPU1);
    story.half(5_s + 6_us, 2, Context::Nmi, DATA, NMI_DATA + 1);
    const bool between = !before && GENERATE(true, false);
    if (between) {
        story.message(5_s + 7_us, 1);
    }
    story.half(5_s + 19_us, 0, Context::Nmi, DATA, NMI_DATA + 2);
    if (!before && !between) {
        story.message(6_s, 1);
    }
    CHECK(story.names_at_end() == (before ? Names{"route-tear"} : between ? Names{} : Names{"INV-route"}));
}

TEST_CASE("a first half that changes nothing tears nothing", "[check][INV-route]") {
    Route story;
    story.half(5_s, 1, Context::Nmi, DATA, NMI_DATA);
    story.message(5_s + 101_ns, 1);
    story.half(5_s + 3_us, 1, Context::Nmi, ADDRESS, CPU2);
    CHECK(story.names_at_end().empty());
}

TEST_CASE("half a route, written alone over a whole one, is a pair", "[check][INV-route]") {
    Route story;
    story.half(5_s, 1, Context::Nmi, ADDRESS, CPU2);
    story.message(6_s, 1);
    story.half(8_s, 2, Context::Nmi, ADDRESS, CPU1);
    story.message(9_s, 2);
    CHECK(story.names_at_end().empty());
}

TEST_CASE("two halves that were not written in one go are no pair", "[check][INV-route]") {
    Route story;
    story.half(5_s, 1, Context::Task, DATA, 0x31);
    SECTION("another hotplug step") { story.step(5_s + 1_us, 1, false); }
    SECTION("another task") { story.task(5_s + 1_us, What::TaskEnded, 1, 1); }
    story.message(5_s + 2_us, 1);
    story.half(5_s + 9_us, 1, Context::Task, ADDRESS, CPU2);
    CHECK(story.names_at_end().empty());
}

TEST_CASE("two halves of an NMI and of one that nests in it are no pair", "[check][INV-route]") {
    const auto depth = GENERATE(std::uint8_t{1}, std::uint8_t{2});
    Route story;
    story.half(5_s, 1, Context::Nmi, DATA, NMI_DATA + 1);
    story.match(5_s + 1_us, 1).hop(5_s + 1_us, 1, Hop::Posted);
    story.half(5_s + 2_us, 1, Context::Nmi, ADDRESS, CPU2);
    story.log.records[story.log.records.size() - 2].depth = depth;
    story.accept(5_s + 3_us, 1, 3).take(5_s + 4_us, 1, 3).fate(5_s + 5_us, What::NmiClaimed, 3);
    story.leave(5_s + 6_us, 1, 3);
    CHECK(story.names_at_end() == (depth == 1 ? Names{"route-tear"} : Names{}));
}

TEST_CASE("two halves of two CPUs are no pair", "[check][INV-route]") {
    Route story;
    story.half(5_s, 1, Context::Task, DATA, 0x31);
    story.message(5_s + 2_us, 1);
    story.half(5_s + 9_us, 2, Context::Task, ADDRESS, CPU2);
    CHECK(story.names_at_end().empty());
}

TEST_CASE("both halves in one write are never torn", "[check][INV-route]") {
    Route story;
    story.whole(5_s, 0, 0x31, CPU2);
    story.message(5_s + 101_ns, 1);
    story.half(5_s + 3_us, 0, Context::Task, ADDRESS, CPU1);
    story.message(5_s + 4_us, 2);
    CHECK(story.names_at_end().empty());
}

TEST_CASE("a message with a route of which one half was never written", "[check][INV-route]") {
    Story story;
    story.write(1_s, 0, Context::Task, DATA, NMI_DATA);
    story.log.records.back().bytes = 4;
    story.effect(1_s + 1_us, DATA, NMI_DATA);
    story.match(2_s, 1);
    story.hop(2_s, 1, Hop::Posted);
    story.accept(2_s + 1_us, 1, 0);
    story.take(2_s + 1_us, 1, 0);
    story.fate(2_s + 2_us, What::NmiClaimed, 0);
    story.leave(2_s + 3_us, 1, 0);
    story.ends(3_s);
    REQUIRE(story.names() == Names{"INV-route"});
    CHECK(story.verdict().findings[0].sentence.find("of which software had written one half") != std::string::npos);
}

TEST_CASE("what leaves the timer by wire is no message of its own and has no route", "[check][INV-route]") {
    Story story;
    for (std::uint32_t id = 1; id <= 3; ++id) {
        story.match(2_s * id, id);
        story.log.records[story.log.records.size() - 2].flag = true;
        story.hop(2_s * id + 1_us, id, Hop::Posted);
        story.accept(2_s * id + 2_us, id, 0);
        story.take(2_s * id + 2_us, id, 0);
        story.fate(2_s * id + 3_us, What::NmiClaimed, 0);
        story.leave(2_s * id + 4_us, id, 0);
    }
    story.ends(10_s);
    CHECK(story.names().empty());
}
