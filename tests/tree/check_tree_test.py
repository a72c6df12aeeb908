# SPDX-License-Identifier: Apache-2.0
"""The checks of the tree, fed with what they must find and with what they must leave alone."""
import unittest

import budgets
import generated
import layers
import licences
import rows
import rules
import words
from tree import code_only


def messages(check, tree):
    return [str(finding) for finding in check(tree)]


class Case(unittest.TestCase):
    def finds(self, check, tree, *expected):
        """Exactly one finding for each expected beginning, in any order."""
        found = messages(check, tree)
        for text in expected:
            self.assertTrue(any(message.startswith(text) for message in found), f"{text!r} not in {found}")
        self.assertEqual(len(found), len(expected), found)


class Layers(Case):
    def include(self, path, *names):
        tree = {name: "#pragma once\n" for name in names}
        tree[path] = "// first\n" + "".join(f'#include "{name}"\n' for name in names)
        return tree

    def test_a_step_up_is_named_with_its_line(self):
        self.finds(layers.check_layers, self.include("models/base/a.hpp", "models/sim/b.hpp"),
                   "models/base/a.hpp:2: error: models/base may not include models/sim")

    def test_devices_never_include_each_other(self):
        self.finds(layers.check_layers, self.include("models/ioapic/bad.hpp", "models/fabric/f.hpp", "models/hpet/h.hpp"),
                   "models/ioapic/bad.hpp:3: error: models/ioapic may not include models/hpet")

    def test_a_new_folder_of_models_is_a_device(self):
        self.finds(layers.check_layers, self.include("models/foo/foo.hpp", "models/fabric/f.hpp", "models/foo/registers.hpp",
                                                     "models/hpet/h.hpp", "models/cpu/c.hpp", "models/machine/m.hpp"),
                   "models/foo/foo.hpp:4: error: models/foo may not include models/hpet",
                   "models/foo/foo.hpp:5: error: models/foo may not include models/cpu",
                   "models/foo/foo.hpp:6: error: models/foo may not include models/machine")
        self.finds(layers.check_layers, self.include("models/lapic/lapic.hpp", "models/foo/foo.hpp"),
                   "models/lapic/lapic.hpp:2: error: models/lapic may not include models/foo")
        self.finds(layers.check_layers, self.include("models/fabric/fabric.hpp", "models/foo/foo.hpp"),
                   "models/fabric/fabric.hpp:2: error: models/fabric may not include models/foo")
        self.finds(layers.check_layers, self.include("models/machine/machine.hpp", "models/foo/foo.hpp"))
        self.finds(layers.check_systemc, {"models/foo/foo.hpp": "#include <systemc>\n"})

    def test_the_machine_lists_each_register_map(self):
        text = "namespace hldsim::foo {\ninline constexpr regs::Map MAP{\"foo\"};\n}\n"
        tree = {"models/foo/registers.hpp": text, layers.REGISTER_MAPS: "&hpet::MAP,\n"}
        self.finds(layers.check_register_maps, tree,
                   "models/foo/registers.hpp:2: error: foo::MAP is not listed in models/machine/register_maps.cpp")
        tree[layers.REGISTER_MAPS] += "&foo::MAP,\n"
        self.finds(layers.check_register_maps, tree)

    def test_the_machine_lists_each_device(self):
        device = "class Foo final {\n    void reset_enter();\n    sim::Probe<HopReached> hop;\n};\nclass Part final {\n};\n"
        function = "void Machine::{}(int) {{\n    visit({});\n}}\n"
        for member, used in (("Foo foo;", "foo"), ("std::vector<std::unique_ptr<Foo>> foos_;", "foos_")):
            tree = {"models/foo/foo.hpp": device, layers.MACHINE_LISTS: function.format("each_device", used)}
            self.finds(layers.check_machine_knows_devices, tree,
                       "models/foo/foo.hpp:1: error: Foo is no member of models/machine/machine.hpp")
            tree[layers.MACHINE] = f"class Machine {{\n    {member}\n}};\n"
            tree[layers.MACHINE_LISTS] = function.format("each_device", "a") + function.format("observe_hops", "a")
            self.finds(layers.check_machine_knows_devices, tree,
                       f"models/foo/foo.hpp:1: error: {used} is not in each_device() of models/machine/machine.cpp",
                       f"models/foo/foo.hpp:1: error: {used} is not in observe_hops() of models/machine/machine.cpp")
            tree[layers.MACHINE_LISTS] = function.format("each_device", used) + function.format("observe_hops", used)
            self.finds(layers.check_machine_knows_devices, tree)

    def test_the_way_down_and_the_own_folder_are_free(self):
        self.finds(layers.check_layers, self.include("models/hpet/hpet.cpp", "models/base/a.hpp", "models/hpet/hpet.hpp"))
        self.finds(layers.check_layers, self.include("tools/hldsim/main.cpp", "tools/harness/run.hpp", "models/cpu/c.hpp"))

    def test_models_know_neither_detector_nor_harness(self):
        self.finds(layers.check_layers, self.include("models/cpu/cpu.hpp", "detector/shim/api.hpp"),
                   "models/cpu/cpu.hpp:2: error: models/cpu may not include detector/shim")
        self.finds(layers.check_layers, self.include("models/machine/m.cpp", "tools/harness/run.hpp"),
                   "models/machine/m.cpp:2: error: models/machine may not include tools/harness")

    def test_nothing_includes_a_test_or_the_detector(self):
        self.finds(layers.check_layers, self.include("tools/harness/a.cpp", "tests/support/catch.hpp"),
                   "tools/harness/a.cpp:2: error: tools/harness may not include tests/support")
        self.finds(layers.check_layers, self.include("tools/harness/a.cpp", "detector/core/hld.h"),
                   "tools/harness/a.cpp:2: error: tools/harness may not include detector/core")

    def test_an_include_that_is_not_from_the_root_is_named(self):
        self.finds(layers.check_layers, {"models/hpet/hpet.cpp": '#include "hpet.hpp"\n'},
                   'models/hpet/hpet.cpp:1: error: no file "hpet.hpp" in the tree')

    def test_an_include_in_a_comment_is_prose(self):
        self.finds(layers.check_layers, {"models/base/a.hpp": '// #include "models/sim/b.hpp"\n'})

    def test_systemc_is_for_sim_and_devices(self):
        self.finds(layers.check_systemc, {"models/base/a.hpp": "#include <systemc>\n", "models/sim/a.hpp": "#include <systemc>\n",
                                          "models/hpet/a.hpp": "#include <systemc>\n"},
                   "models/base/a.hpp:1: error: <systemc> is banned here")

    def test_the_detector_includes_what_a_kernel_has(self):
        tree = {"detector/core/hld.h": "", "detector/shim/include/hld/runtime.h": "",
                "detector/designs/d.c": '#include <linux/nmi.h>\n#include <asm/io.h>\n#include "hld.h"\n'}
        self.finds(layers.check_detector_includes, tree)
        tree["detector/designs/d.c"] += "#include <hld/runtime.h>\n"
        self.finds(layers.check_detector_includes, tree, "detector/designs/d.c:4: error: the detector may include")
        tree["detector/designs/d.c"] = "#include <stdint.h>\n"
        self.finds(layers.check_detector_includes, tree, "detector/designs/d.c:1: error: the detector may include")

    def test_the_mini_kernel_may_see_the_shim_but_not_the_models(self):
        tree = {"detector/shim/include/hld/runtime.h": "", "detector/kernel/irq.h": "",
                "detector/kernel/a.c": '#include <linux/nmi.h>\n#include <hld/runtime.h>\n#include "irq.h"\n'}
        self.finds(layers.check_detector_includes, tree)
        tree["detector/kernel/a.c"] += '#include "models/cpu/cpu.hpp"\n'
        self.finds(layers.check_detector_includes, tree, "detector/kernel/a.c:4: error: the mini-kernel may include")

    def test_a_header_has_pragma_once(self):
        self.finds(layers.check_models_headers, {"models/base/a.hpp": "int a;\n", "models/base/b.hpp": "#pragma once\n"},
                   "models/base/a.hpp:1: error: no #pragma once")


