# SPDX-License-Identifier: Apache-2.0
"""One line of the C changed, and another verdict: the program tells what the code does and not what it is called.

Each test states what is found with the C as it is and with the variant. Instants are those that the program solves
itself, for they move whenever the C does.
"""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../support"))
import workshop as w  # noqa: E402

CLAIMS = "scenarios/claims/"
RANGE = ["--range=-2us..2us"]


class Mutants(unittest.TestCase):
    def differs(self, original, variant):
        """What is found is not the same: whatever else a test says, this it has to say."""
        self.assertNotEqual(w.hazards(original), w.hazards(variant))

    def test_without_the_lock_no_nmi_waits_for_it(self):
        scenario = CLAIMS + "no-lock-in-nmi/own-lock.yaml"
        lockless = w.detector("lock-removed", "designs/lock_affinity.c", [
            ("\tspin_lock(&hld_lock);\n\n\tfirst = hld", "\tfirst = hld"),
            ("cpu);\n\n\tspin_unlock(&hld_lock);\n}\n\nstatic int hld_lock_affinity_add_cpu",
             "cpu);\n}\n\nstatic int hld_lock_affinity_add_cpu")])
        original, variant = w.run(scenario), w.run(scenario, detector=lockless)
        self.differs(original, variant)
        self.assertEqual("deadlock", original["ended"])
        self.assertIn("nmi-own-lock", w.hazards(original))
        self.assertEqual("time", variant["ended"])
        self.assertNotIn("nmi-own-lock", w.hazards(variant))
        # The locks inside irq_set_affinity() are still taken.
        for other in ("nmi-desc-lock", "nmi-tmp-mask-lock", "nmi-vector-lock"):
            self.assertIn(other, w.hazards(variant))

    def test_a_lock_of_the_detector_is_its_own_although_the_kernel_has_one_of_that_name(self):
        scenario = CLAIMS + "no-lock-in-nmi/own-lock.yaml"
        source = w.read("detector/designs/lock_affinity.c")
        renamed = w.detector("lock-renamed", "designs/lock_affinity.c",
                             [(source, re.sub(r"\bhld_lock\b", "vector_lock", source))])
        solved = w.run(scenario)["solved"]["events.1.at"]  # the aim would name the lock
        values = {"events.1": f"{{at: {solved} fs, offline: 1}}"}
        variant = w.run(scenario, values, detector=renamed)
        self.assertEqual(w.hazards(w.run(scenario, values)), w.hazards(variant))
        (own,) = [found for found in variant["findings"] if found["hazard"] == "nmi-own-lock"]
        self.assertIn("vector_lock", own["sentence"])

    def test_without_the_drain_the_nmi_on_the_fly_is_taken(self):
        scenario = CLAIMS + "stop-before-mask/cpumask-ipi.yaml"
        undrained = w.detector("drain-removed", "designs/stop_drain.c", [("\thld_drain_wait(hld);\n", "")])
        variant = w.run(scenario, detector=undrained)
        self.assertEqual(["INV-quiesce: no function 'hld_drain_wait' in the object"], variant["unwatched"])
        at = {"events.1.at": variant["solved"]["events.1.at"] + "fs"}
        original = w.run(scenario, at)
        self.differs(original, variant)
        self.assertEqual(["nmi-before-bit-clear"], w.hazards(variant))
        self.assertEqual([], w.hazards(original))
        # Not at that instant only.
        self.assertEqual([], w.windows(scenario, at, options=RANGE))
        self.assertNotEqual([], w.windows(scenario, at, detector=undrained, options=RANGE))

    def test_a_target_that_stays_on_the_cpu_that_goes_gets_the_next_nmi(self):
        scenario = CLAIMS + "late-nmi-on-cpu-down/stop-drain-target.yaml"
        stays = w.detector("target-stays", "designs/stop_drain.c",
                           [("if (cpumask_test_cpu(hld->target, gone))", "if (0)")])
        original, variant = w.run(scenario), w.run(scenario, detector=stays)
        self.differs(original, variant)
        self.assertEqual([], w.hazards(original))
        self.assertIn("nmi-after-bit-clear", w.hazards(variant))

    def test_a_bit_cleared_after_the_target_has_moved_opens_no_window(self):
        scenario = CLAIMS + "late-nmi-on-cpu-down/direct-route-leaving.yaml"
        loop = "\tfor_each_cpu(cpu, gone)\n\t\tcpumask_clear_cpu(cpu, &hld->monitored_mask);\n\n"
        after = w.detector("cleared-after", "designs/direct_route.c", [
            (loop, ""),
            ("gone))\n\t\treturn;\n", "gone))\n\t\tgoto clear;\n"),
            ("\thld_timer_resume(&hld->timer);\n}\n", f"\thld_timer_resume(&hld->timer);\nclear:\n{loop[:-1]}}}\n")])
        # Up to the clearing of the bit, both options do the same.
        solved = w.run(scenario)["solved"]["events.1.at"]
        values = {"detector.options.retarget": "offline", "events.1.at": solved + "fs"}
        original, variant = w.run(scenario, values), w.run(scenario, values, detector=after)
        self.differs(original, variant)
        self.assertIn("nmi-before-bit-clear", w.hazards(original))
        self.assertEqual([], w.hazards(variant))
        self.assertNotEqual([], w.windows(scenario, values, options=RANGE))
        self.assertEqual([], w.windows(scenario, values, detector=after, options=RANGE))

    def test_a_rotation_without_the_last_cpu_misses_its_lockup(self):
        scenario = "scenarios/stuck/warm.yaml"
        skips = w.detector("last-skipped", "policies/round_robin.c",
                           [("\tif (cpu >= nr_cpu_ids)\n", "\tif (cpu + 1 >= nr_cpu_ids)\n")])
        for cpu in (2, 3):
            values = {"events.1.stuck": f"{{cpu: {cpu}, kind: irq-off}}",
                      "expect": f"{{reports: [{{cpu: {cpu}, after: 6 s, within: 20 s}}]}}"}
            original, variant = w.run(scenario, values), w.run(scenario, values, detector=skips)
            self.differs(original, variant)
            self.assertEqual([], w.hazards(original))
            self.assertEqual([], original["unmet"])
            self.assertIn("INV-cover", w.hazards(variant))
            missed = cpu == 3
            self.assertEqual(missed, "stuck-irqoff" in w.hazards(variant))
            self.assertEqual(missed, any(text.startswith("report: CPU 3") for text in variant["unmet"]))

    def test_a_handler_that_never_claims_leaves_every_nmi_unknown(self):
        scenario = "scenarios/stuck/quiet-hour.yaml"
        mute = w.detector("never-claims", "core/hld_core.c", [("\treturn NMI_HANDLED;\n", "\treturn NMI_DONE;\n")])
        values = {"until": "30 s", "expect": "{count: {nmi.unknown: 0}}"}
        original, variant = w.run(scenario, values), w.run(scenario, values, detector=mute)
        self.differs(original, variant)
        self.assertEqual([], w.hazards(original))
        self.assertEqual("0", original["stats"]["nmi.unknown"])
        self.assertIn("INV-conserve", w.hazards(variant))
        self.assertEqual(variant["stats"]["nmi.taken"], variant["stats"]["nmi.unknown"])
        self.assertNotEqual("0", variant["stats"]["nmi.taken"])

    def test_a_kernel_that_waits_for_the_cpu_before_it_stops_it_waits_for_ever(self):
        scenario = CLAIMS + "late-nmi-on-cpu-down/stop-drain.yaml"
        stop = "stop_machine_cpuslocked(take_cpu_down, NULL, cpumask_of(cpu));\n"
        swapped = w.kernel("wait-before-stop", "hotplug_steps.c", [
            (f"\tint err = {stop}\n\tif (err)\n\t\treturn err;\n\n\tcpuhp_wait_for_ap(st);\n",
             f"\tint err;\n\n\tcpuhp_wait_for_ap(st);\n\terr = {stop}\tif (err)\n\t\treturn err;\n")])
        values = {"events.1": "{at: 6 s, offline: 2}", "expect": "{}"}
        original, variant = w.run(scenario, values), w.run(scenario, values, program=swapped)
        self.differs(original, variant)
        self.assertEqual([], w.hazards(original))
        self.assertEqual("1", original["stats"]["hotplug.completed"])
        self.assertIn("INV-progress", w.hazards(variant))
        self.assertEqual("0", variant["stats"]["hotplug.completed"])


if __name__ == "__main__":
    w.main(__doc__)
