#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad input, with the error beside it: what a user reads, where it points, and exit code 2.

    scenarios/*.yaml     the faulty line ends in "# ERROR COLUMN: text"; the file's error must be that one, there
    made.txt             files that cannot be kept here (empty, binary, huge): how to make each, and its error
    objects.txt          files that are no detector, by --detector: how to make each, and its error
    descriptions.txt     descriptions of the detector, by detector.description: likewise
    command-lines.txt    "$ hldsim ..." and below it all of what goes to stderr

usage: reject_test.py PATH-OF-HLDSIM [PATH-OF-THE-DETECTOR]
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BESIDE = re.compile(r"# ERROR (\d+): (.*)$")
WARM = os.path.join(ROOT, "scenarios/stuck/warm.yaml")
DETECTOR = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else ""
ALONE = 10  # of so many scenarios one is refused alone too
SECONDS_MAX = 60  # never a time measured: a reader that hangs must not hang the tests


def run(binary, arguments, folder, text=None):
    return subprocess.run([binary, *arguments], cwd=folder, capture_output=True, text=True, input=text, check=False,
                          timeout=SECONDS_MAX, env={**os.environ, "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE": "1"})


def differences(name, ran, first_line):
    """What is wrong with a refusal: the code, the first line, something on stdout."""
    got = ran.stderr.split("\n")[0]
    if ran.returncode != 2:
        yield f"{name}: exit code {ran.returncode}, expected 2"
    if got != first_line:
        yield f"{name}: error differs\n  expected {first_line}\n  got      {got}"
    if ran.stderr.count(": error: ") != 1:
        yield f"{name}: not one error but {ran.stderr.count(': error: ')}"


def marked_errors(path):
    """(path, line number, line, column, text) of each error that is written in a file."""
    with open(os.path.join(HERE, path), encoding="utf-8") as file:
        lines = file.read().split("\n")
    found = [(path, number, line, *BESIDE.search(line).groups())
             for number, line in enumerate(lines, start=1) if BESIDE.search(line)]
    extended = next((re.match(r"extends: (_\S+)", line) for line in lines if line.startswith("extends: _")), None)
    return found if found or not extended else marked_errors(f"scenarios/{extended[1]}")


def refusals(binary, paths):
    """What `lint` of all files at once says of each; of each alone where it does not say one thing of each."""
    ran = run(binary, ["lint", *paths], HERE)
    told = re.split(r"(?m)^(?=\S+\.yaml:\d+:\d+: error: )", ran.stderr)[1:]
    if len(told) != len(paths) or ran.stdout.strip() != f"0 right, {len(paths)} wrong":
        return [run(binary, ["lint", path], HERE) for path in paths]
    return [subprocess.CompletedProcess(ran.args, ran.returncode, "", text) for text in told]


def check_scenarios(binary):
    names = [name for name in sorted(os.listdir(os.path.join(HERE, "scenarios")))
             if not name.startswith("_")]  # those are there to be extended
    refused = refusals(binary, [f"scenarios/{name}" for name in names])
    for index, (name, ran) in enumerate(zip(names, refused)):
        marked = marked_errors(f"scenarios/{name}")
        if len(marked) != 1:
            yield name, [f"scenarios/{name}: {len(marked)} errors are marked, expected one"]
            continue
        path, number, line, column, text = marked[0]
        first_line = f"{path}:{number}:{column}: error: {text}"
        problems = list(differences(name, ran, first_line))
        shown = ran.stderr.split("\n")
        caret = shown[2].find("^") if len(shown) > 2 else -1
        if not problems and (shown[1] != line or caret + 1 != int(column)):
            problems.append(f"{name}: the excerpt does not show the line with the caret in column {column}")
        if index % ALONE == 0 and not problems:
            alone = run(binary, ["lint", f"scenarios/{name}"], HERE)
            problems = list(differences(name, alone, first_line))
            if alone.stderr != ran.stderr:
                problems.append(f"{name}: alone something else is said of it than among others")
        yield name, problems


def make(folder, name, how):
    """Makes a file by a line of made.txt; gives the path and what goes to standard input."""
    path = os.path.join(folder, name)
    kind, _, rest = how.partition(" ")
    if kind == "bytes":
        with open(path, "wb") as file:
            file.write(rest.encode("ascii").decode("unicode_escape").encode("latin-1"))
    elif kind == "size":
        with open(path, "wb") as file:
            file.truncate(int(rest))
    elif kind == "folder":
        os.mkdir(path)
    elif kind == "stdin":
        return "-", rest.encode("ascii").decode("unicode_escape")
    elif kind == "path":
        return rest, None
    elif kind == "plain":
        source = os.path.join(folder, "plain.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write("int plain(void) { return 1; }\n")
        subprocess.run(["gcc-12", "-shared", "-fPIC", "-nostdlib", source, "-o", path], check=True)
    elif kind == "detector":  # OLD=NEW: our own, a text of its note exchanged for one of the same length
        with open(DETECTOR, "rb") as file:
            image = file.read()
        old, _, new = (part.encode() for part in rest.partition(" -> "))
        if image.count(old) != 1 or len(old) != len(new):
            raise ValueError(f"objects.txt: '{rest}' does not apply to {DETECTOR}")
        with open(path, "wb") as file:
            file.write(image.replace(old, new))
    elif kind == "cut":
        with open(DETECTOR, "rb") as whole, open(path, "wb") as file:
            file.write(whole.read(int(rest)))
    elif kind == "kernel":
        shutil.copyfile(os.path.join(os.path.dirname(DETECTOR), "hld-kernel-v6.1.so"), path)
    elif kind != "missing":
        raise ValueError(f"made.txt: unknown way to make a file: {kind}")
    return name, None


def check_table(binary, table, arguments):
    """The files of a table, each by the arguments that `arguments` gives for its path."""
    with open(os.path.join(HERE, table), encoding="utf-8") as file:
        rows = [line.rstrip("\n") for line in file if line.strip() and not line.startswith("#")]
    for name_and_how, error in zip(rows[0::2], rows[1::2]):
        name, _, how = name_and_how.partition(" ")
        with tempfile.TemporaryDirectory() as folder:
            path, text = make(folder, name, how.strip())
            yield name, list(differences(name, run(binary, arguments(path), folder, text), error.strip()))


def check_made(binary):
    return check_table(binary, "made.txt", lambda path: ["lint", path])


def check_objects(binary):
    return check_table(binary, "objects.txt", lambda path: ["run", WARM, "--detector", path]) if DETECTOR else ()


def check_descriptions(binary):
    return check_table(binary, "descriptions.txt", lambda path: ["run", WARM, "--set", f"detector.description={path}"])


def check_command_lines(binary):
    with open(os.path.join(HERE, "command-lines.txt"), encoding="utf-8") as file:
        blocks = re.findall(r"^\$ hldsim(.*)\n((?:(?!\$ |#).*\n)*)", file.read(), re.MULTILINE)
    for arguments, expected in blocks:
        name = "hldsim" + arguments
        ran = run(binary, shlex.split(arguments), ROOT)
        problems = list(differences(name, ran, expected.split("\n")[0]))
        if not problems and ran.stderr.rstrip() != expected.rstrip():
            problems.append(f"{name}: stderr differs\n--- expected\n{expected}--- got\n{ran.stderr}")
        if ran.stdout:
            problems.append(f"{name}: a result on stdout in spite of the error: {ran.stdout[:80]}")
        yield name, problems


def main():
    binary = os.path.abspath(sys.argv[1])
    cases = failed = 0
    for check in (check_scenarios, check_made, check_objects, check_descriptions, check_command_lines):
        for name, problems in check(binary):
            cases += 1
            failed += bool(problems)
            for problem in problems:
                print(problem)
    print(f"{cases} bad inputs, {failed} not refused as written")
    if cases < 60:
        print("fewer than 60 bad inputs: some were not found")
    return 1 if failed or cases < 60 else 0


if __name__ == "__main__":
    sys.exit(main())
