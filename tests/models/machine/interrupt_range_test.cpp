// SPDX-License-Identifier: Apache-2.0
// Devices of a machine that read and write at FEEx_xxxxh: remapping units whose software gives them addresses there, at
// which the CPUs have their local APICs.
#include <cstring>

#include "tests/models/machine/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

/// CPU 0 has given the queue of its VT-d unit one descriptor; `ram` is the queue, if that is in memory.
struct RangeFixture : MachineFixture {
    static constexpr std::uint64_t QUEUE = 0x10'0000, APIC_PAGE = 0xfee0'0000;
    static constexpr std::uint32_t GCMD = 0x18, FSTS = 0x34, IQT = 0x88, IQA = 0x90, IRTA = 0xb8, IQERCD = 0xb0;
    static constexpr std::uint32_t QIE = 1U << 26, IRE = 1U << 25, SIRTP = 1U << 24, IQE = 1U << 4;
    static constexpr std::uint64_t WAIT = 5, STATUS_WRITE = 1U << 5;

    RangeFixture() : MachineFixture{"server-2018", 1} { wanted.vtd = VtdProfile{}; }

    void vtd(std::uint32_t offset, std::uint64_t value, Size size = Size::B4) {
        write(0, Machine::VTD_BASE + offset, value, size);
    }
    std::uint64_t vtd(std::uint32_t offset, Size size = Size::B4) { return read(0, Machine::VTD_BASE + offset, size); }
    void start_queue(std::uint64_t at, unsigned bytes) {
        vtd(IQT, 0, Size::B8);
        vtd(IQA, at, Size::B8);
        vtd(GCMD, QIE);
        vtd(IQT, bytes, Size::B8);
        spend(0, 100_us);
    }
    void build() {
        make();
        machine().connect_memory(QUEUE, ram.data(), ram.size());
        machine().lapic(CPU0).access_diagnosed.subscribe([this](const auto&) { ++apic_accesses; });
        machine().vtd()->request_blocked.subscribe(
            [this](const vtd::RequestBlocked& b) { blocked.push_back(b.reason); });
    }

    std::vector<char> ram = std::vector<char>(0x1000);
    std::vector<vtd::Reason> blocked;
    unsigned apic_accesses = 0;
};

}  // namespace

TEST_CASE("a queue at FEEx_xxxxh is read from no local APIC: a descriptor that cannot be fetched",
          "[machine][M-2][VTD-24]") {
    RangeFixture f;
    std::uint64_t error = 0;
    std::uint64_t information = 0;
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.start_queue(RangeFixture::APIC_PAGE, 16);
        error = f.vtd(RangeFixture::FSTS) & RangeFixture::IQE;
        information = f.vtd(RangeFixture::IQERCD, Size::B8) & 0xf;
    };
    f.build();
    f.run(Instant{} + 1_ms);
    CHECK(error != 0);
    CHECK(information == 2);
    CHECK(f.apic_accesses == 0);
}

TEST_CASE("an interrupt remapping table at FEEx_xxxxh is read from no local APIC: a fault of the table",
          "[machine][M-2][VTD-16]") {
    RangeFixture f;
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.vtd(RangeFixture::IRTA, RangeFixture::APIC_PAGE | 7, Size::B8);
        f.vtd(RangeFixture::GCMD, RangeFixture::SIRTP);
        f.spend(0, 10_us);
        f.vtd(RangeFixture::GCMD, RangeFixture::IRE);
        f.spend(0, 10_us);
        f.hpet(0x110, 0xfee0'0018ULL << 32U, Size::B8);  // entry 0
        f.hpet(0x108, 100, Size::B8);
        f.hpet(0x100, RangeFixture::INT_ENB | RangeFixture::FSB);
        f.hpet(0x010, RangeFixture::ENABLE);
        f.spend(0, 100_us);
    };
    f.build();
    f.run(Instant{} + 1_ms);
    CHECK(f.blocked == std::vector{vtd::Reason::TableRead});
    CHECK(f.nmis.empty());
    CHECK(f.apic_accesses == 0);
}

TEST_CASE("the status of a wait to the ICR's address is no IPI, nor any interrupt", "[machine][M-2][VTD-28]") {
    RangeFixture f;
    constexpr std::uint64_t SELF_NMI = 1U << 18 | 4U << 8;
    const std::uint64_t wait[] = {RangeFixture::WAIT | RangeFixture::STATUS_WRITE | SELF_NMI << 32U,
                                  RangeFixture::APIC_PAGE + RangeFixture::ICR_LOW};
    std::memcpy(f.ram.data(), wait, sizeof wait);
    std::uint64_t icr = ~std::uint64_t{0};
    f.programs[0] = [&] {
        f.enable_apic(0);
        f.start_queue(RangeFixture::QUEUE, 16);
        f.machine().cpus.rdmsr(f.cpu(0), lapic::x2apic_msr(RangeFixture::ICR_LOW), icr);
    };
    f.build();
    f.run(Instant{} + 1_ms);
    CHECK(icr == 0);
    CHECK(f.nmis.empty());
    CHECK(f.apic_accesses == 0);
}
