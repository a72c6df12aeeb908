# SPDX-License-Identifier: Apache-2.0
"""What the description of a detector switches on, and what is said of what it leaves off."""
import os
import subprocess
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

OWN = """
#include <linux/module.h>
#include <linux/cpumask.h>
#include <linux/percpu.h>

static struct cpumask mine;
static cpumask_var_t allocated;
static DEFINE_PER_CPU(struct cpumask, one_each);
static struct { struct cpumask before[2]; } pair;

static int __init my_init(void)
{
\tzalloc_cpumask_var(&allocated, 0);
\tcpumask_set_cpu(0, &mine);
\tcpumask_set_cpu(1, &pair.before[1]);
\tcpumask_set_cpu(2, this_cpu_ptr(&one_each));
\treturn 0;
}
module_init(my_init);
"""
STUCK = "events: [{at: 1 s, stuck: {cpu: 1, kind: irq-off}}]\nuntil: 20 s\n"
OFF = "  not watched: INV-mmio-budget, INV-target, INV-cover, INV-complete, INV-quiesce (no description says"


def path(name):
    return os.path.join(w.Place.folder, name)


def hldsim(*arguments):
    return subprocess.run([w.Place.hldsim, *arguments], cwd=w.Place.root, check=False, capture_output=True, text=True,
                          timeout=w.SECONDS_MAX)


