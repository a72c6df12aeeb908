// SPDX-License-Identifier: Apache-2.0
// What a WRMSR to the local APIC does not wait for: stores that are not visible yet, and the store to the APIC's page
// that selects TSC-deadline mode.
#include <string>

#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

namespace {

constexpr std::uint64_t PAGE = 0xfee0'0000;
constexpr std::uint32_t LVT_TIMER = 0x320;
constexpr std::uint32_t INITIAL_COUNT = 0x380;
constexpr std::uint32_t X2APIC_LVT_TIMER = 0x832;
constexpr std::uint32_t X2APIC_ICR = 0x830;
constexpr std::uint32_t TSC_DEADLINE = 0x6e0;
constexpr std::uint64_t DEADLINE_MODE = 2U << 17U | 0x40;
constexpr std::uint64_t PERIODIC_MODE = 1U << 17U | 0x40;

/// In which order the local APIC sees its accesses, and when.
struct ApicFixture : CpuFixture {
    explicit ApicFixture(const Cpus::Options& options = {}) : CpuFixture{1, options} {}

    void mmio_write(std::uint32_t offset, Size, std::uint64_t) override {
        order += offset == LVT_TIMER ? "mode " : "store ";
        stored.push_back(timeline.now().fs);
    }
    bool wrmsr(std::uint32_t msr, std::uint64_t) override {
        order += msr == TSC_DEADLINE ? "deadline " : "msr ";
        return true;
    }
    void select(std::uint64_t mode) { cpus->mmio_write(cpu(), PAGE + LVT_TIMER, Size::B4, mode); }
    void arm() { cpus->wrmsr(cpu(), TSC_DEADLINE, 12345); }
    std::string order_of(const std::function<void()>& between) {
        program[0] = [this, between] {
            work(1'000);
            select(DEADLINE_MODE);
            between();
            arm();
        };
        run();
        return order;
    }
    std::string order;
    std::vector<std::int64_t> stored;
};

/// CPU 1 gets an NMI when CPU 0 writes the x2APIC's ICR, and reads word 0 in its handler.
struct IpiFixture : CpuFixture {
    IpiFixture() : CpuFixture{2} {
        timing.set(Row::MemStoreDrain, RowUnit::CoreCycles, 1'000);  // longer than the IPI's way
        program[1] = [this] { delay(100'000, 1); };
        nmi_handler = [this] { seen = load(0, 1); };
    }
    bool wrmsr(std::uint32_t msr, std::uint64_t) override {
        if (msr == X2APIC_ICR) {
            send_nmi(1);
        }
        return true;
    }
    std::uint64_t seen = 99;
};

}  // namespace

TEST_CASE("the receiver of an x2APIC's IPI misses the store before it, unless MFENCE; LFENCE is between",
          "[LAPIC-17]") {
    const bool fenced = GENERATE(false, true);
    IpiFixture f;
    f.program[0] = [&] {
        f.work(10'000);
        f.store(0, 7);
        if (fenced) {
            f.cpus->fence(f.cpu(), Cycles{1});
        }
        f.cpus->wrmsr(f.cpu(), X2APIC_ICR, 0x4400);
    };
    f.at(1'000 * CpuFixture::CYCLE, [&] { f.cpu(1).sipi(1, {}); });
    f.run();
    CHECK(f.seen == (fenced ? 7 : 0));
}

TEST_CASE("WRMSR of the deadline overtakes the store that selects its mode, whatever is plain between them",
          "[LAPIC-35]") {
    const bool plain = GENERATE(false, true);
    ApicFixture f;
    const std::string order = f.order_of([&] {
        if (plain) {
            f.store(0, 1);
            f.cpus->rdtsc(f.cpu());
        }
    });
    CHECK(order == "deadline mode ");
}

TEST_CASE("MFENCE, a locked operation and another access to a device stand between a store and WRMSR", "[LAPIC-35]") {
    ApicFixture f;
    const std::function<void()> barriers[] = {
        [&] { f.cpus->fence(f.cpu(), Cycles{1}); },
        [&] { f.locked_store(0, 1); },
        [&] { f.cpus->port_in(f.cpu(), 0x61, Size::B1); },
        [&] { f.cpus->mmio_read(f.cpu(), PAGE + LVT_TIMER, Size::B4); },
        [&] { f.cpus->wrmsr(f.cpu(), 0x1b, 0); },
        [&] { f.delay(1); },
    };
    const std::size_t which = GENERATE(range(0, 6));
    CAPTURE(which);
    const std::string order = f.order_of(barriers[which]);
    CHECK(order == (which == 4 ? "mode msr deadline " : "mode deadline "));
}

TEST_CASE("a store that has had the time to become visible is overtaken by nothing", "[LAPIC-35]") {
    const std::int64_t short_of = GENERATE(1, 0);
    ApicFixture f;
    const std::string order = f.order_of([&] { f.work(static_cast<std::uint64_t>(CpuFixture::DRAIN - short_of)); });
    CHECK(order == (short_of == 0 ? "mode deadline " : "deadline mode "));
}

TEST_CASE("an NMI between the store and WRMSR is serialising", "[LAPIC-35]") {
    ApicFixture f;
    f.timing.set(Row::MemStoreDrain, RowUnit::CoreCycles, 1'000'000);
    f.at(1'100 * CpuFixture::CYCLE, [&] { f.send_nmi(); });
    const std::string order = f.order_of([&] { f.work(500); });
    CHECK(f.nmis.size() == 1);
    CHECK(order == "mode deadline ");
}

TEST_CASE("a store that selects another mode, or is to another register, acts where it stands", "[LAPIC-35]") {
    ApicFixture f;
    const bool other_register = GENERATE(false, true);
    f.program[0] = [&] {
        if (other_register) {
            f.cpus->mmio_write(f.cpu(), PAGE + INITIAL_COUNT, Size::B4, DEADLINE_MODE);
        } else {
            f.select(PERIODIC_MODE);
        }
        f.arm();
    };
    f.run();
    CHECK(f.order == (other_register ? "store deadline " : "mode deadline "));
}

TEST_CASE("in x2APIC mode the two WRMSRs stay in their order without a fence", "[LAPIC-35]") {
    ApicFixture f;
    f.program[0] = [&] {
        f.cpus->wrmsr(f.cpu(), X2APIC_LVT_TIMER, DEADLINE_MODE);
        f.arm();
    };
    f.run();
    CHECK(f.order == "msr deadline ");
}

TEST_CASE("a fence behind the store that selects the mode takes no longer than any other", "[LAPIC-35]") {
    ApicFixture f;
    std::int64_t took = 0;
    f.program[0] = [&] {
        f.work(1'000);
        f.select(DEADLINE_MODE);
        took = -f.now();
        f.cpus->fence(f.cpu(), Cycles{3});
        took += f.now();
    };
    f.run();
    CHECK(took == 3 * CpuFixture::CYCLE);
    CHECK(f.stored.size() == 1);
}

TEST_CASE("where each store is visible at once nothing overtakes one", "[LAPIC-35]") {
    Cpus::Options options;
    options.tso = false;
    ApicFixture f{options};
    CHECK(f.order_of([] {}) == "mode deadline ");
}
