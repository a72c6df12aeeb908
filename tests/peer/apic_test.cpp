// SPDX-License-Identifier: Apache-2.0
// What kvm-unit-tests checks of the local APIC, executed: x86/apic.c, smptest.c, tscdeadline_latency.c.
#include "tests/peer/peer_rig.hpp"

using namespace hldsim;
using namespace hldsim::peer;

TEST_CASE("peer: an expectation that does not hold is told with its place", "[peer]") {
    PeerRig rig{{}};
    const Verdict verdict = rig.run(Check::peer_fails);
    CHECK(verdict.end == cpu::End::Reset);
    CHECK(verdict.held == 1);
    REQUIRE(verdict.failed.size() == 1);
    CHECK(verdict.failed[0].find("peer.c:") != std::string::npos);
    CHECK(verdict.failed[0].find(": hld_cpu() == 1") != std::string::npos);
}

// ---- apic.c: modes and ids

TEST_CASE("kvm-unit-tests x86/apic.c test_lapic_existence: the version is 10h to 15h", "[peer][kvm-unit-tests][2.1]") {
    expect_holds(Check::apic_existence, either_mode());
}

TEST_CASE("kvm-unit-tests x86/apic.c test_apic_disable: the page is dead, nothing is accepted, TPR is CR8's on return",
          "[peer][kvm-unit-tests][LAPIC-2]") {
    expect_holds(Check::apic_disable);
}

TEST_CASE("kvm-unit-tests x86/apic.c test_enable_x2apic: the legal changes of mode, and #GP for the others",
          "[peer][kvm-unit-tests][2.2][LAPIC-3]") {
    expect_holds(Check::x2apic_transitions);
}

TEST_CASE("kvm-unit-tests x86/apic.c test_enable_x2apic: the page is dead in x2APIC mode",
          "[peer][kvm-unit-tests][2.1]") {
    expect_holds(Check::x2apic_page_is_dead, x2apic());
}

TEST_CASE("kvm-unit-tests x86/apic.c test_apic_id: the id is CPUID's, cannot be written, and is back after a reset",
          "[peer][kvm-unit-tests][2.2][LAPIC-3]") {
    expect_holds(Check::apic_id, either_mode());
}

TEST_CASE(
    "kvm-unit-tests x86/apic.c test_apic_id, where it can be written: the hardware's is back in x2APIC mode, and "
    "after a reset",
    "[peer][kvm-unit-tests][2.2][LAPIC-3]") {
    Options options;
    options.lapic.xapic_id_writable = true;
    expect_holds(Check::apic_id_written, options);
}

TEST_CASE("kvm-unit-tests x86/apic.c test_apicbase: the page moves, reserved bits are #GP",
          "[peer][kvm-unit-tests][2.2]") {
    expect_holds(Check::apic_base);
}

// ---- apic.c: IPIs

TEST_CASE("kvm-unit-tests x86/apic.c test_self_ipi_xapic: the self shorthand delivers once",
          "[peer][kvm-unit-tests][LAPIC-16]") {
    expect_holds(Check::self_ipi);
}

TEST_CASE("kvm-unit-tests x86/apic.c test_self_ipi_x2apic: so it does in x2APIC mode, and SELF IPI as well",
          "[peer][kvm-unit-tests][LAPIC-16][LAPIC-26]") {
    expect_holds(Check::self_ipi, x2apic());
    expect_holds(Check::x2apic_self_ipi, x2apic());
}

TEST_CASE("kvm-unit-tests x86/apic.c test_physical_broadcast: all ones and the shorthands reach all",
          "[peer][kvm-unit-tests][2.3][LAPIC-16]") {
    expect_holds(Check::physical_broadcast, either_mode());
}

TEST_CASE("kvm-unit-tests x86/apic.c test_logical_ipi_xapic: flat and cluster, each pair, absent members ignored",
          "[peer][kvm-unit-tests][2.3][LAPIC-7]") {
    expect_holds(Check::logical_flat);
    expect_holds(Check::logical_cluster);
}

TEST_CASE("kvm-unit-tests x86/apic.c, in x2APIC mode: logical ids are derived, clusters are told apart",
          "[peer][kvm-unit-tests][2.3][LAPIC-3]") {
    expect_holds(Check::logical_x2apic, x2apic());
}

TEST_CASE("kvm-unit-tests x86/apic.c test_aliased_xapic_physical_ipi: two APICs with one id both get the IPI",
          "[peer][kvm-unit-tests][LAPIC-7]") {
    Options options = x2apic();
    options.cpus = 260;
    expect_holds(Check::aliased_ids, options);
}

TEST_CASE("kvm-unit-tests x86/smptest.c: an IPI to each CPU", "[peer][kvm-unit-tests][2.3]") {
    Options options = either_mode();
    options.cpus = 8;
    expect_holds(Check::ipi_to_each_cpu, options);
}

// ---- apic.c: the timer

TEST_CASE("kvm-unit-tests x86/apic.c test_apic_timer_one_shot: it fires once, and not early",
          "[peer][kvm-unit-tests][LAPIC-30]") {
    expect_holds(Check::timer_one_shot, either_mode());
}

TEST_CASE("kvm-unit-tests x86/apic.c test_apic_change_mode: what a change of mode does to the counts, and what not",
          "[peer][kvm-unit-tests][LAPIC-32]") {
    expect_holds(Check::timer_change_mode, either_mode());
}

TEST_CASE("kvm-unit-tests x86/apic.c test_tsc_deadline_timer: a past deadline fires once, the MSR is 0 then",
          "[peer][kvm-unit-tests][LAPIC-34]") {
    expect_holds(Check::tsc_deadline, either_mode());
}

TEST_CASE("kvm-unit-tests x86/tscdeadline_latency.c: never early, and always as late",
          "[peer][kvm-unit-tests][LAPIC-34]") {
    expect_holds(Check::tsc_deadline_latency, either_mode());
}
