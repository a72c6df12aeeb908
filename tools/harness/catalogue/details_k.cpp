// SPDX-License-Identifier: Apache-2.0
// Hazards of group K in full: needs, interleaving, what is seen, width, source, way out.
#include "tools/harness/catalogue/details.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr Detail GROUP_K[] = {
    {"vcpu-preempted",
     "Overcommit, live migration pause, debugger stop.",
     "1. vCPU off for d. 2. virtual NMI and timer pending. 3. on entry NMI is injected first: count unchanged.",
     "False lockup for d > S; window miss for d > E.",
     "tail of steal time.",
     "Linux 6.1 kernel/watchdog.c (guest paused check)",
     "ask the paravirtual clock whether the guest was paused (kvm_check_and_clear_guest_paused()) before a report"},
    {"virtual-nmi-merge",
     "No virtual-NMI support: blocking emulated; SEV-ES nested NMI rule.",
     "1. token pending in the VMM. 2. second token merges in the VMM. 3. guest IRET not seen: NMI delayed for ever.",
     "Lost NMI.",
     "VMM dependent.",
     "Linux 6.1 arch/x86/kernel/nmi.c (SEV-ES); derived",
     "do not count NMIs in a guest; a round may be lost without a trace"},
    {"emulated-hpet-gaps",
     "Capability bits say no, or say yes and are not honoured.",
     "1. enable. 2. match. 3. MSI not translated / delivered as fixed vector 0.",
     "Silent dead watchdog in guests; a self-test at enable is the only cure.",
     "deterministic.",
     "project start notes (QEMU delivers no remapped HPET MSI); unverified for each version",
     "test the path when the detector is enabled, and refuse if no NMI comes within two periods"},
    {"guest-takes-pmu",
     "Mediated passthrough, counter conflicts, hypervisor without PMU.",
     "1. event cannot be created: detector permanently off. 2. or: counter swapped while a guest runs: no "
     "NMI while in the guest.",
     "No detection; the motive of all HPET variants.",
     "permanent.",
     "patchew 20260202174316; cover letter of v7, 2023; Eranian 17 June 2019",
     "fall back to a detector without the PMU when the event cannot be created or is taken away"},
};
// clang-format on

}  // namespace

Table<Detail> details_k() { return Table<Detail>{GROUP_K}; }

}  // namespace hldsim::catalogue
