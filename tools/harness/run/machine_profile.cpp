// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/run/machine_profile.hpp"

#include <string>

namespace hldsim::run {

namespace {

HpetProfile chip_named(const std::string& name) {
    if (name == "pch") {
        return HpetProfile::pch();
    }
    if (name == "ich7") {
        return HpetProfile::ich7();
    }
    return name == "qemu-q35" ? HpetProfile::qemu_q35() : HpetProfile::pch_100();
}

HpetProfile hpet_profile(const profile::Profile& p) {
    HpetProfile hpet = chip_named(p.word("hpet.chip"));
    hpet.period = p.hpet_period;
    hpet.drift_ppm = static_cast<std::int32_t>(p.number("hpet.drift_ppm"));
    hpet.sync_hz = static_cast<std::uint64_t>(p.number("hpet.sync_hz"));
    hpet.enable_sync_edges = static_cast<std::uint64_t>(p.number("hpet.enable_sync_edges"));
    const bool ticks = p.timing.unit(Row::HpetMatchToMsi) == RowUnit::HpetTicks;
    hpet.match_to_msi_ticks = ticks ? static_cast<std::uint64_t>(p.timing.amount(Row::HpetMatchToMsi)) : 0;
    hpet.match_to_msi = ticks ? Duration{} : p.timing.duration(Row::HpetMatchToMsi);
    hpet.comparator_effective = static_cast<std::uint64_t>(p.timing.amount(Row::HpetComparatorEffective));
    if (p.word("hpet.counter_write_running") == "ignore") {
        hpet.counter_write_running = HpetProfile::CounterWrite::Ignore;
    }
    if (p.word("hpet.oneshot32_wrap") == "at-wrap") {
        hpet.oneshot32_wrap = HpetProfile::OneShotWrap::AtWrap;
    }
    hpet.valset_loads_period = p.flag("hpet.valset_loads_period");
    if (p.word("hpet.valset_reads") == "zero") {
        hpet.valset_reads = HpetProfile::ValSetReads::Zero;
    }
    hpet.legacy_beats_fsb = p.flag("hpet.legacy_beats_fsb");
    hpet.fsb_level_sets_status = p.flag("hpet.fsb_level_sets_status");
    hpet.split64 = p.flag("hpet.split64");
    hpet.split64_gap = p.duration("hpet.split64_gap");
    if (p.word("hpet.route_check") == "warl") {
        hpet.route_check = HpetProfile::RouteCheck::Warl;
    }
    hpet.read_flushes_match = p.flag("hpet.read_flushes_match");
    hpet.comp_readback_stale = static_cast<unsigned>(p.number("hpet.comp_readback_stale"));
    hpet.halts_in_pc10 = p.flag("hpet.halts_in_pc10");
    hpet.latch_while_disabled = p.flag("hpet.latch_while_disabled");
    hpet.valset_gap = p.duration("hpet.valset_gap");
    if (p.word("hpet.valset_gap_effect") == "loads-accumulator") {
        hpet.valset_gap_effect = HpetProfile::ValSetGap::LoadsAccumulator;
    }
    hpet.validate();
    return hpet;
}

FabricProfile fabric_profile(const profile::Profile& p) {
    FabricProfile fabric;
    if (p.word("fabric.format1_without_ir") == "drop") {
        fabric.format1_without_ir = FormatBit::Drop;
    }
    fabric.extended_destination_id = p.flag("fabric.extended_destination_id");
    if (p.word("fabric.arbiter") == "rotating") {
        fabric.arbiter = Arbiter::Rotating;
    }
    return fabric;
}

LapicProfile lapic_profile(const profile::Profile& p) {
    LapicProfile lapic;
    lapic.tsc_deadline = p.flag("lapic.tsc_deadline");
    lapic.always_running_timer = p.flag("lapic.always_running_timer");
    const std::string& soft_disabled = p.word("lapic.nmi_when_soft_disabled");
    lapic.nmi_when_soft_disabled = soft_disabled == "wake-only" ? NmiWhenSoftDisabled::WakeOnly
                                   : soft_disabled == "drop"    ? NmiWhenSoftDisabled::Drop
                                                                : NmiWhenSoftDisabled::Handle;
    if (p.word("lapic.ipi_delivery_status") == "immediate") {
        lapic.ipi_delivery_status = IpiDeliveryStatus::Immediate;
    }
    lapic.xapic_id_writable = p.flag("lapic.xapic_id_writable");
    lapic.flat_broadcast_needs_ldr = p.flag("lapic.flat_broadcast_needs_ldr");
    lapic.x2apic_takes_narrow_broadcast = p.flag("lapic.x2apic_takes_narrow_broadcast");
    lapic.x2apic_lowest_priority_ipi = p.flag("lapic.x2apic_lowest_priority_ipi");
    lapic.ppr_subclass_zero_on_tie = p.flag("lapic.ppr_subclass_zero_on_tie");
    lapic.initial_count_zero_in_deadline = p.flag("lapic.initial_count_zero_in_deadline");
    lapic.pmi_masks_itself = p.flag("lapic.pmi_masks_itself");
    lapic.illegal_lvt_vector_at_once = p.flag("lapic.illegal_lvt_vector_at_once");
    const std::string& dual = p.word("lapic.dual_timer");
    lapic.dual_timer.independent_count = dual != "none";
    lapic.dual_timer.timer2_delivery_mode = dual == "nmi" || dual == "nmi-reason";
    lapic.dual_timer.timer2_reason = dual == "nmi-reason";
    return lapic;
}

}  // namespace

MachineProfile machine_profile(const profile::Profile& p, bool x2apic) {
    cpu::CpuProfile cpu;
    cpu.wfs_nmi_latches = p.flag("cpu.wfs_nmi_latches");
    cpu.init_clears_nmi = p.flag("cpu.init_clears_nmi");
    cpu.smm_keeps_nmi_blocking = p.flag("smm.keeps_nmi_blocking");
    return {p.timing, hpet_profile(p), fabric_profile(p), lapic_profile(p), cpu, x2apic};
}

}  // namespace hldsim::run
