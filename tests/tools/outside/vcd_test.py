# SPDX-License-Identifier: Apache-2.0
"""A value change dump is one as IEEE 1364 has it, GTKWave's own reader takes it, and it tells what the run's JSON tells."""
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

RACE = "scenarios/claims/late-nmi-on-cpu-down/direct-route.yaml"
STUCK = "scenarios/stuck/warm.yaml"
LEGACY_PIN = "scenarios/hazards/timer/legacy-pin.yaml"
FILE = "core/hld_hpet.c"
READS_CONFIGURATION = "\tconf = hld_timer_read(timer, HPET_CFG);\n"
COUNT = 0x8000
# Intel 8259A datasheet, ICW1 to ICW4 and OCW1: IRQ 0 alone. 8254 datasheet: counter 0, low and high byte, mode 3.
LEGACY = "".join(f"\toutb({value:#x}, {port:#x});\n" for port, value in (
    (0x20, 0x11), (0x21, 0x30), (0x21, 4), (0x21, 1), (0x21, 0xfe),
    (0x43, 0x36), (0x40, COUNT & 0xff), (0x40, COUNT >> 8)))


class Dump:
    """A strict reader: anything that chapter 18 does not provide for is an error."""

    def __init__(self, text):
        self.signals = {}  # "scope.name" -> [(time, value)]
        self.kinds = {}
        self.end = 0
        words = iter(text.split())
        codes, scopes = {}, []
        for word in words:
            if word == "$enddefinitions":
                self.expect(words, "$end")
                break
            self.declaration(word, words, codes, scopes)
        assert not scopes, f"scopes left open: {scopes}"
        self.changes(words, codes)

    @staticmethod
    def expect(words, wanted):
        found = next(words)
        assert found == wanted, f"{found!r} in place of {wanted!r}"

    def declaration(self, word, words, codes, scopes):
        if word == "$var":
            kind, bits, code, name = (next(words) for _ in range(4))
            rest = next(words)
            if rest != "$end":
                assert re.fullmatch(r"\[\d+:0\]", rest), rest
                self.expect(words, "$end")
            full = ".".join(scopes[1:] + [name])
            assert code not in codes and full not in self.signals, full
            codes[code] = (full, kind, int(bits))
            self.signals[full], self.kinds[full] = [], (kind, int(bits))
        elif word == "$scope":
            self.expect(words, "module")
            scopes.append(next(words))
            self.expect(words, "$end")
        elif word == "$upscope":
            scopes.pop()
            self.expect(words, "$end")
        elif word in ("$version", "$timescale"):
            text = []
            while (more := next(words)) != "$end":
                text.append(more)
            assert word != "$timescale" or text == ["1", "fs"], text
        else:
            raise AssertionError(f"{word!r} is no declaration")

    def changes(self, words, codes):
        now, dumping = None, False
        for word in words:
            if word.startswith("#"):
                at = int(word[1:])
                assert now is None or at > now, f"time goes from {now} to {at}"
                now = at
            elif word == "$dumpvars":
                dumping = True
            elif word == "$end":
                assert dumping
                dumping = False
            elif word[0] in "01":
                name, kind, bits = codes[word[1:]]
                assert bits == 1, word
                self.signals[name].append((now, int(word[0])))
            elif word[0] == "b":
                name, kind, bits = codes[next(words)]
                assert len(word) - 1 <= bits and set(word[1:]) <= {"0", "1"}, word
                self.signals[name].append((now, int(word[1:], 2)))
            else:
                raise AssertionError(f"{word!r} is no value change")
        self.end = now

    def rises(self, name):
        return [at for at, value in self.signals[name] if value == 1 and (at != 0 or self.kinds[name][0] == "event")]


def dump_of(scenario, values=None, command="run", options=()):
    path = os.path.join(w.Place.folder, "out.vcd")
    sets = [part for key, value in (values or {}).items() for part in ("--set", f"{key}={value}")]
    ran = subprocess.run([w.Place.hldsim, command, scenario, *sets, *options, "--vcd", path], cwd=w.Place.root, check=False,
                         capture_output=True, text=True, timeout=w.SECONDS_MAX)
    return ran, path


