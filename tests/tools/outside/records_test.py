# SPDX-License-Identifier: Apache-2.0
"""What is kept of runs and made again: a .replay.json, an object of one's own."""
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

RACE = "scenarios/claims/late-nmi-on-cpu-down/direct-route.yaml"
CLEARS = "\tcpumask_clear_cpu(cpu, &hld->monitored_mask);\n"


def hldsim(*arguments, folder=None, text=None):
    return subprocess.run([w.Place.hldsim, *arguments], cwd=folder or w.Place.root, check=False, capture_output=True,
                          text=True, timeout=w.SECONDS_MAX, input=text)


def path(name):
    return os.path.join(w.Place.folder, name)


def runs_of(name):
    with open(name, encoding="utf-8") as file:
        return json.load(file)


def record(name, *arguments):
    ran = hldsim("run", *arguments, "--json", "-o", path(name))
    assert ran.returncode in (0, 1), ran.stderr
    return path(name)


class Records(unittest.TestCase):
    def replayed(self, name, *options):
        ran = hldsim("replay", name, *options, "--json")
        self.assertIn(ran.returncode, (0, 1, 75), ran.stderr)
        return ran.returncode, [one["compared"] for one in json.loads(ran.stdout)]

    def test_every_run_of_a_record_is_made_again_and_is_the_same(self):
        """Solved aims, varied instants, a deadlock, drawn choices."""
        files = [RACE, "scenarios/claims/no-lock-in-nmi/own-lock.yaml", "scenarios/stuck/irq-off.yaml"]
        kept = record("same.replay.json", *files, "--seed", "7")
        code, compared = self.replayed(kept)
        self.assertEqual(0, code, compared)
        self.assertEqual(7, len(compared))
        self.assertEqual({"same"}, {one["state"] for one in compared})
        text = hldsim("replay", kept).stdout
        self.assertEqual("7 same, 0 moved, 0 gone, 0 new", text.strip().split("\n")[-1])

    def test_lines_that_move_are_told_and_are_no_failure(self):
        kept = record("lines.replay.json", RACE)
        other = w.detector("two-lines-more", "designs/direct_route.c", [(CLEARS, "\n\n" + CLEARS)])
        code, compared = self.replayed(kept, "--detector", other)
        self.assertEqual((0, "moved"), (code, compared[0]["state"]))
        self.assertEqual([line for line in compared[0]["lines"] if "moved  rotate-to-dying (dead)  CPU 2  at the same "
                          "instant, other lines of the source" == line], compared[0]["lines"][:1])

    def test_a_finding_that_is_not_there_any_more_is_gone(self):
        kept = record("gone.replay.json", RACE)
        later = runs_of(kept)
        later[0]["again"]["argument"] = RACE + "#events.1.at=5500ms"
        code, compared = self.replayed(w.write(path("later.replay.json"), json.dumps(later)))
        self.assertEqual((1, "gone"), (code, compared[0]["state"]))
        self.assertIn("gone   rotate-to-dying (dead)  CPU 2", compared[0]["lines"])

    def test_a_finding_that_was_not_there_is_new(self):
        kept = record("none.replay.json", RACE, "--set", "events.1.at=5500ms")
        now = runs_of(kept)
        self.assertEqual([], now[0]["findings"])
        at = w.run(RACE)["solved"]["events.1.at"]
        now[0]["again"]["argument"] = f"{RACE}#events.1.at={at}fs"
        code, compared = self.replayed(w.write(path("new.replay.json"), json.dumps(now)))
        self.assertEqual((1, "new"), (code, compared[0]["state"]))
        self.assertIn("new    rotate-to-dying (dead)  CPU 2", compared[0]["lines"])

    def test_a_record_of_another_detector_names_its_object(self):
        other = w.detector("its-own-object", "designs/direct_route.c", [(CLEARS, "\n" + CLEARS)])
        kept = record("object.replay.json", RACE, "--detector", other)
        self.assertEqual((0, "same"), (lambda code, compared: (code, compared[0]["state"]))(*self.replayed(kept)))

    def test_faults_that_differ_are_told_though_no_finding_does(self):
        kept = runs_of(record("faults.replay.json", "scenarios/claims/irte-per-cpu/source-id-wrong.yaml"))[:1]
        kept[0]["faults"][0]["reason"] = "20h"
        count = len(kept[0]["faults"])
        code, compared = self.replayed(w.write(path("faults.json"), json.dumps(kept)))
        self.assertEqual((0, "moved"), (code, compared[0]["state"]))
        self.assertEqual(f"moved  faults: {count} of them, not the same (was {count} of them)", compared[0]["lines"][-1])

    def test_the_help_says_what_the_exit_codes_are(self):
        self.assertIn("0 same or moved, 1 gone, new or not made again", hldsim("replay", "--help").stdout)

    def test_what_a_replay_that_stops_early_does_not_reach_is_neither_same_nor_gone(self):
        kept = record("early.replay.json", RACE)
        code, compared = self.replayed(kept, "--until", "1 s")
        self.assertEqual((75, "stopped"), (code, compared[0]["state"]))
        self.assertEqual(["unseen rotate-to-dying (dead)  CPU 2", "unseen rotation-chain-break (up)  CPU 3",
                          "stopped at 1 s: what comes later is not compared"], compared[0]["lines"])
        self.assertEqual("0 same, 0 moved, 0 gone, 0 new, 1 stopped",
                         hldsim("replay", kept, "--until", "1 s").stdout.strip().split("\n")[-1])

    def test_a_replay_that_is_stopped_between_two_findings_has_the_first(self):
        kept = record("between.replay.json", RACE)
        first = runs_of(kept)[0]["findings"][0]
        last = max(int(row["at_fs"]) for row in first["token"] + first["interleaving"])
        code, compared = self.replayed(kept, "--until", f"{last + 10**9}fs")
        self.assertEqual((75, ["same   rotate-to-dying (dead)  CPU 2", "unseen rotation-chain-break (up)  CPU 3"]),
                         (code, compared[0]["lines"][:2]))

    def test_a_violation_whose_hazard_shows_behind_the_stop_is_not_new(self):
        """The NMI is claimed, and by whom it should have been is seen a microsecond later."""
        kept = record("named.replay.json", "scenarios/claims/no-fast-reason/foreign-by-time.yaml")
        code, compared = self.replayed(kept, "--until", "15000001557838838 fs")
        self.assertEqual((75, "stopped"), (code, compared[0]["state"]))
        self.assertIn("so far INV-claim (up)  CPU 1", compared[0]["lines"])

    def test_a_replay_that_is_not_stopped_before_the_end_is_compared_as_a_whole(self):
        code, compared = self.replayed(record("whole.replay.json", RACE), "--until", "10 min")
        self.assertEqual((0, "same"), (code, compared[0]["state"]))

    def test_a_record_of_a_run_that_was_stopped_stops_there_again(self):
        at = w.run(RACE)["solved"]["events.1.at"]
        kept = path("stopped.replay.json")
        ran = hldsim("replay", f"{RACE}#events.1.at={at}fs", "--until", "5.2 s", "--json", "-o", kept)
        self.assertEqual((75, "stopped"), (ran.returncode, runs_of(kept)[0]["outcome"]), ran.stderr)
        code, compared = self.replayed(kept)
        self.assertEqual((0, [{"state": "same", "lines": []}]), (code, compared))
        for until in ("5.1 s", "10 min"):
            code, compared = self.replayed(kept, "--until", until)
            self.assertEqual((75, "stopped"), (code, compared[0]["state"]), until)

    def test_the_expectations_of_a_record_are_not_looked_at(self):
        for until in ([], ["--until", "1 s"]):
            ran = hldsim("replay", record("judged.replay.json", RACE), *until, "--json")
            one = json.loads(ran.stdout)[0]
            self.assertEqual(("compared", [], []), (one["outcome"], one["unmet"], one["unjudged"]))

    def test_values_with_commas_brackets_and_backslashes_come_back(self):
        kept = record("commas.replay.json", "scenarios/stuck/target.yaml", "--set", "title=a, b ] \\ c", "--set",
                      "kernel.cmdline=x=1,2 y", "--set", "detector.options={period_ms: 100, timer: 1}", "--seed", "7")
        self.assertEqual("a, b ] \\ c", runs_of(kept)[0]["title"])
        ran = hldsim("replay", kept, "--json")
        self.assertEqual("a, b ] \\ c", json.loads(ran.stdout)[0]["title"], ran.stderr)
        self.assertEqual("same", json.loads(ran.stdout)[0]["compared"]["state"])

    def test_what_was_set_last_counts_in_a_replay_too(self):
        """Of a mapping and a key in it."""
        whole, part = "detector.options={retarget: offline}", "detector.options.retarget=nmi"
        for first, last in ((whole, part), (part, whole)):
            kept = record("last.replay.json", RACE, "--set", first, "--set", last)
            code, compared = self.replayed(kept)
            self.assertEqual((0, "same"), (code, compared[0]["state"]))

    def test_a_record_whose_scenario_is_elsewhere_says_so(self):
        kept = runs_of(record("moved.replay.json", RACE))
        kept[0]["again"]["argument"] = "elsewhere/a.yaml#events.1.at=5s"
        ran = hldsim("replay", w.write(path("elsewhere.json"), json.dumps(kept)))
        self.assertEqual((2, "elsewhere/a.yaml: error: no such file, and the record names it"),
                         (ran.returncode, ran.stderr.split("\n")[0]))

    def test_what_is_no_record_is_one_error(self):
        cases = {"[1,": ":1:4: error: the record ends here, in the middle of a run", "": ":1:1: error: an empty record",
                 "[1 2]": ":1:4: error: this is no JSON", "{}": ":1:1: error: no list of runs",
                 "[]": ":1:1: error: no list of runs", "[7]": ": error: run 1 is none of hldsim's",
                 '[{"schema": "hldsim.run/1"}]': ": error: run 1 does not say how it is made again",
                 '[{"schema": "hldsim.run/1", "again": {"argument": "a"}}]': ": error: run 1 has no list of findings"}
        for text, error in cases.items():
            name = w.write(path("wrong.json"), text)
            ran = hldsim("replay", name)
            self.assertEqual((2, name + error, ""), (ran.returncode, ran.stderr.split("\n")[0], ran.stdout))
        whole = runs_of(record("edited.replay.json", RACE))
        for key, value in (("build", None), ("findings", [3]), ("stats", 4)):
            name = w.write(path("edited.json"), json.dumps([{**whole[0], key: value}]))
            ran = hldsim("replay", name)
            self.assertEqual((2, f"{name}: error: run 1 is not as it was written", ""),
                             (ran.returncode, ran.stderr.split("\n")[0], ran.stdout), key)
        ran = hldsim("replay", "nowhere.replay.json")
        self.assertEqual((2, "nowhere.replay.json: error: no such file"), (ran.returncode, ran.stderr.strip()))