class Words(Case):
    def line(self, text, path="models/hpet/hpet.cpp"):
        return {path: f"// first\n{text}\n"}

    def test_each_ban_says_what_to_use_instead(self):
        for text, path, message in (
                ("#include <chrono>", "models/base/a.hpp", "use models/base/duration.hpp"),
                ("auto t = std::chrono::seconds(1);", "detector/shim/a.cpp", "use models/base/duration.hpp"),
                ("std::mt19937 engine;", "tools/harness/a.cpp", "use models/base/choice.hpp"),
                ("int x = rand();", "detector/core/a.c", "use models/base/choice.hpp"),
                ("auto now = time(nullptr);", "models/hpet/hpet.cpp", "use the timeline's now()"),
                ('auto h = getenv("HOME");', "tools/harness/a.cpp", "use an option of the command line"),
                ("std::unordered_map<int, int> m;", "tools/harness/a.cpp", "use std::map or a sorted vector"),
                ("double period;", "models/hpet/hpet.cpp", "use integers and models/base/clock_domain.hpp"),
                ("float period;", "detector/core/a.c", "use integers, as in a kernel"),
                ("sc_core::sc_time t;", "models/base/a.hpp", "use models/sim"),
                ("sc_core::sc_time t;", "tools/harness/a.cpp", "use models/sim"),
                ("std::cout << 1;", "models/hpet/hpet.cpp", "use a return value or a Probe"),
                ('printf("x");', "tools/harness/a.cpp", "use a return value or a Probe"),
                ("#include <fstream>", "models/hpet/hpet.cpp", "use an argument"),
                ("using namespace std;", "tests/base/a.cpp", "use the name in full"),
                ("// TODO: more", "README.md", "use a clear error"),
                ("this is a stub", "scenarios/a.yaml", "use the real thing"),
                ("good enough for now", "tests/base/a.cpp", "use the real thing"),
                ("cd /home/somebody", "README.md", "use a path from the root of the tree"),
                ("deb-src http://deb." "debian.org/debian bookworm main", "tests/oracle/build", "use the one that the machine's"),
                ("npm install --registry=https://registry." "npmjs.org", "tools/test", "use the one that the machine's"),
                ("/* the simulator needs this */", "detector/designs/d.c", "use words that a kernel would have"),
                ("hldsim_note();", "detector/core/hld_core.c", "use words that a kernel would have")):
            with self.subTest(text=text, path=path):
                found = messages(words.check_words, self.line(text, path))
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(f"{path}:2: error: "), found[0])
                self.assertIn(message, found[0])

    def test_what_only_looks_like_it_is_left_alone(self):
        for text, path in (
                ("sc_core::sc_event e;", "models/hpet/hpet.cpp"),
                ("sc_core::sc_event e;", "models/foo/foo.cpp"),
                ("auto t = next_time(3); timeline.time(4); ClockDomain clock(5);", "models/hpet/hpet.cpp"),
                ("double ratio;", "tests/bench/a.cpp"),
                ('auto s = "double time( rand() std::cout";  // a double', "models/hpet/hpet.cpp"),
                ("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/", ".reuse/dep5"),
                ("snprintf(text, 8, format);", "models/hpet/hpet.cpp"),
                ("writes to FEEx_xxxx; mkstemp(\"/tmp/aXXXXXX\");", "tests/base/a.cpp"),
                ("stubborn", "README.md"),
                ('auto colour = getenv("NO_COLOR");', "tools/hldsim/main.cpp"),
                ("int brand(int); operand();", "models/hpet/hpet.cpp")):
            with self.subTest(text=text):
                self.finds(words.check_words, self.line(text, path))

    def test_a_recogniser_knows_no_design(self):
        for name in ("lock-affinity", "direct_route", "StopDrain", "stop drain"):
            with self.subTest(name=name):
                self.finds(words.check_recognisers, self.line(f"// as in {name}", "tools/harness/check/hazards.cpp"),
                           "tools/harness/check/hazards.cpp:2: error: ")
        self.finds(words.check_recognisers, self.line("direct_route", "tools/harness/report/report.cpp"))

    def test_a_new_design_is_known_by_its_file_and_by_its_name(self):
        tree = self.line('// "per-cpu timers"', "tools/harness/check/a.cpp")
        self.finds(words.check_recognisers, tree)
        tree["detector/designs/own.c"] = '\t.name\t= "per-cpu-timers",\n'
        self.finds(words.check_recognisers, tree, "tools/harness/check/a.cpp:2: error: 'per-cpu timers' is the name")


