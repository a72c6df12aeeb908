# SPDX-License-Identifier: Apache-2.0
"""Joins what a unity build compiles of the harness, for clang-tidy, and prints the names of all its files.

units.py BUILD COUNT. BUILD/compile_commands.json has a file a layer; instead of those of tools/harness it gets COUNT
larger ones, which include their sources: most of clang-tidy's work is the headers of libraries, once a file. Devices
stay as they are, as they share a namespace and have names in common.
"""
import json
import os
import sys


def main():
    build, count = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    commands_file = os.path.join(build, "compile_commands.json")
    with open(commands_file, encoding="utf-8") as file:
        commands = json.load(file)
    joined = [one for one in commands if one["file"].startswith(os.path.join(build, "tools/harness/"))]
    lines = []
    for one in joined:
        with open(one["file"], encoding="utf-8") as file:
            lines += [line for line in file if line.startswith("#include")]
    sizes = [os.path.getsize(line.split('"')[1]) for line in lines]
    written = []
    for number in range(count):
        path = os.path.join(build, f"harness_{number}.cpp")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(line for index, line in enumerate(lines)
                            if sum(sizes[:index]) * count // sum(sizes) == number)
        last = joined[-1]
        written.append({**last, "file": path, "command": last["command"].replace(last["file"], path)})
    written += [one for one in commands if one not in joined]
    with open(commands_file, "w", encoding="utf-8") as file:
        json.dump(written, file, indent=1)
    print(*(one["file"] for one in written), sep="\n")


if __name__ == "__main__":
    main()
