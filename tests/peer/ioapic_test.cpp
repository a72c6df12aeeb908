// SPDX-License-Identifier: Apache-2.0
// What kvm-unit-tests checks of the I/O APIC and of the remapping unit, executed: x86/ioapic.c, intel-iommu.c,
// hpet_read_test.c.
#include "tests/peer/peer_rig.hpp"

using namespace hldsim;
using namespace hldsim::peer;

namespace {

Options any_chip() {
    Options options;
    options.ioapic = GENERATE(false, true) ? IoapicProfile::pch_100() : IoapicProfile::i82093aa();
    return options;
}

Options remapped() {
    Options options;
    options.remaps = true;
    return options;
}

}  // namespace

TEST_CASE("kvm-unit-tests x86/ioapic.c: version and id keep their read-only bits, ARB takes over ID",
          "[peer][kvm-unit-tests][I-22]") {
    expect_holds(Check::ioapic_registers, any_chip());
}

TEST_CASE("kvm-unit-tests x86/ioapic.c: an edge is an interrupt, what follows it is none",
          "[peer][kvm-unit-tests][I-5]") {
    expect_holds(Check::ioapic_edge, any_chip());
}

TEST_CASE("kvm-unit-tests x86/ioapic.c: a level is an interrupt until the line falls", "[peer][kvm-unit-tests][I-5]") {
    expect_holds(Check::ioapic_level, any_chip());
}

TEST_CASE("kvm-unit-tests x86/ioapic.c: of two at once both come, the higher vector first",
          "[peer][kvm-unit-tests][LAPIC-22]") {
    expect_holds(Check::ioapic_simultaneous, any_chip());
}

TEST_CASE("kvm-unit-tests x86/ioapic.c TMR: a level sets it, an edge clears it, programming does neither",
          "[peer][kvm-unit-tests][LAPIC-24]") {
    expect_holds(Check::ioapic_tmr, any_chip());
}

TEST_CASE("kvm-unit-tests x86/ioapic.c TMR: the same on another CPU than the one that programs",
          "[peer][kvm-unit-tests][LAPIC-24]") {
    expect_holds(Check::ioapic_tmr_elsewhere, any_chip());
}

TEST_CASE("W-63: kvm-unit-tests x86/ioapic.c: levels of one vector coalesce if they come at once, and not one by one",
          "[peer][kvm-unit-tests][I-13][W-63]") {
    const Options options = any_chip();
    expect_holds(Check::ioapic_level_coalesce, options);
    expect_holds(Check::ioapic_level_sequential, options);
}

TEST_CASE("kvm-unit-tests x86/ioapic.c: a level that stays comes again behind its end, or behind the unmasking",
          "[peer][kvm-unit-tests][I-13]") {
    const Options options = any_chip();
    expect_holds(Check::ioapic_level_retrigger, options);
    expect_holds(Check::ioapic_level_retrigger_masked, options);
}

TEST_CASE("kvm-unit-tests x86/ioapic.c: the mask loses an edge, and delays a level",
          "[peer][kvm-unit-tests][I-6][I-7]") {
    const Options options = any_chip();
    expect_holds(Check::ioapic_edge_mask, options);
    expect_holds(Check::ioapic_level_mask, options);
}

TEST_CASE(
    "kvm-unit-tests x86/ioapic.c: a handler gives its entry another CPU before the end, and REMOTE_IRR is cleared",
    "[peer][kvm-unit-tests][I-12][W-43]") {
    expect_holds(Check::ioapic_reconfigured, any_chip());
}

TEST_CASE("kvm-unit-tests x86/ioapic.c: an interrupt of a higher class waits until IRET restores IF",
          "[peer][kvm-unit-tests][CPU-5]") {
    expect_holds(Check::ioapic_nested, any_chip());
}

TEST_CASE("kvm-unit-tests x86/ioapic.c: physical and logical destinations", "[peer][kvm-unit-tests][2.3]") {
    expect_holds(Check::ioapic_destinations, any_chip());
}

// ---- hpet_read_test.c

TEST_CASE(
    "W-27: kvm-unit-tests x86/hpet_read_test.c: no CPU reads the counter backwards while another halts and enables it",
    "[peer][kvm-unit-tests][H-6][W-27]") {
    expect_holds(Check::hpet_never_backwards);
}

TEST_CASE("kvm-unit-tests x86/hpet_read_test.c: what a read costs, by the TSC", "[peer][kvm-unit-tests][H-30]") {
    expect_holds(Check::hpet_read_latency);
}

// ---- intel-iommu.c

TEST_CASE("kvm-unit-tests x86/intel-iommu.c: QIES, IRTPS, IRES, RTPS and TES after their commands, and no fault",
          "[peer][kvm-unit-tests][VTD-4][VTD-8]") {
    expect_holds(Check::iommu_setup, remapped());
}

TEST_CASE("kvm-unit-tests x86/intel-iommu.c IR IOAPIC: a pin's interrupt arrives through its entry",
          "[peer][kvm-unit-tests][1.4][I-25]") {
    expect_holds(Check::iommu_ioapic, remapped());
}

TEST_CASE("kvm-unit-tests x86/intel-iommu.c IR MSI: a device's interrupt arrives through its entry",
          "[peer][kvm-unit-tests][1.4][VTD-12]") {
    expect_holds(Check::iommu_msi, remapped());
}
