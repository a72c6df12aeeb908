// SPDX-License-Identifier: Apache-2.0
// The mini-kernel on a machine that remaps interrupts: how it switches the unit on, what it asks of it, and what it
// prints of the fault log.
#include <algorithm>

#include "tests/detector/kernel/kernel_rig.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

namespace {

struct RemappedRig : KernelRig {
    explicit RemappedRig(const shim::Runtime::Parameters& detector, bool x2apic = false,
                         const shim::Runtime::Parameters& kernel = {}, unsigned cpus = 4)
        : KernelRig{cpus, kernel, detector, x2apic, true} {
        Vtd& unit = *machine->vtd();
        unit.command_completed.subscribe([this](const auto& c) { commands.push_back(c.status); });
        unit.descriptor_fetched.subscribe([this](const auto& d) { descriptors.push_back(d); });
        unit.cache_invalidated.subscribe([this](const auto& i) { invalidations.push_back(i); });
        unit.entry_used.subscribe([this](const auto& u) { used.push_back(u); });
        unit.request_blocked.subscribe([this](const auto& b) { blocked.push_back(b); });
        unit.diagnosis.subscribe([this](const auto& d) { diagnoses.push_back(vtd::describe(d)); });
    }
    cpu::End run(double seconds) {
        commands.clear();
        descriptors.clear();
        invalidations.clear();
        used.clear();
        blocked.clear();
        diagnoses.clear();
        return KernelRig::run(seconds);
    }
    long printed(const std::string& words) const {
        return std::count_if(lines.begin(), lines.end(),
                             [&](const std::string& line) { return line.find(words) != std::string::npos; });
    }

    std::vector<std::uint32_t> commands;  // GSTS after each
    std::vector<vtd::DescriptorFetched> descriptors;
    std::vector<vtd::CacheInvalidated> invalidations;
    std::vector<vtd::EntryUsed> used;
    std::vector<vtd::RequestBlocked> blocked;
    std::vector<std::string> diagnoses;
};

const shim::Runtime::Parameters PER_CPU{{"design", "irte-per-cpu"}, {"period_ms", "50"}};
constexpr std::uint32_t QIE = 1U << 26, IRE = 1U << 25, IRT = 1U << 24;

}  // namespace

TEST_CASE("remapping is switched on as VT-d wants it: queue, table, global invalidation with a wait, then IRE",
          "[kernel][VTD-6][VTD-8]") {
    const bool x2apic = GENERATE(false, true);
    RemappedRig rig{PER_CPU, x2apic};
    rig.run(0.3);
    CHECK(rig.commands == std::vector<std::uint32_t>{QIE, QIE | IRT, QIE | IRT | IRE});
    REQUIRE(rig.descriptors.size() > 2);
    CHECK(rig.descriptors[0].low == 4);              // all entries
    CHECK((rig.descriptors[1].low & 0x2f) == 0x25);  // a wait that writes its status
    CHECK(rig.invalidations[0].global);
    CHECK(rig.printed(x2apic ? "Enabled IRQ remapping in x2apic mode" : "Enabled IRQ remapping in xapic mode") == 1);
    CHECK(rig.machine->vtd()->active_table().eime == x2apic);
    for (const vtd::DescriptorFetched& descriptor : rig.descriptors) {
        CHECK(descriptor.error == 0);
    }
    CHECK(rig.diagnoses == std::vector<std::string>{});
}

TEST_CASE("with an entry for each CPU the rotation invalidates nothing and misses the entry cache once for each",
          "[kernel][C14][VTD-13][VTD-23]") {
    const bool x2apic = GENERATE(false, true);
    RemappedRig rig{PER_CPU, x2apic};
    rig.run(0.3);
    const std::size_t at_boot = rig.invalidations.size();
    CHECK(at_boot == 1 + 4);  // the table, and each CPU's entry as it comes
    rig.run(1.3);
    CHECK(rig.invalidations.size() == at_boot);
    CHECK(rig.blocked.empty());
    REQUIRE(rig.used.size() > 20);
    CHECK(std::count_if(rig.used.begin(), rig.used.end(), [](const auto& u) { return !u.cached; }) == 4);
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        CHECK(rig.count(HLD_NMI_CLAIMED, cpu) >= 5);
        CHECK(rig.count(HLD_NMI_UNKNOWN, cpu) == 0);
    }
}

TEST_CASE("direct-route on a machine that remaps: every NMI is blocked, the kernel prints the fault log",
          "[kernel][C11][compat-format-blocked][VTD-16]") {
    const bool x2apic = GENERATE(false, true);
    RemappedRig rig{{{"design", "direct-route"}, {"period_ms", "50"}}, x2apic};
    rig.run(1.0);
    CHECK(rig.fates.empty());
    REQUIRE(rig.blocked.size() > 10);
    for (const vtd::RequestBlocked& blocked : rig.blocked) {
        CHECK(blocked.reason == vtd::Reason::Compatibility);
        CHECK(blocked.recorded == vtd::Recorded::Written);  // the handler makes room
    }
    CHECK(rig.printed("[fault reason 0x25] compatibility format blocked") == static_cast<long>(rig.blocked.size()));
}

TEST_CASE("without interrupt remapping the same machine delivers direct-route's NMIs", "[kernel][C11][M-10]") {
    RemappedRig rig{{{"design", "direct-route"}, {"period_ms", "50"}}, false, {{"cmdline", "intremap=off"}}};
    rig.run(1.0);
    CHECK(rig.commands.empty());
    CHECK(rig.count(HLD_NMI_CLAIMED, 2) > 3);
}

TEST_CASE("remapped, irq_set_affinity from an NMI moves the interrupt every time: the entry, not the route",
          "[kernel][C15][VTD-42]") {
    RemappedRig rig{{{"design", "lock-affinity"}, {"period_ms", "50"}}};
    rig.run(0.5);
    const std::uint64_t route = rig.machine->hpet.peek(0x110);
    const std::size_t before = rig.invalidations.size();
    rig.run(1.0);
    CHECK(rig.machine->hpet.peek(0x110) == route);
    CHECK(rig.invalidations.size() >= before + 9);  // one a period
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        CHECK(rig.count(HLD_NMI_CLAIMED, cpu) >= 3);
    }
}

}  // namespace hldsim::test
