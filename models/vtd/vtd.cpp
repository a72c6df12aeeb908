// SPDX-License-Identifier: Apache-2.0
// Set-up, reset, and the steps that are due.
#include "models/vtd/vtd.hpp"

namespace hldsim {

Vtd::Vtd(sc_core::sc_module_name name, sim::Timeline& timeline, const Timing& timing, const VtdProfile& profile,
         const FabricProfile& compatibility, MemoryPort& memory, TokenCounter& tokens, ChoiceSource& choices)
    : sc_module{name},
      timeline_{timeline},
      timing_{timing},
      profile_{profile},
      compatibility_{compatibility},
      memory_{memory},
      tokens_{tokens},
      choices_{choices},
      file_{vtd::MAP, {Size::B4, Size::B8}},
      gsts_{file_.slot("GSTS")},
      fsts_{file_.slot("FSTS")},
      ics_{file_.slot("ICS")},
      iqh_{file_.slot("IQH")},
      iqt_{file_.slot("IQT")},
      iqa_{file_.slot("IQA")},
      iqercd_{file_.slot("IQERCD")},
      irta_{file_.slot("IRTA")},
      rtaddr_{file_.slot("RTADDR")},
      record_lo_{file_.slot("FRCDn_LO")},
      record_hi_{file_.slot("FRCDn_HI")},
      cache_{profile.iec_entries, profile.iec_ways, choices, {"vtd.iec_victim", "vtd.iec_reread", "vtd.irte_sample"}},
      departed_{profile.drains, profile.read_completion_pushes},
      fault_event_{file_.slot("FECTL"),   file_.slot("FEDATA"),  file_.slot("FEADDR"),
                   file_.slot("FEUADDR"), vtd::EventKind::Fault, Instant{}},
      completion_event_{file_.slot("IECTL"),
                        file_.slot("IEDATA"),
                        file_.slot("IEADDR"),
                        file_.slot("IEUADDR"),
                        vtd::EventKind::InvalidationCompletion,
                        Instant{}},
      due_{timeline, sim::Priority::Remapper, [this](Step step, std::uint32_t slot) { take_step(step, slot); }},
      late_{timeline, sim::Priority::RemapperLate, [this](Step step, std::uint32_t slot) { take_step(step, slot); }} {
    profile_.validate();
    // 5.1.4: without remapping every request is taken as compatibility format, bit 4 or not (M-10).
    compatibility_.format1_without_ir = FormatBit::Deliver;
    file_.on_diagnosis([this](const regs::Diagnosis& d) { diagnosis.emit(d); });
    shape_registers();
    clear_state();
}

void Vtd::shape_registers() {
    file_.set_reset(file_.slot("VER"), {31, 0}, profile_.ver());
    file_.set_reset(file_.slot("CAP"), {63, 0}, profile_.cap());
    file_.set_reset(file_.slot("ECAP"), {63, 0}, profile_.ecap());
    file_.limit("FRCDn_LO", profile_.fault_records);
    file_.limit("FRCDn_HI", profile_.fault_records);
    if (!profile_.eim) {
        file_.set_access(fault_event_.upper, {31, 0}, regs::Access::RSVD);
        file_.set_access(completion_event_.upper, {31, 0}, regs::Access::RSVD);
        file_.set_access(irta_, vtd::irta::EIME, regs::Access::RSVD);
    }
}

// ---- reset

void Vtd::clear_state() {
    file_.reset();
    remapping_ = false;
    table_ = {};
    translation_mode_ = 0;
    operations_.clear();
    commands_.clear();
    switched_ = Instant{};
    stuck_ = false;
    overdue_ = false;
    cache_.invalidate_all();
    requests_.clear();
    looking_up_.clear();
    requests_under_way_ = 0;
    order_.clear();
    departed_.clear();
    fetching_ = false;
    fetch_generation_ = 0;
    waits_.clear();
    status_written_ = Instant{};
    next_record_ = 0;
    fault_event_.accepted = Instant{};
    completion_event_.accepted = Instant{};
    last_read_ = 0;
    due_.clear();
    late_.clear();
}

void Vtd::reset_enter() { clear_state(); }

void Vtd::copy_state(StateCopy& s) {
    s(file_, remapping_, table_, translation_mode_, operations_, commands_, switched_, stuck_, overdue_, cache_,
      requests_, looking_up_, requests_under_way_, order_, departed_, fetching_, fetch_generation_, waits_,
      status_written_, next_record_, fault_event_, completion_event_, last_read_, due_, late_);
}

// ---- the steps that are due

void Vtd::take_step(Step step, std::uint32_t slot) {
    switch (step) {
        case Step::LookupDone:
            return lookup_done(slot);
        case Step::DescriptorUpdated: {
            const vtd::Request request = requests_[slot];
            requests_.release(slot);
            --requests_under_way_;
            return update_descriptor(request);
        }
        case Step::Fetched:
            return fetched(slot);
        case Step::InvalidationDone:
            return invalidation_done(slot);
        case Step::StatusWritten:
            return write_status(slot);
        case Step::CommandDone:
            return operation_done();
        case Step::WaitReady:
            return wait_ready(slot);
        case Step::CommandDrained:
            return command_drained();
    }
}

}  // namespace hldsim