class Vcd(unittest.TestCase):
    def read(self, scenario, values=None):
        ran, path = dump_of(scenario, values)
        self.assertIn(ran.returncode, (0, 1), ran.stderr)
        with open(path, encoding="ascii") as file:
            return Dump(file.read())

    def test_it_tells_what_the_json_tells(self):
        dump, one = self.read(RACE), w.run(RACE)
        cpus = int(one["stats"].get("cpus", 4))
        taken = sum(len(dump.rises(f"cpu{n}.nmi_in_service")) for n in range(cpus))
        self.assertEqual(int(one["stats"]["nmi.taken"]), taken)
        self.assertEqual(int(one["stats"]["nmi.matched"]), len(dump.rises("hpet.timer0_match")))
        self.assertEqual(int(one["stats"]["nmi.posted"]), len(dump.rises("messages.message")))
        self.assertEqual(int(one["end_fs"]), dump.end)
        for finding in one["findings"]:
            at = {hop["hop"]: int(hop["at_fs"]) for hop in finding.get("token", [])}
            if "taken" in at:
                self.assertIn(at["matched"], dump.rises("hpet.timer0_match"))
                self.assertIn(at["posted"], dump.rises("messages.message"))
                self.assertTrue(any(at["accepted"] in dump.rises(f"cpu{n}.nmi_latched") and
                                    at["taken"] in dump.rises(f"cpu{n}.nmi_in_service") for n in range(cpus)), at)

    def test_what_is_latched_is_taken_and_what_is_sent_arrives(self):
        dump = self.read(RACE)
        under_way = [value for _, value in dump.signals["messages.under_way"]]
        self.assertEqual(0, under_way[-1])
        self.assertTrue(all(abs(a - b) == 1 for a, b in zip(under_way, under_way[1:])))
        for n in range(4):
            self.assertEqual(0, dump.signals[f"cpu{n}.nmi_latched"][-1][1])
            contexts = [value for _, value in dump.signals[f"cpu{n}.context"]]
            self.assertEqual(n != 3, 2 in contexts)  # the rotation breaks before it comes to CPU 3

    @staticmethod
    def level(changes, at):
        """Behind all changes of that instant."""
        return [value for when, value in changes if when <= at][-1]

    def test_nmis_are_blocked_from_the_first_to_its_return(self):
        dump = self.read("scenarios/stuck/target-in-nmi.yaml")
        for n in range(4):
            self.assertEqual(dump.signals[f"cpu{n}.nmi_in_service"], dump.signals[f"cpu{n}.nmi_blocked"])
        (began, _), (ended, _) = dump.signals["cpu1.stuck"][1:]
        for name in ("nmi_blocked", "nmi_latched"):
            self.assertEqual(1, self.level(dump.signals[f"cpu1.{name}"], (began + ended) // 2), name)

    def test_nmis_are_blocked_in_smm_though_none_is_in_service(self):
        dump = self.read(RACE, {"events.1": "{at: 4 s, smi: {cpus: [1], for: 1 ms}}"})
        self.assertEqual(1, len(dump.rises("cpu1.nmi_blocked")) - len(dump.rises("cpu1.nmi_in_service")))
        for at, context in dump.signals["cpu1.context"]:
            self.assertEqual(int(context in (2, 3)), self.level(dump.signals["cpu1.nmi_blocked"], at), at)

    def test_nmis_are_blocked_in_smm_no_longer_than_to_an_iret_of_firmware(self):
        dump = self.read(RACE, {"events.1": "{at: 4 s, smi: {cpus: [1], for: 1 ms, iret_after: 10 us}}"})
        (entered,) = [at for at, context in dump.signals["cpu1.context"] if context == 3]
        (left,) = [at for at, _ in dump.signals["cpu1.context"] if at > entered][:1]
        blocked = [change for change in dump.signals["cpu1.nmi_blocked"] if entered <= change[0] <= left]
        self.assertEqual([1, 0], [level for _, level in blocked])
        self.assertTrue(entered + 10 * 10**9 <= blocked[1][0] < entered + 20 * 10**9, blocked)

    def test_nmis_are_blocked_by_a_cpu_that_is_as_if_it_never_left_one(self):
        dump = self.read("scenarios/stuck/in-nmi.yaml")
        began = dump.rises("cpu1.stuck")[0]
        blocked = dump.signals["cpu1.nmi_blocked"]
        self.assertEqual(1, self.level(blocked, began))
        self.assertEqual([], [change for change in blocked if change[0] > began])

    def test_what_gets_to_no_cpu_is_under_way_no_more(self):
        dropped = {"events.1": "{at: 4 s, message: {source: hpet, do: drop}}"}
        for scenario, values, event in (("scenarios/claims/irte-per-cpu/source-id-wrong.yaml", {"machine.set.vtd.check_order": "spec"},
                                         "remapper.blocked"),
                                        (RACE, dropped, "messages.lost")):
            dump = self.read(scenario, values)
            self.assertLessEqual(1, len(dump.rises(event)), scenario)
            under_way = [value for _, value in dump.signals["messages.under_way"]]
            self.assertEqual((0, 1), (under_way[-1], max(under_way)), scenario)

    def test_what_the_unit_lets_pass_shows(self):
        dump = self.read("scenarios/claims/irte-per-cpu/rotation.yaml", {"machine.profile": "server-2018"})
        self.assertLess(1, len(dump.rises("remapper.remapped")))
        self.assertEqual(len(dump.rises("messages.message")), len(dump.rises("remapper.remapped")))
        self.assertNotIn("remapper.blocked", dump.signals)

    def test_nmi_of_the_chipset_rises_with_serr_and_falls_when_the_kernel_clears_it(self):
        dump = self.read("scenarios/claims/no-fast-reason/serr-far-off.yaml")
        (rise, high), (fall, low) = dump.signals["pins.nmi"][1:]
        self.assertEqual((7 * 10**15, 1, 0), (rise, high, low))
        service = [at for at, _ in dump.signals["cpu0.nmi_in_service"] if at > rise]
        self.assertTrue(service[0] < fall < service[1])
        self.assertNotIn("messages.lost", dump.signals)  # the other CPUs mask LINT1

    def test_an_input_of_the_io_apic_moves_with_each_match_of_the_timer_that_is_wired_to_it(self):
        dump = self.read(LEGACY_PIN)
        matches = dump.rises("hpet.timer0_match")
        self.assertLess(1, len(matches))
        self.assertEqual(matches, dump.rises("pins.ioapic0_in2"))

    def test_the_8254_drives_its_output_and_the_8259_its_interrupt_line(self):
        ran, path = dump_of(STUCK, options=["--detector", w.detector("legacy", FILE, [
            (READS_CONFIGURATION, LEGACY + READS_CONFIGURATION)])])
        self.assertIn(ran.returncode, (0, 1), ran.stderr)
        with open(path, encoding="ascii") as file:
            dump = Dump(file.read())
        out, period = dump.rises("pins.timer_out"), COUNT * 88 * 10**15 / 105_000_000  # of 105/88 MHz
        self.assertLess(10, len(out))
        for one, following in zip(out[1:], out[2:]):
            self.assertLessEqual(abs(following - one - period), 1)
        self.assertEqual(out[1:], [at for at in dump.rises("pins.ioapic0_in2") if at >= out[1]])
        # Nobody acknowledges, and the 8259 withdraws a request whose edge ends (pic.edge_follows_line).
        self.assertEqual(out[1:], [at for at in dump.rises("pins.intr") if at >= out[1]])

    def test_a_pulse_on_lint1_is_an_nmi_of_the_cpu_that_does_not_mask_it(self):
        for cpu, taken, lost in ((0, 1, 0), (1, 0, 1)):
            pulse = {"events.1": "{at: 4 s, nmi: {cpu: %d, source: lint1}}" % cpu}
            dump = self.read(RACE, pulse)
            soon = range(4 * 10**15, 4 * 10**15 + 10**10)
            self.assertEqual(taken, len([at for at in dump.rises(f"cpu{cpu}.nmi_in_service") if at in soon]), cpu)
            self.assertEqual(lost, len(dump.rises("messages.lost")) if "messages.lost" in dump.signals else 0, cpu)

    def test_a_stuck_cpu_and_an_offline_one_show(self):
        stuck = self.read(STUCK)
        self.assertTrue(any(name.endswith(".stuck") and stuck.rises(name) for name in stuck.signals))
        race = self.read(RACE)
        self.assertIn(5, [value for _, value in race.signals["cpu2.life"]])  # dead

    def test_the_same_run_gives_the_same_bytes(self):
        _, path = dump_of(RACE)
        with open(path, "rb") as file:
            first = file.read()
        _, path = dump_of(RACE, command="replay")
        with open(path, "rb") as file:
            self.assertEqual(first, file.read())

    def test_several_runs_are_refused(self):
        ran, _ = dump_of("scenarios/stuck")
        self.assertEqual(2, ran.returncode)
        self.assertIn("runs do not fit into one value change dump", ran.stderr)
        self.assertEqual("", ran.stdout, "before the first of them is made")

    def test_several_runs_of_one_file_are_refused_wherever_it_comes_from(self):
        several = "scenarios/stuck/irq-off.yaml"
        path = os.path.join(w.Place.folder, "several.vcd")
        for arguments in (["run", several], ["run", "-"], ["replay", several], ["run", RACE, "nowhere.yaml", RACE]):
            ran = subprocess.run([w.Place.hldsim, *arguments, "--vcd", path], cwd=w.Place.root, check=False,
                                 capture_output=True, text=True, timeout=w.SECONDS_MAX, input=w.read(several))
            self.assertEqual((2, ""), (ran.returncode, ran.stdout), arguments)
            self.assertRegex(ran.stderr, r"^command line:1:\d+: error: \d runs do not fit into one value change dump")

    def test_a_file_that_is_wrong_has_its_own_error_beside_the_dump_of_another(self):
        path = os.path.join(w.Place.folder, "beside.vcd")
        ran = subprocess.run([w.Place.hldsim, "run", RACE, "nowhere.yaml", "--vcd", path], cwd=w.Place.root,
                             check=False, capture_output=True, text=True, timeout=w.SECONDS_MAX)
        self.assertEqual((2, "nowhere.yaml: error: no such file"), (ran.returncode, ran.stderr.strip()))
        self.assertGreater(os.path.getsize(path), 1000)

    @unittest.skipUnless(shutil.which("vcd2fst"), "gtkwave's vcd2fst is not installed")
    def test_gtkwave_reads_it(self):
        _, path = dump_of(RACE)
        subprocess.run(["vcd2fst", path, path + ".fst"], check=True, capture_output=True, timeout=w.SECONDS_MAX)
        back = subprocess.run(["fst2vcd", path + ".fst"], check=True, capture_output=True, text=True,
                              timeout=w.SECONDS_MAX).stdout
        with open(path, encoding="ascii") as file:
            ours = file.read()
        self.assertEqual(ours.count("$var "), back.count("$var "))
        self.assertIn("cpu2", back)


if __name__ == "__main__":
    w.main(__doc__)
