# SPDX-License-Identifier: Apache-2.0
"""Who may include whom: arrows point down only, and devices never include each other."""
import posixpath
from typing import Iterator, Optional

from tree import C, CXX, Finding, Tree, includes, under

DEVICES = ["models/hpet", "models/ioapic", "models/pic", "models/pit", "models/chipset", "models/vtd", "models/amdvi", "models/lapic", "models/cpu", "models/memory"]

# From the bottom up; folders on one line are equals and strangers.
RANKS = [
    ["models/base"],
    ["models/regs"],
    ["models/sim"],
    ["models/fabric"],
    DEVICES,
    ["models/machine"],
    ["detector/shim"],
    ["tools/harness"],
    ["tools/hldsim"],
]
RANK = {folder: rank for rank, folders in enumerate(RANKS) for folder in folders}

# Kernel-style C: same bytes for a kernel and for hldsim.
DETECTOR = ["detector/core", "detector/designs", "detector/policies"]


def layer(path: str) -> Optional[str]:
    return next((folder for folder in RANK if under(path, folder)), None)


def check_layers(tree: Tree) -> Iterator[Finding]:
    """The C++ layers, one step at a time."""
    for path, text in tree.items():
        own = layer(path)
        if own is None or not path.endswith(CXX):
            continue
        for number, name, quoted in includes(text):
            other = layer(name) if quoted else None
            if quoted and name not in tree:
                yield Finding(path, number, f'no file "{name}" in the tree: write includes from the root')
            elif name.startswith(("tests/", "detector/kernel/", *(f"{folder}/" for folder in DETECTOR))):
                yield Finding(path, number, f"{own} may not include {posixpath.dirname(name)}")
            elif other is not None and other != own and RANK[other] >= RANK[own]:
                yield Finding(path, number, f"{own} may not include {other}")


def check_systemc(tree: Tree) -> Iterator[Finding]:
    """SystemC's header stays in models/sim and in the modules of hardware."""
    allowed = ("models/sim/", "models/fabric/", "models/machine/", "tests/", *(f"{folder}/" for folder in DEVICES))
    for path, text in tree.items():
        if not path.endswith(CXX) or path.startswith(allowed):
            continue
        for number, name, _ in includes(text):
            if name in ("systemc", "systemc.h", "tlm", "tlm.h") and "sc_main" not in text:
                yield Finding(path, number, f"<{name}> is banned here, use models/sim")


def check_detector_includes(tree: Tree) -> Iterator[Finding]:
    """The detector sees <linux/...>, <asm/...> and its own headers, as in a kernel; the mini-kernel the shim's too."""
    own = {posixpath.basename(path) for path in tree if path.endswith(".h") and under(path, *DETECTOR)}
    kernel = {posixpath.basename(path) for path in tree if path.endswith(".h") and under(path, "detector/kernel")}
    for path, text in tree.items():
        if not path.endswith(C):
            continue
        for number, name, quoted in includes(text):
            kernel_api = not quoted and name.startswith(("linux/", "asm/", "uapi/"))
            if under(path, *DETECTOR, "detector/ko"):
                if not kernel_api and not (quoted and posixpath.basename(name) in own):
                    yield Finding(path, number, f"the detector may include <linux/...>, <asm/...> and its own headers, "
                                                f"not {name}")
            elif under(path, "detector/kernel"):
                shim = f"detector/shim/include/{name}" in tree
                if not kernel_api and not shim and not (quoted and posixpath.basename(name) in kernel):
                    yield Finding(path, number, f"the mini-kernel may include detector/shim/include and its own "
                                                f"headers, not {name}")


def check_models_headers(tree: Tree) -> Iterator[Finding]:
    """Every header is included once only, by the same means everywhere."""
    for path, text in tree.items():
        if path.endswith(".hpp") and "#pragma once" not in text:
            yield Finding(path, 1, "no #pragma once")


CHECKS = [check_layers, check_systemc, check_detector_includes, check_models_headers]