FUNCTION = "void hpet::Hpet::write(std::uint32_t offset,\n                       int value) const {\n%s}\n"


class Budgets(Case):
    def test_a_file_over_its_budget_is_named(self):
        self.finds(budgets.check_budgets, {"models/a.cpp": "\n" * 401}, "models/a.cpp:1: error: 401 lines: a file has at most 400")
        self.finds(budgets.check_budgets, {"models/a.cpp": "\n" * 400})

    def test_a_function_over_its_budget_is_named_with_its_line(self):
        long = FUNCTION % ("    step();\n" * 68)
        self.assertEqual(list(budgets.functions(long)), [(1, "hpet::Hpet::write", 71)])
        self.finds(budgets.check_budgets, {"models/a.cpp": "// x\n\n" + long},
                   "models/a.cpp:3: error: 71 lines: a function has at most 70")
        self.finds(budgets.check_budgets, {"models/a.cpp": FUNCTION % ("    step();\n" * 67)})

    def test_a_kernel_style_function_is_measured_from_its_head(self):
        text = "static int hld_cpu_offline(unsigned int cpu)\n{\n" + "\tstep();\n" * 3 + "}\n"
        self.assertEqual(list(budgets.functions(text)), [(1, "hld_cpu_offline", 6)])

    def test_what_is_no_function_is_not_measured(self):
        text = ("namespace hldsim {\nclass Hpet final : public Base {\n    int a;\n};\nconst Row ROWS[] = {\n    {1},\n};\n"
                "enum class A {\n    B,\n};\n}\n")
        self.assertEqual(list(budgets.functions(text)), [])

    def test_an_exemption_needs_a_reason_and_a_need(self):
        tree = {"models/a.cpp": "\n" * 500, budgets.EXCEPTIONS: "# head\nmodels/a.cpp 500 one table, read as a whole by people\n"}
        self.finds(budgets.check_budgets, tree)
        tree["models/a.cpp"] = "\n" * 501
        self.finds(budgets.check_budgets, tree, "models/a.cpp:1: error: 501 lines, but tests/tree/budgets.txt:2 allows 500")
        tree["models/a.cpp"] = "\n" * 10
        self.finds(budgets.check_budgets, tree, "tests/tree/budgets.txt:2: error: models/a.cpp is within its budget")
        tree = {"models/a.cpp": "\n" * 500, budgets.EXCEPTIONS: "models/a.cpp 500\n"}
        self.finds(budgets.check_budgets, tree, "tests/tree/budgets.txt:1: error: no reason given for models/a.cpp")


