// SPDX-License-Identifier: Apache-2.0
// The recognisers, most specific first. Each looks at the evidence of a case and says whether its hazard explains it.
#include <string_view>

#include "models/amdvi/entry.hpp"
#include "models/vtd/entry.hpp"
#include "tools/harness/check/case.hpp"

namespace hldsim::check {
namespace {

// ---- locks: the kernel's by their names, any other one is the detector's own

constexpr std::string_view DESC_LOCKS[] = {"desc->lock", "irq_desc.lock"};

template <std::size_t N>
bool among(const std::string& name, const std::string_view (&names)[N]) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// A lock that an NMI waits or may wait for.
bool nmi_lock(const Index& index, const Case& c) {
    if (c.subject.kind != Subject::Kind::Lock) {
        return false;
    }
    const Wait* const wait = endless_wait(index, c);
    return wait == nullptr || index.record(wait->use.rank).context == cpu::Context::Nmi;
}

/// Is it a lock of the kernel with that name?
bool named(const Lock& lock, std::string_view name) { return lock.kernels && lock.name == name; }
bool descriptors(const Lock& lock) { return lock.kernels && among(lock.name, DESC_LOCKS); }
const Lock& lock_of(const Index& index, const Case& c) { return index.locks[c.subject.number]; }

bool lock_owner_stuck(const Index& index, const Case& c) {
    const Wait* const wait = endless_wait(index, c);
    if (wait == nullptr || !nmi_lock(index, c)) {
        return false;
    }
    const unsigned owner = owner_of(index, *wait)->cpu;
    return owner != wait->use.cpu && std::any_of(index.stucks.begin(), index.stucks.end(), [&](const Stuck& stuck) {
               return stuck.cpu == owner && stuck.ended == NEVER;
           });
}

bool desc_lock(const Index& index, const Case& c) { return nmi_lock(index, c) && descriptors(lock_of(index, c)); }
bool tmp_mask_lock(const Index& index, const Case& c) {
    return nmi_lock(index, c) && named(lock_of(index, c), "tmp_mask_lock");
}
bool vector_lock(const Index& index, const Case& c) {
    return nmi_lock(index, c) && named(lock_of(index, c), "vector_lock");
}
/// The lock of the table, taken in an NMI; or what was written under it there. Without it there is no such deadlock.
bool irte_lock(const Index& index, const Case& c) {
    constexpr std::string_view NAME = "irq_2_ir_lock";
    if (c.subject.kind == Subject::Kind::Rule) {
        return c.subject.number == ENTRY_RULE &&
               std::any_of(index.locks.begin(), index.locks.end(),
                           [&](const Lock& lock) { return named(lock, NAME) && lock.in_nmi != NEVER; });
    }
    return nmi_lock(index, c) && named(lock_of(index, c), NAME);
}
/// The queue's lock; or the unit was given a descriptor from an NMI, and then no lock helps.
bool queue_in_nmi(const Index& index, const Case& c) {
    return c.subject.kind == Subject::Kind::Rule ? c.subject.number == REMAPPER_RULE
                                                 : nmi_lock(index, c) && named(lock_of(index, c), "qi->q_lock");
}
bool own_lock(const Index& index, const Case& c) { return nmi_lock(index, c) && !lock_of(index, c).kernels; }

bool conf_written_in_nmi(const Index& /*index*/, const Case& c) {
    return c.subject.kind == Subject::Kind::Rule && c.subject.number >= CONF_RULE;
}

// ---- the route

/// One half of the route had taken effect, and the other one was still to come.
bool torn_route(const Index& index, const Case& c) {
    const Trail* const trail = trail_of(index, c);
    return trail != nullptr && c.violates("INV-route") && other_half(index, *trail) != nullptr;
}

// ---- a token and the mask

bool before_bit_clear(const Index& index, const Case& c) {
    const Trail* const trail = trail_of(index, c);
    if (trail == nullptr) {
        return false;
    }
    const Rank left = left_mask(index, *trail);
    return left != NEVER && trail->hop(Hop::Matched) < left;
}

bool after_bit_clear(const Index& index, const Case& c) {
    const Trail* const trail = trail_of(index, c);
    if (trail == nullptr || trail->set_up) {  // it has no route that would still name the CPU
        return false;
    }
    const Rank left = left_mask(index, *trail);
    const Rank matched = trail->hop(Hop::Matched);
    return left != NEVER && matched != NEVER && matched > left && !route_names_who_left(index, *trail);
}

/// The handler that wrote the route had begun when the bit was still set; the write took effect when it was clear.
bool rotated_to_dying(const Index& index, const Case& c) {
    const Trail* const trail = trail_of(index, c);
    if (trail == nullptr || !route_names_who_left(index, *trail)) {
        return false;
    }
    const Rank made = index.route_of(*trail)->made;
    return made != NEVER && handler_of(index, made) < left_mask(index, *trail);
}

bool soft_offlined_apic(const Index& index, const Case& c) {
    const Trail* const trail = trail_of(index, c);
    return trail != nullptr && c.violates("INV-dead-target") && trail->cpu != trace::NO_CPU &&
           (trail->set_up || index.cpus[trail->cpu].monitored.before(c.at));
}

// ---- remapped

template <class Reason>
bool is_blocked(const Index& index, const Case& c, Reason reason) {
    const Trail* const trail = trail_of(index, c);
    return trail != nullptr && trail->blocked != NEVER &&
           index.record(trail->blocked).value == static_cast<std::uint64_t>(reason);
}
bool compatibility_blocked(const Index& index, const Case& c) {
    return is_blocked(index, c, vtd::Reason::Compatibility);
}
bool source_id_wrong(const Index& index, const Case& c) { return is_blocked(index, c, vtd::Reason::SourceId); }
bool nmi_does_not_pass(const Index& index, const Case& c) { return is_blocked(index, c, amdvi::Reason::NmiBlocked); }
bool entry_cleared(const Index& index, const Case& c) { return is_blocked(index, c, vtd::Reason::NotPresent); }

bool torn_entry(const Index& /*index*/, const Case& c) { return c.violates("INV-irte"); }

/// The NMI went where an entry sends it that memory held no more.
bool stale_entry(const Index& index, const Case& c) {
    const Trail* const trail = trail_of(index, c);
    if (trail == nullptr || trail->entry == NEVER) {
        return false;
    }
    const bool astray = c.violates("INV-target") || c.violates("INV-dead-target");
    return c.violates("INV-iec") || (astray && index.record(trail->entry).stale);
}

/// Translated, then the entry invalidated and waited for, and only then did the CPU leave the mask and take the NMI.
bool translated_before_wait(const Index& index, const Case& c) {
    const Trail* const trail = trail_of(index, c);
    const Rank left = trail == nullptr ? NEVER : left_mask(index, *trail);
    return left != NEVER && trail->hop(Hop::Taken) > left && index.drained_by_invalidation(*trail, left).has_value();
}

bool handle_of_dead(const Index& index, const Case& c) {
    const Trail* const trail = trail_of(index, c);
    return trail != nullptr && trail->entry != NEVER && c.violates("INV-dead-target") && trail->cpu != trace::NO_CPU &&
           !index.cpus[trail->cpu].monitored.before(c.at);
}

// ---- stop and drain

/// A read's round trip is a microsecond or two; who said "drained" so soon after it waited for nothing else.
constexpr Duration LONGEST_READ{10'000'000'000};

const Quiet* broken_drain(const Index& index, const Case& c) {
    const Trail* const trail = trail_of(index, c);
    if (trail == nullptr || !c.violates("INV-quiesce")) {
        return nullptr;
    }
    const Quiet* const quiet = disturbed_quiet(index, *trail);
    return quiet != nullptr && trail->hop(Hop::Matched) < quiet->done ? quiet : nullptr;
}

bool readback_left(const Index& index, const Case& c) {
    const Quiet* const quiet = broken_drain(index, c);
    return quiet != nullptr && quiet->last_read != NEVER &&
           index.at(quiet->done) - index.at(quiet->last_read) <= LONGEST_READ;
}

bool drain_gave_up(const Index& index, const Case& c) {
    const Quiet* const quiet = broken_drain(index, c);
    if (quiet == nullptr) {
        return false;
    }
    const Rank began = quiet->last_read != NEVER ? quiet->last_read : quiet->stopped;
    return began != NEVER && index.at(quiet->done) - index.at(began) > LONGEST_READ;
}

Rank stop_of(const Index& index, const Case& c) {
    const Trail* const trail = trail_of(index, c);
    if (trail == nullptr || !(c.violates("INV-silent") || c.violates("INV-quiesce"))) {
        return NEVER;
    }
    const Quiet* const quiet = disturbed_quiet(index, *trail);
    return quiet != nullptr && quiet->stopped != NEVER ? quiet->stopped : stop_before(index, *trail);
}

bool matched_before_stop_arrived(const Index& index, const Case& c) {
    const Rank stop = stop_of(index, c);
    if (stop == NEVER) {
        return false;
    }
    const Rank matched = trail_of(index, c)->hop(Hop::Matched);
    return matched > stop && matched < effect_of(index, stop);
}

bool matched_before_stop(const Index& index, const Case& c) {
    const Rank stop = stop_of(index, c);
    return stop != NEVER && trail_of(index, c)->hop(Hop::Matched) < stop;
}

bool drain_waits(const Index& index, const Case& c) {
    const bool stuck =
        std::any_of(index.stucks.begin(), index.stucks.end(), [&](const Stuck& s) { return s.ended > c.at; });
    return c.subject.kind == Subject::Kind::Task && stuck && index.record(c.at).what == trace::What::DeviceWrite;
}

// ---- coverage

Coverage coverage_of(const Index& index, const Case& c) {
    return coverage_between(index, c.cpu, c.first_evidence(), c.at);
}

bool lost_coverage(const Case& c) { return c.subject.kind == Subject::Kind::Coverage && c.violates("INV-cover"); }

bool restarted_again_and_again(const Index& index, const Case& c) {
    if (!lost_coverage(c)) {
        return false;
    }
    const Coverage coverage = coverage_of(index, c);
    if (coverage.cause != Coverage::Cause::NoCheckAnywhere) {
        return false;
    }
    const Rank from = coverage.last_check == NEVER ? 0 : coverage.last_check;
    for (const Timer& timer : index.timers) {
        const auto starts =
            std::count_if(timer.enabled.changes().begin(), timer.enabled.changes().end(),
                          [&](const auto& change) { return change.value && change.rank > from && change.rank < c.at; });
        const auto match = std::upper_bound(timer.matches.begin(), timer.matches.end(), from);
        if (starts >= 3 && (match == timer.matches.end() || *match > c.at)) {
            return true;
        }
    }
    return false;
}

/// The handler moves its interrupt under the descriptor's lock, and no write of the route comes of it.
bool never_acknowledged(const Index& index, const Case& c) {
    if (!lost_coverage(c) || coverage_of(index, c).cause != Coverage::Cause::RouteStandsStill) {
        return false;
    }
    const bool moves = std::any_of(index.locks.begin(), index.locks.end(),
                                   [](const Lock& lock) { return lock.in_nmi != NEVER && descriptors(lock); });
    const bool moved = std::any_of(index.writes.begin(), index.writes.end(), [&](const RegisterWrite& write) {
        return write.target.kind == Register::Kind::Route && write.effective != NEVER && write.effective < c.at &&
               index.at(c.at) - index.at(write.effective) <= index.options.threshold;
    });
    return moves && !moved;
}

/// Nobody is checked, though NMIs still come.
bool chain_rests(const Index& index, const Case& c) {
    return lost_coverage(c) && coverage_of(index, c).cause == Coverage::Cause::NoCheckAnywhere &&
           first_after_last_check(index, c) != nullptr;
}

/// A rotation that is only too slow has a next check.
bool chain_broken(const Index& index, const Case& c) { return chain_rests(index, c) && next_check(index, c) == NEVER; }

/// The chain was held up by a CPU that was stuck as the target, and went on later.
bool stuck_as_target(const Index& index, const Case& c) {
    if (!chain_rests(index, c) || next_check(index, c) == NEVER) {
        return false;
    }
    const Trail& trail = *first_after_last_check(index, c);
    return trail.cpu != trace::NO_CPU && index.stuck(trail.cpu, c.at) != nullptr;
}

bool stuck_missed(const Index& index, const Case& c) {
    return c.subject.kind == Subject::Kind::Stuck && index.stucks[c.subject.number].kind == cpu::StuckKind::IrqOff;
}

bool stuck_in_nmi(const Index& index, const Case& c) {
    return c.subject.kind == Subject::Kind::Stuck && index.stucks[c.subject.number].kind == cpu::StuckKind::InNmi;
}

// ---- whose NMI it is

/// The detector took an NMI of somebody else for its own by the time at which it came, and not its own next one.
bool claimed_by_time(const Index& index, const Case& c) {
    if (c.subject.kind != Subject::Kind::Nmi || !c.violates("INV-foreign")) {
        return false;
    }
    const auto behind = index.nmis.begin() + static_cast<std::ptrdiff_t>(c.subject.number) + 1;
    const auto own = std::find_if(behind, index.nmis.end(), [&](const Nmi& nmi) { return index.holds_detectors(nmi); });
    return own != index.nmis.end() && own->claimed == NEVER && own->fate() != NEVER;
}

bool nested_by_iret(const Index& index, const Case& c) {
    const Trail* const trail = trail_of(index, c);
    return trail != nullptr && c.violates("INV-claim") && exception_before(index, *trail) != NEVER;
}

/// Two NMIs became one, and the detector's claim ended the search for whom else it was.
bool merged_with_foreign(const Index& index, const Case& c) {
    return c.subject.kind == Subject::Kind::Nmi && c.violates("INV-foreign") &&
           index.holds_detectors(index.nmis[c.subject.number]);
}

// ---- timer

bool deadline_passed(const Index& index, const Case& c) {
    if (c.subject.kind != Subject::Kind::Timer || !c.violates("INV-armed")) {
        return false;
    }
    return index.register_at(index.record(c.at).address).kind == Register::Kind::Comparator;
}

}  // namespace

const std::vector<Recogniser>& recognisers() {
    static const std::vector<Recogniser> TABLE = {
        {"nmi-lock-owner-stuck", lock_owner_stuck},
        {"nmi-desc-lock", desc_lock},
        {"nmi-tmp-mask-lock", tmp_mask_lock},
        {"nmi-vector-lock", vector_lock},
        {"nmi-irte-lock", irte_lock},
        {"nmi-qi-half-submitted", queue_in_nmi},
        {"nmi-own-lock", own_lock},
        {"nmi-tmr-conf-rmw", conf_written_in_nmi},
        {"tsc-window-false-claim", claimed_by_time},
        {"coalesce-two-sources", merged_with_foreign},
        {"nmi-nest-by-iret", nested_by_iret},
        {"comparator-in-past", deadline_passed},
        {"route-tear", torn_route},
        {"irte-torn", torn_entry},
        {"compat-format-blocked", compatibility_blocked},
        {"amd-nmipass", nmi_does_not_pass},
        {"source-id-mismatch", source_id_wrong},
        {"irte-p-cleared-in-flight", entry_cleared},
        {"iec-done-not-delivered", translated_before_wait},
        {"iec-stale-entry", stale_entry},
        {"handle-for-dead-cpu", handle_of_dead},
        {"readback-left-not-taken", readback_left},
        {"drain-timeout-too-short", drain_gave_up},
        {"rotate-to-dying", rotated_to_dying},
        {"posted-disable-late", matched_before_stop_arrived},
        {"nmi-before-bit-clear", before_bit_clear},
        {"nmi-after-bit-clear", after_bit_clear},
        {"nmi-on-soft-offlined-apic", soft_offlined_apic},
        {"disable-does-not-recall", matched_before_stop},
        {"drain-waits-for-stuck", drain_waits},
        {"restart-starvation", restarted_again_and_again},
        {"nmi-never-acked", never_acknowledged},
        {"stuck-while-target", stuck_as_target},
        {"rotation-chain-break", chain_broken},
        {"stuck-irqoff", stuck_missed},
        {"stuck-in-nmi", stuck_in_nmi},
    };
    return TABLE;
}

}  // namespace hldsim::check
