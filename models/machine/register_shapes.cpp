// SPDX-License-Identifier: Apache-2.0
#include "models/machine/register_shapes.hpp"

#include "models/base/choice.hpp"
#include "models/lapic/msrs.hpp"
#include "models/lapic/registers.hpp"
#include "models/machine/machine.hpp"
#include "models/sim/session.hpp"

namespace hldsim {

namespace {

using regs::Register;
using regs::Shape;

Shape as_it_is(const regs::Map& map) {
    return Shape{map, [](const Register& spec, unsigned) { return Shape::Instance{true, spec.reset()}; }};
}

Shape shape_of(const Lapic& lapic, const LapicProfile& profile) {
    return Shape{lapic::MAP, [&](const Register& spec, unsigned) {
                     const bool version = spec.offset == lapic::VERSION;
                     return Shape::Instance{lapic.implements(spec.offset), version ? profile.version : spec.reset()};
                 }};
}

// IA32_APIC_BASE says which CPU boots. The other MSRs are those of processors that have them.
Shape shape_of_msrs(Lapic& lapic, const LapicProfile& profile) {
    return Shape{lapic::MSR_MAP, [&](const Register& spec, unsigned) {
                     std::uint64_t value = spec.reset();
                     if (spec.name == "IA32_APIC_BASE") {
                         lapic.rdmsr(lapic::IA32_APIC_BASE, value);
                         return Shape::Instance{true, value};
                     }
                     const bool deadline = spec.name == "IA32_TSC_DEADLINE";
                     return Shape::Instance{deadline ? profile.tsc_deadline : profile.x2apic, value};
                 }};
}

// CAP.FRO says where the fault records are; the map has them where the default profile has.
Shape shape_of(const Vtd& vtd) {
    const regs::File& file = vtd.registers();
    const std::uint32_t moved = vtd.profile().fault_records_at - VtdProfile{}.fault_records_at;
    return Shape{
        file.map(), [&file, moved](const Register& spec, unsigned instance) {
            const regs::File::Slot slot = file.slot(spec.name, instance);
            const bool record = spec.name == "FRCDn_LO" || spec.name == "FRCDn_HI";
            return Shape::Instance{file.present(slot), file.reset_value(slot), &file, slot, record ? moved : 0};
        }};
}

}  // namespace

Shape shape_of(const regs::Map& map, const MachineProfile& profile) {
    const sim::Session session;
    DefaultChoice choices;
    cpu::Cpus::Options options;
    options.count = 1;
    Machine machine{profile, options, choices};
    if (map.device == machine.hpet.registers().map().device) {
        return Shape{machine.hpet.registers()};
    }
    if (map.device == machine.ioapic().registers().map().device) {
        return Shape{machine.ioapic().registers()};
    }
    if (map.device == lapic::MAP.device) {
        return shape_of(machine.lapic(CpuNumber{0}), profile.lapic);
    }
    if (map.device == lapic::MSR_MAP.device) {
        return shape_of_msrs(machine.lapic(CpuNumber{0}), profile.lapic);
    }
    if (machine.vtd() != nullptr && map.device == machine.vtd()->registers().map().device) {
        return shape_of(*machine.vtd());
    }
    if (machine.amdvi() != nullptr && map.device == machine.amdvi()->registers().map().device) {
        return Shape{machine.amdvi()->registers()};
    }
    return as_it_is(map);
}

}  // namespace hldsim