class Licences(Case):
    def test_a_file_without_the_line_is_named(self):
        self.finds(licences.check_licences, {"models/a.cpp": "int a;\n"},
                   "models/a.cpp:1: error: no SPDX line; write SPDX-License-Identifier: Apache-2.0")

    def test_the_licence_is_that_of_the_folder(self):
        self.finds(licences.check_licences, {"detector/core/a.c": "// SPDX-License-Identifier: Apache-2.0\n"},
                   "detector/core/a.c:1: error: licence is Apache-2.0, but detector has GPL-2.0 OR MIT")
        self.finds(licences.check_licences, {"models/a.cpp": "// SPDX-License-Identifier: GPL-2.0 OR MIT\n"},
                   "models/a.cpp:1: error: licence is GPL-2.0 OR MIT, but models has Apache-2.0")

    def test_every_kind_of_comment_and_a_shebang_are_read(self):
        self.finds(licences.check_licences, {
            "detector/core/a.h": "/* SPDX-License-Identifier: GPL-2.0 OR MIT */\n",
            "detector/CMakeLists.txt": "# SPDX-License-Identifier: Apache-2.0\n",
            "tools/test": "#!/usr/bin/env bash\n# SPDX-License-Identifier: Apache-2.0\n",
            "scenarios/a.yaml": "# SPDX-License-Identifier: Apache-2.0\n",
            "tests/detector/probe.c": "// SPDX-License-Identifier: GPL-2.0 OR MIT\n",
            "README.md": "<!-- SPDX-License-Identifier: Apache-2.0 -->\n# hldsim\n", "CMakePresets.json": "{}\n", "LICENSE": "text\n"})


