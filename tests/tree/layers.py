# SPDX-License-Identifier: Apache-2.0
"""Who may include whom: arrows point down only, and devices never include each other."""
import posixpath
import re
from typing import Iterator, Optional

from tree import C, CXX, Finding, Tree, code_only, includes, under

# From the bottom up. A folder of models/ that is not named is a device; devices are equals and strangers.
DEVICE = "a device"
RANKS = ["models/base", "models/regs", "models/sim", "models/fabric", DEVICE, "models/machine", "detector/shim",
         "tools/harness", "tools/hldsim"]

REGISTER_MAPS = "models/machine/register_maps.cpp"
MACHINE = "models/machine/machine.hpp"
MACHINE_LISTS = "models/machine/machine.cpp"

# Kernel-style C: same bytes for a kernel and for hldsim.
DETECTOR = ["detector/core", "detector/designs", "detector/policies"]


def layer(path: str) -> Optional[str]:
    folders = RANKS + ["/".join(path.split("/")[:2])] * path.startswith("models/")
    return next((folder for folder in folders if under(path, folder)), None)


def rank(folder: str) -> int:
    return RANKS.index(folder if folder in RANKS else DEVICE)


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
            elif other is not None and other != own and rank(other) >= rank(own):
                yield Finding(path, number, f"{own} may not include {other}")


def check_systemc(tree: Tree) -> Iterator[Finding]:
    """SystemC's header stays in models/sim and in the modules of hardware."""
    for path, text in tree.items():
        hardware = under(path, "models") and not under(path, "models/base", "models/regs")
        if not path.endswith(CXX) or hardware or under(path, "tests"):
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


def check_register_maps(tree: Tree) -> Iterator[Finding]:
    """The machine lists every register map, so that what documents and takes apart registers knows it."""
    listed = tree.get(REGISTER_MAPS, "")
    for path, text in tree.items():
        if not under(path, "models") or not path.endswith(".hpp"):
            continue
        space = re.search(r"^namespace hldsim::(\w+) \{", text, re.M)
        for found in re.finditer(r"^inline constexpr regs::Map (\w+)\{", text, re.M):
            name = f"{space.group(1)}::{found.group(1)}" if space else found.group(1)
            if f"&{name}," not in listed:
                yield Finding(path, text.count("\n", 0, found.start()) + 1, f"{name} is not listed in {REGISTER_MAPS}")


def check_machine_knows_devices(tree: Tree) -> Iterator[Finding]:
    """Each class with a reset is a member of Machine, and of its lists: what is not there is neither reset nor saved."""
    # What in a header makes a class one for the list, and the function that is the list.
    lists = [(r"^    void reset_enter\(", "each_device"), (r"^    sim::Probe<HopReached> hop;", "observe_hops")]
    for path, text in tree.items():
        if not under(path, "models") or not path.endswith(".hpp"):
            continue
        code = code_only(text)
        for found in re.finditer(r"^class (\w+) final.*?^};", code, re.M | re.S):
            line = code.count("\n", 0, found.start()) + 1
            wanted = [name for sign, name in lists if re.search(sign, found.group(), re.M)]
            member = re.search(rf"^    [\w:<>]*\b{found.group(1)}>* (\w+)[;{{]", tree.get(MACHINE, ""), re.M)
            if "each_device" in wanted and not member:
                yield Finding(path, line, f"{found.group(1)} is no member of {MACHINE}")
            for name in wanted if member else []:
                body = re.search(rf"^void Machine::{name}\(.*?^}}", tree.get(MACHINE_LISTS, ""), re.M | re.S)
                if not body or not re.search(rf"\b{member.group(1)}\b", body.group()):
                    yield Finding(path, line, f"{member.group(1)} is not in {name}() of {MACHINE_LISTS}")


CHECKS = [check_layers, check_systemc, check_detector_includes, check_models_headers, check_register_maps,
          check_machine_knows_devices]
