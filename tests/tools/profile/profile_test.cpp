// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "tests/support/catch.hpp"
#include "tests/tools/scenario/text.hpp"
#include "tools/harness/profile/knobs.hpp"
#include "tools/harness/profile/profile.hpp"
#include "tools/harness/profile/uncharged.hpp"

using namespace hldsim;
using namespace hldsim::profile;
using scenario::Folder;

namespace {

const std::string PROFILES = std::string{HLDSIM_SOURCE_DIR} + "/scenarios/profiles";

Profile with(const std::string& row, const std::string& value, const std::string& name = "desktop-2018") {
    scenario::Machine machine;
    machine.profile = {name, {}};
    machine.set = {{row, value, {}, {}}};
    return load(machine, PROFILES);
}

std::string error_of_profile(const std::string& text) {
    const Folder folder;
    try {
        load(folder.write("mine.yaml", text), PROFILES);
    } catch (const diagnostic::Error& error) {
        std::string what = error.what();
        return what.erase(0, folder.path().size() + 1);
    }
    return {};
}

}  // namespace

TEST_CASE("the installed profiles are machines, counterfactuals and chips, and each is complete", "[timing-5]") {
    const std::vector<std::string> names = installed(PROFILES);
    REQUIRE(names == std::vector<std::string>{"amd-2020", "desktop-2018", "dual-timer", "fast-uniform",
                                              "fred-nmi-source", "ich10", "pch-800", "server-2018", "server-2024"});
    for (const std::string& name : names) {
        CHECK(load(name, PROFILES).name == name);
    }
}

