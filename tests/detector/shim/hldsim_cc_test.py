#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hldsim-cc: what it makes, and the one clear error for what it refuses."""

import os
import re
import shutil
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import COMPILERS, ROOT, WRAPPER, ShimTest

MODULE = """#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);
static DEFINE_PER_CPU(int, count);
static int period_ms = 10;
module_param(period_ms, int, 0444);
MODULE_PARM_DESC(period_ms, "Milliseconds between two checks");
static char *name;
module_param(name, charp, 0);

static int __init start(void)
{
	spin_lock(&lock);
	this_cpu_inc(count);
	spin_unlock(&lock);
	return period_ms;
}
module_init(start);
MODULE_LICENSE("Dual MIT/GPL");
"""
COPIES = """#include <linux/string.h>
#include <linux/types.h>

struct pair { u64 a, b; };
struct word { u32 a, b; };

void copy_pair(struct pair *to, const struct pair *from, int i)
{
	to[i] = from[3 * i];
}

void copy_word(struct word *to, const struct word *from)
{
	*to = *from;
}

void write_then_read(u64 *to, const u64 *from)
{
	*to = 5;
	if (*from)
		to[1] = 6;
}

struct big { long word[40]; } a, b;
void f(void) { a = b; memset(&b, 0, sizeof(b)); }
unsigned long g(const char *s) { return strlen(s) + !memcmp(s, "abc", 3); }
"""
# Each leaves the object as it is, and is looked at by a test of its own.
SHARED = ("-O3", "--portable-out", "--show", "--depfile=module.d")

