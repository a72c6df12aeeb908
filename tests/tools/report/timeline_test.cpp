// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <sstream>

#include "detector/shim/abi.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/report/outcomes.hpp"
#include "tools/harness/report/device.hpp"
#include "tools/harness/report/report.hpp"

namespace hldsim::report {
namespace {

using trace::What;

constexpr std::int64_t MS = 1'000'000'000;  // in ps

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string line_with(const std::string& text, const std::string& part) {
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        if (has(line, part)) {
            return line;
        }
    }
    return "";
}

void life(Made& made, std::int64_t ps, unsigned by, unsigned cpu, trace::Life life) {
    trace::Record& record = made.at(made.add(What::LifeChanged, ps, by));
    record.cpu = cpu;
    record.value = static_cast<std::uint64_t>(life);
}

void step(Made& made, std::int64_t ps, unsigned actor, const std::string& name) {
    made.at(made.text(What::HotplugStep, ps, actor, name)).cpu = 2;
}

/// A run of interrupts, as many as hide everything that is not asked for.
void interrupts(Made& made, std::int64_t ps, unsigned cpu) {
    for (std::int64_t i = 0; i < 60; ++i) {
        made.enter(cpu::Context::Interrupt, ps + i * 2'000, cpu);
        made.leave(cpu::Context::Interrupt, ps + i * 2'000 + 1'000, cpu);
    }
}

void nmi(Made& made, std::int64_t ps, unsigned cpu, std::uint32_t token) {
    made.match(ps, token);
    made.hop(Hop::Posted, ps + 10, token);
    made.hop(Hop::Accepted, ps + 20, token, cpu);
    made.enter(cpu::Context::Nmi, ps + 30, cpu, token);
    made.text(What::NmiClaimed, ps + 40, cpu, "hld");
    made.leave(cpu::Context::Nmi, ps + 50, cpu, token);
}

/// CPU 0 takes CPU 2 down; an NMI before it, one within, and more behind it. Nothing is found.
Made goes_down(std::size_t steps = 3) {
    Made made;
    interrupts(made, -900 * MS, 1);
    nmi(made, -500 * MS, 1, 7);
    made.at(made.add(What::EventBegan, 0)).value = 1;
    made.at(made.add(What::TaskBegun, 10, 0)).value = 1;
    for (std::size_t i = 0; i < steps; ++i) {
        step(made, 20 + static_cast<std::int64_t>(i), 2, "step" + std::to_string(i));
    }
    nmi(made, MS, 1, 8);
    interrupts(made, 2 * MS, 1);
    life(made, 3 * MS, 2, 2, trace::Life::Offline);
    life(made, 4 * MS, 0, 2, trace::Life::Dead);
    made.at(made.add(What::TaskEnded, 5 * MS, 0)).value = 1;
    nmi(made, 500 * MS, 1, 9);
    interrupts(made, 600 * MS, 1);
    nmi(made, 900 * MS, 1, 10);
    return made;
}

TEST_CASE("The time line of a run in which nothing is found shows what each event brings about",
          "[report][product-4]") {
    const std::string text = timeline(goes_down().outcome);
    for (const char* const part : {"operator: echo 0 > cpu2/online", "down: step0", "down: step2", "CPU 2 is offline",
                                   "CPU 2 is dead", "done", "#7", "#8", "#9", "handler hld: NMI_HANDLED"}) {
        INFO(part);
        CHECK(has(text, part));
    }
    CHECK_FALSE(has(text, "#10"));
    CHECK_FALSE(has(text, "<IRQ>"));
    CHECK(has(text, "... 120 events, 0 NMIs taken ..."));
    CHECK(has(text, "... 126 events, 1 NMI taken ..."));
}

TEST_CASE("An event that brings about more than 60 rows is cut, but for how it ends", "[report][product-4]") {
    const std::string text = timeline(goes_down(100).outcome);
    CHECK(has(text, "step50"));
    CHECK_FALSE(has(text, "step60"));
    CHECK(has(text, "CPU 2 is dead"));
    CHECK(has(text, "done"));
    CHECK(std::count(text.begin(), text.end(), '\n') < 85);
}

/// Nothing happens: the NMI goes round the CPUs, three times.
Made rounds(unsigned cpus) {
    Made made;
    made.outcome.log.cpus = cpus;
    interrupts(made, -900 * MS, 1);
    for (std::uint32_t i = 0; i < 3 * cpus; ++i) {
        nmi(made, i * 100 * MS, i % cpus, i + 1);
    }
    return made;
}

TEST_CASE("The time line of a run without events and findings draws the first NMI of each CPU, and counts the rest",
          "[report][product-4]") {
    Made made = rounds(3);
    made.at(made.add(What::EntryUsed, 15)).token = {1, Source::Hpet};
    made.hop(Hop::Remapped, 15, 1);
    const std::string text = timeline(made.outcome);
    for (const char* const part : {"timer 0 matches", "o-----------> #1", "remapped #1", "LAPIC #1", "LAPIC #2",
                                   "LAPIC #3", "<NMI>", "</NMI>", "handler hld: NMI_HANDLED"}) {
        INFO(part << "\n" << text);
        CHECK(has(text, part));
    }
    CHECK_FALSE(has(text, "#4"));
    CHECK(has(text, "... 120 events, 0 NMIs taken ..."));
    CHECK(has(text, "... 36 events, 6 NMIs taken ..."));
}

TEST_CASE("Of many CPUs the time line of a run without events and findings draws five NMIs", "[report][product-4]") {
    const std::string text = timeline(rounds(8).outcome);
    CHECK(has(text, "LAPIC #5"));
    CHECK_FALSE(has(text, "LAPIC #6"));
    CHECK(has(text, "19 NMIs taken"));
}

TEST_CASE("A line of the kernel does not keep the time line from drawing an NMI", "[report][product-4]") {
    Made made = rounds(2);
    made.text(What::Printed, 0, 1, "hello");
    CHECK(has(timeline(made.outcome), "LAPIC #2"));
}

TEST_CASE("The time line says each instant to the femtosecond", "[report][product-4]") {
    Made made = goes_down();
    for (trace::Record& record : made.outcome.log.records) {
        record.at = record.at + Duration{3'592 * FS_PER_S + 1};
    }
    const std::string text = timeline(made.outcome);
    CHECK(has(text, "\n 3599.515804211000001  operator: echo 0 > cpu2/online\n"));
    CHECK(has(text, "\n                       ... 120 events, 0 NMIs taken ...\n"));
    CHECK(text.substr(0, text.find("HPET")) == "             time [s]  ");
}

TEST_CASE("What the operator does has a line of its own in the time line", "[report][product-4]") {
    const std::string line = line_with(timeline(goes_down().outcome), "operator");
    CHECK(line == "  7.515804211000000  operator: echo 0 > cpu2/online");
}

TEST_CASE("Of the CPUs in a time line those have lanes that have rows", "[report][product-4]") {
    Made made = goes_down();
    made.outcome.log.cpus = 64;
    const std::string text = timeline(made.outcome);
    CHECK(text.substr(0, text.find('\n')) ==
          "           time [s]  HPET        fabric      CPU0        CPU1        CPU2   (61 more CPUs without a row "
          "here)");
}

TEST_CASE("More CPUs than there is room for share a lane of the time line", "[report][product-4]") {
    Made made;
    made.outcome.log.cpus = 64;
    for (unsigned cpu = 0; cpu < 40; ++cpu) {
        made.at(made.add(What::StuckBegan, 10 * cpu, cpu)).value = 0;
    }
    const std::string text = timeline(made.outcome);
    CHECK(has(text.substr(0, text.find('\n')), "fabric CPU0 "));
    CHECK(has(text.substr(0, text.find('\n')), "others"));
    CHECK(has(text, " CPU39: stuck ("));
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        CHECK(line.size() <= 132);
    }
}

TEST_CASE("What does not fit on a line of the time line goes on below, but what the kernel prints",
          "[report][product-4]") {
    Made made;
    std::string words = "line";
    while (words.size() < 200) {
        words += " word";
    }
    made.text(What::RequestBlocked, 2, 0, words);
    std::istringstream lines{timeline(made.outcome)};
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        CHECK(line.size() <= Style{}.columns);
    }
    CHECK(line_with(timeline(made.outcome), "line word word") != "");
    made.text(What::Printed, 1, 0, words);
    CHECK(has(timeline(made.outcome), "CPU0 printk: " + words + "\n"));
}

TEST_CASE("The time line has what the kernel prints after boot, and all of it where lines are expected",
          "[report][product-4]") {
    Made made;
    made.text(What::Printed, -900 * MS, 0, "early");
    made.outcome.log.records.back().value = 6;
    made.at(made.add(What::TaskEnded, -899 * MS, 0)).value = HLD_TASK_BOOT;
    interrupts(made, -800 * MS, 1);
    made.text(What::Printed, 0, 3, "late\n");
    made.outcome.log.records.back().value = 6;
    interrupts(made, MS, 1);
    CHECK(line_with(timeline(made.outcome), "late") == "  7.515804211000000  CPU3 printk: late");
    CHECK_FALSE(has(timeline(made.outcome), "early"));
    made.outcome.scenario.expect.prints.push_back({"never", {}});
    CHECK(has(timeline(made.outcome), "early"));
}

TEST_CASE("A write that clears what the device has set is not told to be the same", "[report]") {
    constexpr std::uint64_t STATUS = HPET_BASE + 0x20;
    Made made;
    const auto [left, changed, told] =
        GENERATE(table<std::uint64_t, bool, const char*>({{0, true, "INT_STS=0 takes effect"},
                                                          {2, true, "INT_STS=2 takes effect"},
                                                          {0, false, "GINTR_STA is written, the same"}}));
    made.effect(-9'000, STATUS, left);
    const std::size_t record = made.effect(0, STATUS, left);
    made.at(record).flag = changed;
    CHECK(effect_text(made.outcome.log, record) == told);
}

TEST_CASE("A comparator and its period are told apart", "[report]") {
    constexpr std::uint64_t TIM0_COMP = HPET_BASE + 0x108;
    Made made;
    const std::size_t comparator = made.effect(-9'000, TIM0_COMP, 1000);
    const std::size_t period = made.effect(-8'000, TIM0_COMP, 300);
    made.at(period).period = true;
    CHECK(effect_text(made.outcome.log, comparator) == "TIM0_COMP=0x3e8 takes effect");
    CHECK(effect_text(made.outcome.log, period) == "TIM0_COMP period=0x12c takes effect");
}

}  // namespace
}  // namespace hldsim::report
