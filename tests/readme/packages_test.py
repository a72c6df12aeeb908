# SPDX-License-Identifier: Apache-2.0
"""tools/packages on machines that are not this one: commands of the system are replaced by small scripts that note what
they were asked for."""
import os
import shutil
import subprocess
import tempfile
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "packages")
NOBODY = 65534


class Machine:
    """A machine with its own PATH: bash and coreutils, dpkg-query that knows the given packages, apt-get that notes."""

    def __init__(self, folder, installed=(), machine="x86_64", apt=True, root=True, sudo=False):
        self.folder, self.root = folder, root
        os.chmod(folder, 0o777)
        self.log = os.path.join(folder, "log")
        self.script = shutil.copy(SCRIPT, os.path.join(folder, "packages"))
        self.bin = os.path.join(folder, "bin")
        os.mkdir(self.bin)
        for name in ("bash", "env", "head", "cat"):
            os.symlink(shutil.which(name), os.path.join(self.bin, name))
        self.add("uname", f"echo {machine}")
        if apt:
            known = "|".join(installed) or "nothing"
            self.add("dpkg-query", f'case "${{!#}}" in {known}) echo installed ;; *) exit 1 ;; esac')
            self.add("apt-get", f'echo "apt-get $*" >>{self.log}')
        if sudo:
            self.add("sudo", f'echo "sudo $1" >>{self.log}; exec "$@"')

    def add(self, name, body):
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!{shutil.which('bash')}\n{body}\n")
        os.chmod(path, 0o755)

    def run(self, *arguments):
        user = {} if self.root or os.geteuid() != 0 else {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        return subprocess.run([shutil.which("bash"), self.script, *arguments], env={"PATH": self.bin}, check=False,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, **user)

    def calls(self):
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding="utf-8") as file:
            return file.read().splitlines()


class Packages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="packages-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def machine(self, **properties):
        return Machine(self.folder, **properties)

    @staticmethod
    def names(which):
        listed = subprocess.run([SCRIPT, "list", which], capture_output=True, text=True, check=True)
        return listed.stdout.split()

    def test_nothing_is_asked_of_the_network_when_nothing_is_missing(self):
        machine = self.machine(installed=self.names("test"))
        ran = machine.run("install", "test")
        self.assertEqual((ran.returncode, machine.calls()), (0, []), ran.stderr)
        self.assertEqual(ran.stdout, "packages: all that 'test' needs is installed\n")

    @unittest.skipUnless(os.geteuid() == 0, "asks for root")
    def test_only_what_is_missing_is_installed(self):
        machine = self.machine(installed=[name for name in self.names("build") if name not in ("cmake", "g++")])
        ran = machine.run("install", "build")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertEqual(machine.calls(),
                         ["apt-get update -qq", "apt-get install -y -qq --no-install-recommends cmake g++"])

    @unittest.skipUnless(os.geteuid() == 0, "asks for root")
    def test_a_source_that_does_not_answer_is_no_obstacle_but_a_failed_install_is(self):
        machine = self.machine(installed=self.names("build")[1:])
        machine.add("apt-get", f'echo "apt-get $1" >>{machine.log}; [[ $1 != update ]]')
        self.assertEqual(machine.run("install", "build").returncode, 0)
        machine.add("apt-get", "exit 100")
        self.assertNotEqual(machine.run("install", "build").returncode, 0)

    def test_who_is_not_root_goes_through_sudo(self):
        machine = self.machine(installed=self.names("build")[1:], root=False, sudo=True)
        self.assertEqual(machine.run("install", "build").returncode, 0)
        self.assertEqual([call.split()[0:2] for call in machine.calls()],
                         [["sudo", "apt-get"], ["apt-get", "update"], ["sudo", "env"], ["apt-get", "install"]])

    def refused(self, machine, *words):
        ran = machine.run("install", "build")
        self.assertEqual((ran.returncode, machine.calls()), (2, []))
        self.assertEqual(ran.stderr.count("\n"), 1, ran.stderr)
        self.assertTrue(ran.stderr.startswith("packages: error: "), ran.stderr)
        for word in words:
            self.assertIn(word, ran.stderr)

    def test_without_root_and_sudo_the_command_for_root_is_told(self):
        self.refused(self.machine(installed=self.names("build")[1:], root=False),
                     "apt-get install --no-install-recommends binutils")

    def test_another_processor_is_refused(self):
        self.refused(self.machine(machine="aarch64"), "this machine is aarch64", "an x86-64 machine is required")

    def test_a_system_without_apt_is_refused(self):
        self.refused(self.machine(apt=False), "no apt-get here", "tools/packages list build")

    def test_an_unknown_list_is_an_error(self):
        ran = self.machine().run("install", "everything")
        self.assertEqual((ran.returncode, ran.stderr),
                         (2, "packages: error: no list 'everything'; expected build, test or record\n"))

    def test_a_word_too_many_is_an_error_and_nothing_is_installed(self):
        machine = self.machine()
        ran = machine.run("install", "build", "test")
        self.assertEqual((ran.returncode, machine.calls(), ran.stderr),
                         (2, [], "packages: error: 'test' is one word too many; "
                                 "usage: tools/packages list|install build|test|record\n"))

    def test_quickstart_begins_nothing_if_it_gets_an_argument(self):
        ran = subprocess.run([os.path.join(os.path.dirname(SCRIPT), "quickstart"), "--help"], capture_output=True, text=True,
                             check=False)
        self.assertEqual((ran.returncode, ran.stdout, ran.stderr),
                         (2, "", "quickstart: error: '--help' is not expected: it takes no arguments\n"))

    def test_recording_asks_for_what_is_missing_of_its_own_list_only(self):
        names = self.names("record")
        self.assertIn("qemu-system-x86", names)
        self.assertNotIn("qemu-system-x86", self.names("test"))
        machine = self.machine(installed=names)
        self.assertEqual((machine.run("install", "record").returncode, machine.calls()), (0, []))

    def test_what_tests_need_includes_what_the_build_needs(self):
        self.assertLess(set(self.names("build")), set(self.names("test")))


if __name__ == "__main__":
    unittest.main()
