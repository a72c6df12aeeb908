#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hldsim-cc refuses inline assembler that the simulated CPU would not see, and no other."""

import re
import unittest

from support import ShimTest


class Assembler(ShimTest):
    MEMORY = ('asm volatile("lock; btsq %1, %0" : "+m"(*p) : "r"(v))',
              'asm volatile("movq %%gs:0, %0" : "=r"(v))',
              'asm("movq (%0), %%rax" : : "r"(p) : "rax")',
              'asm volatile("mfence" ::: "memory")',
              'asm volatile("cli" : : : "memory")',
              '__asm__ __volatile__("xchgq %0, %1" : "+r"(v), "+m"(*p) : : "memory")')

    def result(self, *statements, options=()):
        """What is said of a file with each in a line of its own, from the fourth on."""
        lines = "".join(f"\t{statement};\n" for statement in statements)
        self.write("a.c", f"void f(unsigned long *p, unsigned long v)\n{{\n\t(void)p, (void)v;\n{lines}}}\n")
        return self.hldsim_cc("a.c", *options, "-c", "-o", "x.o")

    def test_memory_that_the_simulated_cpu_would_not_see_is_refused(self):
        for statement in self.MEMORY:
            with self.subTest(statement):
                done = self.result(statement)
                self.assertEqual(done.returncode, 2)
                self.assertIn("a.c:4: error: inline assembler", done.stderr)
                self.assertIn("--allow-asm", done.stderr)

    def test_each_statement_that_would_be_refused_is_accepted_with_a_warning_if_asked_for(self):
        done = self.result(*self.MEMORY, options=["--allow-asm"])
        self.assertEqual(done.returncode, 0, done.stderr)
        told = re.findall(r'a\.c:(\d+): warning: inline assembler ".*" is not simulated', done.stderr)
        self.assertEqual([str(4 + number) for number in range(len(self.MEMORY))], told)

    def test_what_works_on_registers_is_a_warning(self):
        done = self.result('asm volatile("bswap %0" : "+r"(v))')
        self.assertEqual(done.returncode, 0)
        self.assertIn('a.c:4: warning: inline assembler "bswap %0" is not simulated', done.stderr)

    def test_compiler_barriers_names_and_strings_are_none_of_it(self):
        done = self.result('asm volatile("" ::: "memory")', 'asm volatile("nop")', 'extern int g(void) asm("h")',
                           'const char *s = "asm(\\"mfence\\" ::: \\"memory\\")"; (void)s')
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
