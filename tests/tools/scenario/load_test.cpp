// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "tests/support/catch.hpp"
#include "tests/tools/scenario/text.hpp"
#include "tools/harness/scenario/files.hpp"

using namespace hldsim;
using namespace hldsim::scenario;

namespace {

const std::string AIMED =
    "title: x\n"
    "detector: {design: stop-drain, options: {drain: ipi}}\n"
    "events:\n"
    "  - at: 5 s\n"
    "    offline: 2\n"
    "    aim: {that: {cpu: 2, nmi: taken}, after: {cpu: 2, enters: hld_cpu_offline}}\n";

}  // namespace

TEST_CASE("a file extends another: mappings merge, lists replace, null removes", "[product-3.2]") {
    const Folder folder;
    folder.write("_base.yaml", AIMED + "machine: {cpus: 8}\nkernel: {watchdog_thresh: 5 s}\n");
    const std::string path =
        folder.write("mine.yaml", "extends: _base.yaml\ntitle: y\ndetector: {options: {drain: none}}\nkernel: null\n");
    const Scenario run = load(path).at(0);
    CHECK(run.title == "y");
    CHECK(run.machine.cpus == 8);
    CHECK(run.detector.design->value == "stop-drain");
    CHECK(run.detector.options.at(0).value == "none");
    CHECK(run.kernel.watchdog_thresh_s == 10);
    CHECK(run.events.size() == 1);
}

TEST_CASE("a wrong value in an extended file is shown in that file", "[product-3.2]") {
    const Folder folder;
    folder.write("_base.yaml", "title: x\ndetector: {design: direct-rout}\n");
    const std::string path = folder.write("mine.yaml", "extends: _base.yaml\n");
    CHECK_THROWS_WITH(load(path), Catch::Contains("_base.yaml:2:20: error: unknown design 'direct-rout'"));
}

TEST_CASE("a path that leads back to the same file another way is a circle too", "[product-3.2]") {
    const Folder folder;
    const std::string path = folder.write(
        "mine.yaml", "extends: ./../" + folder.path().substr(folder.path().rfind('/') + 1) + "/mine.yaml\ntitle: x\n");
    CHECK_THROWS_WITH(load(path), Catch::Contains("'extends' goes in a circle"));
}

TEST_CASE("--set overrides, in its order", "[product-2]") {
    const Scenario run =
        load_text(AIMED, {{"detector.options.drain=none", "machine={cpus: 8}", "machine.cpus=16"}, {}}).at(0);
    CHECK(run.detector.options.at(0).value == "none");
    CHECK(run.machine.cpus == 16);
    CHECK(load_text(AIMED, {{"machine.cpus=16", "machine={cpus: 8}"}, {}}).at(0).machine.cpus == 8);
    CHECK_THROWS_WITH(load_text(AIMED, {{"machine.cpus=8", "until=1 s", "machine.cpus=8"}, {}}),
                      Catch::Contains("error: 'machine.cpus' is set twice"));
}