KERNEL = "_printk __preempt_count __per_cpu_offset nr_cpu_ids"


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class Objects(ShimTest):
    """What several tests look at is made once."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="hldsim-shim-")
        cls.addClassCleanup(holder.cleanup)
        cls.shared, cls.made = Path(holder.name), {}

    def make(self, text=MODULE, *arguments, output="module.so"):
        self.write("module.c", text)
        self.kernel = self.write("kernel.txt", "\n".join(KERNEL.split()))
        self.compile("module.c", f"--kernel={self.kernel}", *arguments, "-o", output)
        return self.directory / output

    def once(self, family="gcc", text=MODULE):
        """The object of a text that no other test may write to, and what hldsim-cc said of it."""
        if (family, text) not in self.made:
            folder = self.shared / str(len(self.made))
            folder.mkdir()
            (folder / "module.c").write_text(text)
            (folder / "kernel.txt").write_text("\n".join(KERNEL.split()))
            said = self.compile("module.c", "--kernel=kernel.txt", f"--cc={COMPILERS[family]}", *SHARED, "-o", "module.so",
                                cwd=folder)
            self.made[family, text] = folder / "module.so", said.stdout
        return self.made[family, text]

    def test_the_note_says_how_the_object_was_made(self):
        for family in COMPILERS:
            note = output_of("readelf", "-p", ".note.hldsim", str(self.once(family)[0]))
            with self.subTest(family):
                for line in ("abi=1", "kapi=601", "kind=detector", "level=-O3"):
                    self.assertIn(line, note)
                self.assertRegex(note, rf"compiler={family} \d+\.\d+\.\d+")
                self.assertRegex(note, r"flags=[0-9a-f]{16}")

    def test_a_struct_copy_is_told_as_one_and_a_write_before_a_read_is_not(self):
        """gcc puts both announcements of a small copy before it: the write would be taken for made when it is not."""
        for family, compiler in COMPILERS.items():
            code = output_of("objdump", "-d", "--no-show-raw-insn", str(self.copies(family)))
            calls = {name: re.findall(r"call +\w+ <__tsan_((?:read|write)\w+)", body)
                     for name, body in re.findall(r"<(\w+)>:\n((?:.+\n)+)", code)}
            with self.subTest(family):
                self.assertEqual(["write8", "read8", "write8"], calls["write_then_read"])
                for name in ("copy_pair", "copy_word") if family == "gcc" else ():
                    self.assertEqual(["write_range", "read_range"], calls[name], name)

    def test_memory_calls_are_the_simulator_s(self):
        for family in COMPILERS:
            wanted = output_of("nm", "-u", str(self.copies(family)))
            with self.subTest(family):
                self.assertRegex(wanted, r"\bhld_memset\b")
                self.assertRegex(wanted, r"\bhld_strlen\b")
                self.assertNotRegex(wanted, r"(?m) (mem|str|bcmp)\w*$")

    def copies(self, family):
        """At -O2, which the announcements of small copies are known for."""
        if (family, COPIES) not in self.made:
            made = self.make(COPIES, f"--cc={COMPILERS[family]}")
            self.made[family, COPIES] = Path(shutil.copy(made, self.shared / f"copies-{family}.so"))
        return self.made[family, COPIES]

    def test_the_flags_in_the_note_change_with_the_flags(self):
        def flags(made):
            return re.search(r"flags=(\w+)", output_of("readelf", "-p", ".note.hldsim", str(made))).group(1)
        first = flags(self.once()[0])
        self.assertNotEqual(first, flags(self.make(MODULE, "-O3", "-DX")))
        self.assertNotEqual(first, flags(self.make(MODULE, "-O3", "--kapi=617")))
        self.assertEqual(first, flags(self.make(MODULE, "-O3", "-Ione")))

    def test_the_same_source_gives_the_same_bytes_whatever_the_directory_and_the_output(self):
        first = self.once()[0]
        shutil.copy(first.with_name("module.c"), self.directory)
        self.compile("module.c", f"--kernel={first.with_name('kernel.txt')}", "--modname=module", "-O3", "-o", "second.so",
                     environment={"XDG_CACHE_HOME": str(self.directory / "cache")})
        self.assertTrue(list((self.directory / "cache/hldsim").glob("*.o")))
        self.assertEqual(first.read_bytes(), (self.directory / "second.so").read_bytes())

    def test_static_symbols_are_kept_and_only_the_object_s_own_names_are_hidden(self):
        made = str(self.once()[0])
        self.assertRegex(output_of("nm", made), r"\b[a-z] start\n")
        self.assertNotIn(" start", output_of("nm", "-D", "--defined-only", made))

    def test_parameters_and_initcalls_are_dense_arrays_between_exported_bounds(self):
        for family in COMPILERS:
            symbols = output_of("nm", "-D", "--defined-only", str(self.once(family)[0]))
            at = {name: int(value, 16) for value, name in re.findall(r"(\w+) \w (\S+)", symbols)}
            with self.subTest(family):
                self.assertEqual(at["__stop_hld_params"] - at["__start_hld_params"], 2 * 40)
                self.assertEqual(at["__stop_hld_initcalls"] - at["__start_hld_initcalls"], 8)
                self.assertEqual(at["__stop_hld_setups"], at["__start_hld_setups"])

    def test_an_object_without_parameters_has_the_bounds_too(self):
        symbols = output_of("nm", "-D", "--defined-only", str(self.make("int unused;\n")))
        self.assertIn("__start_hld_params", symbols)
        self.assertIn("__stop_hld_initcalls", symbols)

    def test_writable_memory_is_data_and_bss_alone_behind_the_read_only_rest(self):
        made = str(self.once()[0])
        self.assertRegex(output_of("readelf", "-lW", made), r"GNU_RELRO")
        self.assertRegex(output_of("readelf", "-dW", made), r"\(FLAGS\).*BIND_NOW")

    def test_paths_in_the_debug_information_begin_at_the_project(self):
        names = output_of("readelf", "--debug-dump=info", str(self.core()[0]))
        self.assertIn("detector/designs/direct_route.c", names)
        self.assertNotIn(str(ROOT) + "/", names)

    def test_the_debug_information_does_not_follow_local_variables(self):
        """They would be more than half of it, and each run reads it before its first line."""
        sections = output_of("readelf", "-SW", str(self.core()[0]))
        self.assertIn(".debug_info", sections)
        self.assertNotIn(".debug_loclists", sections)

    def core(self):
        """The core's object, and a list with every name that it may want from a miniature kernel."""
        if "core" not in self.made:
            kernel, made = self.shared / "all.txt", self.shared / "hld.so"
            kernel.write_text("x\n")
            done = self.hldsim_cc("--core", "detector", f"--kernel={kernel}", "--check")
            names = re.findall(r"needs symbol (\S+),", done.stderr)
            self.assertTrue(names, done.stderr)
            kernel.write_text("\n".join(names))
            self.compile("--core", "detector", f"--kernel={kernel}", "-o", made)
            self.made["core"] = made, kernel
        return self.made["core"]

    def test_a_replaced_file_of_the_core_changes_the_object_and_is_named_as_the_user_s(self):
        own, kernel = self.core()
        original = (ROOT / "detector/designs/direct_route.c").read_text()
        self.write("my_route.c", original + "\nint one_more;\n")
        self.compile("--core", "detector", "--replace", "my_route.c=designs/direct_route.c", f"--kernel={kernel}", "-o",
                     "mine.so")
        names = output_of("readelf", "--debug-dump=info", str(self.directory / "mine.so"))
        self.assertIn("my_route.c", names)
        self.assertNotIn("designs/direct_route.c", names)
        self.assertIn("one_more", output_of("nm", str(self.directory / "mine.so")))
        self.assertNotIn("one_more", output_of("nm", str(own)))

    def test_a_file_that_has_changed_is_compiled_anew(self):
        for name in ("one", "another"):
            self.write("a.c", f"int {name};\n")
            self.compile("a.c", "-c", "-o", "a.o")
            self.assertEqual([name], re.findall(r" [BD] (\w+)$", output_of("nm", str(self.directory / "a.o")), re.MULTILINE))

    def test_a_warning_comes_again_when_the_file_comes_from_the_cache_and_is_an_error_if_asked_for(self):
        self.write("warns.c", "void f(void) { int unused; }\n")
        for _ in range(2):
            self.assertIn("unused-variable", self.compile("warns.c", "-c", "-o", "warns.o").stderr)
        done = self.hldsim_cc("warns.c", "-Werror", "-o", "y.so")
        self.assertEqual(done.returncode, 2)
        self.assertIn("warns.c: error: warnings, with -Werror", done.stderr)

    def test_the_dependencies_name_the_headers_and_hldsim_cc(self):
        made = self.once()[0]
        text = made.with_name("module.d").read_text()
        self.assertTrue(text.startswith("module.so: "))
        for name in ("detector/shim/include/linux/spinlock.h", "tools/hldsim-cc", str(made.with_name("module.c"))):
            self.assertIn(name, text)

    def test_the_name_of_the_output_changes_nothing_but_kbuild_modname(self):
        self.assertEqual(self.once()[0].read_bytes(), self.make(MODULE, "-O3", output="two.so").read_bytes())
        text = "#include <linux/printk.h>\nvoid f(void) { printk(KBUILD_MODNAME); }\n"
        self.write("module.c", text)
        self.compile("module.c", "-o", "my-module.so")
        self.assertIn(b"my_module\0", (self.directory / "my-module.so").read_bytes())

    def test_headers_are_found_from_where_the_user_stands(self):
        self.write("headers/mine.h", "#define MINE 5\n")
        self.write("a.c", "#include <mine.h>\nint x = MINE;\n")
        self.compile("a.c", "-Iheaders", "-c", "-o", "x.o")
        self.compile("a.c", "-I", "headers", "-c", "-o", "x.o")
        self.write("b.c", "int x = MINE;\n")
        self.compile("b.c", "-include", "headers/mine.h", "-c", "-o", "x.o")

    def test_a_path_of_this_machine_is_refused_when_the_object_is_to_be_given_away(self):
        self.assertIn("--portable-out", SHARED)
        self.assertTrue(self.once()[0].exists())
        self.write("module.c", f'const char *path = "{self.directory}/x";\n')
        done = self.hldsim_cc("module.c", "--portable-out", "-o", "y.so")
        self.assertEqual(done.returncode, 2)
        self.assertIn("of this machine", done.stderr)
        self.assertFalse((self.directory / "y.so").exists())

    def test_a_cache_that_cannot_be_written_is_done_without(self):
        self.write("file", "")
        self.make("int unused;\n", "--cache=file/none")

    def test_a_cache_that_others_prune_at_the_same_time(self):
        """A file that is listed may be gone a moment later: as a link that leads nowhere."""
        old = [self.write(f"cache/{n:04}.o", "") for n in range(700)]
        for file in old:
            os.utime(file, (1, 1))
        (self.directory / "cache/gone.o").symlink_to("nowhere.o")
        self.make("int unused;\n", "--cache=cache")
        self.assertEqual(599, sum(file.exists() for file in old))

    def test_show_prints_each_command(self):
        for word in ("gcc-12", "-fsanitize=thread", "-fsanitize-coverage=trace-pc,trace-cmp", "ld -shared"):
            self.assertIn(word, self.once()[1])

    def test_an_installed_copy_finds_its_headers(self):
        prefix = self.directory / "prefix"
        (prefix / "bin").mkdir(parents=True)
        shutil.copy(WRAPPER, prefix / "bin/hldsim-cc")
        shim = prefix / "share/hldsim/detector/shim"
        shutil.copytree(ROOT / "detector/shim/include", shim / "include")
        shutil.copy(ROOT / "detector/shim/exports.txt", shim)
        self.write("module.c", "#include <linux/percpu.h>\nint x;\n")
        done = subprocess.run([str(prefix / "bin/hldsim-cc"), "module.c", "-o", "x.so"], capture_output=True, text=True,
                              cwd=self.directory)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(os.stat(self.directory / "x.so").st_mode & stat.S_IXUSR)


