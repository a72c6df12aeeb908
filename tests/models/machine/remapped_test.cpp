// SPDX-License-Identifier: Apache-2.0
// A machine with a remapping unit, driven by software on its CPUs through registers and memory, as a kernel does it:
// queue, table, one command after the other; then NMIs through entries, the fault log, and what a wait proves.
#include <algorithm>
#include <cstring>

#include "tests/models/machine/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

/// CPU 0 sets the unit up; timer 0 of the HPET sends its NMIs through entry n to CPU n.
struct Remapped : MachineFixture {
    static constexpr std::uint64_t TABLE = 0x10'0000, QUEUE = 0x10'1000, STATUS = 0x10'2000, END = 0x10'3000;
    static constexpr std::uint32_t GCMD = 0x18, GSTS = 0x1c, FECTL = 0x38, FEDATA = 0x3c, FEADDR = 0x40, IQT = 0x88,
                                   IQA = 0x90, IRTA = 0xb8, FRCD = 0x220;
    static constexpr std::uint64_t QIE = 1U << 26, IRE = 1U << 25, SIRTP = 1U << 24, CFI = 1U << 23, EIME = 1U << 11;
    static constexpr std::uint64_t PRESENT = 1, DLM_NMI = 4U << 5;
    static constexpr std::uint64_t STATUS_WRITE = 1U << 5, INDEX_SELECTIVE = 1U << 4;

    explicit Remapped(const std::string& profile_name = "server-2018", unsigned cpus = 2)
        : MachineFixture{profile_name, cpus} {
        wanted.vtd = VtdProfile{};
        programs[1] = [this] { enable_apic(1); };
    }

    void build() {
        Machine& made = make();
        ram.assign(END - TABLE, 0);
        made.connect_memory(TABLE, ram.data(), ram.size());
        made.vtd()->entry_used.subscribe([this](const vtd::EntryUsed& u) { used.push_back(u); });
        made.vtd()->request_blocked.subscribe([this](const vtd::RequestBlocked& b) { blocked.push_back(b); });
        made.vtd()->wait_completed.subscribe([this](const vtd::WaitCompleted& w) { waits.push_back(w.at); });
    }
    Vtd& unit() { return *machine().vtd(); }

