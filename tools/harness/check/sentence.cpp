// SPDX-License-Identifier: Apache-2.0
// One line on each finding, with its numbers.
#include "tools/harness/check/sentence.hpp"

#include "detector/shim/abi.hpp"
#include "tools/harness/value/span.hpp"

namespace hldsim::check {

namespace {

const char* kind_name(cpu::StuckKind kind) {
    constexpr const char* NAMES[] = {
        "with interrupts off", "in an interrupt", "in an NMI", "in SMM", "spinning", "halted", "paused"};
    return NAMES[static_cast<std::size_t>(kind)];
}

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
        const std::vector<Wait>& its = index.cpus[owner.cpu].waits;
        return line + ", whose owner, " + cpu_name(owner.cpu) + ", waits in turn" +
               (its.empty() ? "" : " for " + index.locks[its.back().lock].name);
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
        const bool sent =
            std::any_of(index.trails.begin(), index.trails.end(), [](const Trail& trail) { return trail.detectors(); });
        return next != NEVER ? "no CPU was checked before " + moment(index, next)
                             : std::string{"no CPU was ever checked"} + (sent ? "" : ": no timer sent an NMI");
    }
    std::string line = "no CPU was checked " + (next == NEVER ? "after " + moment(index, coverage.last_check)
                                                              : "between " + moment(index, coverage.last_check) +
                                                                    " and " + moment(index, next));
    const Trail* const trail = first_after_last_check(index, c);
    const Nmi* const nmi = trail == nullptr ? nullptr : index.nmi_of(*trail);
    const bool is_next = nmi != nullptr && next != NEVER && nmi->claimed == next;
    if (trail != nullptr && (!is_next || hazard == "stuck-while-target")) {  // what is only late needs no reason
        line += ": " + reached(index, *trail) + ", " + fate(index, *trail);
    } else if (trail == nullptr && coverage.stopped != NEVER) {
        line += ": " + cpu_name(index.record(coverage.stopped).actor) + " stopped the timer at " +
                moment(index, coverage.stopped);
    }
    return line;
}

/// "; it holds my_lock and another": the table says where it took them.
std::string holding(const Index& index) {
    std::string line;
    for (const Rank taken : index.held_asleep) {
        line += (line.empty() ? "; it holds " : " and ") + index.log.text(index.record(taken));
    }
    return line;
}

/// "msleep(), which may sleep": two functions of mutexes do not, but the owner of one is a task.
std::string called(const Index& index, const trace::Record& call) {
    const std::string& name = index.log.text(call);
    return name + "(), " + (trace::is_for_tasks_alone(name) ? "which is for tasks alone" : "which may sleep");
}

/// What a call that may sleep was made in, or what it came back with.
const char* where_of(const trace::Record& call) {
    return (call.value & HLD_SLEEP_INTERRUPT) != 0  ? "in an interrupt"
           : (call.value & HLD_SLEEP_STOPPER) != 0  ? "in a function of the stopper"
           : (call.value & HLD_SLEEP_IRQS_OFF) != 0 ? "with interrupts off"
           : (call.value & HLD_SLEEP_ATOMIC) != 0   ? "with preemption disabled"
                                                    : "inside rcu_read_lock()";
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
        const std::string what =
            (call.value & HLD_SLEEP_ENABLES) != 0 ? " enabled interrupts" : " called " + called(index, call) + ",";
        return cpu_name(c.cpu) + what + " in an NMI at " + moment(index, c.at);
    }
    if (c.subject.number == UNLOCK_RULE) {
        return cpu_name(c.cpu) + " released " + index.log.text(index.record(c.at)) + ", which nobody held, in " +
               context_words(index.record(c.at).context) + " at " + moment(index, c.at);
    }
    if (c.subject.number == CONTEXT_RULE) {
        const trace::Record& call = index.record(c.at);
        const std::string what =
            call.flag ? " came back from " + index.log.text(call) + " " : " called " + called(index, call) + ", ";
        return cpu_name(c.cpu) + what + where_of(call) + " at " + moment(index, c.at) + holding(index);
    }
    const std::string name = c.subject.number == GEN_CONF_RULE
                                 ? std::string{"GEN_CONF"}
                                 : "TIM" + std::to_string(c.subject.number - CONF_RULE) + "_CONF";
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
    return name + " was started at " + moment(index, c.at) + " and sent nothing for a whole threshold, " +
           value::readable_text(index.options.threshold) + " of kernel.watchdog_thresh";
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
    if (grounds.stuck == nullptr && grounds.held_up == NEVER) {
        return line + ", which was not stuck";
    }
    const std::string since = grounds.stuck == nullptr ? ", held up since " + moment(index, grounds.held_up)
                                                       : ", stuck " + std::string{kind_name(grounds.stuck->kind)} +
                                                             " since " + moment(index, grounds.stuck->began);
    return line + since +
           (grounds.beat == NEVER
                ? ", which is no lockup"
                : ", which took a timer interrupt " + between(index, grounds.beat, c.at) +
                      " before, within a heartbeat of " + value::readable_text(index.options.heartbeat));
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

std::string of_code(const Index& index, const Case& c) {
    const trace::Record& here = index.record(c.at);
    if (here.what == trace::What::ContextEntered) {
        return "an interrupt on " + cpu_name(c.cpu) + " that began at " + moment(index, c.at) +
               " has not returned: it spins";
    }
    const Duration awake{here.at.fs - static_cast<std::int64_t>(here.value)};
    return "a task on " + cpu_name(c.cpu) + " has not slept for " + value::readable_text(awake) + ": it spins";
}

/// ": it stands in mine:on of CPU 2, which goes down, and waits for cpu_hotplug_lock, which CPU 0 has taken".
std::string standing_words(const Index& index, const Case& c) {
    const Standing at = standing_of(index, c.at, c.cpu);
    std::string words;
    if (at.step != NEVER) {
        const trace::Record& step = index.record(at.step);
        words = ": it stands in " + index.log.text(step) + " of " + cpu_name(step.cpu) + ", which " +
                (step.flag ? "comes up" : "goes down");
    }
    if (at.wait != nullptr) {
        const Lock::Use* const owner = owner_of(index, *at.wait);
        words += (words.empty() ? ": it waits for " : ", and waits for ") + index.locks[at.wait->lock].name +
                 (owner == nullptr ? "" : ", which " + cpu_name(owner->cpu) + " has taken");
    }
    return words;
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
    if (asked == index.tasks.end() || asked->ended == NEVER) {
        return task + " at " + moment(index, c.at) + " has not ended" + standing_words(index, c);
    }
    return task + " at " + moment(index, c.at) + " took " + between(index, c.at, asked->ended);
}

}  // namespace

std::string cpu_name(unsigned cpu) { return cpu == trace::NO_CPU ? "no CPU" : "CPU " + std::to_string(cpu); }

std::string moment(const Index& index, Rank rank) { return value::readable_text(index.at(rank) - Instant{}); }

std::string between(const Index& index, Rank from, Rank to) {
    return value::readable_text(index.at(to) - index.at(from));
}

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
            return sentence_of_token(index, index.trails[c.subject.number], hazard);
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
                   moment(index, c.at) + " on and was not reported" +
                   (index.options.described.nmi_handler ? "" : ": the object registers no NMI handler");
        case Subject::Kind::Code:
            return of_code(index, c);
        case Subject::Kind::Task:
            break;
    }
    return of_task(index, c, hazard);
}

}  // namespace hldsim::check