class Rows(Case):
    def tree(self, model="", kept="", checks=""):
        return {rows.NAMES: '#define X(ROW) \\\n    ROW(MemLocked, "mem.locked") \\\n    ROW(HpetRead,  "hpet.read")\n',
                "models/cpu/a.cpp": model, rows.KEPT: kept, rows.CHECKS_FILE: checks}

    def test_a_row_is_charged_or_kept_or_checked(self):
        self.finds(rows.check_rows, self.tree(model="timing.cycles(Row::MemLocked)", checks="{Row::HpetRead, {Row::MemLocked}}"))
        self.finds(rows.check_rows, self.tree(model="timing.cycles(Row::MemLocked)"),
                   "models/base/timing.hpp:3: error: no model charges row HpetRead")
        self.finds(rows.check_rows, self.tree(kept="Row::MemLocked, Row::HpetRead,"))

    def test_a_row_that_is_charged_is_neither_kept_nor_a_check(self):
        self.finds(rows.check_rows, self.tree(model="Row::MemLocked Row::HpetRead", kept="Row::HpetRead"),
                   "models/base/timing.hpp:3: error: a model charges row HpetRead")
        self.finds(rows.check_rows, self.tree(model="Row::MemLocked Row::HpetRead", checks="{Row::HpetRead,\n {Row::MemLocked}}"),
                   "models/base/timing.hpp:3: error: a model charges row HpetRead")