class Description(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """An object of one's own, without a description, and a scenario in which a lockup is not reported."""
        cls.object = path("mine.so")
        w.compiled([w.write(path("mine.c"), OWN), f"--kernel={w.Place.kernel}", "-o", cls.object])
        cls.scenario = w.write(path("stuck.yaml"), f"title: A title\ndetector: {{object: {cls.object}}}\n{STUCK}")

    def described(self, text):
        return f"--set=detector.description={w.write(path('described.yaml'), text)}"

    def refused(self, *arguments):
        ran = hldsim("run", self.scenario, *arguments)
        self.assertEqual((2, ""), (ran.returncode, ran.stdout))
        return ran.stderr

    def test_cover_is_not_watched_where_no_nmi_can_be_a_check(self):
        """A buddy detector, say, whose CPUs look at each other in timer interrupts; its reports are watched."""
        text = "monitored: mine\nmax_delay: 20 s\n"
        off = "INV-cover (the object registers no NMI handler)"
        silent = OWN.replace("static int __init", "static int nobody(unsigned int t, struct pt_regs *r) { return 0; }\n"
                             "static int __init").replace("#include <linux/module.h>",
                                                         "#include <linux/module.h>\n#include <asm/nmi.h>")
        silent = silent.replace("\treturn 0;\n}\nmodule", "\treturn register_nmi_handler(NMI_LOCAL, nobody, 0, \"n\");\n}\n"
                                "module")
        handles = path("handles.so")
        w.compiled([w.write(path("handles.c"), silent), f"--kernel={w.Place.kernel}", "-o", handles])
        file = w.write(path("quiet.yaml"), "title: A title\nuntil: 60 s\n")
        for made, watched in ((self.object, False), (handles, True)):
            ran = hldsim("run", file, "-v", "--detector", made, self.described(text))
            self.assertEqual(1 if watched else 0, ran.returncode, ran.stdout + ran.stderr)
            (self.assertNotIn if watched else self.assertIn)(off, " ".join(ran.stdout.split()))
            self.assertEqual(watched, "no CPU was ever checked" in " ".join(ran.stdout.split()))

    def test_an_object_of_which_nothing_would_run_is_refused(self):
        made = path("data.so")
        w.compiled([w.write(path("data.c"), "int d;\n"), f"--kernel={w.Place.kernel}", "-o", made])
        wrong = f"error: {made}: no initcall: module_init() is missing"
        self.assertIn(f"command line: {wrong}\n", self.refused("--detector", made))
        file = w.write(path("data-in-scenario.yaml"), f"title: A title\ndetector: {{object: {made}}}\n")
        for command in ("run", "window"):
            ran = hldsim(command, file)
            self.assertEqual((2, ""), (ran.returncode, ran.stdout))
            self.assertIn(f"{file}:2:20: {wrong}\n", ran.stderr)

    def test_a_design_that_the_object_has_no_parameter_for_can_be_left_out(self):
        file = w.write(path("designed.yaml"), "title: A title\ndetector: {design: direct-route}\nuntil: 20 s\n")
        ran = hldsim("run", file, "--detector", self.object)
        self.assertEqual(2, ran.returncode)
        self.assertIn(f"no parameter 'design' in {self.object}\n", ran.stderr)
        way = "--set detector.design=null"
        self.assertIn(f"expected {way} for an object that has none, or one whose parameters", ran.stderr)
        self.assertEqual(0, hldsim("run", file, "--detector", self.object, *way.split()).returncode)

    def test_a_policy_that_the_object_has_no_parameter_for_is_refused(self):
        file = w.write(path("policy.yaml"), f"title: A title\ndetector: {{object: {self.object}, policy: cursor}}\n")
        for command in ("run", "lint"):
            ran = hldsim(command, file)
            self.assertEqual(2, ran.returncode)
            place = 30 + len(self.object)
            self.assertIn(f"{file}:2:{place}: error: no parameter 'policy' in {self.object}\n", ran.stderr)
            self.assertIn("expected --set detector.policy=null for an object that has none", ran.stderr)
        self.assertEqual(0, hldsim("run", file, "--set", "detector.policy=null").returncode)

    def test_that_nothing_is_found_says_what_was_not_watched(self):
        line = f"ok    {self.scenario}   nothing found, as expected"
        for command in (["run"], ["run", "-v"], ["window"], ["replay"]):
            ran = hldsim(*command, self.scenario)
            self.assertEqual(0, ran.returncode, ran.stderr)
            self.assertEqual(line, ran.stdout.split("\n")[0])
            self.assertEqual(1, ran.stdout.count(OFF + "\n"), f"{command}: {ran.stdout}")

    def test_ci_is_told_as_well(self):
        report = path("junit.xml")
        hldsim("run", self.scenario, "--junit", report)
        case = xml.etree.ElementTree.parse(report).getroot().find(".//testcase")
        self.assertIn(OFF, case.find("system-out").text)

    def test_an_entry_switches_its_invariants_on(self):
        """The detector does nothing at all, so that a lockup is not reported: seen as soon as it is described."""
        for entries, off in (("{}", ["INV-mmio-budget", "INV-target", "INV-cover", "INV-complete", "INV-quiesce"]),
                             ("monitored: mine", ["INV-mmio-budget", "INV-cover", "INV-complete", "INV-quiesce"]),
                             ("budget: {writes: 1}\ndrained: {leaves: my_init}",
                              ["INV-target", "INV-cover", "INV-complete"])):
            one = w.run(self.scenario, {"detector.description": w.write(path("some.yaml"), entries + "\n")})
            self.assertEqual(off, [line.split(":")[0] for line in one["unwatched"]])
            self.assertEqual([], one["findings"])
        ran = hldsim("run", self.scenario, self.described("monitored: pair.before[1]\nmax_delay: 1 thresholds\n"))
        self.assertEqual(1, ran.returncode, ran.stderr)
        self.assertIn("INV-complete", ran.stdout)
        self.assertIn("  not watched: INV-mmio-budget, INV-quiesce (no description says budget or drained); INV-cover (the",
                      ran.stdout)

    def test_a_mask_is_one_and_static(self):
        for name, error in (("allocated", "'allocated' is no cpumask"),
                            ("one_each", "'one_each' is not one cpumask but several"),
                            ("pair.before", "'pair.before' is no cpumask: struct cpumask[2]"),
                            ("pair.before[2]", "no cpumask 'pair.before[2]'"),
                            ("before", "no cpumask 'before'"),
                            ("mime", "no cpumask 'mime'; did you mean 'mine'?")):
            self.assertIn(f"described.yaml:1:12: error: {error}", self.refused(self.described(f"monitored: {name}\n")))

    def test_a_state_of_the_mask_needs_one(self):
        point = w.write(path("leaving.yaml"), f"title: A title\ndetector: {{object: {self.object}}}\nuntil: 1 s\n"
                        "events:\n  - {when: {cpu: 1, becomes: leaving}, smi: {cpus: [0], for: 5 us}}\n")
        for command in ("run", "lint"):
            ran = hldsim(command, point)
            self.assertEqual(2, ran.returncode)
            self.assertRegex(ran.stderr, r"leaving.yaml:\d+:12: error: .*no mask of this detector is known\n(.*\n)*.*"
                             "expected 'monitored' in its description")
        ran = hldsim("run", point, self.described("monitored: mine\n"))
        self.assertEqual(1, ran.returncode, "it is looked for, and nobody goes down")

    def test_lint_looks_into_the_description(self):
        ran = hldsim("lint", self.scenario, self.described("drained: {enters: my_innit}\n"))
        self.assertEqual(2, ran.returncode)
        self.assertIn("described.yaml:1:19: error: no function 'my_innit'; did you mean 'my_init'?", ran.stderr)

    def test_what_was_taken_out_of_the_core_is_off_and_not_an_error(self):
        """Of the built-in description only: in one that the user wrote the same name is wrong."""
        stop = "static noinline void hld_drain_wait(struct hld *hld)"
        made = w.detector("drain-renamed", "designs/stop_drain.c",
                          [(stop, stop.replace("drain_wait", "wait")), ("\thld_drain_wait(hld);", "\thld_wait(hld);")])
        scenario = "scenarios/stuck/target.yaml"
        one = w.run(scenario, detector=made)
        self.assertEqual(["INV-quiesce: no function 'hld_drain_wait' in the object"], one["unwatched"])
        self.assertEqual("as-expected", one["outcome"])
        ran = hldsim("run", scenario, "--detector", made, self.described(w.read("detector/hld.yaml")))
        self.assertEqual(2, ran.returncode)
        self.assertIn("error: no function 'hld_drain_wait'", ran.stderr)

    def test_a_scenario_beside_its_object_is_taken_for_the_description(self):
        folder = path("beside")
        w.write(os.path.join(folder, "mine.yaml"), "title: A title\ndetector: {object: mine.so}\nuntil: 1 s\n")
        w.link(self.object, os.path.join(folder, "mine.so"))
        ran = hldsim("run", os.path.join(folder, "mine.yaml"))
        self.assertEqual(2, ran.returncode)
        self.assertIn("mine.yaml:1:1: error: a scenario in place of the description of a detector\n", ran.stderr)
        self.assertIn("for it stands beside mine.so; else another name for it, or another description by "
                      "detector.description\n", ran.stderr)
        named = w.write(os.path.join(folder, "nothing.yaml"), "{}\n")
        ran = hldsim("run", os.path.join(folder, "mine.yaml"), f"--set=detector.description={named}")
        self.assertEqual(0, ran.returncode, ran.stderr)


if __name__ == "__main__":
    w.main(__doc__)