class Edited(unittest.TestCase):
    """What says how a run was made, and somebody has changed it to what no run could have written."""

    def refused(self, change, where, error):
        kept = runs_of(record("by-hand.replay.json", RACE))
        change(kept[0])
        name = w.write(path("by-hand.json"), json.dumps(kept, indent=2))
        line = next(i for i, text in enumerate(w.read(name).split("\n"), start=1) if where in text)
        column = w.read(name).split("\n")[line - 1].index(": ") + 3
        ran = hldsim("replay", name)
        self.assertEqual((2, f"{name}:{line}:{column}: error: {error}", ""),
                         (ran.returncode, ran.stderr.split("\n")[0], ran.stdout))

    def test_a_seed_that_is_none(self):
        for seed in ("-3", "seven", 7):
            self.refused(lambda run, seed=seed: run.update(seed=seed), '"seed": ', f"no seed of a run: {json.dumps(seed)}")

    def test_a_solved_instant_that_is_none(self):
        for at in ("xx", "-1", "5 s", 5):
            self.refused(lambda run, at=at: run["solved"].update({"events.1.at": at}), '"events.1.at": ',
                         f"no instant of a run: {json.dumps(at)}")

    def test_a_solved_event_that_the_run_does_not_have(self):
        self.refused(lambda run: run["solved"].update({"events.9.at": "5000000000000000"}), '"events.9.at": ',
                     "'events.9.at' was solved, and the run is not made again with it")

    def test_an_argument_that_names_no_run(self):
        for pair, error in (("seed=-3", "'-3' is no seed"), ("choices=x", "'x' are no choices"), ("", "no KEY=VALUE")):
            self.refused(lambda run, pair=pair: run["again"].update(argument=f"{RACE}#events.1.at=5s,{pair}"),
                         '"argument": ', error)
        kept = runs_of(record("by-hand.replay.json", RACE))
        kept[0]["again"]["argument"] += ",detector.desing=x"
        name = w.write(path("by-hand.json"), json.dumps(kept))
        self.assertIn(f"{name}: again.argument:1:10: error: unknown key 'desing' in 'detector'",
                      hldsim("replay", name).stderr)


