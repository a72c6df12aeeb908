// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/value/span.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim;
using value::exact_text;
using value::parse_span;
using value::readable_text;
using value::Span;

namespace {

std::int64_t fs(const char* text) {
    const Span span = parse_span(text);
    REQUIRE(span.unit == Span::Unit::Time);
    return span.amount;
}

}  // namespace

TEST_CASE("each unit is a whole number of femtoseconds", "[product-3.1]") {
    CHECK(fs("1 fs") == 1);
    CHECK(fs("1 ps") == 1'000);
    CHECK(fs("1 ns") == 1'000'000);
    CHECK(fs("1 us") == 1'000'000'000);
    CHECK(fs("1 ms") == 1'000'000'000'000);
    CHECK(fs("1 s") == FS_PER_S);
    CHECK(fs("1 min") == 60 * FS_PER_S);
    CHECK(fs("1 h") == 3600 * FS_PER_S);
}

TEST_CASE("decimals are exact, to the last femtosecond", "[product-3.1]") {
    CHECK(fs("2.5 s") == 2'500'000'000'000'000);
    CHECK(fs("0.1 s") == 100'000'000'000'000);
    CHECK(fs("9007199254.740993 ns") == 9'007'199'254'740'993);  // 2^53 + 1: no double holds it
    CHECK(fs("0.000000000000001 s") == 1);
    CHECK_THROWS_AS(parse_span("0.0000000000000005 s"), value::Problem);
    CHECK_THROWS_AS(parse_span("0.5 fs"), value::Problem);
}

TEST_CASE("the blank between number and unit is optional", "[product-3.1]") {
    CHECK(fs("7515764091333ps") == 7'515'764'091'333'000);
    CHECK(fs("5   s") == 5 * FS_PER_S);
    CHECK(fs("-2 us") == -2'000'000'000);
}

TEST_CASE("a bare number has no unit, except 0", "[product-3.1]") {
    CHECK(fs("0") == 0);
    CHECK(fs("0.0") == 0);
    CHECK_THROWS_WITH(parse_span("5"), "'5' has no unit");
    CHECK_THROWS_AS(parse_span(""), value::Problem);
    CHECK_THROWS_AS(parse_span("s"), value::Problem);
    CHECK_THROWS_AS(parse_span("."), value::Problem);
    CHECK_THROWS_AS(parse_span("5. s"), value::Problem);
    CHECK_THROWS_AS(parse_span("5,0 s"), value::Problem);
}

TEST_CASE("the longest duration fits, and one femtosecond more does not", "[product-3.1]") {
    CHECK(fs("9223372036854775.807 ps") == 9'223'372'036'854'775'807);
    CHECK_THROWS_WITH(parse_span("9223372036854775.808 ps"), Catch::Contains("out of range"));
    CHECK_THROWS_WITH(parse_span("10000000000000000000 h"), Catch::Contains("too many digits"));
    CHECK_THROWS_WITH(parse_span("999999999999999999 h"), Catch::Contains("out of range"));
}

TEST_CASE("cycles and ticks are whole, and get their length from the clocks", "[product-3.1]") {
    const Hertz core{3'700'000'000, 1};
    const Duration tick{41'666'667};
    CHECK(parse_span("1 cycles").on(core, tick).fs == 270'271);  // 270270.27 rounded up
    CHECK(parse_span("37 cycles").on(core, tick).fs == 10'000'000);
    CHECK(parse_span("-37 cycles").on(core, tick).fs == -10'000'000);
    CHECK(parse_span("3 ticks").on(core, tick).fs == 125'000'001);
    CHECK_THROWS_AS(parse_span("0.5 cycles"), value::Problem);
    CHECK(parse_span("2.0 cycles").amount == 2);
}

TEST_CASE("a unit that people write otherwise is suggested", "[product-3]") {
    const auto suggestion = [](const char* text) {
        try {
            parse_span(text);
        } catch (const value::Problem& problem) {
            return problem.suggestion;
        }
        return std::string{"none thrown"};
    };
    CHECK(suggestion("5 sec") == "s");
    CHECK(suggestion("5 \xc2\xb5s") == "us");
    CHECK(suggestion("5 mS") == "ms");
    CHECK(suggestion("5 cylces") == "cycles");
    CHECK(suggestion("5 parsecs") == "");
}

TEST_CASE("the shortest exact text reads back as the same duration", "[product-3.1]") {
    CHECK(exact_text(Duration{0}) == "0 s");
    CHECK(exact_text(Duration{5 * FS_PER_S}) == "5 s");
    CHECK(exact_text(Duration{7'515'764'091'333'000}) == "7515764091333 ps");
    CHECK(exact_text(Duration{-1}) == "-1 fs");
    CHECK(exact_text(Span{Span::Unit::Cycles, 3}) == "3 cycles");
    for (const std::int64_t amount : {1LL, 999LL, 1000LL, 123'456'789'000'000LL, 9'223'372'036'854'775'807LL}) {
        CHECK(fs(exact_text(Duration{amount}).c_str()) == amount);
    }
}

TEST_CASE("a duration to read has the largest unit that leaves a digit before the point", "[product-4]") {
    CHECK(readable_text(Duration{4'000'000}) == "4 ns");
    CHECK(readable_text(Duration{162'600'000}) == "162.6 ns");
    CHECK(readable_text(Duration{5 * FS_PER_S / 2}) == "2.5 s");
    CHECK(readable_text(Duration{999'999'999}) == "999.999999 ns");
    CHECK(readable_text(Duration{1'000'000'000}) == "1 us");
    CHECK(readable_text(Duration{}) == "0 ns");
    CHECK(readable_text(Duration{-1'500}) == "-1.5 ps");
}
