// SPDX-License-Identifier: Apache-2.0
// The mini-kernel on a machine with AMD-Vi: how it switches the unit on, what passes, and what it prints of the event
// log.
#include <algorithm>

#include "tests/detector/kernel/kernel_rig.hpp"
#include "tests/support/catch.hpp"

namespace hldsim::test {

namespace {

constexpr std::uint64_t IOMMU_EN = 1, EVENT_LOG_EN = 1U << 2, EVENT_INT_EN = 1U << 3, CMD_BUF_EN = 1U << 12,
                        GA_EN = 1U << 17, XT_EN = 1ULL << 50, INT_CAP_XT_EN = 1ULL << 51;

struct AmdRig : KernelRig {
    explicit AmdRig(const shim::Runtime::Parameters& detector, bool x2apic = false,
                    const shim::Runtime::Parameters& kernel = {}, const AmdviProfile& profile = {},
                    const char* object = nullptr)
        : KernelRig{4, kernel, detector, x2apic, false, object, profile} {
        Amdvi& unit = *machine->amdvi();
        unit.command_fetched.subscribe([this](const auto& c) { commands.push_back(c); });
        unit.entry_used.subscribe([this](const auto& u) { used.push_back(u); });
        unit.request_blocked.subscribe([this](const auto& b) { blocked.push_back(b); });
        unit.diagnosis.subscribe([this](const auto& d) { diagnoses.push_back(amdvi::describe(d)); });
    }
    cpu::End run(double seconds) {
        commands.clear();
        used.clear();
        blocked.clear();
        diagnoses.clear();
        return KernelRig::run(seconds);
    }
    long printed(const std::string& words) const {
        return std::count_if(lines.begin(), lines.end(),
                             [&](const std::string& line) { return line.find(words) != std::string::npos; });
    }

    /// Of the first commands: code and device.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> first_commands(std::size_t count) const {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> first;
        for (std::size_t n = 0; n < std::min(count, commands.size()); ++n) {
            const std::uint64_t code = commands[n].low >> 60U;
            first.emplace_back(code, code == 1 ? 0 : commands[n].low & 0xffffU);
        }
        return first;
    }
    bool all_blocked_on_record() const {
        return std::all_of(blocked.begin(), blocked.end(), [](const amdvi::RequestBlocked& b) {
            return b.reason == amdvi::Reason::NmiBlocked && b.recorded == amdvi::Recorded::Written;
        });
    }

    std::vector<amdvi::CommandFetched> commands;
    std::vector<amdvi::EntryUsed> used;
    std::vector<amdvi::RequestBlocked> blocked;
    std::vector<std::string> diagnoses;
};

const shim::Runtime::Parameters DIRECT{{"design", "direct-route"}, {"period_ms", "50"}};

}  // namespace

TEST_CASE("AMD-Vi is switched on as Linux does it, and the HPET's entries are invalidated with waits",
          "[kernel][AMDVI-1]") {
    const bool x2apic = GENERATE(false, true);
    AmdRig rig{DIRECT, x2apic};
    rig.run(0.3);
    CHECK(rig.machine->amdvi()->active_control() ==
          (IOMMU_EN | EVENT_LOG_EN | EVENT_INT_EN | CMD_BUF_EN | GA_EN | (x2apic ? XT_EN | INT_CAP_XT_EN : 0)));
    // INVALIDATE_DEVTAB_ENTRY, INVALIDATE_INTERRUPT_TABLE, and a COMPLETION_WAIT behind each.
    CHECK(rig.first_commands(4) ==
          std::vector<std::pair<std::uint64_t, std::uint64_t>>{{2, 0xa0}, {1, 0}, {5, 0xa0}, {1, 0}});
    CHECK(rig.printed("Interrupt remapping enabled") == 1);
    CHECK(rig.diagnoses == std::vector<std::string>{});
}

TEST_CASE("with NMIPass direct-route rotates by the route register alone, as without remapping",
          "[kernel][C11][AMDVI-7][amd-nmipass]") {
    const bool x2apic = GENERATE(false, true);
    AmdRig rig{DIRECT, x2apic};
    rig.run(1.3);
    CHECK(rig.blocked.empty());
    CHECK(rig.used.empty());  // no NMI goes through an entry
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        CHECK(rig.count(HLD_NMI_CLAIMED, cpu) >= 5);
        CHECK(rig.count(HLD_NMI_UNKNOWN, cpu) == 0);
    }
}

