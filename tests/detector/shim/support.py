# SPDX-License-Identifier: Apache-2.0
"""What the tests of the shim share: running hldsim-cc in a directory of their own."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
WRAPPER = ROOT / "tools" / "hldsim-cc"
INCLUDE = ROOT / "detector" / "shim" / "include"
COMPILERS = {"gcc": "gcc-12", "clang": "clang-14"}


class ShimTest(unittest.TestCase):
    """A test with a directory for its files; compiled files are shared by all runs of the build directory."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="hldsim-shim-")
        self.addCleanup(holder.cleanup)
        self.directory = Path(holder.name)

    def write(self, name, text):
        file = self.directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def hldsim_cc(self, *arguments, cwd=None, environment=None):
        return subprocess.run([sys.executable, str(WRAPPER), *map(str, arguments)], capture_output=True, text=True,
                              cwd=cwd or self.directory, env={**os.environ, **(environment or {})})

    def compile(self, *arguments, **keywords):
        done = self.hldsim_cc(*arguments, **keywords)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done
