# SPDX-License-Identifier: Apache-2.0
"""An installed hldsim works from wherever it stands: programs, objects, scenarios, headers, manuals, completion."""
import json
import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

RACE = "claims/late-nmi-on-cpu-down/direct-route.yaml"


def command(*words, cwd, accept=(0,)):
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False, timeout=w.SECONDS_MAX)
    if done.returncode not in accept:
        raise AssertionError(f"{' '.join(words)}: exit code {done.returncode}\n{done.stderr}{done.stdout}")
    return done.stdout


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.prefix = os.path.join(w.Place.folder, "prefix")
        cls.elsewhere = os.path.join(w.Place.folder, "elsewhere")  # nothing is found from the current folder
        for folder in (cls.prefix, cls.elsewhere):
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
        command("cmake", "--install", w.Place.build, "--prefix", cls.prefix, cwd=cls.elsewhere)
        cls.program = os.path.join(cls.prefix, "bin/hldsim")
        cls.scenarios = os.path.join(cls.prefix, "share/hldsim/scenarios")

    def hldsim(self, *words, accept=(0,)):
        return command(self.program, *words, cwd=self.elsewhere, accept=accept)

    def test_it_runs_the_installed_scenarios_as_the_tree_does(self):
        for file in (RACE, "stuck/irq-off.yaml", "claims/no-lock-in-nmi/own-lock.yaml"):
            here = self.hldsim("run", f"{self.scenarios}/{file}", "--json")
            tree = w.hldsim("run", f"scenarios/{file}", "--json")
            self.assertEqual(tree, here.replace(f"{self.scenarios}/{file}", f"scenarios/{file}"))

    def test_every_installed_scenario_is_in_order(self):
        self.hldsim("lint", self.scenarios)
        listed = json.loads(self.hldsim("list", "scenarios", "--json"))
        self.assertEqual(len(json.loads(w.hldsim("list", "scenarios", "--json"))), len(listed))

    def test_the_invariants_of_the_detector_are_watched(self):
        """Its description is installed beside it, and does not come from the tree."""
        one = json.loads(self.hldsim("run", f"{self.scenarios}/{RACE}", "--json"))[0]
        self.assertEqual([], one["unwatched"])
        self.assertTrue(os.path.isfile(os.path.join(self.prefix, "lib/hldsim/hld.yaml")))

    def test_what_it_knows_by_name_is_there(self):
        for words in (("list", "profiles"), ("explain", "desktop-2018"), ("explain", "msi.root_to_lapic"),
                      ("explain", "rotate-to-dying"), ("regs", "hpet.TIM0_CONF")):
            self.assertTrue(self.hldsim(*words))
        self.assertIn("scenario", self.hldsim("explain", "rotate-to-dying"))

    def test_hldsim_cc_builds_a_detector_that_runs(self):
        cc = os.path.join(self.prefix, "bin/hldsim-cc")
        cache = f"--cache={os.path.join(w.Place.folder, 'cache')}"
        shutil.copy(os.path.join(self.prefix, "share/hldsim/detector/designs/direct_route.c"), self.elsewhere)
        command(cc, "--core", "detector", "--replace", "direct_route.c=designs/direct_route.c", cache, "-o", "my.so",
                cwd=self.elsewhere)
        one = json.loads(self.hldsim("run", f"{self.scenarios}/{RACE}", "--detector", "my.so", "--json"))[0]
        self.assertEqual("as-expected", one["outcome"])
        self.assertIn("rotate-to-dying", w.hazards(one))

    def test_nothing_leads_back_to_the_tree(self):
        for place, folders, files in os.walk(self.prefix):
            for name in folders + files:
                path = os.path.join(place, name)
                self.assertFalse(os.path.islink(path), path)
                if name.endswith((".yaml", ".md", ".h", ".c", ".1", "hldsim-cc")) and os.path.isfile(path):
                    with open(path, encoding="utf-8") as file:
                        self.assertNotIn(w.Place.root + "/", file.read(), path)

    def test_the_manuals_name_each_command_and_option(self):
        page = os.path.join(self.prefix, "share/man/man1/hldsim.1")
        with open(page, encoding="utf-8") as file:
            manual = file.read().replace("\\-", "-")
        commands = [line.split()[0] for line in self.hldsim("--help").split("commands:\n")[1].split("\n\n")[0].splitlines()]
        self.assertIn("replay", commands)
        for name in commands:
            self.assertIn(f"\\fB{name} ", manual.replace("\\fR", " "))
            for line in self.hldsim(name, "--help").split("options", 1)[1].splitlines():
                for word in line.split("  ")[1:2] + line.split(", ")[1:]:
                    if word.strip().startswith("--"):
                        self.assertIn(word.strip().split()[0], manual)
        if shutil.which("man"):
            shown = command("man", "--warnings", "-l", page, cwd=self.elsewhere)
            self.assertIn("EXIT STATUS", shown)
            shown = command("man", "--warnings", "-l", page.replace("hldsim.1", "hldsim-cc.1"), cwd=self.elsewhere)
            self.assertRegex(shown.replace("‐", "-").replace("−", "-"), "--replace[ =]FILE=PATH")

    def completed(self, *words):
        """What bash offers behind these words."""
        script = (f'source "{self.prefix}/share/bash-completion/completions/hldsim"\n'
                  'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hldsim; printf "%s\\n" "${COMPREPLY[@]}"')
        environment = {**os.environ, "PATH": f"{self.prefix}/bin:{os.environ['PATH']}"}
        done = subprocess.run(["bash", "-c", script, "bash", *words], cwd=self.scenarios, env=environment,
                              capture_output=True, text=True, check=True)
        self.assertEqual("", done.stderr)
        return done.stdout.split()

    def test_the_completion_completes(self):
        self.assertEqual(["replay", "regs", "run"], sorted(self.completed("hldsim", "r"), key="replay regs run".index))
        self.assertEqual(["--set", "--seed"], self.completed("hldsim", "run", "--se"))
        self.assertEqual(["hazards"], self.completed("hldsim", "list", "haz"))
        self.assertIn("scenarios", self.completed("hldsim", "list", ""))  # the first of a list, too
        self.assertIn("nmi-own-lock", self.completed("hldsim", "explain", "nmi-own"))
        self.assertIn("rotate-to-dying", self.completed("hldsim", "explain", "rot"))
        self.assertIn("cpu.wfs_nmi_latches", self.completed("hldsim", "explain", "cpu.wfs"))
        self.assertEqual(["knobs"], self.completed("hldsim", "list", "kn"))
        self.assertEqual(["--markdown"], self.completed("hldsim", "decode", "hpet.TIM0_CONF", "1", "--mark"))
        self.assertEqual(["claims"], self.completed("hldsim", "run", "cl"))
        self.assertEqual(["always"], self.completed("hldsim", "run", "--color", "al"))


if __name__ == "__main__":
    w.main(__doc__)
