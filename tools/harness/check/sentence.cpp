// SPDX-License-Identifier: Apache-2.0
// One line on each finding, with its numbers.
#include "detector/shim/abi.hpp"
#include "tools/harness/check/case.hpp"
#include "tools/harness/value/span.hpp"

namespace hldsim::check {

namespace {

using value::readable_text;

std::string cpu_name(unsigned cpu) { return cpu == trace::NO_CPU ? "no CPU" : "CPU " + std::to_string(cpu); }
std::string moment(const Index& index, Rank rank) { return readable_text(index.at(rank) - Instant{}); }
std::string between(const Index& index, Rank from, Rank to) { return readable_text(index.at(to) - index.at(from)); }

const char* kind_name(cpu::StuckKind kind) {
    constexpr const char* NAMES[] = {
        "with interrupts off", "in an interrupt", "in an NMI", "in SMM", "spinning", "halted", "paused"};
    return NAMES[static_cast<std::size_t>(kind)];
}

std::string fate(const Index& index, const Trail& trail) {
    const Nmi* const nmi = index.nmi_of(trail);
    if (trail.blocked != NEVER) {
        return "for the remapping unit blocked it";
    }
    if (trail.misdelivered()) {
        return "no handler ever sees it";
    }
    if (nmi == nullptr) {
        return trail.hop(Hop::Accepted) == NEVER ? "it was never accepted" : "it was accepted and never taken";
    }
    if (nmi->claimed != NEVER) {
        return "it was claimed";
    }
    if (nmi->ignored != NEVER) {
        return "the kernel ignored it, for that CPU is offline";
    }
    if (nmi->swallowed != NEVER) {
        return "it was taken for the second half of another one";
    }
    if (nmi->claimed_elsewhere != NEVER) {
        return trail.detectors() ? "another handler claimed it, and the detector's did not" : "it was claimed";
    }
    return nmi->unknown != NEVER || nmi->left != NEVER ? "no handler claimed it" : "its handler never returned";
}

// ---- tokens

/// "CPU 2 took the NMI 4 ns after it left the mask"
std::string reached(const Index& index, const Trail& trail) {
    const bool taken = trail.hop(Hop::Taken) != NEVER;
    const Rank there = taken ? trail.hop(Hop::Taken) : trail.hop(Hop::Accepted);
    if (there == NEVER) {
        return "the NMI that matched at " + moment(index, trail.hop(Hop::Matched)) + " reached no CPU";
    }
    std::string line = cpu_name(trail.cpu) + (taken ? " took the NMI" : " accepted the NMI");
    if (trail.misdelivered()) {
        line = cpu_name(trail.cpu) + " accepted the message as " +
               (trail.mode == DeliveryMode::Smi    ? "an SMI"
                : trail.mode == DeliveryMode::Init ? "an INIT"
                                                   : "a SIPI") +
               ", not as an NMI,";
    }
    const Rank left = left_mask(index, trail);
    if (left == NEVER) {
        return line + " at " + moment(index, there);
    }
    return left < there ? line + " " + between(index, left, there) + " after it left the mask"
                        : line + " " + between(index, there, left) + " before it left the mask";
}

std::string rotated(const Index& index, const Trail& trail) {
    const RegisterWrite& route = *index.route_of(trail);
    const trace::Record& made = index.record(route.made);
    return cpu_name(made.actor) + " had chosen " + cpu_name(trail.cpu) + " in " + context_words(made.context) +
           "; the route took effect " + between(index, left_mask(index, trail), route.effective) +
           " after that CPU left the mask, and " + reached(index, trail) + "; " + fate(index, trail);
}

std::string drained(const Index& index, const Trail& trail, const char* how) {
    const Quiet& quiet = *disturbed_quiet(index, trail);
    const char* state = "on its way";
    if (trail.hop(Hop::Taken) < quiet.done) {
        state = "in its handler";
    } else if (trail.hop(Hop::Accepted) < quiet.done) {
        state = "accepted and not taken";
    }
    std::string line =
        cpu_name(quiet.cpu) + " went on at " + moment(index, quiet.done) + " " + how + " with an NMI " + state;
    const Rank taken = trail.hop(Hop::Taken);
    if (taken != NEVER && taken > quiet.done) {
        line += "; " + cpu_name(trail.cpu) + " took it " + between(index, quiet.done, taken) + " later";
    }
    return line;
}

std::string stopped(const Index& index, const Trail& trail, bool before) {
    const Quiet* const quiet = disturbed_quiet(index, trail);
    const Rank stop = quiet != nullptr && quiet->stopped != NEVER ? quiet->stopped : stop_before(index, trail);
    const Rank matched = trail.hop(Hop::Matched);
    const std::string when = before ? between(index, matched, stop) + " before the timer was stopped"
                                    : between(index, stop, matched) + " after the write that stops it was made";
    return "the timer matched " + when + "; " + reached(index, trail) + ", " + fate(index, trail);
}

/// "the message of 7 s left with a half of the route that CPU 1 completed 1 ms later"
std::string torn(const Index& index, const Trail& trail) {
    const RegisterWrite& second = *other_half(index, trail);
    const bool address_first = (index.record(second.made).address & 4) == 0;
    const std::string made = cpu_name(index.record(second.made).actor);
    std::string line = "the message left with the new " + std::string{address_first ? "address" : "data"} +
                       " and the old " + (address_first ? "data" : "address") + ": " + made;
    line += second.effective == NEVER
                ? "'s other write never took effect"
                : "'s other write took effect " + between(index, trail.hop(Hop::Matched), second.effective) +
                      " after the match";
    return line + "; " + reached(index, trail) + ", " + fate(index, trail);
}

/// "entry 2, written anew 300 ns before"
std::string entry_used(const Index& index, const Trail& trail) {
    const trace::Record& used = index.record(trail.entry);
    const Rank written = index.entry_written_before(used.result, trail.entry);
    std::string line = "entry " + std::to_string(used.result);
    if (written != NEVER) {
        line += ", which " + cpu_name(index.record(written).actor) + " had begun to write anew " +
                between(index, written, trail.entry) + " before";
    }
    return line;
}

std::string in_the_remapper(const Index& index, const Trail& trail, const std::string& hazard) {
    if (hazard == "irte-torn") {
        return "the request used a mixture as " + entry_used(index, trail) + "; " + reached(index, trail) + ", " +
               fate(index, trail);
    }
    if (hazard == "iec-stale-entry") {
        return "the request used the cached " + entry_used(index, trail) + "; " + reached(index, trail) + ", " +
               fate(index, trail);
    }
    const Index::Drained drained = *index.drained_by_invalidation(trail, left_mask(index, trail));
    return "the wait behind the invalidation of entry " + std::to_string(index.record(trail.entry).result) +
           " was complete " + between(index, trail.hop(Hop::Remapped), drained.wait) +
           " after the NMI had been remapped; " + reached(index, trail) + ", " + fate(index, trail);
}

std::string of_token(const Index& index, const Trail& trail, const std::string& hazard) {
    if (trail.blocked != NEVER) {
        return "at " + moment(index, trail.blocked) + " the " + index.log.text(index.record(trail.blocked));
    }
    if (hazard == "irte-torn" || hazard == "iec-stale-entry" || hazard == "iec-done-not-delivered") {
        return in_the_remapper(index, trail, hazard);
    }
    if (hazard == "route-tear") {
        return torn(index, trail);
    }
    if (hazard == "INV-route") {
        return "the message left with a route of which software had written one half; " + reached(index, trail) + ", " +
               fate(index, trail);
    }
    if (hazard == "rotate-to-dying") {
        return rotated(index, trail);
    }
    if (hazard == "readback-left-not-taken") {
        return drained(index, trail, "after it had read the timer back,");
    }
    if (hazard == "drain-timeout-too-short") {
        return drained(index, trail, "after it had waited,");
    }
    if (hazard == "posted-disable-late" || hazard == "disable-does-not-recall") {
        return stopped(index, trail, hazard == "disable-does-not-recall");
    }
    if (hazard == "nmi-nest-by-iret") {
        return cpu_name(trail.cpu) +
               " took the NMI within another one: an exception in that one had returned by IRET; " + fate(index, trail);
    }
    if (hazard == "INV-target" && route_names_who_left(index, trail)) {
        const RegisterWrite& route = *index.route_of(trail);
        return "the route to " + cpu_name(trail.cpu) + " took effect " +
               between(index, left_mask(index, trail), route.effective) + " after that CPU left the mask; " +
               reached(index, trail) + ", " + fate(index, trail);
    }
    if (hazard == "nmi-after-bit-clear") {
        return "the timer matched " + between(index, left_mask(index, trail), trail.hop(Hop::Matched)) + " after " +
               cpu_name(trail.cpu) + " left the mask, still routed to it; " + fate(index, trail);
    }
    return reached(index, trail) + "; " + fate(index, trail);
}

// ---- the others

std::string of_lock(const Index& index, const Case& c) {
    const Lock& lock = index.locks[c.subject.number];
    if (const Wait* const wait = endless_wait(index, c)) {
        const Lock::Use& owner = *owner_of(index, *wait);
        const std::string line = cpu_name(wait->use.cpu) + " waits in " +
                                 context_words(index.record(wait->use.rank).context) + " for " + lock.name;
        if (owner.cpu == wait->use.cpu) {
            return line + (owner.depth < wait->use.depth ? ", which the code that it interrupted holds"
                                                         : ", which it holds itself");
        }
        for (const Stuck& stuck : index.stucks) {
            if (stuck.cpu == owner.cpu && stuck.ended == NEVER) {
                return line + ", whose owner, " + cpu_name(owner.cpu) + ", is stuck " + kind_name(stuck.kind);
            }
        }
        return line + ", whose owner, " + cpu_name(owner.cpu) + ", waits in turn";
    }
    // The subject is the first lock of that name; each CPU may have its own.
    const auto both = std::find_if(index.locks.begin(), index.locks.end(),
                                   [&](const Lock& one) { return one.named == lock.named && one.clash().has_value(); });
    const trace::Record& other = index.record(both->clash()->elsewhere);
    return cpu_name(c.cpu) + " takes " + lock.name + " in an NMI, and " + cpu_name(other.actor) + " takes it in " +
           context_words(other.context) + ": an NMI that hits the holder waits for ever";
}

std::string of_coverage(const Index& index, const Case& c, const std::string& hazard) {
    const Coverage coverage = coverage_between(index, c.cpu, c.first_evidence(), c.at);
    if (coverage.cause == Coverage::Cause::RouteStandsStill) {
        return cpu_name(coverage.cpu) + " takes every NMI; " + cpu_name(c.cpu) + " has had no check for " +
               between(index, c.first_evidence(), c.at);
    }
    if (coverage.cause == Coverage::Cause::Alone) {
        return cpu_name(c.cpu) + " has had no check for " + between(index, c.first_evidence(), c.at) +
               ", while others have";
    }
    const Rank next = next_check(index, c);
    if (coverage.last_check == NEVER) {
        return next == NEVER ? "no CPU was ever checked" : "no CPU was checked before " + moment(index, next);
    }
    std::string line = "no CPU was checked " + (next == NEVER ? "after " + moment(index, coverage.last_check)
                                                              : "between " + moment(index, coverage.last_check) +
                                                                    " and " + moment(index, next));
    const Trail* const trail = first_after_last_check(index, c);
    const Nmi* const nmi = trail == nullptr ? nullptr : index.nmi_of(*trail);
    const bool is_next = nmi != nullptr && next != NEVER && nmi->claimed == next;
    if (trail != nullptr && (!is_next || hazard == "stuck-while-target")) {  // what is only late needs no reason
        line += ": " + reached(index, *trail) + ", " + fate(index, *trail);
    }
    return line;
}

std::string of_rule(const Index& index, const Case& c) {
    if (c.subject.number == REMAPPER_RULE) {
        return cpu_name(c.cpu) + " accessed the remapping unit in an NMI at " + moment(index, c.at);
    }
    if (c.subject.number == ENTRY_RULE) {
        return cpu_name(c.cpu) + " wrote entry " + std::to_string(index.record(c.at).result) +
               " of the remapping table in an NMI at " + moment(index, c.at);
    }
    if (c.subject.number == IOAPIC_RULE) {
        return cpu_name(c.cpu) + " accessed an I/O APIC in an NMI at " + moment(index, c.at);
    }
    if (c.subject.number == SLEEP_RULE) {
        const trace::Record& call = index.record(c.at);
        const std::string what = (call.value & HLD_SLEEP_ENABLES) != 0
                                     ? " enabled interrupts"
                                     : " called " + index.log.text(call) + "(), which may sleep,";
        return cpu_name(c.cpu) + what + " in an NMI at " + moment(index, c.at);
    }
    if (c.subject.number == CONTEXT_RULE) {
        const trace::Record& call = index.record(c.at);
        const char* const where = (call.value & HLD_SLEEP_INTERRUPT) != 0  ? "in an interrupt"
                                  : (call.value & HLD_SLEEP_IRQS_OFF) != 0 ? "with interrupts off"
                                  : (call.value & HLD_SLEEP_ATOMIC) != 0   ? "with preemption disabled"
                                                                           : "inside rcu_read_lock()";
        const std::string what = call.flag ? " came back from " + index.log.text(call) + " "
                                           : " called " + index.log.text(call) + "(), which may sleep, ";
        return cpu_name(c.cpu) + what + where + " at " + moment(index, c.at);
    }
    const std::string name =
        c.subject.number == 0 ? std::string{"GEN_CONF"} : "TIM" + std::to_string(c.subject.number - 1) + "_CONF";
    const bool read = index.record(c.at).what == trace::What::DeviceRead;
    return cpu_name(c.cpu) + (read ? " read " : " wrote ") + name + " in an NMI at " + moment(index, c.at);
}

std::string of_timer(const Index& index, const Case& c) {
    const std::string name = "timer " + std::to_string(c.subject.number);
    if (index.register_at(index.record(c.at).address).kind == Register::Kind::Comparator) {
        const Rank match = c.first_evidence();
        return "the deadline of " + name + " took effect at " + moment(index, c.at) + ", " +
               between(index, match, c.at) + " after its last match, when the counter was past it";
    }
    return name + " was started at " + moment(index, c.at) + " and sent nothing for a whole threshold";
}

std::string of_report(const Index& index, const Case& c) {
    const std::string line = "the report at " + moment(index, c.at) + " names " + cpu_name(c.cpu);
    if (!c.violates("INV-sound")) {
        return line + " and shows the registers of " + cpu_name(index.record(c.first_evidence()).actor);
    }
    const Grounds grounds = grounds_of(index, index.reports[c.subject.number]);
    if (!grounds.exists) {
        return line + ", which is not there";
    }
    if (grounds.stuck == nullptr) {
        return line + ", which was not stuck";
    }
    const std::string since =
        ", stuck " + std::string{kind_name(grounds.stuck->kind)} + " since " + moment(index, grounds.stuck->began);
    return line + since +
           (grounds.beat == NEVER ? ", which is no lockup"
                                  : ", which took a timer interrupt " + between(index, grounds.beat, c.at) +
                                        " before, within a heartbeat of " + readable_text(index.options.heartbeat));
}

std::string of_nmi(const Index& index, const Case& c) {
    const Nmi& nmi = index.nmis[c.subject.number];
    const std::string who = cpu_name(nmi.cpu);
    if (c.violates("INV-mmio-budget")) {
        return who + " made " + std::to_string(nmi.reads.size()) + " reads and " + std::to_string(nmi.writes.size()) +
               " writes of the HPET in one NMI";
    }
    if (c.violates("INV-progress")) {
        return "an NMI on " + who + " that began at " + moment(index, nmi.entered) + " has not returned: it spins";
    }
    if (c.violates("INV-foreign") && index.holds_detectors(nmi)) {
        return "the detector claimed an NMI on " + who +
               " that was its own and somebody else's, for whom nobody looked";
    }
    return c.violates("INV-claim") || c.violates("INV-foreign")
               ? "the detector claimed an NMI on " + who + " that was not its own"
               : "no handler claimed an NMI on " + who + " at " + moment(index, nmi.entered);
}

std::string of_task(const Index& index, const Case& c, const std::string& hazard) {
    if (c.subject.number == HLD_TASK_BOOT) {
        return "boot, which began on " + cpu_name(c.cpu) + " at " + moment(index, c.first_evidence()) +
               ", has not ended: an initcall does not return";
    }
    const std::string task = "what the operator asked of " + cpu_name(c.cpu);
    const bool drains = hazard == "drain-waits-for-stuck";
    const auto quiet = std::find_if(index.quiets.begin(), index.quiets.end(),
                                    [&](const Quiet& one) { return drains && one.stopped == c.at; });
    if (quiet != index.quiets.end()) {
        return task + " waited " + between(index, c.at, quiet->done) + " for a drain, from " + moment(index, c.at) +
               " on";
    }
    if (drains) {
        return task + " has not ended: it waits for a drain since " + moment(index, c.at);
    }
    const auto asked = std::find_if(index.tasks.begin(), index.tasks.end(), [&](const Task& one) {
        return one.number == c.subject.number && one.began == c.at;
    });
    return task + " at " + moment(index, c.at) +
           (asked == index.tasks.end() || asked->ended == NEVER ? " has not ended"
                                                                : " took " + between(index, c.at, asked->ended));
}

}  // namespace

const char* context_words(cpu::Context context) {
    switch (context) {
        case cpu::Context::Task:
            return "task context";
        case cpu::Context::Interrupt:
            return "an interrupt";
        case cpu::Context::Nmi:
            return "an NMI";
        case cpu::Context::Smm:
            break;
    }
    return "SMM";
}

std::string sentence(const Index& index, const Case& c, const std::string& hazard) {
    switch (c.subject.kind) {
        case Subject::Kind::Token:
            return of_token(index, index.trails[c.subject.number], hazard);
        case Subject::Kind::Nmi:
            return of_nmi(index, c);
        case Subject::Kind::Lock:
            return of_lock(index, c);
        case Subject::Kind::Coverage:
            return of_coverage(index, c, hazard);
        case Subject::Kind::Timer:
            return of_timer(index, c);
        case Subject::Kind::Rule:
            return of_rule(index, c);
        case Subject::Kind::Report:
            return of_report(index, c);
        case Subject::Kind::Stuck:
            return cpu_name(c.cpu) + " was stuck " + kind_name(index.stucks[c.subject.number].kind) + " from " +
                   moment(index, c.at) + " on and was not reported";
        case Subject::Kind::Task:
            break;
    }
    return of_task(index, c, hazard);
}

}  // namespace hldsim::check