TEST_CASE("a figure with decimals is exact to the femtosecond", "[timing-1]") {
    const Profile profile = load("desktop-2018", PROFILES);
    CHECK(profile.timing.duration(Row::SwUartChar).fs == 86'800'000'000);
    CHECK(profile.source(Row::CpuCstateExitC6).low == 3'400'000'000);
}

TEST_CASE("a profile overrides the common rows, and the rest comes from there", "[timing-5]") {
    const Profile profile = load("desktop-2018", PROFILES);
    CHECK(profile.timing.amount(Row::MemL2Hit) == 12);
    CHECK(profile.timing.amount(Row::MemL1Hit) == 4);
    CHECK(profile.core.numerator == 3'700'000'000);
    CHECK(profile.hpet_period.fs == 41'666'667);
    CHECK(profile.apic == scenario::Apic::Xapic);
    CHECK(profile.remapping == scenario::Remapping::None);
    CHECK(profile.source(Row::MsiDeviceToRoot).grade == 'C');
    CHECK(profile.source(Row::MsiDeviceToRoot).sources == std::vector<std::string>{"S8", "S15"});
    CHECK(profile.source(Row::MemStoreDrain).assumed());
    CHECK(load("server-2018", PROFILES).remapping == scenario::Remapping::Vtd);
    CHECK(load("amd-2020", PROFILES).word("hpet.chip") == "fch");
}

TEST_CASE("the parts of each check row add up in every profile", "[timing-1]") {
    REQUIRE(checks().size() == 8);
    for (const std::string& name : installed(PROFILES)) {
        const Profile profile = load(name, PROFILES);
        for (const Check& check : checks()) {
            if (name == "fast-uniform" && check.row == Row::HotplugUpTotal) {
                continue;  // round: it has no parts that a model charges
            }
            INFO(name << ": " << contradiction(profile, check));
            CHECK(contradiction(profile, check).empty());
        }
    }
}

TEST_CASE("a check row that does not add up is told, by a femtosecond", "[timing-1]") {
    const Check& read = checks().at(0);
    CHECK(contradiction(with("hpet.service", "80 ns"), read).empty());
    CHECK(contradiction(with("hpet.service", "80000001 fs"), read) ==
          "hpet.read is 520 ns to 520 ns, but fabric.read_request + hpet.service + fabric.read_response is "
          "520000001 fs");
}

TEST_CASE("a read of the HPET takes a tick at least in every profile: no two reads give one value", "[H-6]") {
    for (const std::string& name : installed(PROFILES)) {
        INFO(name);
        CHECK(read_within_a_tick(load(name, PROFILES)).empty());
    }
}

TEST_CASE("a read of the HPET that is shorter than a tick is told, by a femtosecond", "[H-6]") {
    const auto told = [](const std::string& service) {
        scenario::Machine machine;
        machine.profile = {"desktop-2018", {}};
        machine.set = {{"fabric.read_request", "1 ns", {}, {}},
                       {"fabric.read_response", "2 ns", {}, {}},
                       {"hpet.service", service, {}, {}}};
        return read_within_a_tick(load(machine, PROFILES));
    };
    CHECK(told("38666667 fs").empty());
    CHECK(told("38666666 fs") == "a read of the HPET takes 41666666 fs, a tick 41666667 fs");
}

TEST_CASE("every source that a row names is in the list of sources", "[timing-9]") {
    for (const std::string& name : installed(PROFILES)) {
        const Profile profile = load(name, PROFILES);
        for (const Provenance& row : profile.provenance) {
            for (const std::string& id : row.sources) {
                INFO(name << " " << id);
                CHECK_FALSE(source_text(id, PROFILES).empty());
            }
        }
    }
    CHECK(source_text("S999", PROFILES).empty());
}

TEST_CASE("grades of the merged profiles are those of the design", "[timing-5]") {
    const auto grades = [](const std::string& name) {
        std::string counted;
        const Profile profile = load(name, PROFILES);
        for (const char grade : {'A', 'B', 'C', 'D'}) {
            std::size_t count = 0;
            for (const Provenance& row : profile.provenance) {
                count += row.grade == grade ? 1U : 0U;
            }
            counted += std::to_string(count) + " ";
        }
        return counted;
    };
    CHECK(grades("desktop-2018") == "20 5 42 17 ");
    CHECK(grades("server-2018") == "21 5 41 17 ");
    CHECK(grades("server-2024") == "14 5 39 26 ");
    CHECK(grades("amd-2020") == "20 5 24 35 ");
}

TEST_CASE("a scenario sets rows in time, cycles or ticks, and knobs", "[product-3.2]") {
    CHECK(with("msi.device_to_root", "1 us").timing.duration(Row::MsiDeviceToRoot).fs == 1'000'000'000);
    CHECK(with("msi.device_to_root", "1 us").source(Row::MsiDeviceToRoot).grade == '=');
    CHECK(with("cpu.nmi_entry_hw", "301 cycles").timing.cycles(Row::CpuNmiEntryHw).count == 301);
    CHECK(with("hpet.match_to_msi", "2 ticks").timing.duration(Row::HpetMatchToMsi).fs == 2 * 41'666'667);
    CHECK(with("hotplug.pmu_grace_die", "3").timing.amount(Row::HotplugPmuGraceDie) == 3);
    CHECK_FALSE(load("desktop-2018", PROFILES).flag("hpet.split64"));
    CHECK(with("hpet.split64", "true").flag("hpet.split64"));
    CHECK(with("hpet.split64_gap", "3 ticks").duration("hpet.split64_gap").fs == 3 * 41'666'667);
    CHECK(with("hpet.drift_ppm", "-20").number("hpet.drift_ppm") == -20);
}

TEST_CASE("a wrong row, knob or value of a profile is an error at its place", "[product-3]") {
    const std::string head = "profile: mine\nextends: desktop-2018\n";
    CHECK(error_of_profile("# nothing\n") ==
          "mine.yaml: error: the file is empty\n  expected a mapping with at least 'profile'");
    CHECK(error_of_profile(head + "rows: {msi.root_to_lapik: {v: 1, u: ns}}\n") ==
          "mine.yaml:3:8: error: no row 'msi.root_to_lapik'; did you mean 'msi.root_to_lapic'?\n"
          "rows: {msi.root_to_lapik: {v: 1, u: ns}}\n"
          "       ^^^^^^^^^^^^^^^^^\n"
          "  expected a row of models/base/timing.hpp");
    CHECK(error_of_profile(head + "rows: {lapic.accept: {v: 1, u: sec}}\n").find("3:32: error: unknown unit 'sec'") !=
          std::string::npos);
    CHECK(error_of_profile(head + "rows: {lapic.accept: {v: 1, u: cyc}}\n").find("another unit") != std::string::npos);
    CHECK(error_of_profile(head + "rows: {lapic.accept: {v: 9, lo: 10, hi: 20, u: ns}}\n").find("own bounds") !=
          std::string::npos);
    CHECK(error_of_profile(head + "knobs: {hpet.valset_reads: one}\n").find("unknown value 'one'") !=
          std::string::npos);
    CHECK(error_of_profile(head + "knobs: {hpet.split46: true}\n").find("did you mean 'hpet.split64'?") !=
          std::string::npos);
    CHECK(error_of_profile(head) == "");
}

TEST_CASE("to set a row that no model charges is an error at its place", "[product-3]") {
    CHECK_THROWS_WITH(with("mem.l2_hit", "20 cycles"),
                      Catch::Contains("to set row 'mem.l2_hit' changes nothing: it is not used by the models"));
    CHECK_THROWS_WITH(with("hpet.read", "1 us"),
                      Catch::Contains("it is a check; the models charge fabric.read_request, hpet.service, "
                                      "fabric.read_response"));
    CHECK(why_uncharged(Row::MemL1Hit).empty());
}

TEST_CASE("a profile that leaves a row out says which", "[timing-1]") {
    const std::string error = error_of_profile(
        "profile: mine\n"
        "clock: {core: 1000000000 Hz, tsc: 1000000000 Hz, crystal: 25000000 Hz, hpet_period: 10 ns}\n"
        "default: {apic: xapic, remapping: none}\n"
        "rows: {mem.l1_hit: {v: 1, u: cyc}}\n");
    CHECK(error.find("profile 'mine' has no row 'mem.l2_hit'") != std::string::npos);
}

TEST_CASE("a profile that extends itself is an error and no endless loop", "[product-3]") {
    const Folder folder;
    const std::string path = folder.path() + "/mine.yaml";
    folder.write("mine.yaml", "profile: mine\nextends: " + path + "\n");
    CHECK_THROWS_WITH(load(path, PROFILES), Catch::Contains("'extends' goes in a circle"));
}

TEST_CASE("an unknown profile is an error with the nearest name", "[product-3]") {
    scenario::Machine machine;
    machine.profile = {"desktop-2081", {}};
    CHECK_THROWS_WITH(load(machine, PROFILES), Catch::Contains("did you mean 'desktop-2018'?"));
}

TEST_CASE("a knob may name its grade and its sources, as a row does", "[timing-5]") {
    const Profile profile = load("dual-timer", PROFILES);
    CHECK(profile.word("lapic.dual_timer") == "nmi-reason");
    CHECK(profile.knob_provenance.find("lapic.dual_timer")->second.grade == 'D');
    CHECK(profile.knob_provenance.find("lapic.dual_timer")->second.sources == std::vector<std::string>{"S33"});
    CHECK(profile.knob_provenance.find("hpet.chip")->second.grade == '-');
    CHECK(with("hpet.split64", "true").knob_provenance.find("hpet.split64")->second.grade == '=');
    const std::string head = "profile: mine\nextends: desktop-2018\n";
    CHECK(error_of_profile(head + "knobs: {hpet.chip: {v: ich10, g: E}}\n").find("unknown grade 'E'") !=
          std::string::npos);
    CHECK(error_of_profile(head + "knobs: {hpet.chip: {g: D}}\n").find("no 'v' in knob 'hpet.chip'") !=
          std::string::npos);
    CHECK(error_of_profile(head + "knobs: {hpet.chip: {v: ich10, u: ns}}\n").find("unknown key 'u'") !=
          std::string::npos);
}

TEST_CASE("a scenario, a description and the table of sources are no profiles, and are told so", "[timing-5]") {
    const std::string place = " in place of a profile of a machine";
    CHECK(error_of_profile("title: A title\n").find("a scenario" + place) != std::string::npos);
    CHECK(error_of_profile("max_delay: 20 s\n").find("the description of a detector" + place) != std::string::npos);
    CHECK(error_of_profile("sources: {S1: a book}\n").find("the table of the profiles' sources" + place) !=
          std::string::npos);
    CHECK(error_of_profile("profile: mine\nsources: {S1: a book}\n").find("unknown key 'sources'") !=
          std::string::npos);
}

TEST_CASE("a counterfactual differs from the machine it extends in what its name says, and in nothing else",
          "[timing-5][LAPIC-38][CPU-27]") {
    using Names = std::vector<std::string>;
    const auto differs = [](const std::string& name) {
        const Profile base = load("desktop-2018", PROFILES);
        const Profile other = load(name, PROFILES);
        Names names;
        for (std::size_t row = 0; row < ROWS; ++row) {
            if (base.timing.duration(static_cast<Row>(row)) != other.timing.duration(static_cast<Row>(row))) {
                names.emplace_back(ROW_NAMES[row]);
            }
        }
        for (const auto& [knob, setting] : base.knobs) {
            if (text_of(setting) != text_of(other.knobs.find(knob)->second)) {
                names.push_back(knob);
            }
        }
        return names;
    };
    CHECK(differs("fred-nmi-source") == Names{"cpu.fred", "cpu.nmi_source"});
    CHECK(differs("dual-timer") == Names{"lapic.dual_timer"});
    for (const char* const name : {"fred-nmi-source", "dual-timer"}) {
        CHECK(load(name, PROFILES).machine.find("counterfactual") == 0);
    }
}

TEST_CASE("every knob that is not the common default names a grade and its sources, and each is in the list",
          "[timing-9]") {
    const auto defaults = default_knobs(PROFILES);
    unsigned others = 0;
    for (const std::string& name : installed(PROFILES)) {
        const Profile profile = load(name, PROFILES);
        for (const auto& [knob, provenance] : profile.knob_provenance) {
            INFO(name << " " << knob);
            if (text_of(defaults.find(knob)->second) != text_of(profile.knobs.find(knob)->second)) {
                ++others;
                CHECK(provenance.grade != '-');
                CHECK_FALSE(provenance.sources.empty());
            }
            for (const std::string& id : provenance.sources) {
                CHECK_FALSE(source_text(id, PROFILES).empty());
            }
        }
    }
    CHECK(others >= 10);
}

TEST_CASE("each knob has one default, that of the common profile", "[timing-5]") {
    const auto defaults = default_knobs(PROFILES);
    CHECK(defaults.size() == std::size(KNOBS));
    CHECK(text_of(defaults.find("hpet.chip")->second) == "pch-100");
    CHECK(text_of(defaults.find("lapic.max_lvt_entry")->second) == "6");
}
