# SPDX-License-Identifier: Apache-2.0
"""With the cost model `portable` objects by gcc and by clang say the same, builds and line numbers apart.

objects_test.py --root DIR --build DIR --folder DIR --hldsim PROGRAM --kernel FILE --detector FILE

The given objects are gcc's. Those of clang are compiled here, the kernel's and the detector's.
"""
import difflib
import glob
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../support"))
import workshop as w  # noqa: E402

CLAIMS = "scenarios/claims/"
WORDS = ["run", CLAIMS + "late-nmi-on-cpu-down/direct-route.yaml", CLAIMS + "late-nmi-on-cpu-down/direct-route-leaving.yaml",
         CLAIMS + "no-lock-in-nmi/own-lock.yaml", CLAIMS + "no-lock-in-nmi/owner-stuck.yaml",
         CLAIMS + "stop-before-mask/cpumask-none.yaml", "scenarios/hazards", "scenarios/stuck",
         "--set", "machine.cost=portable"]


def without(value, names):
    if isinstance(value, dict):
        return {key: without(part, names) for key, part in value.items() if key not in names}
    return [without(part, names) for part in value] if isinstance(value, list) else value


def said(folder, kernel, words):
    """What an installation with these objects says. Exit code 1 is fine: some landings exist with costs of `access` only."""
    prefix = w.installed(folder)
    w.link(kernel, os.path.join(prefix, "lib/hldsim/hld-kernel-v6.1.so"))
    return w.hldsim(*words, "--json", program=os.path.join(prefix, "bin/hldsim"))


class Objects(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gcc = (w.Place.kernel, w.Place.detector)
        made = os.path.join(w.Place.folder, "clang")
        os.makedirs(made, exist_ok=True)
        kernel, detector = os.path.join(made, "kernel.so"), os.path.join(made, "hld.so")
        sources = sorted(glob.glob("detector/kernel/*.c", root_dir=w.Place.root))
        w.compiled(["--cc=clang-14", "--kernel-object", *sources, "-o", kernel])
        w.compiled(["--cc=clang-14", "--core", "detector", f"--kernel={kernel}", "-o", detector])
        cls.clang = (kernel, detector)

    def said_by(self, name, objects, words):
        kernel, w.Place.detector = objects
        return json.loads(said(os.path.join(w.Place.folder, name), kernel, words))

    def test_they_say_the_same(self):
        one, other = (self.said_by(name, objects, WORDS) for name, objects in (("by-gcc", self.gcc), ("by-clang", self.clang)))
        for runs, compiler in ((one, "gcc"), (other, "clang")):
            self.assertGreater(len(runs), 10)
            for run in runs:
                self.assertRegex(run["build"]["detector_compiler"], compiler)
        text = [json.dumps(without(runs, {"build", "line"}), indent=1).splitlines() for runs in (one, other)]
        self.assertEqual([], list(difflib.unified_diff(*text, "gcc", "clang", lineterm="", n=2))[:40])

    def test_with_the_cost_model_access_they_do_not(self):
        """Else the comparison would compare nothing."""
        words = WORDS[:2]
        one, other = (self.said_by(name, objects, words) for name, objects in (("by-gcc", self.gcc), ("by-clang", self.clang)))
        self.assertNotEqual(without(one, {"build", "line"}), without(other, {"build", "line"}))


if __name__ == "__main__":
    w.main(__doc__)