class Rules(Case):
    def test_a_rule_in_a_table_needs_a_test_with_its_tag(self):
        tree = {"models/hpet/README.md": "| rule | |\n|---|---|\n| H-7 | a match on the edge |\n"}
        self.finds(rules.check_rules_have_tests, tree, "models/hpet/README.md:3: error: rule H-7 has no test")
        tree["tests/models/lapic/a_test.cpp"] = 'TEST_CASE("x", "[lapic][H-7]")\n'
        self.finds(rules.check_rules_have_tests, tree)

    def test_a_row_may_name_several_rules(self):
        tree = {"models/hpet/README.md": "| H-2, H-3 | halting | `knob` |\n"}
        self.finds(rules.check_rules_have_tests, tree, "models/hpet/README.md:1: error: rule H-2 has no test",
                   "models/hpet/README.md:1: error: rule H-3 has no test")

    def test_a_tag_counts_only_in_the_tags_of_a_case(self):
        tree = {"models/a/README.md": "| LAPIC-5 | x |\n",
                "tests/models/a_test.cpp": '// [LAPIC-5]\nTEST_CASE("[LAPIC-5]", "[a]")\nCHECK("[LAPIC-5]");\n'}
        self.finds(rules.check_rules_have_tests, tree, "models/a/README.md:1: error: rule LAPIC-5 has no test")

    def test_a_rule_without_a_test_is_open_impossible_or_an_error(self):
        tree = {"models/a/README.md": "| M-1 | one |\n| M-2 | two; impossible: nobody sees it |\n",
                rules.OPEN: "# open\nM-1\n"}
        self.finds(rules.check_rules_have_tests, tree)
        tree["tests/models/a_test.cpp"] = 'TEST_CASE("x", "[M-1]")\n'
        self.finds(rules.check_rules_have_tests, tree, f"{rules.OPEN}:2: error: rule M-1 has a test now")
        tree = {rules.OPEN: "M-1\n"}
        self.finds(rules.check_rules_have_tests, tree, f"{rules.OPEN}:1: error: no table under models/ has a rule M-1")

    def test_what_of_a_rule_has_no_test_stands_at_the_head_of_the_page(self):
        tree = {"models/a/README.md": "| M-1 | one |\n| M-2 | two; in part: not the other half |\n",
                "tests/a_test.cpp": 'TEST_CASE("x", "[M-1][M-2]")\n'}
        page = rules.rules_page(tree)
        self.assertIn("2 rules, 2 with tests, 1 of them in part.", page)
        self.assertIn("* M-2 is tested in part: not the other half", page)
        self.assertNotIn("M-1 is tested in part", page)

    def test_a_family_is_listed_whole(self):
        rows = "".join(f"| HP-{number} | x |\n" for number in (1, 2, 4))
        self.finds(rules.check_rules_are_complete, {"models/a/README.md": rows},
                   "models/a/README.md:1: error: no row for HP-3, HP-5")

    def test_each_mistake_has_a_test_or_a_reason(self):
        cases = "".join(f'TEST_CASE("x", "[{family}-{number}]")\n' for family, numbers in rules.MISTAKES.items()
                        for number in numbers if number != 51)
        tree = {rules.PAGE: "", "tests/a_test.cpp": cases}
        self.finds(rules.check_mistakes_have_tests, tree, f"{rules.PAGE}:1: error: no test for W-51: write one",
                   f"{rules.PAGE}:1: error: no test for WI-51: write one")
        tree[rules.PAGE] = "| W-51, WI-51 | impossible: why |\n"
        self.finds(rules.check_mistakes_have_tests, tree)
        tree[rules.PAGE] += "| W-1 | impossible: why |\n"
        self.finds(rules.check_mistakes_have_tests, tree, f"{rules.PAGE}:2: error: W-1 has a test now")

    def test_a_case_is_read_over_several_lines_and_with_a_fixture(self):
        text = ('TEST_CASE_METHOD(a::Fixture,\n                 "a name "\n                 "in two parts, \\"quoted\\"",\n'
                '                 "[x][H-1]"\n                 "[H-2]")\n')
        self.assertEqual(list(rules.cases({"tests/a_test.cpp": text})),
                         [(rules.Case("tests/a_test.cpp", 'a name in two parts, "quoted"'), ["H-1", "H-2"])])

    def test_the_page_lists_each_rule_with_its_tests_and_those_without(self):
        page = rules.rules_page({"models/a/README.md": "| M-2 | two |\n| M-1 | one |\n| M-3 | impossible: why |\n",
                                 "tests/a_test.cpp": 'TEST_CASE("W-9: it works", "[M-2][W-9]")\n'})
        self.assertIn("3 rules, 1 with tests, 0 of them in part.", page)
        self.assertIn("Without a test yet: M-1.", page)
        self.assertIn("* M-3 cannot have one: why", page)
        self.assertIn("* **M-1** one\n* **M-2** two\n  * `tests/a_test.cpp`: W-9: it works\n", page)
        self.assertIn("* **W-9**\n  * `tests/a_test.cpp`: W-9: it works", page)

    def test_the_checks_of_the_peer_suite_are_listed_executed_ones_first(self):
        page = rules.peer_page({"tests/models/a_test.cpp": 'TEST_CASE("W-27, WI-3: kvm-unit-tests ioapic: poked", "[I-6]")\n',
                                "tests/peer/b_test.cpp": 'TEST_CASE("kvm-unit-tests x86/b.c: run", "[CPU-3][CPU-1]")\n',
                                "tests/c_test.cpp": 'TEST_CASE("something else", "[I-1]")\n'})
        self.assertEqual(page.split("\n")[2:], ["| x86/b.c: run | CPU-1, CPU-3 | `tests/peer/b_test.cpp` |",
                                                "| ioapic: poked | I-6 | `tests/models/a_test.cpp` |"])

    def test_a_deviation_is_read_to_the_end_of_its_paragraph(self):
        text = ("//   Reset       all ones\n//   Deviation:  a register of an absent timer\n//   reads 0.\n//\n// More.\n"
                "int a;  // Deviation: one bit is kept where chips drop it\n")
        self.assertEqual(rules.deviations({"models/hpet/hpet.hpp": text}),
                         [("models/hpet/hpet.hpp", 2, "a register of an absent timer reads 0."),
                          ("models/hpet/hpet.hpp", 6, "one bit is kept where chips drop it")])

    def test_an_empty_deviation_is_named(self):
        self.finds(rules.check_deviations_are_sentences, {"models/a.hpp": "// Deviation: none\n"},
                   "models/a.hpp:1: error: Deviation: must say in a sentence")


