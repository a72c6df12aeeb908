#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What hldsim-cc keeps of a file is used as long as nothing that the preprocessor could find has changed."""

import os
import unittest

from support import ShimTest

SOURCE = '#include "mine.h"\nint value = VALUE;\n'


class Cache(ShimTest):
    def setUp(self):
        super().setUp()
        self.write("own/a.c", SOURCE)

    def made(self, *arguments, **keywords):
        """The object's bytes, and whether the file was preprocessed for it."""
        done = self.compile("own/a.c", "--cache=cache", "--show", *arguments, "-c", "-o", "a.o", **keywords)
        return (self.directory / "a.o").read_bytes(), " -E " in done.stdout

    def value(self, *arguments, **keywords):
        """VALUE of the object, and whether the file was preprocessed: the number that another header gives."""
        image, preprocessed = self.made(*arguments, **keywords)
        found = [number for number in (11111111, 22222222) if number.to_bytes(4, "little") in image]
        self.assertEqual(1, len(found), "the object holds neither or both")
        return found[0], preprocessed

    def header(self, place, number):
        return self.write(place, f"#define VALUE {number}\n")

    def test_what_has_not_changed_is_not_preprocessed(self):
        self.header("own/mine.h", 11111111)
        self.assertEqual((11111111, True), self.value())
        self.assertEqual((11111111, False), self.value())

    def test_a_header_that_changes_is_seen_wherever_it_lies(self):
        for place, arguments in (("own/mine.h", ()), ("headers/mine.h", ("-Iheaders",)), ("beside/mine.h", ("-I", "beside"))):
            with self.subTest(place):
                self.header(place, 11111111)
                self.assertEqual((11111111, True), self.value(*arguments))
                self.header(place, 22222222)
                self.assertEqual((22222222, True), self.value(*arguments))
                self.header(place, 11111111)
                self.assertEqual((11111111, False), self.value(*arguments))
                (self.directory / place).unlink()

    def test_a_source_that_changes_is_seen(self):
        self.header("own/mine.h", 11111111)
        self.value()
        self.write("own/a.c", SOURCE + "int another;\n")
        self.assertEqual((11111111, True), self.value())

    def test_a_header_that_comes_to_lie_before_the_one_that_was_found_is_found(self):
        self.header("second/mine.h", 11111111)
        arguments = ("-Ifirst", "-Isecond")
        self.assertEqual((11111111, True), self.value(*arguments))
        self.header("first/mine.h", 22222222)
        self.assertEqual((22222222, True), self.value(*arguments))
        self.header("own/mine.h", 11111111)
        self.assertEqual((11111111, True), self.value(*arguments))

    def test_a_header_in_a_folder_that_is_not_looked_through_is_seen(self):
        """By a path that leads out, or forced in: such a file is preprocessed each time."""
        self.write("own/a.c", SOURCE.replace("mine.h", "../elsewhere/mine.h"))
        self.header("elsewhere/mine.h", 11111111)
        self.assertEqual([(11111111, True)] * 2, [self.value(), self.value()])
        self.header("elsewhere/mine.h", 22222222)
        self.assertEqual((22222222, True), self.value())
        self.write("own/a.c", SOURCE.splitlines()[1] + "\n")
        self.assertEqual((22222222, True), self.value("-include", "elsewhere/mine.h"))
        self.header("elsewhere/mine.h", 11111111)
        self.assertEqual((11111111, True), self.value("-include", "elsewhere/mine.h"))

    def test_a_folder_that_holds_too_much_is_not_looked_through(self):
        self.header("own/mine.h", 11111111)
        for number in range(1001):
            self.write(f"own/{number}.txt", "")
        self.assertEqual([(11111111, True)] * 2, [self.value(), self.value()])
        self.header("own/mine.h", 22222222)
        self.assertEqual((22222222, True), self.value())

    def test_options_compilers_and_the_environment_are_part_of_what_was_asked(self):
        self.header("own/mine.h", 11111111)
        self.value()
        for arguments, environment in ((("-DX",), {}), (("--cc=clang-14",), {}), ((), {"CPATH": "/nowhere"})):
            with self.subTest(arguments=arguments, environment=environment):
                self.assertEqual([(11111111, True), (11111111, False)],
                                 [self.value(*arguments, environment=environment) for _ in range(2)])

    def test_a_file_that_asks_for_the_time_is_preprocessed_each_time(self):
        self.header("own/mine.h", 11111111)
        self.write("own/a.c", SOURCE + "const char *when = __TIME__;\n")
        self.assertEqual([(11111111, True)] * 2, [self.value(), self.value()])

    def test_warnings_and_dependencies_are_told_again(self):
        self.header("own/mine.h", 11111111)
        self.write("own/a.c", SOURCE + 'void f(void) { int unused; __asm__ volatile("pause"); }\n')
        told = []
        for number in range(2):
            done = self.compile("own/a.c", "--cache=cache", f"--depfile={number}.d", "-o", "a.so")
            self.assertIn("unused-variable", done.stderr)
            self.assertIn('inline assembler "pause" is not simulated', done.stderr)
            told.append((done.stderr, (self.directory / f"{number}.d").read_text()))
        self.assertEqual(told[0], told[1])
        self.assertIn("own/mine.h", told[0][1])

    def test_what_is_damaged_or_gone_is_made_anew(self):
        self.header("own/mine.h", 11111111)
        self.value()
        cache = self.directory / "cache"
        note, = cache.glob("*.json")
        for text in ("{", "[]", '{"object": "none.o"}'):
            with self.subTest(text):
                note.write_text(text)
                self.assertEqual([(11111111, True), (11111111, False)], [self.value(), self.value()])
        for stored in cache.glob("*.o"):
            stored.unlink()
        self.assertEqual((11111111, True), self.value())

    def test_the_cache_keeps_what_was_used_last(self):
        self.header("own/mine.h", 11111111)
        old = [self.write(f"cache/{number:04}.{kind}", "") for kind in ("o", "json") for number in range(700)]
        for file in old:
            os.utime(file, (1, 1))
        self.compile("own/a.c", "--cache=cache", "-o", "a.so")
        self.assertEqual(2 * 599, sum(file.exists() for file in old))


if __name__ == "__main__":
    unittest.main()
