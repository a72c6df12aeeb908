// SPDX-License-Identifier: Apache-2.0
// Hazards of group L in full: needs, interleaving, what is seen, width, source, way out.
#include "tools/harness/catalogue/details.hpp"

namespace hldsim::catalogue {
namespace {

// clang-format off
constexpr Detail GROUP_L[] = {
    {"lint0-broadcast-rate",
     "nmi_watchdog=1: PIT pin to virtual wire, LVT0 = NMI on all CPUs.",
     "1. PIT tick (100..1000/s). 2. all CPUs take N each tick: N*HZ NMIs/s in total.",
     "Large overhead; NMI loss merges harmless (count only); a CPU with LVT0 masked is unwatched; timer "
     "IRQ itself derived from the same pin: if the pin dies both die.",
     "deterministic.",
     "Documentation nmi_watchdog (old text, commit afda335dc387 shows it); SDM vol 3 LVT",
     "use a slow source, or count performance events; the tick is no source for a watchdog"},
    {"deadman-not-per-cpu",
     "Any CPU can pat; NMI goes to one CPU.",
     "1. b stuck. 2. a pats in time. 3. never fires.",
     "Single-CPU lockup missed; pat/fire race: pat write in flight when the match occurs: NMI although patted.",
     "Lwr per pat; miss is permanent.",
     "reviews.freebsd.org/D15630",
     "let each CPU report for itself and pat only if all have; the NMI then goes to all"},
    {"lapic-timer-no-nmi-mode",
     "LVT timer entry has vector, mask, mode; no delivery mode field (unlike LVT PMC, thermal, LINT).",
     "1. count-down expires as fixed interrupt. 2. CPU irq-off: pending, never taken.",
     "Without the added field it detects nothing that buddy/soft checks do not; model both variants "
     "(with/without field).",
     "deterministic.",
     "SDM vol 3 LVT figure (local vector table); review's last paragraph",
     "there is none with today's local APIC; take an LVT entry that has a delivery mode (performance counter)"},
    {"lapic-timer-stops-in-c3",
     "No ARAT; or SMM firmware touching the LVT.",
     "1. b in C3: count-down halted. 2. check late by idle time (harmless: idle CPU cannot be stuck).",
     "INV-cover must not count halted time; no hotplug race (timer and CPU go down together): the design's "
     "whole advantage.",
     "deterministic.",
     "the review of 15 June 2018; Linux ARAT handling",
     "require ARAT, or do not count the time in deep idle: a CPU that is idle is not stuck"},
};
// clang-format on

}  // namespace

Table<Detail> details_l() { return Table<Detail>{GROUP_L}; }

}  // namespace hldsim::catalogue
