#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hldsim-cc: what it makes, and the one clear error for what it refuses."""

import os
import re
import shutil
import stat
import subprocess
import unittest

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
COPIES = """#include <linux/types.h>

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
"""

KERNEL = "_printk __preempt_count __per_cpu_offset nr_cpu_ids"


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class Objects(ShimTest):
    def make(self, text=MODULE, *arguments, output="module.so"):
        self.write("module.c", text)
        self.kernel = self.write("kernel.txt", "\n".join(KERNEL.split()))
        self.compile("module.c", f"--kernel={self.kernel}", *arguments, "-o", output)
        return self.directory / output

    def test_the_note_says_how_the_object_was_made(self):
        for family, compiler in COMPILERS.items():
            note = output_of("readelf", "-p", ".note.hldsim", str(self.make(MODULE, f"--cc={compiler}", "-O3")))
            with self.subTest(family):
                for line in ("abi=1", "kapi=601", "kind=detector", "level=-O3"):
                    self.assertIn(line, note)
                self.assertRegex(note, rf"compiler={family} \d+\.\d+\.\d+")
                self.assertRegex(note, r"flags=[0-9a-f]{16}")

    def test_a_struct_copy_is_told_as_one_and_a_write_before_a_read_is_not(self):
        """gcc puts both announcements of a small copy before it: the write would be taken for made when it is not."""
        for family, compiler in COMPILERS.items():
            code = output_of("objdump", "-d", "--no-show-raw-insn", str(self.make(COPIES, f"--cc={compiler}")))
            calls = {name: re.findall(r"call +\w+ <__tsan_((?:read|write)\w+)", body)
                     for name, body in re.findall(r"<(\w+)>:\n((?:.+\n)+)", code)}
            with self.subTest(family):
                self.assertEqual(["write8", "read8", "write8"], calls["write_then_read"])
                for name in ("copy_pair", "copy_word") if family == "gcc" else ():
                    self.assertEqual(["write_range", "read_range"], calls[name], name)

    def test_the_flags_in_the_note_change_with_the_flags(self):
        def flags(*arguments):
            return re.search(r"flags=(\w+)", output_of("readelf", "-p", ".note.hldsim",
                                                       str(self.make(MODULE, *arguments)))).group(1)
        self.assertNotEqual(flags(), flags("-DX"))
        self.assertNotEqual(flags(), flags("--kapi=617"))
        self.assertEqual(flags("-Ione"), flags("-Ianother"))

    def test_the_same_source_gives_the_same_bytes_whatever_the_directory_and_the_output(self):
        first = self.make(output="first.so").read_bytes()
        elsewhere = self.directory / "elsewhere"
        elsewhere.mkdir()
        shutil.copy(self.directory / "module.c", elsewhere)
        self.compile("module.c", f"--kernel={self.kernel}", "--modname=first", "-o", "second.so", cwd=elsewhere,
                     environment={"XDG_CACHE_HOME": str(elsewhere / "cache")})
        self.assertEqual(first, (elsewhere / "second.so").read_bytes())

    def test_static_symbols_are_kept_and_only_the_object_s_own_names_are_hidden(self):
        made = str(self.make())
        self.assertRegex(output_of("nm", made), r"\b[a-z] start\n")
        self.assertNotIn(" start", output_of("nm", "-D", "--defined-only", made))

    def test_parameters_and_initcalls_are_dense_arrays_between_exported_bounds(self):
        for family, compiler in COMPILERS.items():
            symbols = output_of("nm", "-D", "--defined-only", str(self.make(MODULE, f"--cc={compiler}")))
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
        headers = output_of("readelf", "-lW", str(self.make()))
        self.assertRegex(headers, r"GNU_RELRO")
        self.assertRegex(output_of("readelf", "-dW", str(self.directory / "module.so")), r"\(FLAGS\).*BIND_NOW")

    def test_memory_calls_are_the_simulator_s(self):
        text = """#include <linux/string.h>
struct big { long word[40]; } a, b;
void f(void) { a = b; memset(&b, 0, sizeof(b)); }
unsigned long g(const char *s) { return strlen(s) + !memcmp(s, "abc", 3); }
"""
        for family, compiler in COMPILERS.items():
            wanted = output_of("nm", "-u", str(self.make(text, f"--cc={compiler}")))
            with self.subTest(family):
                self.assertRegex(wanted, r"\bhld_memset\b")
                self.assertRegex(wanted, r"\bhld_strlen\b")
                self.assertNotRegex(wanted, r"(?m) (mem|str|bcmp)\w*$")

    def test_paths_in_the_debug_information_begin_at_the_project(self):
        made = self.directory / "hld.so"
        self.compile("--core", "detector", f"--kernel={self.all_of_a_kernel()}", "-o", made)
        names = output_of("readelf", "--debug-dump=info", str(made))
        self.assertIn("detector/designs/direct_route.c", names)
        self.assertNotIn(str(ROOT) + "/", names)

    def all_of_a_kernel(self):
        """A list with every name that the core may want from a miniature kernel."""
        done = self.hldsim_cc("--core", "detector", f"--kernel={self.write('none.txt', 'x')}", "--check")
        names = re.findall(r"needs symbol (\S+),", done.stderr)
        self.assertTrue(names, done.stderr)
        return self.write("all.txt", "\n".join(names))

    def test_a_replaced_file_of_the_core_changes_the_object_and_is_named_as_the_user_s(self):
        kernel, mine = self.all_of_a_kernel(), self.directory / "my_route.c"
        original = (ROOT / "detector/designs/direct_route.c").read_text()
        self.compile("--core", "detector", f"--kernel={kernel}", "-o", "own.so")
        mine.write_text(original)
        self.compile("--core", "detector", "--replace", "my_route.c=designs/direct_route.c", f"--kernel={kernel}", "-o",
                     "mine.so")
        names = output_of("readelf", "--debug-dump=info", str(self.directory / "mine.so"))
        self.assertIn("my_route.c", names)
        self.assertNotIn("designs/direct_route.c", names)
        mine.write_text(original + "\nint one_more;\n")
        self.compile("--core", "detector", "--replace", "my_route.c=designs/direct_route.c", f"--kernel={kernel}", "-o",
                     "more.so")
        self.assertIn("one_more", output_of("nm", str(self.directory / "more.so")))

    def test_a_warning_comes_again_when_the_file_comes_from_the_cache(self):
        self.write("warns.c", "void f(void) { int unused; }\n")
        for _ in range(2):
            self.assertIn("unused-variable", self.compile("warns.c", "-o", "x.so").stderr)

    def test_the_dependencies_name_the_headers_and_hldsim_cc(self):
        self.make(MODULE, "--depfile=module.d")
        text = (self.directory / "module.d").read_text()
        self.assertTrue(text.startswith("module.so: "))
        for name in ("detector/shim/include/linux/spinlock.h", "tools/hldsim-cc", str(self.directory / "module.c")):
            self.assertIn(name, text)

    def test_the_name_of_the_output_changes_nothing_but_kbuild_modname(self):
        self.assertEqual(self.make(output="one.so").read_bytes(), self.make(output="two.so").read_bytes())
        text = "#include <linux/printk.h>\nvoid f(void) { printk(KBUILD_MODNAME); }\n"
        self.assertIn(b"my_module\0", self.make(text, output="my-module.so").read_bytes())

    def test_headers_are_found_from_where_the_user_stands(self):
        self.write("headers/mine.h", "#define MINE 5\n")
        self.write("a.c", "#include <mine.h>\nint x = MINE;\n")
        self.compile("a.c", "-Iheaders", "-o", "x.so")
        self.compile("a.c", "-I", "headers", "-o", "x.so")
        self.write("b.c", "int x = MINE;\n")
        self.compile("b.c", "-include", "headers/mine.h", "-o", "x.so")

    def test_a_path_of_this_machine_is_refused_when_the_object_is_to_be_given_away(self):
        self.make(MODULE, "--portable-out")
        self.write("module.c", f'const char *path = "{self.directory}/x";\n')
        done = self.hldsim_cc("module.c", "--portable-out", "-o", "y.so")
        self.assertEqual(done.returncode, 2)
        self.assertIn("of this machine", done.stderr)
        self.assertFalse((self.directory / "y.so").exists())

    def test_a_cache_that_cannot_be_written_is_done_without(self):
        self.write("file", "")
        self.make(MODULE, "--cache=file/none")

    def test_a_cache_that_others_prune_at_the_same_time(self):
        """A file that is listed may be gone a moment later: as a link that leads nowhere."""
        old = [self.write(f"cache/{n:04}.o", "") for n in range(700)]
        for file in old:
            os.utime(file, (1, 1))
        (self.directory / "cache/gone.o").symlink_to("nowhere.o")
        self.make(MODULE, "--cache=cache")
        self.assertEqual(599, sum(file.exists() for file in old))

    def test_warnings_are_errors_if_asked_for_also_from_the_cache(self):
        self.write("warns.c", "void f(void) { int unused; }\n")
        self.compile("warns.c", "-o", "x.so")
        done = self.hldsim_cc("warns.c", "-Werror", "-o", "y.so")
        self.assertEqual(done.returncode, 2)
        self.assertIn("warns.c: error: warnings, with -Werror", done.stderr)

    def test_show_prints_each_command(self):
        self.write("module.c", MODULE)
        shown = self.compile("module.c", "--show", "-o", "x.so").stdout
        for word in ("gcc-12", "-fsanitize=thread", "-fsanitize-coverage=trace-pc,trace-cmp", "ld -shared"):
            self.assertIn(word, shown)

    def test_an_installed_copy_finds_its_headers(self):
        prefix = self.directory / "prefix"
        (prefix / "bin").mkdir(parents=True)
        shutil.copy(WRAPPER, prefix / "bin/hldsim-cc")
        shim = prefix / "share/hldsim/detector/shim"
        shutil.copytree(ROOT / "detector/shim/include", shim / "include")
        shutil.copy(ROOT / "detector/shim/exports.txt", shim)
        self.write("module.c", MODULE)
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


