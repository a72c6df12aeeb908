// SPDX-License-Identifier: Apache-2.0
// A profile of the HPET in the words of the one that ticks. read_flushes_match (H-39) is not among them: it is a choice
// of whoever asks when a read completes.
#pragma once
#include "models/hpet/profile.hpp"
#include "tests/reference/ticking_hpet.hpp"

namespace hldsim::reference {

inline Options options_of(const HpetProfile& profile) {
    Options options;
    for (const HpetTimerProfile& timer : profile.timers) {
        options.timers.push_back({timer.periodic, timer.wide, timer.message, timer.route_cap});
    }
    options.wide_counter = profile.wide_counter;
    options.legacy = profile.legacy_replacement;
    options.enable_delay = static_cast<unsigned>(profile.enable_sync_edges);
    options.message_delay = static_cast<unsigned>(profile.match_to_msi_ticks);
    options.compare_delay = static_cast<unsigned>(profile.comparator_effective);
    options.stale_reads = profile.comp_readback_stale;
    options.ignore_counter_write = profile.counter_write_running == HpetProfile::CounterWrite::Ignore;
    options.match_at_wrap = profile.oneshot32_wrap == HpetProfile::OneShotWrap::AtWrap;
    options.valset_is_period = profile.valset_loads_period;
    options.valset_reads_zero = profile.valset_reads == HpetProfile::ValSetReads::Zero;
    options.legacy_first = profile.legacy_beats_fsb;
    options.message_level_status = profile.fsb_level_sets_status;
    options.check_route = profile.route_check == HpetProfile::RouteCheck::Warl;
    options.latch = profile.latch_while_disabled;
    options.period = profile.period.fs;
    options.phase = profile.phase.fs;
    options.drift_ppm = profile.drift_ppm;
    options.sync_hz = profile.sync_hz;
    options.message_time = profile.match_to_msi.fs;
    options.pulse = profile.edge_pulse.fs;
    options.split = profile.split64;
    options.split_gap = profile.split64_gap.fs;
    options.valset_gap = profile.valset_gap.fs;
    options.valset_gap_loads = profile.valset_gap_effect == HpetProfile::ValSetGap::LoadsAccumulator;
    options.guarded_reads = profile.first_reads_ones;
    options.halts_in_c10 = profile.halts_in_pc10;
    return options;
}

}  // namespace hldsim::reference
