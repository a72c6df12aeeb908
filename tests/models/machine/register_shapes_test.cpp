// SPDX-License-Identifier: Apache-2.0
// What `hldsim regs --profile` says is what software on such a machine reads.
#include "models/machine/register_shapes.hpp"

#include "models/amdvi/registers.hpp"
#include "models/hpet/registers.hpp"
#include "models/ioapic/registers.hpp"
#include "models/lapic/msrs.hpp"
#include "models/machine/register_maps.hpp"
#include "models/regs/print.hpp"
#include "models/vtd/registers.hpp"
#include "tests/models/machine/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

namespace {

MachineProfile any_machine() { return MachineFixture{}.wanted; }

/// A machine that software could ask. Made after the shapes: each begins a SystemC kernel of its own.
struct Made : MachineFixture {
    explicit Made(const MachineProfile& profile) {
        wanted = profile;
        make();
    }
};

/// Of the register, without what nobody can read.
std::uint64_t readable_reset(const regs::Register& spec) {
    return spec.reset() & ~(spec.mask(regs::Access::RSVD) | spec.mask(regs::Access::RSVP) |
                            spec.mask(regs::Access::WO) | spec.mask(regs::Access::UNIMPL));
}

bool has(const regs::Shape& shape, const char* name) { return regs::named(shape.map(), name).has_value(); }

const regs::Register& row(const regs::Shape& shape, const char* name) { return *regs::named(shape.map(), name)->spec; }

/// Every register of that shape, instance by instance, against what `peek` reads at its offset.
template <class Peek>
void check_against(const regs::Shape& shape, Peek peek) {
    for (const regs::Register& spec : shape.map()) {
        for (unsigned i = 0; i < spec.repeat.count; ++i) {
            INFO(shape.map().device << " " << regs::instance_name(spec, i));
            CHECK(peek(spec.offset + i * spec.repeat.stride) == readable_reset(spec));
        }
    }
}

}  // namespace

TEST_CASE("the shape of an HPET is what it reads after reset, whatever the chip", "[machine][regs]") {
    for (const HpetProfile& chip : {HpetProfile::pch_100(), HpetProfile::ich7(), HpetProfile::fch()}) {
        MachineProfile wanted = any_machine();
        wanted.hpet = chip;
        const regs::Shape shape = shape_of(hpet::MAP, wanted);
        Made m{wanted};
        check_against(shape, [&](std::uint32_t offset) { return m.machine().hpet.peek(offset); });
    }
}

TEST_CASE("an HPET's shape has a row for each timer that differs, and none beyond the last", "[machine][regs]") {
    MachineProfile wanted = any_machine();
    wanted.hpet = HpetProfile::ich7();
    const regs::Shape shape = shape_of(hpet::MAP, wanted);
    CHECK(has(shape, "TIM2_CONF"));
    CHECK_FALSE(has(shape, "TIM3_CONF"));
    CHECK(row(shape, "GCAP_ID").field("NUM_TIM_CAP").get(row(shape, "GCAP_ID").reset()) == 2);
    CHECK(row(shape, "TIM0_CONF").mask(regs::Access::RO) != row(shape, "TIM1_CONF").mask(regs::Access::RO));
}

TEST_CASE("the shape of a VT-d unit is what it reads after reset", "[machine][regs]") {
    MachineProfile wanted = any_machine();
    wanted.vtd = VtdProfile{};
    wanted.vtd->fault_records = 3;
    wanted.vtd->fault_records_at = 0x300;
    wanted.vtd->esirtps = true;
    wanted.vtd->eim = false;
    const regs::Shape shape = shape_of(vtd::MAP, wanted);
    Made m{wanted};
    check_against(shape, [&](std::uint32_t offset) { return m.machine().vtd()->peek(offset); });
    CHECK(row(shape, "FRCD0_LO").offset == 0x300);
    CHECK(has(shape, "FRCD2_HI"));
    CHECK_FALSE(has(shape, "FRCD3_HI"));
    const regs::Register& irta = row(shape, "IRTA");
    CHECK((irta.mask(regs::Access::RSVD) & irta.field("EIME").mask()) != 0);
}

TEST_CASE("the shape of an AMD unit is what its profile says", "[machine][regs]") {
    MachineProfile wanted = any_machine();
    wanted.amdvi = AmdviProfile{};
    wanted.amdvi->xt = false;
    const regs::Shape shape = shape_of(amdvi::MAP, wanted);
    CHECK(row(shape, "EFR").reset() == wanted.amdvi->efr());
    CHECK_FALSE(has(shape, "XT_INT_CTRL"));
}

TEST_CASE("the shape of an I/O APIC is what its registers read after reset", "[machine][regs]") {
    MachineProfile wanted = any_machine();
    wanted.ioapics.front() = IoapicProfile::i82093aa();
    const regs::Shape shape = shape_of(ioapic::MAP, wanted);
    Made m{wanted};
    m.machine().ioapic().write(0, Size::B4, 1);
    CHECK(m.machine().ioapic().read(0x10, Size::B4) == row(shape, "VER").reset());
    CHECK(row(shape, "VER").reset() == 0x0017'0011);
    CHECK_FALSE(has(shape, "EOIR"));
    CHECK(has(shape, "RTE23"));
    CHECK_FALSE(has(shape, "RTE24"));
}

TEST_CASE("the shape of a local APIC is what its page reads after reset", "[machine][regs]") {
    MachineProfile wanted = any_machine();
    wanted.lapic.version = 0x0005'0010;
    const regs::Shape shape = shape_of(lapic::MAP, wanted);
    Made m{wanted};
    for (const regs::Register& spec : shape.map()) {
        if (lapic::in_xapic(spec.offset) && lapic::masks(spec.offset).readable != 0) {
            INFO(std::string{spec.name});
            CHECK(m.machine().lapic(CPU0).mmio_read(spec.offset, Size::B4) == readable_reset(spec));
        }
    }
    CHECK(has(shape, "LVT_THERMAL"));
    CHECK_FALSE(has(shape, "LVT_CMCI"));
    CHECK_FALSE(has(shape, "LVT_TIMER2"));
}

TEST_CASE("the MSRs of a local APIC are the boot CPU's, and those that the processor has", "[machine][regs]") {
    MachineProfile wanted = any_machine();
    const regs::Shape shape = shape_of(lapic::MSR_MAP, wanted);
    CHECK((has(shape, "IA32_TSC_DEADLINE") && has(shape, "ICR")));
    {
        Made m{wanted};
        std::uint64_t base = 0;
        REQUIRE(m.machine().lapic(CPU0).rdmsr(lapic::IA32_APIC_BASE, base));
        CHECK(row(shape, "IA32_APIC_BASE").reset() == base);
    }
    wanted.lapic.tsc_deadline = false;
    wanted.lapic.x2apic = false;
    const regs::Shape old = shape_of(lapic::MSR_MAP, wanted);
    CHECK_FALSE((has(old, "IA32_TSC_DEADLINE") || has(old, "ICR")));
}

TEST_CASE("what no profile decides has the shape of its map", "[machine][regs]") {
    for (const regs::Map* const map : register_maps()) {
        const std::string_view device = map->device;
        if (device == "pic" || device == "pit" || device == "chipset" || device == "pmu" || device == "msi") {
            CHECK(regs::to_markdown(shape_of(*map, any_machine()).map()) == regs::to_markdown(*map));
        }
    }
}