class Assembler(ShimTest):
    def result(self, statement, *arguments):
        self.write("a.c", f"void f(unsigned long *p, unsigned long v)\n{{\n\t(void)p, (void)v;\n\t{statement};\n}}\n")
        return self.hldsim_cc("a.c", *arguments, "-o", "x.so")

    def test_memory_that_the_simulated_cpu_would_not_see_is_refused(self):
        for statement in ('asm volatile("lock; btsq %1, %0" : "+m"(*p) : "r"(v))',
                          'asm volatile("movq %%gs:0, %0" : "=r"(v))',
                          'asm("movq (%0), %%rax" : : "r"(p) : "rax")',
                          'asm volatile("mfence" ::: "memory")',
                          'asm volatile("cli" : : : "memory")',
                          '__asm__ __volatile__("xchgq %0, %1" : "+r"(v), "+m"(*p) : : "memory")'):
            with self.subTest(statement):
                done = self.result(statement)
                self.assertEqual(done.returncode, 2)
                self.assertIn("a.c:4: error: inline assembler", done.stderr)
                self.assertIn("--allow-asm", done.stderr)
                self.assertEqual(self.result(statement, "--allow-asm").returncode, 0)

    def test_what_works_on_registers_is_a_warning(self):
        done = self.result('asm volatile("bswap %0" : "+r"(v))')
        self.assertEqual(done.returncode, 0)
        self.assertIn('a.c:4: warning: inline assembler "bswap %0" is not simulated', done.stderr)

    def test_compiler_barriers_names_and_strings_are_none_of_it(self):
        for statement in ('asm volatile("" ::: "memory")', 'asm volatile("nop")', 'extern int g(void) asm("h")',
                          'const char *s = "asm(\\"mfence\\" ::: \\"memory\\")"; (void)s'):
            with self.subTest(statement):
                done = self.result(statement)
                self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
