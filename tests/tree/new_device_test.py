# SPDX-License-Identifier: Apache-2.0
"""A folder of models/ is a device for the build as well: no list of a CMake file, nor a new run of CMake, is needed."""
import argparse
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CMAKE = "cmake"

DEVICE = {
    "CMakeLists.txt": "hldsim_layer(hldsim_foo DEPENDS hldsim_base)\n",
    "foo.cpp": '#include "models/base/bits.hpp"\nunsigned foo() { return hldsim::bytes(hldsim::Size::B4); }\n',
}


def run(*command) -> str:
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True)
    if result.returncode != 0:
        raise AssertionError(f"{command} fails:\n{result.stdout}")
    return result.stdout


class NewDevice(unittest.TestCase):
    def test_a_folder_alone_is_built_and_linked(self):
        with tempfile.TemporaryDirectory(prefix="hldsim-new-device-") as name:
            tree, build = pathlib.Path(name, "tree"), pathlib.Path(name, "build")
            (tree / "models").mkdir(parents=True)
            for path in (*ROOT.glob("*"), *ROOT.glob("models/*")):
                if path.name not in ("models", "build"):
                    (tree / path.relative_to(ROOT)).symlink_to(path)
            run(CMAKE, "-G", "Ninja", "-S", tree, "-B", build, "-DBUILD_TESTING=OFF")
            archive = "models/foo/libhldsim_foo.a"
            self.assertNotIn(archive, run("ninja", "-C", build, "-t", "query", "bin/hldsim"))

            folder = tree / "models/foo"
            folder.mkdir()
            for file, text in DEVICE.items():
                (folder / file).write_text(text)
            run(CMAKE, "--build", build, "--target", "hldsim_foo")
            self.assertTrue((build / archive).exists())
            self.assertIn(archive, run("ninja", "-C", build, "-t", "query", "bin/hldsim"))


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cmake", default=CMAKE)
    chosen, rest = options.parse_known_args()
    CMAKE = chosen.cmake
    unittest.main(argv=[sys.argv[0], *rest])
