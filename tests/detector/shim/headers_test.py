#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each header stands alone, and all of them together in every series of the API; what differs between series differs here too."""

import re
import shlex
import subprocess
import unittest

from support import COMPILERS, INCLUDE, ShimTest

# What the posted detectors include (linux/ and asm/), whether or not the miniature kernel has anything behind it.
NEEDED = """linux/nmi.h linux/hpet.h linux/slab.h linux/debugfs.h linux/cpumask.h linux/interrupt.h linux/jump_label.h
 linux/printk.h linux/tick.h linux/cpu.h linux/kernel.h linux/percpu-defs.h linux/atomic.h linux/module.h
 linux/perf_event.h linux/irq.h linux/syscore_ops.h linux/sched/debug.h linux/irq_work.h linux/init.h asm/apic.h
 asm/hpet.h asm/nmi.h asm/tsc.h asm/cpumask.h asm/irq_remapping.h asm/io_apic.h asm/irq_regs.h asm/time.h asm/mwait.h
 asm/cpuid/api.h apic/local.h""".split()


def all_headers():
    return sorted(str(file.relative_to(INCLUDE)) for file in INCLUDE.rglob("*.h"))


class Headers(ShimTest):
    def compile_together(self, family, kapi):
        both_orders = all_headers() + all_headers()[::-1]
        files = [self.write(f"{name}.c", "".join(f"#include <{header}>\n" for header in order))
                 for name, order in (("forwards", both_orders), ("backwards", both_orders[::-1]))]
        self.compile(f"--cc={COMPILERS[family]}", f"--kapi={kapi}", "--check", "-Werror", *files)

    def test_the_headers_of_the_posted_detectors_exist(self):
        self.assertEqual([header for header in NEEDED if header not in all_headers()], [])

    def test_each_compiles_alone(self):
        files = [self.write(f"{header.replace('/', '_').replace('.', '_')}.c",
                            f"#include <{header}>\n#include <{header}>\n") for header in all_headers()]
        done = subprocess.run([*self.front_end(), *map(str, files)], capture_output=True, text=True, check=False)
        self.assertEqual((0, ""), (done.returncode, done.stderr))

    def front_end(self):
        """The compiler as hldsim-cc calls it, but for the code: no header alone makes any, and a test below makes that of all."""
        file = self.write("any.c", "int any;\n")
        shown = [shlex.split(line) for line in self.compile("--check", "--show", "--cache=none", file).stdout.splitlines()]
        command = next(words for words in shown if "-S" in words)
        return [*command[:command.index("-S")], "-Werror", "-fsyntax-only"]

    def test_one_that_does_not_stand_alone_is_found(self):
        command = self.front_end()
        for text, told in (("", "unknown type name"), ("#include <linux/types.h>\nstatic void f(void) { u32 i; }\n", "unused")):
            file = self.write("needs.c", text + "u32 x;\n")
            done = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
            self.assertEqual(1, done.returncode)
            self.assertIn(told, done.stderr)

    def test_all_compile_together_in_both_orders_for_every_series(self):
        for family, kapi in (("gcc", 418), ("gcc", 601), ("gcc", 617), ("clang", 418), ("clang", 617)):
            with self.subTest(family=family, kapi=kapi):
                self.compile_together(family, kapi)

    def test_none_hides_an_access_from_the_simulated_cpu(self):
        """Inline assembler but for empty templates, or an attribute that switches the hooks off."""
        for header in all_headers():
            text = re.sub(r"/\*.*?\*/", "", (INCLUDE / header).read_text(), flags=re.S)
            with self.subTest(header):
                self.assertNotRegex(text, r"no_sanitize\b(?!_)|disable_sanitizer_instrumentation|no_instrument")
                for template in re.findall(r"\b(?:asm|__asm__)\s*(?:volatile|__volatile__)?\s*\(\s*(\"[^\"]*\")", text):
                    self.assertEqual(template, '""')


class Series(ShimTest):
    results = {}

    def result(self, kapi, code):
        if (kapi, code) not in self.results:
            file = self.write("series.c", code)
            self.results[kapi, code] = self.hldsim_cc(f"--kapi={kapi}", "--check", "-Werror", file)
        return self.results[kapi, code]

    def accepts(self, kapi, code):
        done = self.result(kapi, code)
        self.assertEqual(done.returncode, 0, done.stderr)

    def refuses(self, kapi, code):
        self.assertEqual(self.result(kapi, code).returncode, 2)

    FOUR = "#include <linux/cpumask.h>\nunsigned f(const struct cpumask *m) { return cpumask_next_wrap(1, m, 2, true); }\n"
    TWO = "#include <linux/cpumask.h>\nunsigned f(const struct cpumask *m) { return cpumask_next_wrap(1, m); }\n"
    LOOP = """
unsigned g(const struct cpumask *m)
{
	unsigned int cpu, sum = 0;

	for_each_cpu_wrap(cpu, m, 3)
		sum += cpu;
	return sum;
}
"""

    def test_cpumask_next_wrap_has_four_arguments_until_v6_14(self):
        for kapi in (418, 601, 614):
            self.accepts(kapi, self.FOUR + self.LOOP)
            self.refuses(kapi, self.TWO)

    def test_cpumask_next_wrap_has_two_arguments_from_v6_15(self):
        for kapi in (615, 617):
            self.accepts(kapi, self.TWO + self.LOOP)
            self.refuses(kapi, self.FOUR)

    def test_for_each_cpu_wrap_has_three_arguments_in_all_series(self):
        for kapi, other in ((418, self.FOUR), (601, self.FOUR), (617, self.TWO)):
            self.accepts(kapi, other + self.LOOP)

    def test_pr_warning_is_gone_from_v5_5(self):
        code = "#include <linux/printk.h>\nvoid f(void) { pr_warning(\"x\\n\"); }\n"
        self.accepts(418, code)
        self.refuses(601, code)

    def test_a_file_can_ask_for_the_series(self):
        self.accepts(601, "#if HLD_KAPI != 601\n#error\n#endif\nint x;\n")


class Parameters(ShimTest):
    def refused_with(self, code, text):
        file = self.write("parameter.c", "#include <linux/module.h>\n" + code)
        done = self.hldsim_cc("--check", file)
        self.assertEqual(done.returncode, 2)
        self.assertIn(text, done.stderr)

    def test_a_parameter_of_a_type_that_is_not_modelled_is_a_compile_error(self):
        self.refused_with("static short s;\nmodule_param(s, short, 0);\n", "__HLD_PARAM_short")

    def test_a_parameter_whose_variable_has_another_type_is_a_compile_error(self):
        self.refused_with("static long n;\nmodule_param(n, int, 0);\n", "the variable has another type")

    def test_container_of_a_pointer_to_another_member_is_a_compile_error(self):
        self.refused_with("struct s { int a; long b; };\nstruct s *f(int *p) { return container_of(p, struct s, b); }\n",
                          "container_of")


if __name__ == "__main__":
    unittest.main()
