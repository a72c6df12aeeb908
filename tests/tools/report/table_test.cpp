// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/tools/report/outcomes.hpp"
#include "tools/harness/report/hops.hpp"
#include "tools/harness/report/report.hpp"

namespace hldsim::report {
namespace {

using trace::Life;
using trace::What;

std::vector<std::string> table_lines(const Made& made, const Style& style = {}) {
    std::istringstream text{cpu_table(made.outcome, made.outcome.findings.front(), style)};
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) {
        lines.push_back(line);
    }
    return lines;
}

TEST_CASE("A table's rows stand in the order of time, whatever the order of the evidence", "[report]") {
    Made made = late_nmi();
    const std::vector<std::string> in_order = table_lines(made);
    std::vector<std::size_t>& evidence = made.outcome.findings.front().evidence;
    std::reverse(evidence.begin(), evidence.end());
    CHECK(table_lines(made) == in_order);
}

TEST_CASE("A table's times end in one column, and its cells begin below their heads", "[report]") {
    const std::vector<std::string> lines = table_lines(late_nmi());
    REQUIRE(lines.size() > 10);
    const std::size_t cpu2 = lines[0].find("CPU2");
    CHECK(lines[1].find("----", cpu2) == cpu2);
    std::size_t end = 0;
    for (const std::string& line : lines) {
        INFO(line);
        if (line.find("<NMI>") != std::string::npos || line.find("hld_cpu_offline()") != std::string::npos) {
            CHECK(line.find_first_not_of(' ') == cpu2);
        }
        if (line.size() > 3 && line.substr(line.size() - 3) == " ns") {
            end = end == 0 ? line.size() : end;
            CHECK(line.size() == end);
        }
    }
    CHECK(end > 0);
}

TEST_CASE("A table has no column for a CPU that its events do not name", "[report]") {
    const std::string heads = table_lines(late_nmi()).front();
    CHECK(heads.find("CPU1") == std::string::npos);
    CHECK(heads.find("HPET") != std::string::npos);
}

TEST_CASE("A table of much evidence has 25 rows, its central event, and says how much is left out", "[report]") {
    Made made;
    check::Finding finding;
    for (int i = 0; i < 60; ++i) {
        const std::size_t record = i == 30 ? made.mask_cleared(i * 1'000, 2, 2)
                                           : made.write(i * 1'000, 2, TIM0_CONF, static_cast<std::uint64_t>(i % 2) * 4);
        finding.evidence.push_back(record);
    }
    made.find("rotate-to-dying", 2, Life::Leaving).evidence = finding.evidence;
    const std::vector<std::string> lines = table_lines(made);
    CHECK(lines.size() == 2 + 25 + 1);
    CHECK(lines.back().find("(35 more events of the evidence)") != std::string::npos);
    const auto central = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
        return line.find("clear bit 2 of monitored_mask") != std::string::npos;
    });
    REQUIRE(central != lines.end());
    CHECK(central->find(" 0.0 ns") != std::string::npos);
}

TEST_CASE("A table of 25 pieces of evidence shows each of them", "[report]") {
    Made made;
    std::vector<std::size_t> evidence;
    for (int i = 0; i < 25; ++i) {
        evidence.push_back(made.write(i * 1'000, 2, TIM0_CONF, static_cast<std::uint64_t>(i % 2) * 4));
    }
    made.find("rotate-to-dying", 2, Life::Up).evidence = evidence;
    CHECK(table_lines(made).size() == 2 + 25);
}

TEST_CASE("An event in a context is shown within it, though only the event is evidence", "[report]") {
    Made made;
    made.enter(cpu::Context::Interrupt, -9'000, 1);
    made.enter(cpu::Context::Nmi, -5'000, 1);
    const std::size_t write = made.write(0, 1, TIM0_CONF, 0);
    made.leave(cpu::Context::Nmi, 5'000, 1);
    made.leave(cpu::Context::Interrupt, 9'000, 1);
    made.find("nmi-tmr-conf-rmw", 1, Life::Up).evidence = {write};
    const std::vector<std::string> lines = table_lines(made);
    REQUIRE(lines.size() == 2 + 5);
    CHECK(lines[2].substr(0, 10) == "     <IRQ>");
    CHECK(lines[3].substr(0, 12) == "       <NMI>");
    CHECK(lines[4].substr(0, 15) == "         writel");
    CHECK(lines[5].substr(0, 13) == "       </NMI>");
    CHECK(lines[6].substr(0, 11) == "     </IRQ>");
}

TEST_CASE("A request is told by what made it, and goes to the CPU that gets it", "[report]") {
    struct Told {
        Source source;
        unsigned from;  // where it is raised
        const char* raised;
        const char* sent;
    };
    const auto told = GENERATE(Told{Source::Lint1, 0, "LINT1 pin is asserted", "LINT1's entry says NMI"},
                               Told{Source::Serr, trace::NO_CPU, "SERR# is asserted: NMI#", "LINT1's entry says NMI"},
                               Told{Source::Iochk, trace::NO_CPU, "IOCHK# is asserted: NMI#", "LINT1's entry says NMI"},
                               Told{Source::Ipi, 3, "CPU 3 writes its ICR", "IPI to CPU 0 leaves"},
                               Told{Source::Perf, 0, "performance counter overflows", "its entry says NMI"},
                               Told{Source::LapicTimer2, 0, "local timer 2 fires", "its entry says NMI"},
                               Told{Source::LapicTimer, 0, "local timer fires", "its entry lets it pass"},
                               Told{Source::Ioapic, trace::NO_CPU, "pin of the I/O APIC", "message to CPU 0 leaves"},
                               Told{Source::Pit, trace::NO_CPU, "OUT 0 of the 8254 rises", "message to CPU 0 leaves"},
                               Told{Source::Hpet, trace::NO_CPU, "timer matches", "message to CPU 0 leaves"});
    Made made;
    const bool local = told.from == 0;
    const bool sends = told.source == Source::Ipi;
    std::vector<std::size_t> evidence = {made.hop(Hop::Matched, 0, 1, told.from),
                                         made.hop(Hop::Posted, 10, 1, local || sends ? told.from : trace::NO_CPU),
                                         made.hop(Hop::Accepted, 20, 1, 0)};
    for (const std::size_t record : evidence) {
        made.at(record).token.source = told.source;
    }
    made.find("INV-foreign", 0, Life::Up).evidence = evidence;
    std::string table;
    for (const std::string& line : table_lines(made)) {
        table += line + "\n";
    }
    INFO(table);
    CHECK(table.find(told.raised) != std::string::npos);
    CHECK(table.find(told.sent) != std::string::npos);
    CHECK((table.find("timer matches") != std::string::npos) == (told.source == Source::Hpet));
}

TEST_CASE("A match has one word, whichever of its two records tells it", "[report]") {
    Made made;
    const std::size_t told = made.match(0, 1, 2);
    made.find("INV-foreign", 0, Life::Up).evidence = {told - 1};
    CHECK(cpu_table(made.outcome, made.outcome.findings.front()).find("timer 2 matches") != std::string::npos);
    CHECK(json({made.outcome}, "0.1.0").find("\"what\": \"timer 2 matches\"") != std::string::npos);
}

TEST_CASE("Times count from where the CPU got stuck that should have taken the NMI", "[report]") {
    Made made;
    made.at(made.add(What::EventBegan, 0)).value = 1;
    made.at(made.add(What::StuckBegan, 0, 1)).value = static_cast<std::uint64_t>(scenario::StuckKind::InSmm);
    made.match(1'000, 3);
    made.hop(Hop::Accepted, 2'000, 3, 1);
    made.enter(cpu::Context::Interrupt, 8'000, 2);
    const std::size_t left = made.leave(cpu::Context::Interrupt, 9'000, 2);
    check::Finding& finding = made.find("rotation-chain-break", 3, Life::Up);
    finding.token = {3, Source::Hpet};
    finding.evidence = {left};
    finding.where = left;
    finding.at = made.at(left).at;
    const auto zero_of = [&] {
        std::string zero;
        for (const std::string& line : table_lines(made)) {
            zero = line.find(" 0.0 ns") != std::string::npos ? line : zero;
        }
        return zero;
    };
    SECTION("until the end") { CHECK(zero_of().find("stuck (in-smm)") != std::string::npos); }
    SECTION("but not where it went on before the NMI came") {
        made.at(made.add(What::StuckEnded, 500, 1)).cpu = 1;
        CHECK(zero_of().find("</IRQ>") != std::string::npos);
    }
    SECTION("but not where it took the NMI all the same") {
        made.enter(cpu::Context::Nmi, 3'000, 1, 3);
        CHECK(zero_of().find("</IRQ>") != std::string::npos);
    }
    SECTION("but not where another CPU is stuck") {
        made.at(1).cpu = made.at(1).actor = 0;
        CHECK(zero_of().find("</IRQ>") != std::string::npos);
    }
}

TEST_CASE("Writes are shown by register and by what they change", "[report]") {
    Made made;
    std::vector<std::size_t> evidence;
    evidence.push_back(made.effect(0, TIM0_CONF, 0x404c));
    evidence.push_back(made.write(1'000, 0, TIM0_CONF, 0x4048));
    evidence.push_back(made.write(2'000, 0, TIM0_CONF, 0x404c));
    evidence.push_back(made.write(3'000, 0, TIM0_ROUT + 4, 0xfee0'2000));
    evidence.push_back(made.write(4'000, 0, TIM0_ROUT, 0x400));
    evidence.push_back(made.write(5'000, 0, TIM0_ROUT, 0xee));
    evidence.push_back(made.write(6'000, 0, TIM0_CONF + 0x20 + 8, 0x1234));
    evidence.push_back(made.write(7'000, 0, 0x1'0000'0000, 1));
    made.find("INV-armed", 0, Life::Up).evidence = evidence;
    const std::string table = cpu_table(made.outcome, made.outcome.findings.front());
    CHECK(table.find("writel(TIM0_CONF, INT_ENB=0)") != std::string::npos);
    CHECK(table.find("writel(TIM0_CONF, 0x404c)") != std::string::npos);  // nothing changes
    CHECK(table.find("writel(TIM0_PROCMSG_ROUT+4, CPU 2)") != std::string::npos);
    CHECK(table.find("writel(TIM0_PROCMSG_ROUT, NMI)") != std::string::npos);
    CHECK(table.find("writel(TIM0_PROCMSG_ROUT, vector 0xee)") != std::string::npos);
    CHECK(table.find("writel(TIM1_COMP, 0x1234)") != std::string::npos);
    CHECK(table.find("writel(0x100000000, 1)") != std::string::npos);
}

TEST_CASE("A narrow table breaks its texts and keeps its columns", "[report]") {
    Style style;
    style.columns = 80;
    for (const std::string& line : table_lines(late_nmi(), style)) {
        INFO(line);
        CHECK(line.size() <= 80);
    }
}

TEST_CASE("A text that fits as it is begins in its column", "[report][product-4]") {
    Made made;
    std::vector<std::size_t> evidence;
    for (unsigned cpu = 0; cpu < 3; ++cpu) {
        evidence.push_back(made.write(1'000 * (cpu + 1), cpu, TIM0_CONF, 4));
        made.place(evidence.back(), "hld_lock_affinity_remove_cpus", "detector/designs/lock_affinity.c", 120);
    }
    made.find("nmi-own-lock", 2, Life::Up).evidence = evidence;
    const std::vector<std::string> widest = table_lines(made);
    Style style;
    style.columns = widest.back().size();  // just so wide that the last column need not give way
    const std::vector<std::string> lines = table_lines(made, style);
    const auto of = [&](const char* part, std::size_t from) {
        return std::find_if(lines.rbegin(), lines.rend(), [&](const auto& l) {
                   return l.find(part) != l.npos;
               })->find(part) == lines.front().find("CPU2") + from;
    };
    CHECK(of("hld_lock_affinity_remove_cpus()", 0));
    CHECK(of("writel(TIM0_CONF", 2));
}

TEST_CASE("What lies far from the central event has a unit of its own", "[report]") {
    Made made;
    const std::size_t cleared = made.mask_cleared(0, 2, 2);
    const std::size_t a = made.write(1'000, 2, TIM0_CONF, 0);
    const std::size_t b = made.write(2'000, 2, TIM0_CONF, 4);
    const std::size_t late = made.match(2'500'000'000'000, 9);
    made.find("rotate-to-dying", 2, Life::Dead).evidence = {cleared, a, b, late};
    const std::string table = cpu_table(made.outcome, made.outcome.findings.front());
    CHECK(table.find(" 2.500 s") != std::string::npos);
    CHECK(table.find(" 2.0 ns") != std::string::npos);
}

TEST_CASE("What lies far from the central event has more decimals if its neighbours are near", "[report]") {
    Made made;
    const std::size_t cleared = made.mask_cleared(0, 2, 2);
    const std::size_t a = made.write(1'000, 2, TIM0_CONF, 0);
    const std::size_t b = made.write(2'000, 2, TIM0_CONF, 4);
    const std::size_t first = made.match(2'500'000'000'000, 9);
    const std::size_t second = made.match(2'500'000'400'000, 10);
    const std::size_t third = made.match(5'000'000'000'000, 11);
    made.find("rotate-to-dying", 2, Life::Dead).evidence = {cleared, a, b, first, second, third};
    const std::string table = cpu_table(made.outcome, made.outcome.findings.front());
    CHECK(table.find(" 2.500000000 s") != std::string::npos);
    CHECK(table.find(" 2.500000400 s") != std::string::npos);
    CHECK(table.find(" 5.000 s") != std::string::npos);
}

/// Evidence on CPUs 0 to 6, about CPU 2; CPU 5 has most of it.
Made many_cpus() {
    Made made;
    std::vector<std::size_t> evidence{made.mask_cleared(0, 2, 2)};
    evidence.push_back(made.match(500, 9));
    for (unsigned cpu = 0; cpu < 7; ++cpu) {
        for (unsigned i = 0; i < (cpu == 5 ? 3U : 1U); ++i) {
            evidence.push_back(made.write(1'000 * (cpu + 1) + i, cpu, TIM0_ROUT + 4, 0xfee0'2000 + 0x1000 * cpu));
        }
    }
    made.find("rotate-to-dying", 2, Life::Leaving).evidence = evidence;
    return made;
}

TEST_CASE("A table that is too wide leaves out CPUs that the finding is not about, and says so",
          "[report][product-4]") {
    const std::vector<std::string> lines = table_lines(many_cpus());
    CHECK(lines.front().find("HPET") != std::string::npos);
    CHECK(lines.front().find("CPU2") != std::string::npos);
    CHECK(lines.front().find("CPU5") != std::string::npos);
    CHECK(lines.front().find("CPU6") == std::string::npos);
    CHECK(lines.back() == "     (4 rows of CPUs 1, 3, 4 and 6 are not shown; -v has them)");
    for (const std::string& line : lines) {
        INFO(line);
        CHECK(line.size() <= 108);
    }
}

TEST_CASE("A cell that is too long does not run into the column of the times", "[report][product-4]") {
    Style style;
    style.columns = GENERATE(108U, 90U, 80U, 70U);
    std::size_t ends = 0;
    for (const std::string& line : table_lines(many_cpus(), style)) {
        INFO(line);
        CHECK(line.size() <= style.columns);
        if (line.size() > 3 && line.substr(line.size() - 3) == " ns") {
            ends = ends == 0 ? line.size() : ends;
            CHECK(line.size() == ends);
        }
    }
    CHECK(ends > 0);
}

TEST_CASE("A message that several CPUs accept names how many", "[report]") {
    const unsigned takers = GENERATE(1U, 3U);
    Made made;
    made.hop(Hop::Matched, 0, 1);
    const std::size_t posted = made.hop(Hop::Posted, 10, 1);
    for (unsigned cpu = 0; cpu < takers; ++cpu) {
        made.hop(Hop::Accepted, 20, 1, cpu);
    }
    CHECK(hop_words(made.outcome.log, posted) ==
          (takers == 1 ? "message to CPU 0 leaves" : "message to 3 CPUs leaves"));
}

}  // namespace
}  // namespace hldsim::report