class Generated(Case):
    def document(self, body, command="deviations"):
        return {"models/README.md": f"# x\n\n<!-- generated: {command} -->\n{body}<!-- /generated -->\n",
                "models/a.hpp": "// Deviation: a sentence that is long enough to be one\n"}

    def fresh(self, tree):
        skipped = []
        found = [str(finding) for finding in generated.check_fresh(tree, generated.Generator(".", tree, None), skipped)]
        return found, skipped

    def test_a_stale_block_is_named_and_update_docs_repairs_it(self):
        tree = self.document("old\n")
        found, _ = self.fresh(tree)
        self.assertEqual(len(found), 1)
        self.assertTrue(found[0].startswith("models/README.md:3: error: 'deviations' prints something else now"), found)
        tree["models/README.md"] = generated.rewrite(tree["models/README.md"], generated.Generator(".", tree, None))
        self.assertIn("* `models/a.hpp`: a sentence that is long enough to be one\n", tree["models/README.md"])
        self.assertEqual(self.fresh(tree), ([], []))

    def test_without_the_program_its_blocks_are_noted_not_passed_in_silence(self):
        found, skipped = self.fresh(self.document("old\n", "hldsim regs hpet --markdown"))
        self.assertEqual((found, len(skipped)), ([], 1))
        self.assertIn("models/README.md:3: not compared: hldsim is not built", skipped[0])

    def test_an_unknown_generator_is_an_error(self):
        found, _ = self.fresh(self.document("old\n", "rm -rf build"))
        self.assertEqual(found, ["models/README.md:3: error: 'rm' is no generator; expected hldsim, deviations, peer "
                                 "or rules"])

    def test_a_block_without_an_end_is_named(self):
        self.finds(generated.check_markers, {"a.md": "<!-- generated: deviations -->\n<!-- generated: deviations -->\n"},
                   "a.md:1: error: this generated block has no end", "a.md:2: error: this generated block has no end")
        self.finds(generated.check_markers, {"a.md": "x\n<!-- /generated -->\n"}, "a.md:2: error: this ends no generated block")

    def test_build_ids_do_not_make_a_document_stale(self):
        self.assertTrue(generated.same("detector build 5f0c91e2, gcc", "detector build 0a0b0c0d, gcc"))
        self.assertFalse(generated.same("width 171 cycles", "width 172 cycles"))


class Reading(unittest.TestCase):
    def test_comments_and_strings_are_blanked_and_lines_kept(self):
        text = 'a; // b\n/* c\n d */ "e//f" g\n'
        self.assertEqual(len(code_only(text)), len(text))
        self.assertEqual([line.split() for line in code_only(text).split("\n")], [["a;"], [], ["g"], []])

    def test_digit_separators_are_no_characters(self):
        self.assertEqual(code_only("x = 0xfee0'1000 + 1'000; // y\n").rstrip(), "x = 0xfee0'1000 + 1'000;")


if __name__ == "__main__":
    unittest.main()
