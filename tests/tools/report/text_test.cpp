// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/text.hpp"

#include <algorithm>
#include <sstream>

#include "detector/shim/abi.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/report/outcomes.hpp"
#include "tools/harness/report/replay.hpp"
#include "tools/harness/report/report.hpp"

namespace hldsim::report {
namespace {

TEST_CASE("A time is rounded half away from zero to its last decimal", "[report]") {
    CHECK(number({49'999}, NANOSECONDS) == "0.0");
    CHECK(number({50'000}, NANOSECONDS) == "0.1");
    CHECK(number({-50'000}, NANOSECONDS) == "-0.1");
    CHECK(number({-49'999}, NANOSECONDS) == "0.0");
    CHECK(number({999'949'999}, NANOSECONDS) == "999.9");
    CHECK(number({999'950'000}, NANOSECONDS) == "1000.0");
}

TEST_CASE("A time beyond 2^53 fs keeps every digit", "[report]") {
    CHECK(exact_seconds(Instant{9'007'199'254'740'993}) == "9.007199254740993");
    CHECK(exact_seconds(Instant{9'223'372'036'854'775'807}) == "9223.372036854775807");
    CHECK(exact_seconds(Instant{1}) == "0.000000000000001");
    CHECK(seconds(Instant{7'515'804'211'499'999}) == "7.515804211 s");
}

TEST_CASE("A line says what was found as expected, and how many more", "[report]") {
    Made made;
    made.outcome.scenario.file = "a.yaml";
    made.outcome.as_expected = true;
    CHECK(line(made.outcome) == "ok    a.yaml   nothing found, as expected");
    made.find("rotate-to-dying", 2, trace::Life::Up, true);
    CHECK(line(made.outcome) == "ok    a.yaml   found as expected: rotate-to-dying");
    made.find("rotate-to-dying", 2, trace::Life::Dead, true);
    CHECK(line(made.outcome) == "ok    a.yaml   found as expected: rotate-to-dying");
    made.find("rotation-chain-break", 2, trace::Life::Dead, true);
    made.find("nmi-never-acked", 2, trace::Life::Dead, true);
    CHECK(line(made.outcome) == "ok    a.yaml   found as expected: rotate-to-dying +2");
    CHECK(line(made.outcome, {}, 8) == "ok    a.yaml     found as expected: rotate-to-dying +2");
    made.outcome.no_effect.push_back({2, 1, 1, "CPU 1 is up already"});
    CHECK(line(made.outcome) == "ok    a.yaml   found as expected: rotate-to-dying +2; event 2 had no effect");
    made.outcome.no_effect.push_back({3, 1, 1, "CPU 1 is up already"});
    CHECK(line(made.outcome) == "ok    a.yaml   found as expected: rotate-to-dying +2; 2 events had no effect");
}

TEST_CASE("A window that was bisected says how narrow another one may be that was missed", "[report]") {
    run::Outcome outcome = sample().front();
    outcome.stats["window.step_cycles"] = 1'234;
    CHECK(windows({outcome}).find("    basis   grid\n") != std::string::npos);
    outcome.windows.front().basis = "bisect";
    CHECK(windows({outcome}).find("bisect: a window narrower than the step, 1,234 cycles, may be missed\n") !=
          std::string::npos);
}

TEST_CASE("Where boot does not end, no event can be moved and no window is spoken of", "[report]") {
    Made made;
    made.find("INV-progress", 0, trace::Life::Up).evidence = {made.add(trace::What::TaskBegun, 0, 0)};
    made.outcome.log.records.back().value = HLD_TASK_BOOT;
    CHECK(details(made.outcome).find("how wide") == std::string::npos);
    made.outcome.log.records[made.add(trace::What::TaskEnded, 10, 0)].value = HLD_TASK_BOOT;
    CHECK(details(made.outcome).find("how wide: hldsim window") != std::string::npos);
}

TEST_CASE("A line of a run that failed, or could not be made, says so", "[report]") {
    Made made;
    made.outcome.scenario.file = "a.yaml";
    CHECK(line(made.outcome) == "FAIL  a.yaml");
    Style style;
    style.color = true;
    CHECK(line(made.outcome, style) == "\x1b[1;31mFAIL\x1b[0m  a.yaml");
    made.outcome.error = "no such object\nmore";
    CHECK(line(made.outcome) == "ERROR a.yaml   no such object");
}

TEST_CASE("A line of an aim that cannot land tells on how many runs that rests", "[report]") {
    CHECK(line(sample()[1]) ==
          "ok    scenarios/claims/stop-before-mask/drain-ipi.yaml#events.1.at=7s   "
          "cannot happen, as expected: 40,003 runs; event 1 had no effect");
}

TEST_CASE("A line tells what the scenario is about before what it only allows", "[report]") {
    Made made;
    made.outcome.scenario.file = "a.yaml";
    made.outcome.as_expected = true;
    made.find("nmi-own-lock", 2, trace::Life::Up, true);
    made.find("nmi-never-acked", 2, trace::Life::Up, true);
    made.outcome.finding_demanded = {false, true};
    CHECK(line(made.outcome) == "ok    a.yaml   found as expected: nmi-never-acked +1");
    CHECK(first_shown(made.outcome) == 1);
    made.outcome.scenario.expect.ends = scenario::Ending::Deadlock;
    made.outcome.scenario.expect.landing_impossible = true;
    made.outcome.landings = {{1, false, {}, 1, ""}};
    CHECK(line(made.outcome) ==
          "ok    a.yaml   cannot happen, as expected: 1 run; deadlock, as expected; found as expected: nmi-never-acked "
          "+1");
}

TEST_CASE("A name with what a terminal would obey is shown in one line and can be given to a shell", "[report]") {
    Made made;
    made.outcome.scenario.file = "a\x1b[2J\n.yaml";
    made.outcome.as_expected = true;
    CHECK(line(made.outcome) == "ok    a\\x1b[2J\\x0a.yaml   nothing found, as expected");
    CHECK(shell("it's \\ \x1b") == "$'it\\'s \\\\ \\x1b'");
}

TEST_CASE("What was not watched is told with what it would have taken", "[report][product-6]") {
    Made made;
    made.outcome.scenario.file = "a.yaml";
    made.outcome.as_expected = true;
    CHECK(not_watched(made.outcome).empty());
    CHECK(details(made.outcome).find("not watched") == std::string::npos);
    CHECK(junit({made.outcome}).find("<system-out>") == std::string::npos);

    made.outcome.unwatched = {{"INV-quiesce", "drained"}};
    const std::string one = "  not watched: INV-quiesce (no description says drained)\n";
    CHECK(not_watched(made.outcome) == one);
    CHECK(junit({made.outcome}).find("<system-out>" + one + "</system-out>") != std::string::npos);
    made.outcome.as_expected = false;
    CHECK(details(made.outcome).find(one) != std::string::npos);

    made.outcome.unwatched = {{"INV-mmio-budget", "budget"},
                              {"INV-target", "monitored"},
                              {"INV-cover", "monitored"},
                              {"INV-complete", "monitored"},
                              {"INV-quiesce", "drained"}};
    CHECK(not_watched(made.outcome) ==
          "  not watched: INV-mmio-budget, INV-target, INV-cover, INV-complete, INV-quiesce (no description says\n"
          "               budget, monitored or drained)\n");

    made.outcome.unwatched = {{"INV-mmio-budget", "budget"},
                              {"INV-quiesce", "drained", "no function 'drain' in the object"}};
    CHECK(not_watched(made.outcome) ==
          "  not watched: INV-mmio-budget (no description says budget); INV-quiesce (no function 'drain' in the "
          "object)\n");
}

TEST_CASE("An event that had no effect is told with its number and the reason", "[report][product-4]") {
    Made made;
    CHECK(no_effect(made.outcome).empty());
    made.outcome.no_effect = {{1, 1, 1, "CPU 2 is down already, and the kernel answers 0"}, {2, 39, 40, "why"}};
    const std::string told =
        "  event 1 (echo 0 > cpu2/online) had no effect: CPU 2 is down already, and the kernel answers 0\n"
        "  39 of the 40 acts of event 2 had no effect: why\n";
    CHECK(no_effect(made.outcome) == told);
    CHECK(details(made.outcome).find(told) != std::string::npos);
    made.outcome.as_expected = true;
    CHECK(junit({made.outcome}).find("event 1 (echo 0 &gt; cpu2/online) had no effect") != std::string::npos);
}

TEST_CASE("Long words of a run are broken into lines of a mail", "[report][product-4]") {
    Made made = late_nmi();
    std::string words;
    for (int i = 0; i < 40; ++i) {
        words += " word" + std::to_string(i);
    }
    made.outcome.unmet = {"a bad access ended the run:" + words, "prints:" + words + "    no line has it" + words};
    made.outcome.scenario.title = "Title" + words;
    made.outcome.end = cpu::End::BadAccess;
    made.outcome.end_reason = "in" + words;
    check::Finding& finding = made.outcome.findings.front();
    const std::size_t lost = made.text(trace::What::RequestBlocked, -10, trace::NO_CPU, "request is blocked," + words);
    finding.evidence = {lost};
    finding.where = lost;
    finding.phase.reset();
    std::istringstream text{details(made.outcome)};
    bool times = false;
    for (std::string line; std::getline(text, line);) {
        INFO(line);
        times = times || line.rfind("  times from \"request is blocked, word0", 0) == 0;
        CHECK((line.size() <= 108 || line.find("hldsim ") != std::string::npos));
    }
    CHECK(times);
}

TEST_CASE("JUnit keeps what is UTF-8, and replaces what is not and what XML has no character for", "[report]") {
    const auto failure = [](const std::string& title) {
        Made made = late_nmi();
        made.outcome.scenario.title = title;
        const std::string text = junit({made.outcome});
        const std::size_t begin = text.find("\n  ", text.find("<failure")) + 3;
        return text.substr(begin, text.find('\n', begin) - begin);
    };
    const std::string replaced = "\xef\xbf\xbd";
    struct Row {
        const char* title;
        std::string text;
    };
    const std::vector<Row> rows{
        {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \x7f", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \x7f"},
        {"tab\t", "tab\t"},
        {"a < b & c\r", "a &lt; b &amp; c&#13;"},
        {"bell \a", "bell " + replaced},
        {"stray \xa9", "stray " + replaced},
        {"latin \xe9t", "latin " + replaced + "t"},
        {"cut \xe2\x82", "cut " + replaced + replaced},
        {"long \xc0\xaf", "long " + replaced + replaced},
        {"long \xe0\x80\xaf", "long " + replaced + replaced + replaced},
        {"surrogate \xed\xa0\x80", "surrogate " + replaced + replaced + replaced},
        {"beyond \xf4\x90\x80\x80", "beyond " + replaced + replaced + replaced + replaced},
        {"none \xef\xbf\xbe \xef\xbf\xbf", "none " + replaced + " " + replaced},
    };
    for (const Row& row : rows) {
        CHECK(failure(row.title) == row.text);
    }
}

TEST_CASE("A replay argument holds settings, variation, solved instants, seed and choices", "[report]") {
    Made made;
    made.outcome.scenario.file = "a.yaml";
    CHECK(replay_argument(made.outcome) == "a.yaml#seed=1");
    made.outcome.set = {"detector.options.drain=none", "events.1.at=5 s"};
    made.outcome.scenario.vary = {{"machine.cpus", "8"}};
    made.outcome.solved["events.1.at"] = Instant{7'515'764'091'333'000};
    made.outcome.seed = 18'446'744'073'709'551'615U;
    CHECK(replay_argument(made.outcome) ==
          "a.yaml#detector.options.drain=none,machine.cpus=8,events.1.at=7515764091333ps,seed=18446744073709551615");
    made.outcome.choices = {{"hpet.access_at_edge", 2, 0}, {"hpet.access_at_edge", 2, 0}, {"fabric.order", 3, 2}};
    const std::string argument = replay_argument(made.outcome);
    CHECK(argument.substr(argument.find(",choices=")) == ",choices=hpet.access_at_edge:0/2*2+fabric.order:2/3");
}

TEST_CASE("A count of 0 that varies is replayed as a count, and a span loses its blank", "[report]") {
    Made made;
    made.outcome.scenario.file = "a.yaml";
    made.outcome.scenario.vary = {{"detector.options.timer", "0"}, {"events.1.at", "5 s"}};
    CHECK(replay_argument(made.outcome) == "a.yaml#detector.options.timer=0,events.1.at=5s");
}

TEST_CASE("A word that a shell would take apart is quoted", "[report]") {
    CHECK(shell("a.yaml#events.1.at=7s,seed=1") == "a.yaml#events.1.at=7s,seed=1");
    CHECK(shell("a b") == "'a b'");
    CHECK(shell("it's") == "'it'\\''s'");
    CHECK(shell("") == "''");
}

TEST_CASE("A finding's latencies are rows of the path that it shows", "[report]") {
    const Made made = late_nmi();
    const std::vector<Row> rows = latencies(made.outcome, made.outcome.findings.front());
    const auto has = [&](Row row) { return std::find(rows.begin(), rows.end(), row) != rows.end(); };
    CHECK(has(Row::HpetMatchToMsi));
    CHECK(has(Row::MsiRootToLapic));
    CHECK(has(Row::FabricPostedWrite));
    CHECK(has(Row::CpuNmiExitIret));
    CHECK_FALSE(has(Row::FabricReadRequest));
    CHECK_FALSE(has(Row::IpiWire));
}

TEST_CASE("A dump draws the pins that move, and no others", "[report][product-4]") {
    Made made;
    made.outcome.log.cpus = 1;
    const auto move = [&](std::int64_t ps, trace::Line which, std::uint64_t number, bool level) {
        trace::Record& record = made.outcome.log.records[made.add(trace::What::LineMoved, ps)];
        record.address = static_cast<std::uint64_t>(which);
        record.value = number;
        record.flag = level;
    };
    move(10, trace::Line::IoapicInput, 256 + 2, true);
    move(20, trace::Line::InterruptLine, 0, true);
    move(30, trace::Line::IoapicInput, 256 + 2, false);
    move(40, trace::Line::Timer, 0, true);
    const std::string dump = vcd(made.outcome, "1");
    const auto code_of = [&](const std::string& name) {
        const std::size_t end = dump.find(" " + name + " $end");
        REQUIRE(end != std::string::npos);
        return dump.substr(end - 1, 1);
    };
    const auto is_at = [&](std::int64_t ps, const std::string& change) {
        return dump.find("#" + std::to_string(made.zero.fs + ps * 1000) + "\n" + change + "\n") != std::string::npos;
    };
    CHECK(is_at(10, "1" + code_of("ioapic1_in2")));
    CHECK(is_at(20, "1" + code_of("intr")));
    CHECK(is_at(30, "0" + code_of("ioapic1_in2")));
    CHECK(is_at(40, "1" + code_of("timer_out")));
    CHECK(dump.find("ioapic0") == std::string::npos);
}

TEST_CASE("In a dump INIT ends the contexts of its CPU at once, and what it leaves blocked stays so",
          "[report][product-4]") {
    Made made;
    made.outcome.log.cpus = 2;
    const bool keeps = GENERATE(true, false);
    made.enter(cpu::Context::Nmi, 10, 1, 5);
    made.outcome.log.records.back().flag = true;
    made.at(made.add(trace::What::Initialized, 20, 1)).flag = keeps;
    const std::string dump = vcd(made.outcome, "1");
    const std::size_t at = dump.find("#" + std::to_string(made.zero.fs + 20'000) + "\n");
    REQUIRE(at != std::string::npos);
    // context is of two bits; nmi_latched is not touched; then nmi_in_service, and nmi_blocked where it changes
    const std::string rest = dump.substr(at, dump.find('#', at + 1) - at);
    CHECK(std::count(rest.begin(), rest.end(), '\n') == (keeps ? 3 : 4));
    CHECK(rest.find("b00 ") != std::string::npos);
}

}  // namespace
}  // namespace hldsim::report
