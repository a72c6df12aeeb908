# SPDX-License-Identifier: Apache-2.0
"""A design, its file and functions under other names: nothing changes but the names.

The detector looks its design up by name, and reads the bytes of the names for that. So to the femtosecond only names
of one length are the same; with others the boot takes some cycles more or less, and the race is the same race.
"""
import json
import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

SCENARIO = "scenarios/claims/late-nmi-on-cpu-down/direct-route.yaml"
FUNCTIONS = [("hld_cpu_offline", "hld_gone"), ("hld_next_round_robin", "hld_follower"), ("hld_move_target", "hld_put")]
SAME_LENGTH = [("direct_route", "carved_trail"), ("direct-route", "carved-trail"), *FUNCTIONS]
SHORTER = [("direct_route", "quick"), ("direct-route", "quick"), *FUNCTIONS]
# A build, a path and a command line: names of files, not what happens.
NAMES_OF_FILES = ("scenario", "replay", "again", "set", "build")


def renamed(text, names):
    for old, new in names:
        text = text.replace(old, new)
    return text


def build(name, names):
    """The detector and the scenario with other names: the paths of both."""
    folder = os.path.join(w.Place.folder, name)
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("core", "designs", "policies"):
        for file in sorted(os.listdir(os.path.join(w.Place.root, "detector", part))):
            w.write(f"{folder}/{part}/{renamed(file, names)}", renamed(w.read(f"detector/{part}/{file}"), names))
    w.compiled(["--core", folder, f"--kernel={w.Place.kernel}", "-o", f"{folder}/{name}.so"])
    return f"{folder}/{name}.so", w.write(f"{folder}/scenario.yaml", renamed(w.read(SCENARIO), names))


def facts(value):
    """What happened, without the names of files."""
    if isinstance(value, list):
        return [facts(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: os.path.basename(item) if key == "file" else facts(item)
            for key, item in value.items() if key not in NAMES_OF_FILES}


def under_old_names(value, names):
    return json.loads(renamed(json.dumps(value), [(new, old) for old, new in names]))


class Rename(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.original = facts(w.run(SCENARIO))
        self.assertTrue(self.original["findings"])
        self.assertIn("direct_route.c", json.dumps(self.original))

    def test_names_of_the_same_length_give_the_same_run(self):
        detector, scenario = build("same-length", SAME_LENGTH)
        other = facts(w.run(scenario, detector=detector))
        self.assertIn("carved_trail.c", json.dumps(other))
        self.assertNotIn("direct", json.dumps(other))
        self.assertEqual(self.original, under_old_names(other, SAME_LENGTH))

    def test_a_shorter_name_gives_the_same_race_and_the_same_window(self):
        detector, scenario = build("shorter", SHORTER)
        other = under_old_names(facts(w.run(scenario, detector=detector)), SHORTER)
        for one, two in zip(self.original["findings"], other["findings"]):
            for key in ("hazard", "invariants", "phase", "cpu", "where"):
                self.assertEqual(one[key], two[key])
            self.assertEqual([row["what"] for row in one["interleaving"]], [row["what"] for row in two["interleaving"]])
        self.assertEqual(len(self.original["findings"]), len(other["findings"]))

        def edges(windows):
            return [(row["hazard"], row["phase"], row["width_cycles"], row["opened_by"], row["closed_by"])
                    for row in facts(windows)]

        options = ["--range=-500ns..500ns"]
        ours, theirs = (edges(w.windows(SCENARIO, options=options)),
                        edges(under_old_names(w.windows(scenario, detector=detector, options=options), SHORTER)))
        self.assertTrue(ours)
        self.assertEqual(ours, [tuple(text.replace(os.path.relpath(os.path.dirname(detector), w.Place.root), "detector")
                                      for text in row) for row in theirs])


if __name__ == "__main__":
    w.main(__doc__)
