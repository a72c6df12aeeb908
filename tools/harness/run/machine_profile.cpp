// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/run/machine_profile.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/limits.hpp"
#include "tools/harness/diagnostic/diagnostic.hpp"

namespace hldsim::run {

namespace {

HpetProfile chip_named(const std::string& name) {
    if (name == "pch") {
        return HpetProfile::pch();
    }
    if (name == "ich10") {
        return HpetProfile::ich10();
    }
    if (name == "ich7") {
        return HpetProfile::ich7();
    }
    if (name == "fch") {
        return HpetProfile::fch();
    }
    return name == "qemu-q35" ? HpetProfile::qemu_q35() : HpetProfile::pch_100();
}

/// Fewer than the part has, or more: these are as its last one, each with a function of that device.
void set_timers(HpetProfile& hpet, std::int64_t count) {
    constexpr std::uint16_t FUNCTION = 7;
    if (count < 0 || count > static_cast<std::int64_t>(limits::HPET_TIMERS)) {
        throw std::invalid_argument("3 to 32 timers, or 0 (IA-PC HPET 1.0a, 2.2, 2.3.4)");
    }
    while (count != 0 && hpet.timers.size() > static_cast<std::size_t>(count)) {
        hpet.timers.pop_back();
    }
    while (hpet.timers.size() < static_cast<std::size_t>(count)) {
        HpetTimerProfile timer = hpet.timers.back();
        const std::uint16_t device = timer.requester.value & ~FUNCTION;
        const bool each = timer.requester.value != hpet.timers.front().requester.value;
        timer.requester.value = each ? device | (hpet.timers.size() & FUNCTION) : timer.requester.value;
        hpet.timers.push_back(timer);
    }
}

HpetProfile hpet_profile(const profile::Profile& p) {
    HpetProfile hpet = chip_named(p.word("hpet.chip"));
    set_timers(hpet, p.number("hpet.timers"));
    hpet.period = p.hpet_period;
    hpet.drift_ppm = static_cast<std::int32_t>(p.number("hpet.drift_ppm"));
    hpet.phase = p.duration("hpet.phase");
    hpet.edge_pulse = p.duration("hpet.edge_pulse");
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
    hpet.legacy_needs_enable = p.flag("hpet.legacy_needs_enable");
    hpet.comp_readback_stale = static_cast<unsigned>(p.number("hpet.comp_readback_stale"));
    hpet.first_reads_ones = static_cast<unsigned>(p.number("hpet.first_reads_ones"));
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
    if (p.word("fabric.delivery_encoding") == "hypertransport") {
        fabric.delivery_encoding = DeliveryEncoding::Hypertransport;
    }
    return fabric;
}

// The chipset's own, and further ones as servers have one for each of their I/O stacks.
std::vector<IoapicProfile> ioapic_profiles(const profile::Profile& p) {
    const std::string& chip = p.word("ioapic.chip");
    IoapicProfile first = chip == "ich"       ? IoapicProfile::ich()
                          : chip == "82093aa" ? IoapicProfile::i82093aa()
                          : chip == "fch"     ? IoapicProfile::fch()
                                              : IoapicProfile::pch_100();
    first.intpol_change_is_edge = p.flag("ioapic.intpol_change_is_edge");
    first.send_delay = p.duration("ioapic.send_delay");
    first.lowest_priority_hint = p.flag("ioapic.lowest_priority_hint");
    first.level_as_edge_once = p.flag("ioapic.level_as_edge_once");
    IoapicProfile further = first;
    if (const std::int64_t pins = p.number("ioapic.pins"); pins != 0) {
        first.pins = static_cast<unsigned>(std::clamp<std::int64_t>(pins, 0, limits::CPUS));
        // I-4: eight bits of IOREGSEL reach the entries of 120 inputs.
        constexpr unsigned REACHED_BY_8_BITS = 120;
        first.index_bits = first.pins > REACHED_BY_8_BITS ? 9 : first.index_bits;
    }
    further.pins = 8;
    std::vector<IoapicProfile> all{first};
    const std::int64_t more = p.number("ioapic.more");
    if (more < 0 || more > static_cast<std::int64_t>(limits::MORE_IOAPICS)) {
        throw std::invalid_argument("0 to 16 further I/O APICs");
    }
    all.insert(all.end(), static_cast<std::size_t>(more), further);
    for (std::size_t n = 0; n < all.size(); ++n) {
        all[n].requester.value = static_cast<std::uint16_t>(all[n].requester.value + n);
        all[n].validate();
    }
    return all;
}

LapicProfile lapic_profile(const profile::Profile& p) {
    LapicProfile lapic;
    lapic.tsc_deadline = p.flag("lapic.tsc_deadline");
    lapic.always_running_timer = p.flag("lapic.always_running_timer");
    if (const std::int64_t clock = p.number("lapic.timer_clock"); clock != 0) {
        lapic.timer_clock = Hertz{static_cast<std::uint64_t>(clock), 1};
    }
    lapic.physical_address_bits = static_cast<unsigned>(p.number("lapic.physical_address_bits"));
    lapic.fire_after_mask = p.flag("lapic.fire_after_mask");
    constexpr std::uint32_t EOI_SUPPRESSION = 1U << 24;  // VERSION; SDM vol. 3A, 10.4.8
    constexpr std::uint32_t VERSION_NUMBER = 0xff;
    lapic.version = (lapic.version & ~VERSION_NUMBER) | static_cast<std::uint32_t>(p.number("lapic.version"));
    lapic.max_lvt_entry(static_cast<unsigned>(p.number("lapic.max_lvt_entry")));
    if (!p.flag("lapic.eoi_suppression")) {
        lapic.version &= ~EOI_SUPPRESSION;
    }
    const std::string& soft_disabled = p.word("lapic.nmi_when_soft_disabled");
    lapic.nmi_when_soft_disabled = soft_disabled == "wake-only" ? NmiWhenSoftDisabled::WakeOnly
                                   : soft_disabled == "drop"    ? NmiWhenSoftDisabled::Drop
                                                                : NmiWhenSoftDisabled::Handle;
    if (p.word("lapic.ipi_delivery_status") == "immediate") {
        lapic.ipi_delivery_status = IpiDeliveryStatus::Immediate;
    }
    if (p.word("lapic.dead_page_reads") == "zero") {
        lapic.dead_page_reads = DeadPageReads::Zero;
    }
    lapic.xapic_id_writable = p.flag("lapic.xapic_id_writable");
    lapic.flat_broadcast_needs_ldr = p.flag("lapic.flat_broadcast_needs_ldr");
    lapic.x2apic_takes_narrow_broadcast = p.flag("lapic.x2apic_takes_narrow_broadcast");
    lapic.x2apic_lowest_priority_ipi = p.flag("lapic.x2apic_lowest_priority_ipi");
    lapic.ppr_subclass_zero_on_tie = p.flag("lapic.ppr_subclass_zero_on_tie");
    lapic.initial_count_zero_in_deadline = p.flag("lapic.initial_count_zero_in_deadline");
    lapic.pmi_masks_itself = p.flag("lapic.pmi_masks_itself");
    lapic.illegal_lvt_vector_at_once = p.flag("lapic.illegal_lvt_vector_at_once");
    lapic.nmi_to_self = p.flag("lapic.nmi_to_self");
    if (p.word("lapic.divide_change") == "at-once") {
        lapic.divide_change = DivideChange::AtOnce;
    }
    const std::string& dual = p.word("lapic.dual_timer");
    lapic.dual_timer.independent_count = dual != "none";
    lapic.dual_timer.timer2_delivery_mode = dual == "nmi" || dual == "nmi-reason";
    lapic.dual_timer.timer2_reason = dual == "nmi-reason";
    lapic.validate();
    return lapic;
}

std::optional<VtdCommand> stuck_command(const std::string& word) {
    constexpr std::pair<std::string_view, VtdCommand> COMMANDS[] = {
        {"qie", VtdCommand::Qie}, {"sirtp", VtdCommand::Sirtp}, {"cfi", VtdCommand::Cfi},
        {"ire", VtdCommand::Ire}, {"srtp", VtdCommand::Srtp},   {"te", VtdCommand::Te},
    };
    for (const auto& [name, command] : COMMANDS) {
        if (word == name) {
            return command;
        }
    }
    return std::nullopt;
}

VtdProfile vtd_profile(const profile::Profile& p) {
    VtdProfile vtd;
    vtd.iec_entries = static_cast<unsigned>(p.number("vtd.iec_entries"));
    vtd.iec_ways = static_cast<unsigned>(p.number("vtd.iec_ways"));
    vtd.host_address_width = static_cast<unsigned>(p.number("vtd.host_address_width"));
    vtd.fault_records_at = static_cast<std::uint32_t>(p.number("vtd.fault_records_at"));
    vtd.fault_records = static_cast<unsigned>(p.number("vtd.fault_records"));
    vtd.version_major = static_cast<unsigned>(p.number("vtd.version"));
    vtd.eim = p.flag("vtd.eim");
    vtd.max_index_mask = static_cast<unsigned>(p.number("vtd.max_index_mask"));
    vtd.esirtps = p.flag("vtd.esirtps");
    vtd.posted_interrupts = p.flag("vtd.posted_interrupts");
    vtd.eim_required = p.flag("vtd.eim_required");
    vtd.ir_required = p.flag("vtd.ir_required");
    vtd.caching_mode = p.flag("vtd.caching_mode");
    const auto other = [&](const char* knob, const char* word) { return p.word(knob) == word; };
    vtd.read_completion_pushes =
        other("vtd.read_completion_pushes", "apic") ? ReadCompletionPushes::Apic : ReadCompletionPushes::Unit;
    vtd.drains = other("vtd.drains", "unit") ? Drains::Unit : Drains::Apic;
    vtd.check_order = other("vtd.check_order", "reserved-first") ? CheckOrder::ReservedFirst : CheckOrder::Spec;
    vtd.reserved_svt = other("vtd.reserved_svt", "24h") ? ReservedSvt::ReservedField : ReservedSvt::SourceId;
    vtd.reserved_mode = other("vtd.reserved_mode", "nothing") ? ReservedMode::Nothing : ReservedMode::Fault;
    vtd.mask_too_large = other("vtd.mask_too_large", "error") ? MaskTooLarge::Error : MaskTooLarge::Global;
    vtd.bad_size_reads = other("vtd.bad_size_reads", "zero") ? BadSizeReads::Zero : BadSizeReads::Ones;
    vtd.ire_off_drains = p.flag("vtd.ire_off_drains");
    vtd.nmi_forwards_vector = p.flag("vtd.nmi_forwards_vector");
    vtd.nmi_honours_hint = p.flag("vtd.nmi_honours_hint");
    vtd.smi_and_init = p.flag("vtd.smi_and_init");
    vtd.malformed_write_faults = p.flag("vtd.malformed_write_faults");
    vtd.compress_faults = p.flag("vtd.compress_faults");
    vtd.gcmd_stuck = stuck_command(p.word("vtd.gcmd_stuck"));
    vtd.validate();
    return vtd;
}

cpu::CpuProfile cpu_profile(const profile::Profile& p) {
    cpu::CpuProfile cpu;
    cpu.wfs_nmi_latches = p.flag("cpu.wfs_nmi_latches");
    cpu.init_clears_nmi = p.flag("cpu.init_clears_nmi");
    cpu.smm_keeps_nmi_blocking = p.flag("smm.keeps_nmi_blocking");
    cpu.smi_rendezvous = p.flag("smi.rendezvous");
    cpu.sti_holds_nmi = p.flag("cpu.nmi_blocked_by_sti");
    cpu.fred = p.flag("cpu.fred");
    cpu.nmi_source = p.flag("cpu.nmi_source");
    cpu.validate();
    return cpu;
}

AmdviProfile amdvi_profile(const profile::Profile& p) {
    AmdviProfile amdvi;
    amdvi.ga = p.flag("amdvi.ga");
    amdvi.xt = p.flag("amdvi.xt");
    amdvi.device_entries = static_cast<unsigned>(p.number("amdvi.device_entries"));
    amdvi.iec_entries = static_cast<unsigned>(p.number("vtd.iec_entries"));
    amdvi.iec_ways = static_cast<unsigned>(p.number("vtd.iec_ways"));
    amdvi.np_cache = p.flag("vtd.caching_mode");
    amdvi.read_completion_pushes =
        p.word("vtd.read_completion_pushes") == "apic" ? ReadCompletionPushes::Apic : ReadCompletionPushes::Unit;
    amdvi.drains = p.word("vtd.drains") == "unit" ? Drains::Unit : Drains::Apic;
    amdvi.bad_size_reads = p.word("vtd.bad_size_reads") == "zero" ? BadSizeReads::Zero : BadSizeReads::Ones;
    amdvi.aborts_are_logged = p.flag("amdvi.aborts_are_logged");
    amdvi.pass_needs_physical = p.flag("amdvi.pass_needs_physical");
    amdvi.validate();
    return amdvi;
}

void send_as(MachineProfile& machine, RequesterId requester) {
    for (auto& timer : machine.hpet.timers) {
        timer.requester = requester;
    }
}

/// In an AMD machine the HPET and the I/O APIC of the FCH send as its function 14.0; the IVRS table says so.
void send_as_fch(MachineProfile& machine) {
    constexpr RequesterId FCH{0x00a0};  // 00:14.0
    send_as(machine, FCH);
    machine.ioapics.front().requester = FCH;
}

/// The part of the machine that `build` makes of the knobs that begin so. What it cannot be is the user's error, at the
/// knob that the scenario set.
template <class Build>
auto checked(const profile::Profile& p, std::initializer_list<std::string_view> prefixes, Build build) {
    try {
        return build(p);
    } catch (const std::invalid_argument& problem) {
        diagnostic::Mark mark;
        for (const auto& [knob, provenance] : p.knob_provenance) {
            const bool concerned = std::any_of(
                prefixes.begin(), prefixes.end(),
                [name = std::string_view{knob}](auto prefix) { return name.substr(0, prefix.size()) == prefix; });
            if (provenance.grade == '=' && concerned) {
                mark = provenance.mark;
            }
        }
        throw diagnostic::Error{
            diagnostic::Error::Parts{mark, "profile '" + p.name + "'", problem.what(), {}, "what a machine can have"}};
    }
}

}  // namespace

std::uint16_t hpet_source_id(const profile::Profile& p, const HpetProfile& hpet) {
    const std::string& scope = p.word("dmar.hpet_scope");
    constexpr std::uint16_t OTHER_DEVICE = 0x0008;  // 00:01.0
    return scope == "absent" ? 0 : scope == "wrong" ? OTHER_DEVICE : hpet.timers.front().requester.value;
}

MachineProfile machine_profile(const profile::Profile& p, bool x2apic, scenario::Remapping remapping) {
    PicProfile pic;
    pic.edge_follows_line = p.flag("pic.edge_follows_line");
    MachineProfile machine{
        p.timing,
        checked(p, {"hpet."}, hpet_profile),
        fabric_profile(p),
        checked(p, {"lapic."}, lapic_profile),
        checked(p, {"cpu."}, cpu_profile),
        x2apic,
        checked(p, {"ioapic."}, ioapic_profiles),
        pic,
        {p.duration("chipset.refresh")},
        p.duration("hpet.access_smi"),
    };
    if (const std::string& requester = p.word("hpet.requester"); requester != "each") {
        send_as(machine,
                requester == "first" ? machine.hpet.timers.front().requester : machine.ioapics.front().requester);
    }
    if (remapping == scenario::Remapping::Vtd) {
        machine.vtd = checked(p, {"vtd."}, vtd_profile);
    } else if (remapping == scenario::Remapping::Amd) {
        machine.amdvi = checked(p, {"amdvi.", "vtd."}, amdvi_profile);
        send_as_fch(machine);
    }
    return machine;
}

}  // namespace hldsim::run
