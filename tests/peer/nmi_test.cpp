// SPDX-License-Identifier: Apache-2.0
// What kvm-unit-tests checks of NMIs and of the order of interrupts, executed: x86/apic.c, eventinj.c, vmx_tests.c.
#include <algorithm>

#include "tests/peer/peer_rig.hpp"

using namespace hldsim;
using namespace hldsim::peer;

TEST_CASE("kvm-unit-tests x86/apic.c test_multiple_nmi: an own and another CPU's NMI at once are two",
          "[peer][kvm-unit-tests][CPU-1][CPU-2]") {
    Options options = either_mode();
    options.rounds = 100'000;
    expect_holds(Check::nmi_multiple, options);
}

TEST_CASE("kvm-unit-tests x86/apic.c test_sti_nmi: a CPU in a loop of STI and CLI takes each NMI",
          "[peer][kvm-unit-tests][CPU-1][CPU-6]") {
    Options options = either_mode();
    options.rounds = 30'000;
    expect_holds(Check::nmi_sti, options);
}

TEST_CASE("kvm-unit-tests x86/apic.c test_multiple_nmi, with a recognition window wider than their skew: they merge",
          "[peer][kvm-unit-tests][CPU-1][CPU-21]") {
    Options options;
    options.change = [](Timing& timing) { timing.set(Row::CpuEventBoundary, RowUnit::Time, 2'000'000'000); };
    PeerRig rig{options};
    const Verdict verdict = rig.run(Check::nmi_multiple);
    CHECK(verdict.end == cpu::End::Reset);
    const auto merged = std::count_if(verdict.failed.begin(), verdict.failed.end(), [](const std::string& what) {
        return what.find("nmis[0] == 2") != std::string::npos;
    });
    CHECK(merged > 100);  // of 200 rounds
    CHECK(static_cast<std::size_t>(merged) == verdict.failed.size());
}

TEST_CASE("kvm-unit-tests x86/apic.c test_pending_nmi: ten NMIs sent inside the handler run it once more",
          "[peer][kvm-unit-tests][CPU-1]") {
    expect_holds(Check::nmi_pending, either_mode());
}

TEST_CASE("kvm-unit-tests x86/eventinj.c NMI: an NMI sent in the handler comes behind IRET, whosever IRET it is",
          "[peer][kvm-unit-tests][CPU-3][CPU-4]") {
    expect_holds(Check::nmi_twice);
}

TEST_CASE("kvm-unit-tests x86/eventinj.c: TPR blocks, and of those that wait the highest vector comes first",
          "[peer][kvm-unit-tests][LAPIC-22]") {
    expect_holds(Check::interrupts_by_priority, either_mode());
}

TEST_CASE("kvm-unit-tests x86/vmx_tests.c nmi_hlt: an NMI ends HLT, interrupts off, and not before it was sent",
          "[peer][kvm-unit-tests][CPU-7]") {
    expect_holds(Check::nmi_hlt, either_mode());
}

TEST_CASE("kvm-unit-tests x86/vmx_tests.c vmx_nmi_window_test: at once, behind IRET, and in HLT",
          "[peer][kvm-unit-tests][CPU-3][CPU-7]") {
    expect_holds(Check::nmi_window);
}