class Elsewhere(unittest.TestCase):
    """A record is made again where it is, from the files that it names or from the texts that it holds."""

    SMALL = "title: CPU 1 is stuck\ndetector: {design: direct-route}\nuntil: 1 s\nevents: [{at: 1 s, offline: 2}]\n"

    def compared(self, record, folder, code=0):
        ran = hldsim("replay", record, "--json", folder=folder)
        self.assertEqual(code, ran.returncode, ran.stderr)
        return json.loads(ran.stdout)[0]["compared"]

    def made(self, name):
        """A folder with a scenario that extends another one, and a record of it, made in the folder."""
        folder = path(name)
        w.write(os.path.join(folder, "tests/_base.yaml"), self.SMALL)
        w.write(os.path.join(folder, "tests/mine.yaml"), "extends: _base.yaml\nkernel: {watchdog_thresh: 5 s}\n")
        os.makedirs(os.path.join(folder, "out"), exist_ok=True)
        ran = hldsim("run", "tests/mine.yaml", "--json", "-o", "out/mine.replay.json", folder=folder)
        self.assertEqual(0, ran.returncode, ran.stderr)
        return folder, os.path.join(folder, "out/mine.replay.json")

    def test_files_are_found_beside_the_record_and_above(self):
        folder, kept = self.made("found")
        self.assertEqual({"state": "same", "lines": []}, self.compared(kept, folder))
        there = os.path.join(folder, "out")
        self.assertEqual({"state": "same", "lines": ["from ../tests/mine.yaml"]}, self.compared("mine.replay.json", there))
        self.assertEqual("same", self.compared(kept, "/")["state"])

    def test_a_record_whose_files_are_gone_comes_back_from_its_texts(self):
        folder, kept = self.made("gone")
        for name in ("_base.yaml", "mine.yaml"):
            os.remove(os.path.join(folder, "tests", name))
        self.assertEqual({"state": "same", "lines": ["from the text in the record: tests/mine.yaml"]},
                         self.compared(kept, folder))

    def test_a_record_of_standard_input_comes_back(self):
        kept = path("stdin.replay.json")
        ran = hldsim("run", "-", "--json", "-o", kept, text=self.SMALL)
        self.assertEqual(0, ran.returncode, ran.stderr)
        self.assertEqual({"state": "same", "lines": ["from the text in the record: <stdin>"]},
                         self.compared(kept, w.Place.root))

    def test_a_file_whose_name_looks_like_an_option_comes_back_by_its_line(self):
        folder = os.path.dirname(w.write(path("dashed/-x.yaml"), self.SMALL))
        ran = hldsim("run", "-v", "--", "-x.yaml", folder=folder)
        again = next(line for line in ran.stdout.split("\n") if line.startswith("hldsim replay")).split()
        self.assertEqual(["hldsim", "replay", "./-x.yaml#seed=1"], again)
        self.assertEqual(0, hldsim(*again[1:], folder=folder).returncode)

    def test_standard_input_may_be_a_record_or_a_scenario(self):
        kept = record("to-stdin.replay.json", RACE)
        ran = hldsim("replay", "-", text=w.read(kept))
        self.assertEqual((0, hldsim("replay", kept).stdout), (ran.returncode, ran.stdout), ran.stderr)
        ran = hldsim("replay", "-", text=self.SMALL)
        self.assertEqual((0, "ok    -   nothing found, as expected"), (ran.returncode, ran.stdout.split("\n")[0]))
        again = ran.stdout.strip().split("\n")[-1].split()
        self.assertEqual(["hldsim", "replay", "--", "-#seed=1"], again)
        self.assertEqual(ran.stdout, hldsim(*again[1:], text=self.SMALL).stdout)
        for text, error in (("[]", "<stdin>:1:1: error: no list of runs"), ("[7]", "<stdin>: error: run 1 is none of"),
                            ("titel: x", "<stdin>:1:1: error: unknown key 'titel'"), ("", "<stdin>: error: ")):
            ran = hldsim("replay", "-", text=text)
            self.assertEqual((2, error), (ran.returncode, ran.stderr[:len(error)]))
        ran = hldsim("replay", "-", text="# " + "x" * (1 << 20) + "\n")
        self.assertEqual((2, "-: error: larger than 1 MiB"), (ran.returncode, ran.stderr.split("\n")[0]))

    def test_a_scenario_that_changed_since_is_told_and_its_expectations_are_not_looked_at(self):
        folder, kept = self.made("changed")
        file = os.path.join(folder, "tests/mine.yaml")
        w.write(file, w.read(file) + "expect: {always: [nmi-own-lock]}\n")
        self.assertEqual(
            {"state": "same", "lines": ["changed since: tests/mine.yaml; its expectations are not looked at "
                                        "(hldsim run tests/mine.yaml)"]}, self.compared(kept, folder))
        w.write(os.path.join(folder, "tests/_base.yaml"), self.SMALL.replace("until: 1 s", "until: 2 s"))
        self.assertEqual("moved", self.compared(kept, folder)["state"])

    def test_a_landing_that_was_impossible_is_not_searched_again_and_that_is_said(self):
        kept = record("impossible.replay.json", "scenarios/claims/stop-before-mask/drain-ipi.yaml")
        found = self.compared(kept, w.Place.root)
        self.assertEqual("same", found["state"])
        self.assertIn("not searched again: whether event 1 can land "
                      "(hldsim run scenarios/claims/stop-before-mask/drain-ipi.yaml)", found["lines"])


