# SPDX-License-Identifier: Apache-2.0
"""Drives Debian's QEMU through its qtest protocol: one process for each program, so that each begins at power-on."""
import json
import os
import subprocess
from typing import List, NamedTuple, Sequence

BINARY = "qemu-system-x86_64"
PACKAGE = "qemu-system-x86"
MACHINE = ("-M", "q35,accel=qtest,pit=off", "-m", "16", "-smp", "2", "-nodefaults", "-display", "none")
BATCH = 400  # commands that are sent before their answers are read; more could fill a pipe


class Answer(NamedTuple):
    value: int              # of a read; the virtual clock after a step; 0 otherwise
    interrupts: List[str]   # "raise 20", "lower 20": what came before the answer


class Qemu:
    """A machine q35 whose CPUs do not run and whose clock stands until a step moves it."""

    def __init__(self, module_folder: str, options: Sequence[str] = ()) -> None:
        environment = dict(os.environ, QEMU_MODULE_DIR=module_folder)
        self.process = subprocess.Popen(
            [BINARY, *MACHINE, "-qtest", "stdio", "-qtest-log", "/dev/null", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)

    def __enter__(self) -> "Qemu":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()

    def batch(self, commands: Sequence[str]) -> List[Answer]:
        answers: List[Answer] = []
        for first in range(0, len(commands), BATCH):
            some = commands[first:first + BATCH]
            self.process.stdin.write("".join(f"{command}\n" for command in some).encode())
            self.process.stdin.flush()
            answers += [self._answer(command) for command in some]
        return answers

    def do(self, command: str) -> Answer:
        return self.batch([command])[0]

    def _answer(self, command: str) -> Answer:
        interrupts = []
        while True:
            line = self.process.stdout.readline().decode().strip()
            if line.startswith("IRQ "):
                interrupts.append(line[4:])
            elif line.startswith("OK"):
                return Answer(int((line.split() + ["0"])[1], 0), interrupts)
            else:
                raise RuntimeError(f"QEMU answers '{command}' with '{line}'")


READ = {1: "readb", 2: "readw", 4: "readl", 8: "readq"}
WRITE = {1: "writeb", 2: "writew", 4: "writel", 8: "writeq"}


def find(module_folder: str, kind: str) -> List[str]:
    """The paths of the machine's devices of that type, in the order in which they are made: asked over QMP."""
    asked = "".join(json.dumps(command) + "\n" for command in (
        {"execute": "qmp_capabilities"},
        {"execute": "qom-list", "arguments": {"path": "/machine/unattached"}},
        {"execute": "quit"}))
    told = subprocess.run([BINARY, *MACHINE, "-qtest", "null", "-qmp", "stdio"], input=asked, check=True, text=True,
                          stdout=subprocess.PIPE, env=dict(os.environ, QEMU_MODULE_DIR=module_folder)).stdout
    lists = [answer["return"] for answer in map(json.loads, told.splitlines()) if answer.get("return")]
    return [f"/machine/unattached/{child['name']}" for child in lists[0] if child["type"] == f"child<{kind}>"]


def version() -> str:
    """The version of the Debian package; the recording names it."""
    return subprocess.run(["dpkg-query", "-W", "-f", "${Version}", PACKAGE], check=True, capture_output=True,
                          text=True).stdout