TEST_CASE("without NMIPass every NMI is blocked, and the kernel prints the event log",
          "[kernel][C11][AMDVI-7][AMDVI-9][AMDVI-11][amd-nmipass]") {
    const bool x2apic = GENERATE(false, true);
    AmdRig rig{DIRECT, x2apic, {{"cmdline", "hld.nmipass=0"}}};
    rig.run(1.0);
    CHECK(rig.fates.empty());
    REQUIRE(rig.blocked.size() > 10);
    CHECK(rig.all_blocked_on_record());
    CHECK(rig.printed("AMD-Vi: Event logged [IO_PAGE_FAULT device=00:14.0 domain=0x0000") ==
          static_cast<long>(rig.blocked.size()));
    CHECK(rig.printed("flags=0x0008]") == static_cast<long>(rig.blocked.size()));
}

TEST_CASE("a unit that logs nothing of it leaves the kernel in the dark", "[kernel][AMDVI-9][amd-nmipass]") {
    AmdviProfile silent;
    silent.aborts_are_logged = false;
    AmdRig rig{DIRECT, false, {{"cmdline", "hld.nmipass=0"}}, silent};
    rig.run(1.0);
    CHECK(rig.fates.empty());
    CHECK(rig.blocked.size() > 10);
    CHECK(rig.printed("Event logged") == 0);
}

TEST_CASE("an interrupt delivered as NMI moves by its message, and touches neither table nor command buffer",
          "[kernel][AMDVI-7]") {
    AmdRig rig{{{"design", "lock-affinity"}, {"period_ms", "50"}}};
    rig.run(0.3);
    const std::size_t at_boot = rig.commands.size();
    rig.run(1.0);
    CHECK(rig.commands.size() == at_boot);
    CHECK(rig.used.empty());
    CHECK(rig.blocked.empty());
    for (unsigned cpu = 0; cpu < 4; ++cpu) {
        CHECK(rig.count(HLD_NMI_CLAIMED, cpu) >= 3);
    }
}

TEST_CASE("there are no entries that deliver an NMI: the design that needs them does not start", "[kernel][AMDVI-17]") {
    AmdRig rig{{{"design", "irte-per-cpu"}, {"period_ms", "50"}}};
    rig.run(0.6);
    CHECK(rig.fates.empty());
    CHECK(rig.blocked.empty());
}

TEST_CASE("with AMD-Vi switched off by the command line every message passes", "[kernel][AMDVI-3]") {
    AmdRig rig{DIRECT, false, {{"cmdline", "intremap=off"}}};
    rig.run(1.0);
    CHECK(rig.commands.empty());
    CHECK(rig.count(HLD_NMI_CLAIMED, 2) > 3);
}

TEST_CASE("a unit with short entries alone is driven, too", "[kernel][AMDVI-17]") {
    AmdviProfile older;
    older.ga = older.xt = false;
    AmdRig rig{DIRECT, false, {}, older};
    rig.run(0.6);
    CHECK(rig.machine->amdvi()->active_control() == (IOMMU_EN | EVENT_LOG_EN | EVENT_INT_EN | CMD_BUF_EN));
    CHECK(rig.count(HLD_NMI_CLAIMED, 2) >= 1);
    CHECK(rig.diagnoses == std::vector<std::string>{});
}

TEST_CASE("an ordinary interrupt of the HPET goes through its entry, which moves with it", "[kernel][AMDVI-17]") {
    AmdviProfile profile;
    profile.ga = GENERATE(true, false);
    profile.xt = profile.ga;
    const bool x2apic = profile.xt && GENERATE(true, false);
    AmdRig rig{{}, x2apic, {}, profile, FIXED_IRQ};
    const auto match = [&rig](double seconds) {
        rig.plan_act(Instant{static_cast<std::int64_t>(seconds * 1e15)},
                     [&rig] { rig.machine->hpet.write(0x108, Size::B8, rig.machine->hpet.main_counter() + 1); });
    };
    match(0.9);
    rig.plan(1.0, 0, HLD_TASK_OFFLINE, 2);
    match(1.4);
    rig.run(1.5);
    CHECK(rig.printed("fixed: handled on CPU 2") == 1);
    CHECK(rig.printed("fixed: handled on CPU ") == 2);
    REQUIRE(rig.used.size() == 2);
    CHECK_FALSE(rig.used[1].cached);  // the move has invalidated it
    CHECK(rig.blocked.empty());
    CHECK(rig.diagnoses == std::vector<std::string>{});
}

}  // namespace hldsim::test
