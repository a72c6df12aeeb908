// SPDX-License-Identifier: Apache-2.0
// Set-up, reset, and the steps that are due.
#include "models/amdvi/amdvi.hpp"

namespace hldsim {

Amdvi::Amdvi(sc_core::sc_module_name name, sim::Timeline& timeline, const Timing& timing, const AmdviProfile& profile,
             const FabricProfile& compatibility, MemoryPort& memory, TokenCounter& tokens, ChoiceSource& choices)
    : sc_module{name},
      timeline_{timeline},
      timing_{timing},
      profile_{profile},
      compatibility_{compatibility},
      memory_{memory},
      tokens_{tokens},
      file_{amdvi::MAP, {Size::B4, Size::B8}},
      device_base_{file_.slot("DEV_TAB_BASE")},
      command_base_{file_.slot("CMD_BASE")},
      event_base_{file_.slot("EVENT_BASE")},
      control_slot_{file_.slot("CONTROL")},
      command_head_{file_.slot("CMD_HEAD")},
      command_tail_{file_.slot("CMD_TAIL")},
      event_head_{file_.slot("EVENT_HEAD")},
      event_tail_{file_.slot("EVENT_TAIL")},
      status_{file_.slot("STATUS")},
      msi_cap_{file_.slot("MSI_CAP")},
      msi_low_{file_.slot("MSI_ADDR_LO")},
      msi_high_{file_.slot("MSI_ADDR_HI")},
      msi_data_{file_.slot("MSI_DATA")},
      xt_int_ctrl_{file_.slot("XT_INT_CTRL")},
      devices_{profile.device_entries,
               profile.device_entries,
               choices,
               {"amdvi.dte_victim", "amdvi.dte_reread", "amdvi.dte_sample"}},
      entries_{profile.iec_entries,
               profile.iec_ways,
               choices,
               {"amdvi.irte_victim", "amdvi.irte_reread", "amdvi.irte_sample"}},
      departed_{profile.drains, profile.read_completion_pushes},
      due_{timeline, sim::Priority::Remapper, [this](Step step, std::uint32_t slot) { take_step(step, slot); }},
      late_{timeline, sim::Priority::RemapperLate, [this](Step step, std::uint32_t slot) { take_step(step, slot); }} {
    profile_.validate();
    // AMD's messages have no format bit: what passes is what it would be without a unit.
    compatibility_.format1_without_ir = FormatBit::Deliver;
    file_.on_diagnosis([this](const regs::Diagnosis& d) { diagnosis.emit(d); });
    shape_registers();
    clear_state();
}

void Amdvi::shape_registers() {
    file_.set_reset(file_.slot("EFR"), {63, 0}, profile_.efr());
    if (!profile_.ga) {
        file_.set_access(control_slot_, amdvi::control::GA_EN, regs::Access::RSVD);
    }
    if (!profile_.xt) {
        file_.set_access(control_slot_, amdvi::control::XT_EN, regs::Access::RSVD);
        file_.set_access(control_slot_, amdvi::control::INT_CAP_XT_EN, regs::Access::RSVD);
        file_.limit("XT_INT_CTRL", 0);
    }
}

// ---- reset

void Amdvi::clear_state() {
    file_.reset();
    control_ = value(control_slot_);
    controls_.clear();
    last_read_ = 0;
    devices_.invalidate_all();
    entries_.invalidate_all();
    requests_.clear();
    looking_up_.clear();
    order_.clear();
    departed_.clear();
    fetching_ = false;
    fetch_generation_ = 0;
    waits_.clear();
    stored_ = Instant{};
    interrupt_accepted_ = Instant{};
    due_.clear();
    late_.clear();
}

void Amdvi::reset_enter() { clear_state(); }

void Amdvi::copy_state(StateCopy& s) {
    s(file_, control_, controls_, last_read_, devices_, entries_, requests_, looking_up_, order_, departed_, fetching_,
      fetch_generation_, waits_, stored_, interrupt_accepted_, due_, late_);
}

void Amdvi::fault_evict_all() {
    devices_.invalidate_all();
    entries_.invalidate_all();
}

// ---- the steps that are due

void Amdvi::take_step(Step step, std::uint32_t slot) {
    switch (step) {
        case Step::ControlDone:
            return control_done();
        case Step::LookupDone:
            return lookup_done(slot);
        case Step::Fetched:
            return fetched(slot);
        case Step::InvalidationDone:
            return invalidation_done(slot);
        case Step::Stored:
            return store();
        case Step::WaitReady:
            return wait_ready(slot);
    }
}

}  // namespace hldsim
