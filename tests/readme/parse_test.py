# SPDX-License-Identifier: Apache-2.0
"""What counts as a command of a README, and that a command that fails is seen to fail."""
import contextlib
import io
import tempfile
import unittest

import readme_test
from readme_test import Command, commands

PAGE = """# x
    $ not this
```
$ nor this: no console block
```
```console
$ true && echo first
output of it
$ second
```
<!-- exit: 1 -->
```console
$ third
```
```console
$ fourth
```
"""


class Parse(unittest.TestCase):
    def test_console_blocks_only_and_the_exit_status_holds_for_one_block(self):
        self.assertEqual(list(commands("a.md", PAGE)), [
            Command("a.md", 7, "true && echo first", 0), Command("a.md", 9, "second", 0),
            Command("a.md", 13, "third", 1), Command("a.md", 16, "fourth", 0)])


class Run(unittest.TestCase):
    def ends(self, text, status):
        printed = io.StringIO()
        with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stdout(printed):
            return readme_test.run(Command("a.md", 7, text, status), scratch), printed.getvalue()

    def test_another_exit_status_is_an_error_with_the_place_and_the_output(self):
        self.assertEqual(self.ends("true", 0), (0, ""))
        self.assertEqual(self.ends("exit 1", 1), (0, ""))
        failed, printed = self.ends("echo why; exit 3", 0)
        self.assertEqual(failed, 1)
        self.assertIn("a.md:7: error: 'echo why; exit 3' ended with 3, not 0\nwhy\n", printed)
        self.assertEqual(self.ends("true", 1)[0], 1)


if __name__ == "__main__":
    unittest.main()