    // ---- what CPU 0 does
    void vtd(std::uint32_t offset, std::uint64_t value, Size size = Size::B4) {
        write(0, Machine::VTD_BASE + offset, value, size);
    }
    std::uint64_t vtd(std::uint32_t offset) { return read(0, Machine::VTD_BASE + offset); }
    void command(std::uint64_t bit, bool one_shot = false) {
        vtd(GCMD, on_ | bit);
        on_ |= one_shot ? 0 : bit;
        while ((vtd(GSTS) & bit) == 0) {
        }
    }
    void put(std::uint64_t physical, std::uint64_t value) { std::memcpy(&ram[physical - TABLE], &value, sizeof value); }
    std::uint32_t word(std::uint64_t physical) const {
        std::uint32_t value = 0;
        std::memcpy(&value, &ram[physical - TABLE], sizeof value);
        return value;
    }
    std::uint64_t destination(std::uint64_t cpu) const { return cpu << (wanted.x2apic ? 32U : 40U); }
    void entry(unsigned index, std::uint64_t cpu) {
        put(TABLE + std::uint64_t{16} * index, PRESENT | DLM_NMI | destination(cpu));
        put(TABLE + std::uint64_t{16} * index + 8, 0);
    }
    void descriptor(std::uint64_t low, std::uint64_t high) {
        put(QUEUE + tail_, low);
        put(QUEUE + tail_ + 8, high);
        tail_ += 16;
    }
    /// An invalidation (of one entry, or of all) and a wait; returns when the status is there.
    void invalidate(int index = -1) {
        put(STATUS, 0);
        descriptor(4 | (index < 0 ? 0 : INDEX_SELECTIVE | std::uint64_t(index) << 32), 0);
        descriptor(5 | STATUS_WRITE | std::uint64_t{0x77} << 32, STATUS);
        vtd(IQT, tail_);
        while (word(STATUS) != 0x77) {
            spend(0, 10_ns);
        }
    }
    void switch_on() {
        for (unsigned n = 0; n < count; ++n) {
            entry(n, n);
        }
        vtd(IQT, 0);
        vtd(IQA, QUEUE, Size::B8);
        command(QIE);
        vtd(IRTA, TABLE | (wanted.x2apic ? EIME : 0) | 7, Size::B8);
        command(SIRTP, true);
        invalidate();
        command(IRE);
    }
    static std::uint64_t remappable(unsigned index) { return 0xfee0'0018ULL | index << 5U; }
    static std::uint64_t compatible(unsigned cpu) { return 0xfee0'0000ULL | cpu << 12U; }
    /// Timer 0 sends that message once, `ticks` from now on.
    void arm(std::uint64_t address, std::uint32_t data, std::uint64_t ticks) {
        hpet(0x010, 0);
        hpet(0x0f0, 0, Size::B8);
        hpet(0x110, address << 32U | data, Size::B8);
        hpet(0x108, ticks, Size::B8);
        hpet(0x100, INT_ENB | FSB);
        hpet(0x010, ENABLE);
    }

    Instant of(Hop which, unsigned nth = 0) const {
        for (const HopReached& h : hops) {
            if (h.token.source == Source::Hpet && h.hop == which && nth-- == 0) {
                return h.at;
            }
        }
        return Instant::never();
    }

    std::vector<char> ram;
    std::vector<vtd::EntryUsed> used;
    std::vector<vtd::RequestBlocked> blocked;
    std::vector<Instant> waits;

private:
    std::uint64_t on_ = 0;
    std::uint64_t tail_ = 0;
};

constexpr std::uint32_t NMI_DATA = 4U << 8;

}  // namespace

TEST_CASE("each command has its status before the next, and remapping is on when IRES says so",
          "[machine][VTD-4][VTD-8]") {
    Remapped f;
    std::vector<std::uint64_t> status;
    f.programs[0] = [&f, &status] {
        f.switch_on();
        status.push_back(f.vtd(Remapped::GSTS));
    };
    f.build();
    f.machine().vtd()->command_completed.subscribe([&](const vtd::CommandCompleted& c) { status.push_back(c.status); });
    f.run(Instant{} + 1_ms);
    const std::uint64_t queue = Remapped::QIE;
    const std::uint64_t table = queue | Remapped::SIRTP;
    CHECK(status == std::vector<std::uint64_t>{queue, table, table | Remapped::IRE, table | Remapped::IRE});
    CHECK(f.unit().remapping());
    CHECK(f.unit().active_table().eime);
    CHECK(f.unit().active_table().base == Remapped::TABLE);
}

TEST_CASE("an NMI through an entry has the hop Remapped, a miss or a hit of the entry cache behind the root",
          "[machine][latency][VTD-17][VTD-23]") {
    const std::string name = GENERATE("desktop-2018", "server-2018", "server-2024", "fast-uniform");
    INFO(name);
    Remapped f{name};
    f.programs[0] = [&f] {
        f.enable_apic(0);
        f.start_cpu(1);
        f.switch_on();
        for (int n = 0; n < 2; ++n) {
            f.arm(Remapped::remappable(1), 0, 0x100);
            f.spend(0, 1_ms);
        }
    };
    f.build();
    f.run(Instant{} + 100_ms);
    REQUIRE(f.nmis.size() == 2);
    REQUIRE(f.used.size() == 2);
    for (unsigned n = 0; n < 2; ++n) {
        INFO(n);
        CHECK(f.nmis[n].cpu == 1);
        CHECK(f.used[n].cached == (n == 1));
        const Duration lookup = f.row(n == 0 ? Row::VtdIecMiss : Row::VtdIecHit);
        CHECK(f.of(Hop::Remapped, n) == f.of(Hop::Posted, n) + f.row(Row::MsiDeviceToRoot) + lookup);
        CHECK(f.of(Hop::Accepted, n) == f.of(Hop::Remapped, n) + f.row(Row::MsiRootToLapic) + f.row(Row::LapicAccept));
        CHECK(f.of(Hop::Taken, n) > f.of(Hop::Accepted, n));
    }
}

TEST_CASE("the request carries the requester id of its comparator", "[machine][VTD-40]") {
    Remapped f;
    f.programs[0] = [&f] {
        f.switch_on();
        f.arm(Remapped::remappable(0), 0, 0x100);
    };
    f.build();
    f.run(Instant{} + 1_ms);
    REQUIRE(f.used.size() == 1);
    CHECK(f.used[0].write.requester.value == f.wanted.hpet.timers[0].requester.value);
    CHECK(f.used[0].write.requester.value != 0);
}

TEST_CASE("remapped, a compatibility-format NMI is blocked with 25h, unless CFI lets it pass in xAPIC mode",
          "[machine][VTD-10][VTD-16]") {
    const bool x2apic = GENERATE(false, true);
    const bool lets_pass = GENERATE(false, true);
    INFO("x2APIC " << x2apic << ", CFI " << lets_pass);
    Remapped f{x2apic ? "server-2018" : "desktop-2018"};
    f.programs[0] = [&f, lets_pass] {
        f.enable_apic(0);
        f.switch_on();
        if (lets_pass) {
            f.command(Remapped::CFI);
        }
        f.arm(Remapped::compatible(0), NMI_DATA, 0x100);
    };
    f.build();
    f.run(Instant{} + 1_ms);
    const bool passes = lets_pass && !x2apic;
    CHECK(f.nmis.size() == (passes ? 1U : 0U));
    CHECK(f.of(Hop::Remapped) == Instant::never());
    REQUIRE(f.blocked.size() == (passes ? 0U : 1U));
    if (!passes) {
        CHECK(f.blocked[0].reason == vtd::Reason::Compatibility);
        CHECK(f.blocked[0].at == f.of(Hop::Posted) + f.row(Row::MsiDeviceToRoot));
        const std::uint64_t high = f.unit().peek(Remapped::FRCD + 8);
        CHECK(vtd::frcd::F.get(high) == 1);
        CHECK(vtd::frcd::FR.get(high) == 0x25);
        CHECK(vtd::frcd::SID.get(high) == f.wanted.hpet.timers[0].requester.value);
    }
}

TEST_CASE("IPIs between CPUs do not pass the unit", "[machine][VTD-17]") {
    Remapped f;
    f.programs[0] = [&f] {
        f.switch_on();
        f.start_cpu(1);
        f.machine().cpus.wrmsr(f.cpu(0), lapic::x2apic_msr(MachineFixture::ICR_LOW), std::uint64_t{1} << 32 | 0x400);
    };
    f.build();
    f.run(Instant{} + 100_ms);
    REQUIRE(f.nmis.size() == 1);
    CHECK(f.nmis[0].cpu == 1);
    CHECK(f.used.empty());
    CHECK(f.blocked.empty());
}

TEST_CASE("the first fault raises the unit's own interrupt, which is not remapped; a second one, unread, does not",
          "[machine][VTD-35][VTD-37][VTD-39]") {
    Remapped f;
    f.programs[0] = [&f] {
        f.enable_apic(0);
        f.switch_on();
        f.vtd(Remapped::FEDATA, 0x51);
        f.vtd(Remapped::FEADDR, Remapped::compatible(0));
        f.vtd(Remapped::FECTL, 0);
        for (int n = 0; n < 2; ++n) {
            f.arm(Remapped::compatible(0), NMI_DATA, 0x100);
            f.spend(0, 1_ms);
        }
        f.machine().cpus.set_interrupts(f.cpu(0), true);
    };
    f.build();
    f.run(Instant{} + 10_ms);
    CHECK(f.blocked.size() == 2);
    CHECK(f.vectors() == std::vector<unsigned>{0x51});
}

TEST_CASE("a cached entry that memory no longer has is used until the invalidation is done, and never after its wait",
          "[machine][VTD-23][VTD-30]") {
    Remapped f{"server-2018", 2};
    bool after = false;
    f.programs[0] = [&f, &after] {
        f.enable_apic(0);
        f.start_cpu(1);
        f.switch_on();
        f.arm(Remapped::remappable(1), 0, 0x100);
        f.spend(0, 1_ms);
        f.entry(1, 0);
        f.arm(Remapped::remappable(1), 0, 0x100);
        f.spend(0, 1_ms);
        f.invalidate(1);
        after = true;
        f.arm(Remapped::remappable(1), 0, 0x100);
        f.spend(0, 1_ms);
    };
    f.build();
    f.run(Instant{} + 100_ms);
    CHECK(after);
    REQUIRE(f.used.size() == 3);
    CHECK(f.used[1].stale);
    CHECK_FALSE(f.used[2].cached);
    std::vector<unsigned> cpus;
    for (const auto& nmi : f.nmis) {
        cpus.push_back(nmi.cpu);
    }
    CHECK(cpus == std::vector<unsigned>{1, 1, 0});
}

TEST_CASE("a complete wait has the NMI accepted where the platform drains to the APIC, and proves no handler",
          "[machine][VTD-30][VTD-32]") {
    const Drains drains = GENERATE(Drains::Apic, Drains::Unit);
    Remapped f{"server-2018", 2};
    f.wanted.vtd->drains = drains;
    // The invalidation is done while the NMI is between the unit and the local APIC.
    f.wanted.timing.set(Row::MsiRootToLapic, RowUnit::Time, (100_us).fs);
    f.programs[0] = [&f] {
        f.start_cpu(1);
        f.switch_on();
        f.arm(Remapped::remappable(1), 0, 0x10);
        f.spend(0, 10_us);
        f.invalidate(1);
    };
    f.build();
    f.run(Instant{} + 100_ms);
    REQUIRE(f.waits.size() == 2);
    REQUIRE(f.nmis.size() == 1);
    CHECK(f.of(Hop::Remapped) < f.waits[1]);
    CHECK((f.waits[1] >= f.of(Hop::Accepted)) == (drains == Drains::Apic));
    CHECK(f.waits[1] < f.of(Hop::Taken));
}

TEST_CASE("a read-back of the timer returns when its NMI has left the unit, or is accepted: the profile says which",
          "[machine][VTD-32]") {
    const ReadCompletionPushes pushes = GENERATE(ReadCompletionPushes::Unit, ReadCompletionPushes::Apic);
    Remapped f{"server-2018", 2};
    f.wanted.vtd->read_completion_pushes = pushes;
    f.wanted.timing.set(Row::MsiRootToLapic, RowUnit::Time, (100_us).fs);
    Instant back;
    f.programs[0] = [&f, &back] {
        f.start_cpu(1);
        f.switch_on();
        f.arm(Remapped::remappable(1), 0, 1);
        f.hpet(0x100, MachineFixture::FSB);
        f.read(0, Machine::HPET_BASE + 0x100);
        back = f.now(0);
    };
    f.build();
    f.run(Instant{} + 100_ms);
    REQUIRE(f.nmis.size() == 1);
    CHECK(back > f.of(Hop::Remapped));
    CHECK((back > f.of(Hop::Accepted)) == (pushes == ReadCompletionPushes::Apic));
}

TEST_CASE("a power cycle leaves nothing of the unit behind", "[machine][VTD-6]") {
    Remapped f;
    f.programs[0] = [&f] {
        f.switch_on();
        f.arm(Remapped::compatible(0), NMI_DATA, 0x100);
        f.arm(Remapped::remappable(0), 0, 0x100);
    };
    f.build();
    const std::string fresh = f.unit().dump();
    f.run(Instant{} + 1_ms);
    CHECK(f.unit().dump() != fresh);
    f.power_on();
    CHECK(f.unit().dump() == fresh);
}

// ---- NMI sources

namespace {

constexpr unsigned SOURCE = 8;

struct Sourced : Remapped {
    explicit Sourced(const std::string& profile_name = "desktop-2018") : Remapped{profile_name} {
        wanted.cpu.fred = wanted.cpu.nmi_source = true;
        on_nmi = [this](unsigned n) { sources.push_back(cpu::Cpus::event_data(cpu(n))); };
    }
    std::vector<std::uint64_t> sources;
};

}  // namespace

TEST_CASE("not remapped, the vector field of the HPET's message is the NMI's source", "[machine][CPU-27]") {
    Sourced f;
    f.programs[0] = [&f] {
        f.enable_apic(0);
        f.start_cpu(1);
        for (const unsigned vector : {SOURCE, 0U, 16U}) {
            f.arm(Remapped::compatible(1), NMI_DATA | vector, 0x100);
            f.spend(0, 1_ms);
        }
    };
    f.build();
    f.run(Instant{} + 100_ms);
    CHECK(f.sources == std::vector<std::uint64_t>{1U << SOURCE, 1, 1});
}

TEST_CASE("remapped, the vector of the entry is the NMI's source where the unit hands it on",
          "[machine][CPU-27][VTD-17]") {
    const bool forwards = GENERATE(true, false);
    Sourced f{"server-2018"};
    f.wanted.vtd->nmi_forwards_vector = forwards;
    f.programs[0] = [&f] {
        f.enable_apic(0);
        f.start_cpu(1);
        f.switch_on();
        f.put(Remapped::TABLE + 16, Remapped::PRESENT | Remapped::DLM_NMI | SOURCE << 16 | f.destination(1));
        f.invalidate();
        f.arm(Remapped::remappable(1), 0, 0x100);
        f.spend(0, 1_ms);
    };
    f.build();
    f.run(Instant{} + 100_ms);
    CHECK(f.sources == std::vector<std::uint64_t>{forwards ? 1U << SOURCE : 1U});
}
