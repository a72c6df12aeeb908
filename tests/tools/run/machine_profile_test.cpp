// SPDX-License-Identifier: Apache-2.0
// From the knobs of a profile to what the models take: a row for each knob, with a value that is not the default.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tools/harness/profile/knobs.hpp"
#include "tools/harness/run/machine_profile.hpp"
#include "tools/harness/run/pinned_choices.hpp"

using namespace hldsim;
using scenario::Remapping;

namespace {

const std::string PROFILES = std::string{HLDSIM_SOURCE_DIR} + "/scenarios/profiles";

/// All that a profile becomes: the machine with either remapping unit, and what firmware tells.
struct Built {
    explicit Built(const profile::Profile& p)
        : machine{run::machine_profile(p, false, Remapping::Vtd)},
          hpet{machine.hpet},
          fabric{machine.fabric},
          lapic{machine.lapic},
          cpu{machine.cpu},
          ioapics{machine.ioapics},
          vtd{*machine.vtd},
          amdvi{*run::machine_profile(p, false, Remapping::Amd).amdvi},
          hpet_source_id{run::hpet_source_id(p, machine.hpet)} {}

    MachineProfile machine;
    HpetProfile hpet;
    FabricProfile fabric;
    LapicProfile lapic;
    cpu::CpuProfile cpu;
    std::vector<IoapicProfile> ioapics;
    VtdProfile vtd;
    AmdviProfile amdvi;
    std::uint16_t hpet_source_id;
};

std::string text(Duration value) { return std::to_string(value.fs) + " fs"; }
std::string text(bool value) { return value ? "true" : "false"; }
template <class Number>
std::string text(Number value) {
    return std::to_string(static_cast<std::int64_t>(value));
}
template <class Value>
std::string text(const std::optional<Value>& value) {
    return value ? text(*value) : "none";
}

struct Wire {
    std::string knob;
    std::string value;
    std::string (*field)(const Built&);
    std::string before;  // what the field is in desktop-2018
    std::string after;   // with the knob at that value
};

Built built(const std::vector<Wire>& settings) {
    scenario::Machine machine;
    machine.profile = {"desktop-2018", {}};
    for (const Wire& wire : settings) {
        machine.set.push_back({wire.knob, wire.value, {}, {}});
    }
    return Built{profile::load(machine, PROFILES)};
}

/// A field that `knob` may change.
#define FIELD(expression) [](const Built& b) { return text(b.expression); }

const std::string YES = "true";
const std::string NO = "false";
const std::string NOTHING = "0 fs";

const std::vector<Wire> TIMER = {
    {"hpet.chip", "ich7", FIELD(hpet.timers.size()), "8", "3"},
    {"hpet.chip", "ich10", FIELD(hpet.timers.size()), "8", "4"},
    {"hpet.chip", "fch", FIELD(hpet.wide_counter), YES, NO},
    {"hpet.chip", "qemu-q35", FIELD(hpet.timers.back().periodic), NO, YES},
    {"hpet.drift_ppm", "-20", FIELD(hpet.drift_ppm), "0", "-20"},
    {"hpet.phase", "7 ns", FIELD(hpet.phase), NOTHING, "7000000 fs"},
    {"hpet.sync_hz", "100000000", FIELD(hpet.sync_hz), "0", "100000000"},
    {"hpet.enable_sync_edges", "2", FIELD(hpet.enable_sync_edges), "0", "2"},
    {"hpet.counter_write_running", "ignore", FIELD(hpet.counter_write_running), text(HpetProfile::CounterWrite::Load),
     text(HpetProfile::CounterWrite::Ignore)},
    {"hpet.oneshot32_wrap", "at-wrap", FIELD(hpet.oneshot32_wrap), text(HpetProfile::OneShotWrap::Rematch),
     text(HpetProfile::OneShotWrap::AtWrap)},
    {"hpet.valset_loads_period", "false", FIELD(hpet.valset_loads_period), YES, NO},
    {"hpet.valset_reads", "zero", FIELD(hpet.valset_reads), text(HpetProfile::ValSetReads::Pending),
     text(HpetProfile::ValSetReads::Zero)},
    {"hpet.legacy_beats_fsb", "true", FIELD(hpet.legacy_beats_fsb), NO, YES},
    {"hpet.edge_pulse", "8 ns", FIELD(hpet.edge_pulse), NOTHING, "8000000 fs"},
    {"hpet.fsb_level_sets_status", "true", FIELD(hpet.fsb_level_sets_status), NO, YES},
    {"hpet.split64", "true", FIELD(hpet.split64), NO, YES},
    {"hpet.split64_gap", "9 ns", FIELD(hpet.split64_gap), NOTHING, "9000000 fs"},
    {"hpet.route_check", "warl", FIELD(hpet.route_check), text(HpetProfile::RouteCheck::Store),
     text(HpetProfile::RouteCheck::Warl)},
    {"hpet.read_flushes_match", "false", FIELD(hpet.read_flushes_match), YES, NO},
    {"hpet.comp_readback_stale", "3", FIELD(hpet.comp_readback_stale), "0", "3"},
    {"hpet.halts_in_pc10", "true", FIELD(hpet.halts_in_pc10), NO, YES},
    {"hpet.legacy_needs_enable", "true", FIELD(hpet.legacy_needs_enable), NO, YES},
    {"hpet.timers", "32", FIELD(hpet.timers.size()), "8", "32"},
    {"hpet.timers", "3", FIELD(hpet.timers.size()), "8", "3"},
    {"hpet.requester", "first", FIELD(machine.hpet.timers.back().requester.value), "64127", "64120"},   // FA:0F.7, .0
    {"hpet.requester", "ioapic", FIELD(machine.hpet.timers.back().requester.value), "64127", "64248"},  // FA:1F.0
    {"hpet.first_reads_ones", "3", FIELD(hpet.first_reads_ones), "0", "3"},
    {"hpet.access_smi", "1 ms", FIELD(machine.hpet_access_smi), NOTHING, "1000000000000 fs"},
    {"hpet.latch_while_disabled", "true", FIELD(hpet.latch_while_disabled), NO, YES},
    {"hpet.valset_gap", "5 ns", FIELD(hpet.valset_gap), NOTHING, "5000000 fs"},
    {"hpet.valset_gap_effect", "loads-accumulator", FIELD(hpet.valset_gap_effect), text(HpetProfile::ValSetGap::Lost),
     text(HpetProfile::ValSetGap::LoadsAccumulator)},
};

const std::vector<Wire> CHIPSET = {
    {"fabric.format1_without_ir", "drop", FIELD(fabric.format1_without_ir), text(FormatBit::Deliver),
     text(FormatBit::Drop)},
    {"fabric.extended_destination_id", "true", FIELD(fabric.extended_destination_id), NO, YES},
    {"fabric.arbiter", "rotating", FIELD(fabric.arbiter), text(Arbiter::LowestPpr), text(Arbiter::Rotating)},
    {"fabric.delivery_encoding", "hypertransport", FIELD(fabric.delivery_encoding), text(DeliveryEncoding::Apic),
     text(DeliveryEncoding::Hypertransport)},
    {"dmar.hpet_scope", "absent", FIELD(hpet_source_id), "64120", "0"},  // FA78h, FA:0F.0
    {"dmar.hpet_scope", "wrong", FIELD(hpet_source_id), "64120", "8"},
    {"ioapic.chip", "ich", FIELD(ioapics.front().pins), "120", "24"},
    {"ioapic.chip", "82093aa", FIELD(ioapics.front().version), "32", "17"},
    {"ioapic.chip", "fch", FIELD(ioapics.front().version), "32", "33"},
    {"ioapic.pins", "240", FIELD(ioapics.front().pins), "120", "240"},
    {"ioapic.pins", "240", FIELD(ioapics.front().index_bits), "8", "9"},
    {"ioapic.more", "2", FIELD(ioapics.size()), "1", "3"},
    {"ioapic.intpol_change_is_edge", "false", FIELD(ioapics.front().intpol_change_is_edge), YES, NO},
    {"ioapic.send_delay", "4 ns", FIELD(ioapics.front().send_delay), NOTHING, "4000000 fs"},
    {"ioapic.level_as_edge_once", "true", FIELD(ioapics.front().level_as_edge_once), NO, YES},
    {"ioapic.lowest_priority_hint", "false", FIELD(ioapics.front().lowest_priority_hint), YES, NO},
    {"pic.edge_follows_line", "false", FIELD(machine.pic.edge_follows_line), YES, NO},
    {"chipset.refresh", "15 us", FIELD(machine.chipset.refresh), NOTHING, "15000000000 fs"},
};

const std::vector<Wire> UNIT = {
    {"vtd.iec_entries", "128", FIELD(vtd.iec_entries), "64", "128"},
    {"vtd.iec_entries", "128", FIELD(amdvi.iec_entries), "64", "128"},
    {"vtd.iec_ways", "4", FIELD(vtd.iec_ways), "64", "4"},
    {"vtd.iec_ways", "4", FIELD(amdvi.iec_ways), "64", "4"},
    {"vtd.host_address_width", "39", FIELD(vtd.host_address_width), "46", "39"},
    {"vtd.fault_records_at", "1024", FIELD(vtd.fault_records_at), "544", "1024"},
    {"vtd.fault_records", "3", FIELD(vtd.fault_records), "8", "3"},
    {"vtd.version", "6", FIELD(vtd.version_major), "1", "6"},
    {"vtd.eim", "false", FIELD(vtd.eim), YES, NO},
    {"vtd.max_index_mask", "5", FIELD(vtd.max_index_mask), "15", "5"},
    {"vtd.esirtps", "true", FIELD(vtd.esirtps), NO, YES},
    {"vtd.posted_interrupts", "true", FIELD(vtd.posted_interrupts), NO, YES},
    {"vtd.eim_required", "true", FIELD(vtd.eim_required), NO, YES},
    {"vtd.ir_required", "true", FIELD(vtd.ir_required), NO, YES},
    {"vtd.caching_mode", "true", FIELD(vtd.caching_mode), NO, YES},
    {"vtd.caching_mode", "true", FIELD(amdvi.np_cache), NO, YES},
    {"vtd.read_completion_pushes", "apic", FIELD(vtd.read_completion_pushes), text(ReadCompletionPushes::Unit),
     text(ReadCompletionPushes::Apic)},
    {"vtd.read_completion_pushes", "apic", FIELD(amdvi.read_completion_pushes), text(ReadCompletionPushes::Unit),
     text(ReadCompletionPushes::Apic)},
    {"vtd.drains", "unit", FIELD(vtd.drains), text(Drains::Apic), text(Drains::Unit)},
    {"vtd.drains", "unit", FIELD(amdvi.drains), text(Drains::Apic), text(Drains::Unit)},
    {"vtd.check_order", "reserved-first", FIELD(vtd.check_order), text(CheckOrder::Spec),
     text(CheckOrder::ReservedFirst)},
    {"vtd.reserved_svt", "24h", FIELD(vtd.reserved_svt), text(ReservedSvt::SourceId), text(ReservedSvt::ReservedField)},
    {"vtd.reserved_mode", "nothing", FIELD(vtd.reserved_mode), text(ReservedMode::Fault), text(ReservedMode::Nothing)},
    {"vtd.mask_too_large", "error", FIELD(vtd.mask_too_large), text(MaskTooLarge::Global), text(MaskTooLarge::Error)},
    {"vtd.bad_size_reads", "zero", FIELD(vtd.bad_size_reads), text(BadSizeReads::Ones), text(BadSizeReads::Zero)},
    {"vtd.bad_size_reads", "zero", FIELD(amdvi.bad_size_reads), text(BadSizeReads::Ones), text(BadSizeReads::Zero)},
    {"vtd.ire_off_drains", "false", FIELD(vtd.ire_off_drains), YES, NO},
    {"vtd.nmi_forwards_vector", "false", FIELD(vtd.nmi_forwards_vector), YES, NO},
    {"vtd.nmi_honours_hint", "false", FIELD(vtd.nmi_honours_hint), YES, NO},
    {"vtd.smi_and_init", "false", FIELD(vtd.smi_and_init), YES, NO},
    {"vtd.malformed_write_faults", "false", FIELD(vtd.malformed_write_faults), YES, NO},
    {"vtd.compress_faults", "true", FIELD(vtd.compress_faults), NO, YES},
    {"vtd.gcmd_stuck", "qie", FIELD(vtd.gcmd_stuck), "none", text(VtdCommand::Qie)},
    {"vtd.gcmd_stuck", "sirtp", FIELD(vtd.gcmd_stuck), "none", text(VtdCommand::Sirtp)},
    {"vtd.gcmd_stuck", "cfi", FIELD(vtd.gcmd_stuck), "none", text(VtdCommand::Cfi)},
    {"vtd.gcmd_stuck", "ire", FIELD(vtd.gcmd_stuck), "none", text(VtdCommand::Ire)},
    {"vtd.gcmd_stuck", "srtp", FIELD(vtd.gcmd_stuck), "none", text(VtdCommand::Srtp)},
    {"vtd.gcmd_stuck", "te", FIELD(vtd.gcmd_stuck), "none", text(VtdCommand::Te)},
    {"amdvi.ga", "false", FIELD(amdvi.ga), YES, NO},
    {"amdvi.xt", "false", FIELD(amdvi.xt), YES, NO},
    {"amdvi.device_entries", "16", FIELD(amdvi.device_entries), "64", "16"},
    {"amdvi.aborts_are_logged", "false", FIELD(amdvi.aborts_are_logged), YES, NO},
    {"amdvi.pass_needs_physical", "false", FIELD(amdvi.pass_needs_physical), YES, NO},
};

const std::vector<Wire> PROCESSOR = {
    {"lapic.timer_clock", "100000000", FIELD(lapic.timer_clock.value_or(Hertz{0, 1}).numerator), "0", "100000000"},
    {"lapic.physical_address_bits", "39", FIELD(lapic.physical_address_bits), "46", "39"},
    {"lapic.fire_after_mask", "true", FIELD(lapic.fire_after_mask), NO, YES},
    {"lapic.tsc_deadline", "false", FIELD(lapic.tsc_deadline), YES, NO},
    {"lapic.always_running_timer", "false", FIELD(lapic.always_running_timer), YES, NO},
    {"lapic.version", "16", FIELD(lapic.version & 0xffU), "21", "16"},
    {"lapic.max_lvt_entry", "5", FIELD(lapic.version >> 16U & 0xffU), "6", "5"},
    {"lapic.dead_page_reads", "zero", FIELD(lapic.dead_page_reads), text(DeadPageReads::Ones),
     text(DeadPageReads::Zero)},
    {"lapic.eoi_suppression", "false", FIELD(lapic.version >> 24U & 1U), "1", "0"},
    {"lapic.nmi_when_soft_disabled", "wake-only", FIELD(lapic.nmi_when_soft_disabled),
     text(NmiWhenSoftDisabled::Handle), text(NmiWhenSoftDisabled::WakeOnly)},
    {"lapic.nmi_when_soft_disabled", "drop", FIELD(lapic.nmi_when_soft_disabled), text(NmiWhenSoftDisabled::Handle),
     text(NmiWhenSoftDisabled::Drop)},
    {"lapic.ipi_delivery_status", "immediate", FIELD(lapic.ipi_delivery_status), text(IpiDeliveryStatus::Wire),
     text(IpiDeliveryStatus::Immediate)},
    {"lapic.xapic_id_writable", "true", FIELD(lapic.xapic_id_writable), NO, YES},
    {"lapic.flat_broadcast_needs_ldr", "true", FIELD(lapic.flat_broadcast_needs_ldr), NO, YES},
    {"lapic.x2apic_takes_narrow_broadcast", "false", FIELD(lapic.x2apic_takes_narrow_broadcast), YES, NO},
    {"lapic.x2apic_lowest_priority_ipi", "true", FIELD(lapic.x2apic_lowest_priority_ipi), NO, YES},
    {"lapic.ppr_subclass_zero_on_tie", "true", FIELD(lapic.ppr_subclass_zero_on_tie), NO, YES},
    {"lapic.initial_count_zero_in_deadline", "false", FIELD(lapic.initial_count_zero_in_deadline), YES, NO},
    {"lapic.pmi_masks_itself", "false", FIELD(lapic.pmi_masks_itself), YES, NO},
    {"lapic.illegal_lvt_vector_at_once", "true", FIELD(lapic.illegal_lvt_vector_at_once), NO, YES},
    {"lapic.nmi_to_self", "false", FIELD(lapic.nmi_to_self), YES, NO},
    {"lapic.divide_change", "at-once", FIELD(lapic.divide_change), text(DivideChange::AtEdge),
     text(DivideChange::AtOnce)},
    {"lapic.dual_timer", "fixed", FIELD(lapic.dual_timer.independent_count), NO, YES},
    {"lapic.dual_timer", "fixed", FIELD(lapic.dual_timer.timer2_delivery_mode), NO, NO},
    {"lapic.dual_timer", "nmi", FIELD(lapic.dual_timer.timer2_delivery_mode), NO, YES},
    {"lapic.dual_timer", "nmi", FIELD(lapic.dual_timer.timer2_reason), NO, NO},
    {"lapic.dual_timer", "nmi-reason", FIELD(lapic.dual_timer.timer2_delivery_mode), NO, YES},
    {"lapic.dual_timer", "nmi-reason", FIELD(lapic.dual_timer.timer2_reason), NO, YES},
    {"cpu.wfs_nmi_latches", "false", FIELD(cpu.wfs_nmi_latches), YES, NO},
    {"cpu.init_clears_nmi", "false", FIELD(cpu.init_clears_nmi), YES, NO},
    {"cpu.nmi_blocked_by_sti", "false", FIELD(cpu.sti_holds_nmi), YES, NO},
    {"cpu.fred", "true", FIELD(cpu.fred), NO, YES},
    {"cpu.nmi_source", "true", FIELD(cpu.nmi_source), NO, YES},
    {"smi.rendezvous", "false", FIELD(cpu.smi_rendezvous), YES, NO},
    {"smm.keeps_nmi_blocking", "false", FIELD(cpu.smm_keeps_nmi_blocking), YES, NO},
};

#undef FIELD

std::vector<Wire> all_wires() {
    std::vector<Wire> all;
    for (const std::vector<Wire>& part : {TIMER, CHIPSET, UNIT, PROCESSOR}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

/// What has to be set for that knob to be allowed: an NMI's sources are data of a FRED frame, and short entries of
/// AMD-Vi have no room for 32-bit destinations.
bool goes_along(const Wire& needed, const Wire& wire) {
    return (wire.knob == "cpu.nmi_source" && needed.knob == "cpu.fred") ||
           (wire.knob == "amdvi.ga" && needed.knob == "amdvi.xt");
}

/// The chip of AMD sends as another device.
bool is_said_by(const Wire& wire, const Wire& other) {
    return other.knob == wire.knob || (wire.knob == "ioapic.pins" && other.knob == "ioapic.chip") ||
           (wire.knob == "ioapic.chip" && other.knob == "ioapic.pins") ||
           (wire.knob == "hpet.chip" && (other.knob == "dmar.hpet_scope" || other.knob == "hpet.requester")) ||
           (wire.knob == "hpet.requester" && other.knob == "dmar.hpet_scope") ||
           (wire.knob == "hpet.timers" && (other.knob == "hpet.chip" || other.knob == "hpet.requester")) ||
           (wire.knob == "hpet.chip" && other.knob == "hpet.timers");
}

}  // namespace

TEST_CASE("each knob of a profile has a wire in the table", "[product-3.2][run]") {
    const std::vector<Wire> wires = all_wires();
    for (const profile::KnobSpec& knob : profile::KNOBS) {
        INFO(knob.name);
        CHECK(run::pins_a_choice(knob.name) == (knob.words.substr(0, 5) == "seed "));
        CHECK((run::pins_a_choice(knob.name) ||
               std::any_of(wires.begin(), wires.end(), [&](const Wire& wire) { return wire.knob == knob.name; })));
    }
}

TEST_CASE("each knob reaches the one model that it is for, and changes nothing that another knob says",
          "[product-3.2][run]") {
    const std::vector<Wire> wires = all_wires();
    const Built nominal = built({});
    for (const Wire& wire : wires) {
        std::vector<Wire> settings{wire};
        std::copy_if(wires.begin(), wires.end(), std::back_inserter(settings),
                     [&](const Wire& other) { return goes_along(other, wire); });
        const Built changed = built(settings);
        INFO(wire.knob << "=" << wire.value);
        CHECK(wire.field(nominal) == wire.before);
        CHECK(wire.field(changed) == wire.after);
        for (const Wire& other : wires) {
            if (!is_said_by(wire, other) && !goes_along(other, wire)) {
                INFO(other.knob);
                CHECK(other.field(changed) == other.before);
            }
        }
    }
}

TEST_CASE("a knob that is not 'seed' answers its sites, whatever the seed; the other sites have the seed's answers",
          "[product-3.2][run][VTD-23]") {
    scenario::Machine machine;
    machine.profile = {"desktop-2018", {}};
    machine.set = {{"vtd.iec_reread", "read-only", {}, {}}, {"vtd.iec_victim", "newest", {}, {}}};
    const auto pins = run::pinned_choices(profile::load(machine, PROFILES));
    for (std::uint64_t seed = 2; seed < 20; ++seed) {
        PinnedChoice pinned{pins, std::make_unique<SeededChoice>(seed)};
        SeededChoice seeded{seed};
        for (unsigned n = 0; n < 4; ++n) {
            CHECK(pinned.choose("vtd.iec_reread", 3) == 2);
            CHECK(pinned.choose("amdvi.irte_reread", 3) == 2);
            CHECK(pinned.choose("vtd.iec_victim", 16) == 15);
            CHECK(pinned.choose("vtd.irte_sample", 2) == seeded.choose("vtd.irte_sample", 2));
        }
    }
    CHECK(run::pinned_choices(profile::load(std::string{"desktop-2018"}, PROFILES)).empty());
}

TEST_CASE("the delay from match to message is a number of ticks or a time, as its row is", "[run]") {
    const auto with = [](const char* value) {
        scenario::Machine machine;
        machine.profile = {"desktop-2018", {}};
        machine.set = {{"hpet.match_to_msi", value, {}, {}}, {"hpet.comparator_effective", "2 ticks", {}, {}}};
        return Built{profile::load(machine, PROFILES)}.hpet;
    };
    CHECK(with("3 ticks").match_to_msi_ticks == 3);
    CHECK(with("3 ticks").match_to_msi == Duration{});
    CHECK(with("50 ns").match_to_msi_ticks == 0);
    CHECK(with("50 ns").match_to_msi.fs == 50'000'000);
    CHECK(with("50 ns").comparator_effective == 2);
}

TEST_CASE("a machine has the remapping unit that is asked for, or none", "[product-3.2][run]") {
    const auto profile = profile::load(std::string{"desktop-2018"}, PROFILES);
    const auto none = run::machine_profile(profile, false, Remapping::None);
    CHECK_FALSE(none.vtd.has_value());
    CHECK_FALSE(none.amdvi.has_value());
    CHECK_FALSE(run::machine_profile(profile, false, Remapping::Vtd).amdvi.has_value());
    const auto amd = run::machine_profile(profile, false, Remapping::Amd);
    CHECK_FALSE(amd.vtd.has_value());
    // Its HPET and I/O APIC send as function 14.0 of the FCH.
    CHECK(amd.hpet.timers.front().requester.value == 0x00a0);
    CHECK(amd.ioapics.front().requester.value == 0x00a0);
    CHECK(run::machine_profile(profile, true, Remapping::None).x2apic);
    CHECK_FALSE(none.x2apic);
}