class BrokenOff(unittest.TestCase):
    """A record of which the end is missing: one error at that end, wherever it is."""

    def test_a_record_that_is_cut_anywhere_is_refused_where_it_ends(self):
        whole = w.read(record("cut.replay.json", RACE))
        for size in (1, 17, 100, len(whole) // 3, len(whole) // 2, len(whole) - 3):
            text = whole[:size]
            line = text.count("\n") + 1
            column = len(text) - (text.rfind("\n") + 1) + 1
            name = w.write(path("cut.json"), text)
            ran = hldsim("replay", name)
            lines = ran.stderr.split("\n")
            self.assertEqual((2, f"{name}:{line}:{column}: error: the record ends here, in the middle of a run", ""),
                             (ran.returncode, lines[0], ran.stdout))
            self.assertEqual("  expected all of what 'hldsim run --json' wrote, up to the ']' that closes the list of runs",
                             lines[3])

    def test_what_a_parser_expects_is_said(self):
        name = w.write(path("comma.json"), '[{"schema": "hldsim.run/1" "title": "x"}]')
        self.assertIn("expected '}', as in what 'hldsim run --json' wrote", hldsim("replay", name).stderr)


class Objects(unittest.TestCase):
    def test_the_core_with_a_file_exchanged_keeps_its_description(self):
        made = w.detector("core-with-a-line", "designs/direct_route.c", [(CLEARS, "\n" + CLEARS)])
        self.assertEqual([], w.run(RACE, detector=made)["unwatched"])


if __name__ == "__main__":
    w.main(__doc__)