TEST_CASE("--set of an event's instant fixes it, so that the aim is not solved again", "[product-2]") {
    CHECK_FALSE(load_text(AIMED).at(0).events[0].instant_fixed);
    const Scenario run = load_text(AIMED, {{"events.1.at=7515764091333ps"}, {}}).at(0);
    CHECK(run.events[0].instant_fixed);
    CHECK(run.events[0].aim);
    CHECK(run.events[0].at->value.amount == 7'515'764'091'333'000);
}

TEST_CASE("what is set for all runs does not vary", "[product-2]") {
    const std::string text = SMALLEST + "vary: {events.1.at: [5 s, 7 s], machine.cpus: [4, 8]}\n";
    CHECK(load_text(text).size() == 4);
    const std::vector<Scenario> runs = load_text(text, {{"events.1.at=6 s"}, {}});
    REQUIRE(runs.size() == 2);
    CHECK(runs[1].events[0].at->value.amount == 6 * FS_PER_S);
    CHECK(runs[1].machine.cpus == 8);
}

TEST_CASE("the last varied key is the fastest", "[product-3.2]") {
    const std::vector<Scenario> runs = load_text(SMALLEST + "vary: {events.1.at: [5 s, 7 s], machine.cpus: [4, 8]}\n");
    REQUIRE(runs.size() == 4);
    CHECK(runs[1].vary.at(0).value == "5 s");
    CHECK(runs[1].vary.at(1).value == "8");
    CHECK(runs[2].vary.at(0).value == "7 s");
    CHECK(runs[2].vary.at(1).value == "4");
}

TEST_CASE("a row of the profile can vary, although its name has dots", "[product-3.2]") {
    const std::vector<Scenario> runs =
        load_text(SMALLEST + "vary: {machine.set.msi.device_to_root: [100 ns, 200 ns]}\n");
    REQUIRE(runs.size() == 2);
    CHECK(runs[1].machine.set.at(0).name == "msi.device_to_root");
    CHECK(runs[1].machine.set.at(0).value == "200 ns");
}

TEST_CASE("ten thousand combinations are read, and more are refused", "[product-3.2]") {
    std::string values = "1 s";
    for (unsigned i = 2; i <= 101; ++i) {
        values += ", " + std::to_string(i) + " s";
    }
    CHECK(error_of(SMALLEST + "vary: {events.1.at: [" + values + "], until: [" + values + "]}\n")
              .find("more than 10000 combinations") != std::string::npos);
}

TEST_CASE("another object may have designs and options of its own", "[product-2]") {
    const std::string text = "title: x\ndetector: {design: mine, options: {depth: 3}}\n";
    CHECK(error_of(text).find("unknown design 'mine'") != std::string::npos);
    const Scenario run = load_text(text, {{}, "build/mine.so"}).at(0);
    CHECK(run.detector.object->value == "build/mine.so");
    CHECK(run.detector.design->value == "mine");
}

TEST_CASE("the path of an object is relative to the file that names it", "[product-3.1]") {
    const Folder folder;
    const std::string path = folder.write("mine.yaml", "title: x\ndetector: {object: sub/mine.so}\n");
    CHECK(load(path).at(0).detector.object->value == folder.path() + "/sub/mine.so");
}

TEST_CASE("the longest run is allowed, and a femtosecond more is refused", "[product-3]") {
    CHECK(error_of(SMALLEST + "until: 8995 s\n").empty());
    CHECK(error_of(SMALLEST + "until: 8995000000000000001 fs\n").find("4:8: error: the run would end after") !=
          std::string::npos);
}

TEST_CASE("a repetition is an event whose passes count", "[product-3.3]") {
    const Scenario run = load_text(
                             "title: x\ndetector: {design: direct-route}\nevents:\n"
                             "  - {at: 5 s, repeat: {times: 3, every: 2 s, do: [{offline: 2}, {online: 2}]}}\n")
                             .at(0);
    const auto& repeat = std::get<Repeat>(run.events[0].action);
    CHECK(repeat.times == 3);
    CHECK(repeat.every.value.amount == 2 * FS_PER_S);
    REQUIRE(repeat.actions.size() == 2);
    CHECK(std::get<Hotplug>(repeat.actions[1]).online);
}

TEST_CASE("an SMI says when firmware executes IRET, an exception whether it is an IRET's", "[product-3.3]") {
    const Scenario run = load_text(
                             "title: t\ndetector: {design: direct-route}\nevents:\n"
                             "  - {at: 5 s, smi: {cpus: all, for: 1 ms, iret_after: 10 us}}\n"
                             "  - {at: 5 s, smi: {cpus: all, for: 1 ms}}\n"
                             "  - {at: 5 s, exception: {cpu: 2, for: 3 us, at_iret: true}}\n"
                             "  - {at: 5 s, exception: {cpu: 1, for: 4 us}}\n")
                             .at(0);
    REQUIRE(run.events.size() == 4);
    CHECK(std::get<Smi>(run.events[0].action).iret_after.value().value.amount == 10 * FS_PER_S / 1'000'000);
    CHECK_FALSE(std::get<Smi>(run.events[1].action).iret_after);
    const auto& of_iret = std::get<Exception>(run.events[2].action);
    CHECK(of_iret.cpu.value == CpuNumber{2});
    CHECK(of_iret.duration.value.amount == 3 * FS_PER_S / 1'000'000);
    CHECK(of_iret.at_iret);
    CHECK_FALSE(std::get<Exception>(run.events[3].action).at_iret);
}

TEST_CASE("an exception may wait for a point, and may be repeated", "[product-3.3]") {
    const Scenario run = load_text(
                             "title: t\ndetector: {design: direct-route}\nevents:\n"
                             "  - {when: {cpu: 1, nmi: taken}, exception: {cpu: 1, for: 2 us}}\n"
                             "  - at: 5 s\n"
                             "    repeat: {times: 3, every: 1 ms, do: [{exception: {cpu: 1, for: 2 us}}]}\n")
                             .at(0);
    CHECK(std::holds_alternative<Exception>(run.events.at(0).action));
    CHECK(run.events[0].when.has_value());
    CHECK(std::holds_alternative<Exception>(std::get<Repeat>(run.events.at(1).action).actions.at(0)));
}

TEST_CASE("a folder means its scenarios in the order of their paths", "[product-2]") {
    const Folder folder;
    for (const char* const name : {"b.yaml", "a.yaml", "_base.yaml", "notes.txt"}) {
        folder.write(name, SMALLEST);
    }
    for (const char* const sub : {"profiles", "studies", "claims"}) {
        std::filesystem::create_directory(folder.path() + "/" + sub);
        folder.write(std::string{sub} + "/c.yaml", SMALLEST);
    }
    const std::vector<std::string> found = files({folder.path() + "/", "-"});
    CHECK(found == std::vector<std::string>{folder.path() + "/a.yaml", folder.path() + "/b.yaml",
                                            folder.path() + "/claims/c.yaml", "-"});
}

TEST_CASE("what is hidden in a folder or is no file is no scenario", "[product-2]") {
    const Folder folder;
    const std::string here = folder.path() + "/";
    std::filesystem::create_directory(here + ".old");
    for (const char* const name : {"a.yaml", "._a.yaml", ".a.yaml", ".old/b.yaml"}) {
        folder.write(name, SMALLEST);
    }
    std::filesystem::create_symlink("who@host.1234", here + ".#a.yaml");
    std::filesystem::create_symlink("nowhere", here + "gone.yaml");
    std::filesystem::create_symlink("a.yaml", here + "link.yaml");
    REQUIRE(mkfifo((here + "pipe.yaml").c_str(), 0600) == 0);
    std::filesystem::create_symlink("pipe.yaml", here + "to-pipe.yaml");
    // A link that leads nowhere is told by its reader.
    CHECK(files({here}) == std::vector<std::string>{here + "a.yaml", here + "gone.yaml", here + "link.yaml"});
    CHECK(files({here + ".old", here + "._a.yaml", here + "pipe.yaml"}) ==
          std::vector<std::string>{here + ".old/b.yaml", here + "._a.yaml", here + "pipe.yaml"});
}

TEST_CASE("a file of the mini-kernel is written what it takes", "[scenario]") {
    struct Row {
        std::string file;
        std::string value;
        bool taken = false;
    };
    const auto row = GENERATE(
        Row{"watchdog_thresh", "0", true}, Row{"watchdog_thresh", "60", true}, Row{"watchdog_thresh", "61", false},
        Row{"watchdog_thresh", "-1", false}, Row{"watchdog_thresh", "5.5", false}, Row{"watchdog_cpumask", "0-3", true},
        Row{"watchdog_cpumask", "0,2-3", true}, Row{"watchdog_cpumask", "4", false},
        Row{"watchdog_cpumask", "3-1", false}, Row{"watchdog_cpumask", "1-", false},
        Row{"watchdog_cpumask", "1;2", false}, Row{"/proc/irq/hpet/smp_affinity", "f", true},
        Row{"/proc/irq/hpet/smp_affinity", "0x8", true}, Row{"/proc/irq/hpet/smp_affinity", "00000000,00000001", true},
        Row{"/proc/irq/hpet/smp_affinity", "10", false}, Row{"/proc/irq/hpet/smp_affinity", "0x", false},
        Row{"/proc/irq/hpet/smp_affinity", "g", false});
    CAPTURE(row.file, row.value);
    const std::string text =
        "title: x\ndetector: {design: direct-route}\nevents:\n  - {at: 5 s, write: {file: " + row.file + ", value: \"" +
        row.value + "\"}}\n";
    if (row.taken) {
        CHECK_NOTHROW(load_text(text));
    } else {
        CHECK_THROWS_AS(load_text(text), diagnostic::Error);
    }
}