class Refusals(ShimTest):
    """Each: exit code 2, one error, nothing written."""

    def refuses(self, arguments, *expected, lines=1):
        done = self.hldsim_cc(*arguments)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        for text in expected:
            self.assertIn(text, done.stderr)
        self.assertEqual(len(re.findall(r"\berror: ", done.stderr)), lines, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.assertFalse((self.directory / "x.so").exists())

    def test_bad_usage(self):
        self.write("a.c", "int a;\n")
        out = ["-o", "x.so"]
        for arguments, expected in (
                ([], "no .c file given"),
                (["a.c"], "no output given"),
                (["a.c", "-o"], "-o needs a value"),
                (["a.o", *out], "'a.o' is not a .c file"),
                (["none.c", *out], "no file 'none.c'"),
                (["a.c", "--frobnicate", *out], "unknown option '--frobnicate'"),
                (["a.c", "-O9", *out], "unknown option '-O9'"),
                (["a.c", "--kapi=417", *out], "--kapi=417 is not between"),
                (["a.c", "--kapi=618", *out], "--kapi=618 is not between"),
                (["a.c", "--kapi=6.1", *out], "--kapi=6.1 is not between"),
                (["a.c", "--kapi", "", *out], "--kapi= is not between"),
                (["a.c", "--cc=no-such-compiler", *out], "compiler 'no-such-compiler' does not run"),
                (["a.c", "--cc=/dev/null", *out], "compiler '/dev/null' does not run"),
                (["a.c", "--series=v99", *out], "--series=v99"),
                (["a.c", "--kernel=none.so", *out], "--kernel=none.so: no such file"),
                (["a.c", "-o", "none/x.so"], "there is no directory 'none'"),
                (["a.c", "-I"], "-I needs a value"),
                (["a.c", "a.c", "-c", *out], "-c takes one .c file"),
                (["a.c", "--core", "detector", *out], "--core takes its own files"),
                (["a.c", "--replace", "a.c=designs/direct_route.c", *out], "--replace needs --core"),
                (["--core", "nowhere", *out], "there is no nowhere/core"),
                (["--core", "detector", "--replace", "a.c", *out], "--replace needs FILE=PATH"),
                (["--core", "detector", "--replace", "a.c=designs/none.c", *out], "there is no detector/designs/none.c"),
                (["--core", "detector", "--replace", "none.c=designs/direct_route.c", *out], "no file 'none.c'")):
            with self.subTest(arguments):
                self.refuses(arguments, "error: ", expected)

    def test_what_was_read_is_not_overwritten(self):
        """A source, a header or the list of the kernel's names; by the object or by its dependencies."""
        self.write("a.c", '#include "a.h"\nint f(void);\nint f(void)\n{\n\treturn ONE;\n}\n')
        self.write("a.h", "#define ONE 1\n")
        self.write("kernel.txt", "nothing\n")
        before = {name: (self.directory / name).read_text() for name in ("a.c", "a.h", "kernel.txt")}
        for name in before:
            for outputs in (["-o", name], ["-c", "-o", name], ["-o", "x.so", f"--depfile={name}"]):
                with self.subTest(name=name, outputs=outputs):
                    self.refuses(["a.c", "--kernel=kernel.txt", *outputs],
                                 f"{name}: error: not overwritten: it is what was read")
        self.assertEqual(before, {name: (self.directory / name).read_text() for name in before})

    def test_a_disk_that_is_full_is_told_with_the_file_that_it_has_no_room_for(self):
        self.write("a.c", "int f(void);\nint f(void)\n{\n\treturn 1;\n}\n")
        full = "/dev/full: error: cannot write: No space left on device"
        self.refuses(["a.c", "-c", "-o", "/dev/full"], full)
        self.refuses(["a.c", "--depfile=/dev/full", "-o", "y.so"], full)
        self.refuses(["a.c", "-o", "/dev/full"], "-o /dev/full: this is no file")

    def test_a_compile_error_is_the_compiler_s_with_its_place(self):
        self.write("a.c", "int f(void)\n{\n\treturn nothing;\n}\n")
        for compiler in COMPILERS.values():
            self.refuses(["a.c", f"--cc={compiler}", "-o", "x.so"], "a.c:3:", f"does not compile ({compiler})", lines=2)

    def test_a_missing_header_is_named(self):
        self.write("a.c", "#include <linux/rhashtable.h>\n")
        self.refuses(["a.c", "-o", "x.so"], "a.c:1:", "linux/rhashtable.h", lines=2)

    def test_a_symbol_that_nobody_has_is_named_with_the_place_that_wants_it(self):
        self.write("a.c", "int schedule_lunch(int);\nint g(void);\n\nint f(void)\n{\n\treturn schedule_lunch(3) + g();\n}\n")
        self.write("b.c", "int g(void);\nint g(void)\n{\n\treturn 1;\n}\n")
        kernel = self.write("kernel.txt", "# nothing\n")
        for compiler in COMPILERS.values():
            self.refuses(["a.c", "b.c", f"--cc={compiler}", f"--kernel={kernel}", "-o", "x.so"],
                         "a.c:6: error: needs symbol schedule_lunch, not in the shim")

    def test_all_missing_symbols_are_listed(self):
        self.write("a.c", "int one(void);\nint two(void);\nint f(void) { return one() + two(); }\n")
        self.refuses(["a.c", f"--kernel={self.write('kernel.txt', '')}", "-o", "x.so"], "symbol one", "symbol two", lines=2)

    def test_a_function_of_the_simulator_that_does_not_exist_is_refused_without_a_kernel_too(self):
        self.write("a.c", "int hld_teleport(int);\nint f(void) { return hld_teleport(1); }\n")
        self.refuses(["a.c", "-o", "x.so"], "a.c:2: error: needs symbol hld_teleport, not in the shim")

    def test_floating_point_is_refused_by_the_compiler(self):
        self.write("a.c", "double f(double x) { return x * 2; }\n")
        self.assertEqual(self.hldsim_cc("a.c", "-o", "x.so").returncode, 2)


if __name__ == "__main__":
    unittest.main()
