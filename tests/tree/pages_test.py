# SPDX-License-Identifier: Apache-2.0
"""Which names of pages the tree refuses in comments, and which it leaves alone."""
import unittest

import pages


class Pages(unittest.TestCase):
    def found(self, path, text):
        tree = {"README.md": "# x\n", "models/README.md": "# x\n", "tests/oracle/DEVIATIONS.md": "# x\n", path: text}
        return [str(finding) for finding in pages.check_pages(tree)]

    def test_a_page_that_is_not_in_the_tree(self):
        for path, text in (("models/a.hpp", "// one\n// Life of a CPU (races.md 2).\n"),
                           ("detector/a.h", "/*\n * Life of a CPU: races.md 2. */\n"),
                           ("models/a.cpp", "int x;\nint y;  // rules of models/lapic/races.md\n"),
                           ("tests/a.py", '"""What a.py says:\nsee races.md."""\n'),
                           ("scenarios/a.yaml", "x: 1\ny: 2  # races.md 3.A\n"),
                           ("models/CMakeLists.txt", "set(x y)\n# races.md\n")):
            with self.subTest(path=path):
                found = self.found(path, text)
                self.assertEqual(1, len(found), found)
                self.assertRegex(found[0], rf"^{path}:2: error: there is no page '(models/lapic/)?races\.md': name one by")

    def test_a_page_of_the_tree(self):
        for path, text in (("tests/oracle/a.cpp", "// a row of DEVIATIONS.md; rules of models/README.md.\n"),
                           ("models/a/a.hpp", "// ../README.md\n")):
            with self.subTest(path=path):
                self.assertEqual([], self.found(path, text))

    def test_a_page_of_others(self):
        for text in ("# https://example.org/docs/other.md\n", "# github.com/owner/name @a7f4e9c6, docs/set-up.md 4.6\n"):
            with self.subTest(text=text):
                self.assertEqual([], self.found("scenarios/a.yaml", text))

    def test_what_is_no_comment(self):
        for path, text in (("models/a.cpp", 'f("races.md");\n'), ("tests/a.py", "page = 'races.md'\n"),
                           ("tests/b.py", 'page = "races.md"\n'), ("notes.md", "what races.md says\n")):
            with self.subTest(path=path):
                self.assertEqual([], self.found(path, text))


if __name__ == "__main__":
    unittest.main()
