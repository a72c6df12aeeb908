# SPDX-License-Identifier: Apache-2.0
"""Where results and errors go, and a scenario in words."""
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

RACE = "scenarios/claims/late-nmi-on-cpu-down/direct-route.yaml"


def hldsim(*arguments, folder=None, text=None):
    return subprocess.run([w.Place.hldsim, *arguments], cwd=folder or w.Place.root, check=False, capture_output=True,
                          text=True, timeout=w.SECONDS_MAX, input=text)


def path(name):
    return os.path.join(w.Place.folder, name)


def kept(folder):
    """Every file of that folder: which one it is, and when it was written."""
    facts = {name: os.stat(os.path.join(folder, name)) for name in os.listdir(folder)}
    return {name: (one.st_ino, one.st_size, one.st_mtime_ns) for name, one in facts.items()}


class Outputs(unittest.TestCase):
    def test_what_is_no_file_is_written_and_stays_what_it_is(self):
        pipe = path("pipe")
        if os.path.exists(pipe):
            os.remove(pipe)
        os.mkfifo(pipe)
        with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True) as reader:
            ran = hldsim("list", "stats", "-o", pipe)
            got = reader.communicate(timeout=w.SECONDS_MAX)[0]
        self.assertEqual((0, hldsim("list", "stats").stdout), (ran.returncode, got), ran.stderr)
        self.assertTrue(stat.S_ISFIFO(os.stat(pipe).st_mode))

    def test_a_file_that_is_the_program_s_own_output_is_not_read(self):
        """From its own pipe nothing would ever come; a file behind >> would be read while it grows."""
        for into in ("| cat", f">> {w.write(path('own.yaml'), 'title: A title')}"):
            own = "/dev/stdout" if into == "| cat" else path("own.yaml")
            ran = subprocess.run(["bash", "-c", f"{w.Place.hldsim} run {own} {into}"], check=False, capture_output=True,
                                 text=True, timeout=w.SECONDS_MAX)
            self.assertIn(f"{own}: error: what this program writes to", ran.stderr)
        with subprocess.Popen(["cat", os.path.join(w.Place.root, RACE)], stdout=subprocess.PIPE) as other:
            ran = subprocess.run([w.Place.hldsim, "lint", "/dev/stdin"], stdin=other.stdout, cwd=w.Place.root, check=False,
                                 capture_output=True, text=True, timeout=w.SECONDS_MAX)
            self.assertNotIn("writes to", ran.stderr)

    def test_what_was_read_is_not_overwritten(self):
        """By the output of the command, a report or a dump."""
        text = w.read("scenarios/stuck/warm.yaml")
        base = w.write(path("base.yaml"), text)
        own = w.write(path("over.yaml"), text + f"# extends nothing, stands beside {base}\n")
        kept = w.read(own)
        for command in ("run", "lint", "window", "replay"):
            for option in ("-o", "--junit", "--vcd") if command == "run" else ("-o",):
                ran = hldsim(command, own, option, own)
                self.assertEqual(2, ran.returncode, f"{command} {option}")
                self.assertIn(f"{own}: error: not overwritten: it is what was read", ran.stderr)
                self.assertEqual(kept, w.read(own))
        self.assertEqual([], [name for name in os.listdir(w.Place.folder) if name.startswith("over.yaml.part")])
        self.assertEqual(0, hldsim("run", own, "-o", path("other.txt")).returncode)

    def test_nothing_that_a_run_reads_is_overwritten(self):
        """Whichever process reads it, and whatever names it: the scenario, what it extends, or the installation."""
        detector = os.path.join(os.path.dirname(w.Place.hldsim), "../lib/hldsim/hld.so")
        folder = path("inputs")
        shutil.rmtree(folder, ignore_errors=True)
        w.write(os.path.join(folder, "_base.yaml"), "title: A base\nuntil: 1 s\n")
        w.write(os.path.join(folder, "mine.yaml"),
                w.read("scenarios/profiles/desktop-2018.yaml").replace("profile: desktop-2018", "profile: mine"))
        w.write(os.path.join(folder, "common.yaml"), w.read("scenarios/profiles/common.yaml"))
        w.write(os.path.join(folder, "described.yaml"), w.read("detector/hld.yaml"))
        shutil.copy(detector, os.path.join(folder, "mine.so"))
        shutil.copy(detector, os.path.join(folder, "given.so"))
        shutil.copy(detector, os.path.join(folder, "unread.so"))
        one = w.write(os.path.join(folder, "one.yaml"),
                      "extends: _base.yaml\nmachine: {profile: ./mine.yaml}\n"
                      "detector: {object: mine.so, design: direct-route, description: described.yaml}\n")
        os.link(os.path.join(folder, "mine.so"), os.path.join(folder, "other-name.so"))
        inputs = ["_base.yaml", "mine.yaml", "described.yaml", "mine.so", "other-name.so", "one.yaml"]
        before = kept(folder)
        for name in inputs:
            for option in ("-o", "--junit", "--vcd"):
                ran = hldsim("run", one, option, name, folder=folder)
                self.assertEqual(2, ran.returncode, f"{option} {name}\n{ran.stderr}{ran.stdout}")
                self.assertIn(f"{name}: error: not overwritten: it is what was read", ran.stderr)
        for command in ("run", "window", "lint", "replay"):
            ran = hldsim(command, one, "--detector", "given.so", "-o", "given.so", folder=folder)
            self.assertEqual((2, ""), (ran.returncode, ran.stdout), command)
            self.assertIn("given.so: error: not overwritten", ran.stderr)
        self.assertEqual(before, kept(folder))
        self.assertEqual(0, hldsim("run", one, "-o", "unread.so", folder=folder).returncode)
        for installed in ("hld.so", "hld-kernel-v6.1.so"):
            link = os.path.join(folder, installed)
            os.symlink(os.path.join(os.path.dirname(detector), installed), link)
            self.assertEqual(2, hldsim("run", RACE, "-o", link).returncode)
            self.assertTrue(os.path.islink(link))

    def test_a_file_of_which_there_is_no_run_is_counted(self):
        bad = w.write(path("bad.yaml"), "titel: no title\n")
        ran = hldsim("run", bad, "scenarios/stuck/warm.yaml", bad)
        self.assertEqual((2, "1 passed, 0 failed, 2 not run"), (ran.returncode, ran.stdout.splitlines()[-1]))
        self.assertEqual("1 passed, 0 failed", hldsim("run", "scenarios/stuck/warm.yaml").stdout.splitlines()[-1])

    def test_details_have_no_two_empty_lines(self):
        for file in ("scenarios/stuck/warm.yaml", RACE, "scenarios/stuck/irq-off.yaml"):
            ran = hldsim("run", "-v", file)
            self.assertEqual(0, ran.returncode)
            self.assertNotIn("\n\n\n", ran.stdout)

    def test_quiet_leaves_out_searches_without_a_window(self):
        file = w.write(path("quiet.yaml"), "title: A title\ndetector: {design: direct-route}\n"
                                       "events: [{at: 6 s, smi: {cpus: [1], for: 1 us}}]\n")
        self.assertIn("no window within the range", hldsim("window", file, "--range=1ns..2ns").stdout)
        ran = hldsim("window", "-q", file, "--range=1ns..2ns")
        self.assertEqual((0, "", ""), (ran.returncode, ran.stdout, ran.stderr))
        self.assertIn("rotate-to-dying", hldsim("window", "-q", RACE, "--range=1ns..2ns").stdout)

    def test_quiet_leaves_out_runs_that_are_as_expected(self):
        file = w.write(path("two.yaml"), "title: A title\ndetector: {design: direct-route}\n"
                       "vary: {until: [10 s, 20 s]}\nexpect: {count: {nmi.taken: 3}}\n")
        heads = r"(?m)^(ok|FAIL)\b"
        self.assertEqual(["ok", "FAIL"], re.findall(heads, hldsim("run", file).stdout))
        ran = hldsim("run", "-q", file)
        self.assertEqual((1, ["FAIL"]), (ran.returncode, re.findall(heads, ran.stdout)), ran.stdout)
        self.assertIn("1 passed, 1 failed\n", ran.stdout)

    def test_one_run_of_several_that_is_wrong_does_not_keep_the_others_from_their_results(self):
        before = "{cpu: 2, in: hld_cpu_offline, updates: hld.monitored_mask}"
        that = "{cpu: 1, in: hld_next_round_robin, reads: hld.monitored_mask}"  # of three CPUs two of its reads fit
        file = w.write(path("cpus.yaml"), "title: A title\ndetector: {design: direct-route}\nvary: {machine.cpus: [4, 3, 5]}\n"
                       f"events: [{{at: 5 s, offline: 2, aim: {{that: {that}, before: {before}}}}}]\n"
                       "expect: {always: [rotate-to-dying, rotation-chain-break]}\n")
        report = path("cpus.xml")
        ran = hldsim("run", file, "--json", "--junit", report)
        self.assertEqual(2, ran.returncode, ran.stdout)
        self.assertIn("\n  in the run with machine.cpus=3\n", ran.stderr)
        self.assertEqual([("as-expected", "4"), ("error", "3"), ("as-expected", "5")],
                         [(one["outcome"], one["vary"]["machine.cpus"]) for one in json.loads(ran.stdout)])
        self.assertRegex(w.read(report), r'tests="3".* errors="1"')
        ran = hldsim("run", file)
        self.assertEqual(["ok", "ok"], re.findall(r"(?m)^(ok|FAIL|ERROR)\b", ran.stdout))
        self.assertIn("\n2 passed, 0 failed, 1 not run\n", ran.stdout)

    def test_the_latencies_of_a_table_are_told_with_what_stands_behind_them(self):
        ran = hldsim("run", RACE, "-v")
        rows = json.loads(hldsim("run", RACE, "--json").stdout)[0]["latencies"]
        assumed = sum(row["assumed"] for row in rows)
        self.assertIn(f"{assumed} of the {len(rows)} latencies in this table are assumed", " ".join(ran.stdout.split()))
        for row in rows:
            told = hldsim("explain", row["row"]).stdout
            here = re.search(r"(?m)^  desktop-2018 .*$", told).group()
            self.assertEqual(row["assumed"], "assumed" in here, told)

    def test_every_end_of_a_run_is_explained(self):
        schema = json.loads(w.read("tools/harness/report/run.schema.json"))
        ends = schema["definitions"]["run"]
        for name in ends["properties"]["ended"]["enum"]:
            ran = hldsim("explain", name)
            self.assertEqual(name != "none", ran.returncode == 0, ran.stderr)
            self.assertEqual(name != "none", "\n  an end of a run: " in ran.stdout)

    def test_columns_are_counted_in_characters(self):
        folder = path("späße")
        for name in "ä", "bb":
            w.write(os.path.join(folder, name + ".yaml"), "title: A title\ndetector: {design: direct-route}\nuntil: 1 s\n")
        lines = hldsim("run", folder).stdout.split("\n")[:2]
        self.assertEqual(1, len({line.index("nothing found") for line in lines}), lines)

    def test_quiet_leaves_out_runs_again_that_are_as_expected(self):
        again = "scenarios/stuck/warm.yaml#seed=1"
        self.assertIn("nothing found, as expected", hldsim("replay", again).stdout)
        for more in ([], ["-v"]):
            ran = hldsim("replay", "-q", again, *more)
            self.assertEqual((0, "", ""), (ran.returncode, ran.stdout, ran.stderr))
        ran = hldsim("replay", "-q", f"{again},expect.always=[stuck-irqoff]")
        self.assertEqual(1, ran.returncode, ran.stderr)
        self.assertIn("FAIL", ran.stdout)

    def test_a_statistic_is_explained_by_its_name_in_json_as_well(self):
        for name in "nmi.taken", "episodes":
            plain, prefixed = (hldsim("explain", word).stdout.split("\n", 1)[1] for word in (name, "stats." + name))
            self.assertEqual(plain, prefixed)

    def test_explain_names_scenarios_as_run_takes_them(self):
        text = hldsim("explain", "rotate-to-dying").stdout
        self.assertIn(f"  scenario      {RACE}: ", text)

    def test_each_claim_is_told_with_the_scenarios_that_there_are_or_with_none(self):
        claims = {one["claim"]: one["scenarios"] for one in json.loads(hldsim("list", "claims", "--json").stdout)}
        self.assertEqual(23, len(claims))
        found = {}
        for one in json.loads(hldsim("list", "scenarios", "--json").stdout):
            found.setdefault(one["claim"], set()).add(os.path.dirname(one["scenario"]))
        for claim, scenarios in claims.items():
            self.assertEqual(", ".join(sorted(found.get(claim, []))) or "none", scenarios)
            text = hldsim("explain", claim).stdout
            self.assertEqual(scenarios == "none", "  scenario    none in this release\n" in text, text)
            for named in re.findall(r"scenarios/[\w/-]+", text):
                self.assertTrue(os.path.exists(os.path.join(w.Place.root, named + ".yaml")), named)

    def test_a_result_that_cannot_be_written_is_told_before_anything_is_run(self):
        for option in ("--junit", "--vcd", "-o"):
            ran = hldsim("run", RACE, option, path("nowhere/out"))
            self.assertEqual((2, "", f"{path('nowhere/out')}: error: cannot write: No such file or directory"),
                             (ran.returncode, ran.stdout, ran.stderr.strip()))

    def test_a_result_that_there_is_none_of_replaces_no_file(self):
        bad = w.write(path("no-title.yaml"), "detector: {design: direct-route}\n")
        kept = w.write(path("kept"), "kept")
        self.assertEqual(2, hldsim("run", bad, "-o", kept).returncode)
        with open(kept, encoding="utf-8") as file:
            self.assertEqual("kept", file.read())

    def test_a_symbolic_link_stays_one(self):
        os.makedirs(path("linked"), exist_ok=True)
        for target in ("linked/there", "linked/not-there"):
            if target.endswith("/there"):
                w.write(path(target), "old")
            link = path(target + "-link")
            w.link(os.path.basename(target), link)
            self.assertEqual(0, hldsim("list", "hazards", "-o", link).returncode)
            self.assertTrue(os.path.islink(link))
            with open(path(target), encoding="utf-8") as file:
                self.assertIn("nmi-own-lock", file.read())
        self.assertEqual(4, len(os.listdir(path("linked"))))

    def test_a_signal_leaves_nothing_that_was_begun(self):
        os.makedirs(path("ended"), exist_ok=True)
        for number, signal_ in enumerate(8 * (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)):
            with subprocess.Popen([w.Place.hldsim, "window", RACE, "-o", path("ended/out"), "--step", "1 ns"],
                                  cwd=w.Place.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as ran:
                while not os.listdir(path("ended")):
                    self.assertIsNone(ran.poll())
                    time.sleep(0.01)
                time.sleep(number / 200)
                ran.send_signal(signal_)
                ran.communicate(timeout=w.SECONDS_MAX)
                self.assertIn(ran.returncode, (128 + signal_, -signal_))
            self.assertEqual([], os.listdir(path("ended")))

    def test_a_standard_output_that_takes_nothing_is_one_error(self):
        """A disk that is full, and none at all."""
        lines = ["--help", "--version", "run --help", "list hazards", "explain nmi-own-lock", "regs hpet",
                 "decode hpet.TIM0_CONF 0x40c", f"lint {RACE}", f"run {RACE}", f"run {RACE} --json",
                 f"replay {RACE}#events.1.at=5s", f"window {RACE} --range=0s..1ns"]
        for stream, reason in ((">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")):
            for line in lines:
                ran = subprocess.run(["sh", "-c", f'exec "$0" {line} {stream}', w.Place.hldsim],
                                     cwd=w.Place.root, check=False, capture_output=True, text=True,
                                     timeout=w.SECONDS_MAX)
                self.assertEqual((2, f"standard output: error: cannot write: {reason}"),
                                 (ran.returncode, ran.stderr.strip()), line)

    def test_the_question_whether_it_can_be_written_changes_no_file(self):
        kept = w.write(path("kept-as-it-is/out.vcd"), "kept")
        ran = hldsim("replay", "nowhere.yaml", "--vcd", kept)
        self.assertEqual(2, ran.returncode)
        self.assertEqual((["out.vcd"], "kept"), (os.listdir(path("kept-as-it-is")), w.read(kept)))


class Errors(unittest.TestCase):
    def test_what_is_wrong_with_every_file_is_said_once(self):
        for command in ("lint", "run", "window"):
            for option in (["--detector", "/bin/true"], ["--set", "detector.desing=x"]):
                ran = hldsim(command, "scenarios/stuck/irq-off.yaml", "scenarios/stuck/warm.yaml", *option)
                self.assertEqual((2, 1), (ran.returncode, ran.stderr.count(": error: ")), ran.stderr)
        ran = hldsim("lint", "scenarios/stuck/target.yaml", "scenarios/stuck/warm.yaml", "--detector", "/bin/true")
        self.assertEqual("0 right, 2 wrong\n", ran.stdout)

    def test_each_error_of_its_own_is_said(self):
        files = [w.write(path(name), "titel: x\n") for name in ("one.yaml", "two.yaml")]
        self.assertEqual(2, hldsim("lint", *files).stderr.count(": error: "))


class Words(unittest.TestCase):
    def test_every_command_says_its_version(self):
        whole = hldsim("--version").stdout
        listed = hldsim("--help").stdout.split("commands:\n")[1].split("\n\n")[0]
        commands = [line.split()[0] for line in listed.split("\n")]
        self.assertIn("run", commands)
        for command in commands:
            ran = hldsim(command, "--version")
            self.assertEqual((0, whole, ""), (ran.returncode, ran.stdout, ran.stderr), command)
            self.assertRegex(hldsim(command, "--help").stdout, "\n +--version ")

    def test_a_scenario_is_explained_with_its_claim_its_aim_and_its_runs(self):
        said = json.loads(hldsim("explain", RACE, "--json").stdout)
        text = json.dumps(said)
        for part in ("comes just before this: CPU 2, in hld_cpu_offline, updates hld.monitored_mask", "claim C3",
                     "4 CPUs, desktop-2018, xapic, remapping none", "direct-route, round-robin, retarget = offline",
                     "echo 0 > cpu2/online, not before 5 s", "rotate-to-dying, rotation-chain-break"):
            self.assertIn(part, text)
        self.assertEqual(5, hldsim("explain", "scenarios/stuck/irq-off.yaml").stdout.count("events.1.at = "))

    def test_what_is_known_by_name_is_explained_with_its_source(self):
        """Files of the tree, in which the name stands."""
        for kind, first in (("designs", "design"), ("policies", "policy"), ("invariants", "invariant"),
                            ("stats", "statistic")):
            for row in json.loads(hldsim("list", kind, "--json").stdout):
                name = row[first]
                facts = {fact["title"]: fact["text"]
                         for fact in json.loads(hldsim("explain", name, "--json").stdout)["facts"]}
                if kind == "designs" and row["release"]:
                    self.assertTrue(facts["provenance"])  # and no file yet
                    continue
                files = re.findall(r"[a-z_/]+\.(?:cpp|c)\b", facts["source"])
                self.assertTrue(files, name)
                for file in files:
                    self.assertIn(name, w.read(file))

    def test_the_list_of_knobs_has_the_default_of_each_in_every_form(self):
        rows = json.loads(hldsim("list", "knobs", "--json").stdout)
        common = dict(re.findall(r"(?m)^  ([a-z0-9]+\.[a-z0-9_]+): +([^ #\n]+)", w.read("scenarios/profiles/common.yaml")
                                 .partition("\nknobs:\n")[2]))
        self.assertEqual(set(common), {row["knob"] for row in rows})
        self.assertEqual(len(common), len(rows))
        for row in rows:
            self.assertEqual(common[row["knob"]], row["default"].partition(" ")[0], row)  # a duration has its unit behind it
            self.assertTrue(row["what"])
        text = [line.split() for line in hldsim("list", "knobs").stdout.splitlines()]
        self.assertEqual([" ".join(row.values()).split() for row in rows], text)
        markdown = hldsim("list", "knobs", "--markdown").stdout.splitlines()
        self.assertEqual(["| knob | default | what |", "|---|---|---|"], markdown[:2])
        self.assertEqual(["| " + " | ".join(row.values()) + " |" for row in rows], markdown[2:])

    def test_a_part_of_a_knob_s_name_leads_to_it(self):
        for part, name in (("wfs_nmi", "cpu.wfs_nmi_latches"), ("oneshot32_wrap", "hpet.oneshot32_wrap"),
                           ("drains", "vtd.drains"), ("cpu.wfs_nmi_latch", "cpu.wfs_nmi_latches"),
                           ("soft_disabled", "lapic.nmi_when_soft_disabled")):
            self.assertIn(f"did you mean '{name}'?", hldsim("explain", part).stderr)
        for nothing in ("oneshot3", "x", "wfs_nmi_what_is_it"):  # half a word, too short, more than the name
            self.assertNotIn("did you mean", hldsim("explain", nothing).stderr)

    def test_every_knob_is_explained(self):
        for row in json.loads(hldsim("list", "knobs", "--json").stdout)[::10]:
            self.assertEqual(row["what"], json.loads(hldsim("explain", row["knob"], "--json").stdout)["statement"])

    def test_a_source_that_is_cited_is_told_in_full(self):
        for name in ("desktop-2018", "hpet.chip", "msi.root_to_lapic"):
            facts = json.loads(hldsim("explain", name, "--json").stdout)["facts"]
            cited = {part for fact in facts for part in re.findall(r"\bS\d+\b", fact["text"][:60])}
            self.assertTrue(cited, name)
            self.assertLessEqual(cited, {fact["title"] for fact in facts if fact["text"]}, name)

    def test_no_key_of_a_scenario_is_left_out(self):
        text = ("title: A title\nmachine: {packages: 2, tso: false, cost: portable}\nkernel: {watchdog_thresh: 5 s, "
                "cmdline: unknown_nmi_panic}\ndetector: {design: direct-route}\nuntil: 7 s\nevents:\n"
                "  - {at: 1 s, smi: {cpus: [1, 3], for: 2 ms, iret_after: 3 us}}\n"
                "  - {at: 1 s, exception: {cpu: 2, for: 5 us}}\n"
                "  - {at: 1 s, exception: {cpu: 2, for: 6 us, at_iret: true}}\n  - {at: 2 s, stuck: {cpu: 1, kind: irq-off, for: 3 s}}\n"
                "  - {at: 3 s, message: {source: hpet, do: delay, by: 4 us}}\n"
                "  - {at: 4 s, offline: {cpu: 2, by: 3, fails_at: hld:online}}\n"
                "expect: {allow: [INV-cover], loads: false, count: {nmi.taken: {min: 3}, nmi.unknown: 0}}\n")
        said = " ".join(hldsim("explain", w.write(path("whole.yaml"), text)).stdout.split())
        for part in ("2 packages", "each store visible at once", "cost model portable", "watchdog_thresh = 5 s",
                     "cmdline unknown_nmi_panic", "SMI on CPU 1, 3 for 2 ms, IRET in SMM 3 us after its entry", "exception on CPU 2, its handler runs for 5 us",
                     "the IRET of CPU 2's next NMI handler faults, its handler runs for 6 us", "gets stuck (irq-off) for 3 s",
                     "delay by 4 us", "by CPU 3, which fails at hld:online", "7 s after its last event began",
                     "allowed INV-cover", "refuses to start", "nmi.taken 3 or more", "nmi.unknown 0"):
            self.assertIn(part, said)

    def test_an_exception_is_told_from_an_interrupt(self):
        found = ("--set", "events.1.exception.for=2 s", "--set", "until=2 s")  # so long that the detector reports it
        for name, options, vector in (("nmi-nest-by-iret", (), "#BP"), ("iret-faults", found, "#PF")):
            shown = hldsim("run", "-v", *options, f"scenarios/hazards/identification/{name}.yaml").stdout
            self.assertIn(f"<{vector}>", shown)

    def test_counts_do_not_hide_that_nothing_may_be_found(self):
        said = hldsim("explain", "scenarios/claims/both-apic-timers/down.yaml").stdout
        self.assertIn("nothing found; nmi.unknown 0; nmi.ignored 0", said)

    def test_a_profile_by_its_path_is_explained_as_by_its_name(self):
        by_path = hldsim("explain", "scenarios/profiles/ich10.yaml")
        self.assertEqual(0, by_path.returncode, by_path.stderr)
        self.assertEqual(hldsim("explain", "ich10").stdout.split("\n")[1:], by_path.stdout.split("\n")[1:])
        own = w.write(path("mine.yaml"), "profile: mine\nextends: ich10\nmachine: 'A machine of mine'\n"
                      "rows:\n  msi.device_to_root: {v: 777, u: ns}\n")
        said = hldsim("explain", own).stdout
        self.assertIn("A machine of mine", said)
        self.assertIn("777 ns", said)

    def test_a_scenario_that_is_wrong_is_not_explained(self):
        ran = hldsim("explain", "tests/reject/scenarios/unknown-key.yaml")
        self.assertEqual((2, ""), (ran.returncode, ran.stdout))


if __name__ == "__main__":
    w.main(__doc__)
