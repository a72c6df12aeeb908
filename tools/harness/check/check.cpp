// SPDX-License-Identifier: Apache-2.0
// From violations to findings: one a subject, what follows from another one left out, the first of each kind shown.
#include <cstring>
#include <map>
#include <tuple>

#include "tools/harness/check/case.hpp"
#include "tools/harness/check/registered.hpp"

namespace hldsim::check {
namespace {

struct Row {
    const char* invariant;
    Checker check;
    const char* needs;  // entries of the description, and what the object has, separated by blanks
};

// In the order of the catalogue.
constexpr Row INVARIANTS[] = {
    {"INV-lock-class", check_lock_class, ""},
    {"INV-wait-graph", check_wait_graph, ""},
    {"INV-nmi-rules", check_nmi_rules, ""},
    {"INV-context", check_context, ""},
    {"INV-mmio-budget", check_mmio_budget, "budget"},
    {"INV-target", check_target, "monitored"},
    {"INV-dead-target", check_dead_target, ""},
    {"INV-conserve", check_conserve, ""},
    {"INV-claim", check_claim, ""},
    {"INV-foreign", check_foreign, ""},
    {"INV-cover", check_cover, "monitored max_delay nmi-handler steady-source"},
    {"INV-sound", check_sound, ""},
    {"INV-complete", check_complete, "monitored max_delay"},
    {"INV-regs", check_regs, ""},
    {"INV-route", check_route, ""},
    {"INV-irte", check_irte, ""},
    {"INV-iec", check_iec, ""},
    {"INV-quiesce", check_quiesce, "drained"},
    {"INV-armed", check_armed, ""},
    {"INV-silent", check_silent, ""},
    {"INV-progress", check_progress, ""},
};

constexpr const char* NMI_HANDLER = "nmi-handler";
constexpr const char* STEADY_SOURCE = "steady-source";  // of NMIs

bool has(const Described& described, const trace::Log& log, const std::string& entry) {
    if (entry == "monitored") {
        return described.monitored;
    }
    if (entry == "max_delay") {
        return described.max_delay.has_value();
    }
    if (entry == "drained") {
        return described.drained;
    }
    if (entry == NMI_HANDLER) {
        return described.nmi_handler;
    }
    if (entry == STEADY_SOURCE) {
        return !log.own_counter;
    }
    return described.reads || described.writes;
}

std::string lacks(const Described& described, const std::string& entry) {
    if (entry == NMI_HANDLER) {
        return "the object registers no NMI handler";
    }
    if (entry == STEADY_SOURCE) {
        return "its counter stands still while a CPU sleeps";
    }
    const auto lacks = described.lacking.find(entry);
    return lacks == described.lacking.end() ? "" : lacks->second;
}

std::vector<Unwatched> unwatched(const Described& described, const trace::Log& log) {
    std::vector<Unwatched> off;
    for (const Row& row : INVARIANTS) {
        const std::string needs = row.needs;
        for (std::size_t begin = 0; begin < needs.size();) {
            const std::size_t end = std::min(needs.find(' ', begin), needs.size());
            const std::string entry = needs.substr(begin, end - begin);
            if (!has(described, log, entry)) {
                off.push_back({row.invariant, entry, lacks(described, entry)});
                break;
            }
            begin = end + 1;
        }
    }
    return off;
}

// ---- cases

void add_to(Case& c, const Violation& violation) {
    if (!c.violates(violation.invariant)) {
        c.invariants.push_back(violation.invariant);
    }
    // A CPU that got stuck while nobody is checked was so before its check was missed: the gap is what counts.
    const bool of_gap = violation.subject.kind != Subject::Kind::Coverage || c.at == NEVER ||
                        std::strcmp(violation.invariant, "INV-cover") == 0;
    // An NMI that a drain has left begins to be wrong with the drain's end, but what it meets is what counts.
    const bool of_drain = std::strcmp(violation.invariant, "INV-quiesce") == 0 &&
                          (c.violates("INV-target") || c.violates("INV-dead-target"));
    if (of_gap && !of_drain && violation.at < c.at) {
        c.at = violation.at;
        c.cpu = violation.cpu;
    }
    c.cpus.push_back(violation.cpu);
    if (std::strcmp(violation.invariant, "INV-cover") != 0) {  // a gap ends at some record that has no part in it
        c.evidence.push_back(violation.at);
    }
    c.evidence.insert(c.evidence.end(), violation.evidence.begin(), violation.evidence.end());
}

std::vector<Case> cases_of(const Violations& violations) {
    std::map<Subject, Case> cases;  // the invariants come in the catalogue's order, and so they stay
    for (const Violation& violation : violations) {
        Case& c = cases[violation.subject];
        c.subject = violation.subject;
        c.own = c.invariants.empty() ? violation.invariant : c.own;
        add_to(c, violation);
    }
    std::vector<Case> list;
    list.reserve(cases.size());
    for (auto& [subject, c] : cases) {
        list.push_back(std::move(c));
    }
    std::stable_sort(list.begin(), list.end(), [](const Case& a, const Case& b) { return a.at < b.at; });
    return list;
}

void absorb(Case& into, const Case& from) {
    std::vector<const char*> both;
    for (const Row& row : INVARIANTS) {
        if (from.violates(row.invariant) || into.violates(row.invariant)) {
            both.push_back(row.invariant);
        }
    }
    into.invariants = std::move(both);
    into.cpus.insert(into.cpus.end(), from.cpus.begin(), from.cpus.end());
}

/// The class of a lock is known by its first use; if it was waited for in vain, that is what the finding is about.
void point_at_wait(const Index& index, std::vector<Case>& cases) {
    for (Case& c : cases) {
        if (const Wait* const wait = endless_wait(index, c)) {
            c.at = wait->use.rank;
            c.cpu = wait->use.cpu;
        }
    }
}

/// Later tokens that went by the same route to the same CPU, which has been out of the mask since, say nothing new.
void drop_followers(const Index& index, std::vector<Case>& cases) {
    std::map<std::pair<const RegisterWrite*, Rank>, std::size_t> first;
    std::vector<Case> kept;
    for (Case& c : cases) {
        const Trail* const trail = trail_of(index, c);
        const RegisterWrite* const route = trail == nullptr ? nullptr : index.route_of(*trail);
        const Rank left = trail == nullptr ? NEVER : left_mask(index, *trail);
        if (route != nullptr && left != NEVER) {
            const auto [found, added] = first.try_emplace({route, left}, kept.size());
            if (!added) {
                ++kept[found->second].more;
                continue;
            }
        }
        kept.push_back(std::move(c));
    }
    cases = std::move(kept);
}

void forget_absorbed(std::vector<Case>& cases) {
    cases.erase(std::remove_if(cases.begin(), cases.end(), [](const Case& c) { return c.invariants.empty(); }),
                cases.end());
}

/// Nobody is checked because the timer is silent: that is the finding, and the coverage its consequence.
void drop_coverage_of_silent_timer(std::vector<Case>& cases) {
    for (Case& silent : cases) {
        if (silent.subject.kind != Subject::Kind::Timer) {
            continue;
        }
        for (Case& c : cases) {
            if (c.subject.kind == Subject::Kind::Coverage && c.at >= silent.at && c.first_evidence() < silent.at) {
                absorb(silent, c);
                c.invariants.clear();
            }
        }
    }
    forget_absorbed(cases);
}

/// No NMI ever came, because the remapping unit blocks them: that is the finding, and the coverage its consequence.
void drop_coverage_of_blocked(const Index& index, std::vector<Case>& cases) {
    for (Case& blocked : cases) {
        const Trail* const trail = trail_of(index, blocked);
        if (trail == nullptr || trail->blocked == NEVER || !index.checks.empty()) {
            continue;
        }
        for (Case& c : cases) {
            if (c.subject.kind == Subject::Kind::Coverage) {
                absorb(blocked, c);
                c.invariants.clear();
            }
        }
        break;
    }
    forget_absorbed(cases);
}

/// Is it the NMI that the case is about, or one that waits behind it on the same CPU?
bool explains(const Index& index, const Case& c, const Trail& lost) {
    if (c.subject.kind == Subject::Kind::Coverage) {
        const Trail* const behind = nmi_behind(index, c);
        return behind != nullptr && (behind == &lost || behind->cpu == lost.cpu);
    }
    const Wait* const wait = endless_wait(index, c);
    return wait != nullptr && std::any_of(c.evidence.begin(), c.evidence.end(), [&](Rank rank) {
               const trace::Record& record = index.record(rank);
               return record.what == trace::What::LockWaits && record.actor == lost.cpu;
           });
}

/// An NMI that its CPU cannot take, because it waits or is stuck for ever, is part of that finding; those that come
/// behind it say nothing new.
void drop_explained_losses(const Index& index, std::vector<Case>& cases) {
    std::map<unsigned, Case*> first;
    for (Case& loss : cases) {
        const Trail* const trail = trail_of(index, loss);
        if (trail == nullptr || loss.invariants.size() != 1 || !lost(index, *trail)) {
            continue;
        }
        const auto explanation =
            std::find_if(cases.begin(), cases.end(), [&](const Case& c) { return explains(index, c, *trail); });
        const auto [before, added] = first.try_emplace(trail->cpu, &loss);
        if (explanation != cases.end()) {
            absorb(*explanation, loss);
            loss.invariants.clear();
        } else if (!added && trail->cpu != trace::NO_CPU) {
            ++before->second->more;
            loss.invariants.clear();
        }
    }
    forget_absorbed(cases);
}

// ---- findings

std::optional<trace::Life> phase_of(const Index& index, const Case& c) {
    if (c.cpu >= index.cpus.size()) {
        return std::nullopt;
    }
    return index.life(c.cpu, c.at);
}

bool has(const std::vector<Rank>& evidence, Rank rank) {
    return std::find(evidence.begin(), evidence.end(), rank) != evidence.end();
}

/// The position that the finding points at: where the cause stands in the code, if it has any.
std::size_t position(const Index& index, const Case& c) {
    const bool spins = c.violates("INV-progress") && c.subject.kind != Subject::Kind::Task;  // not where it came in
    if (index.record(c.at).pc != nullptr && !spins && has(c.evidence, c.at)) {
        return index.index_of(c.at);
    }
    for (auto rank = c.evidence.rbegin(); rank != c.evidence.rend(); ++rank) {
        if (index.record(*rank).pc != nullptr) {
            return index.index_of(*rank);
        }
    }
    return index.index_of(c.at);
}

Finding finding_of(const Index& index, Case& c) {
    const auto& table = recognisers();
    const auto recognised =
        std::find_if(table.begin(), table.end(), [&](const Recogniser& r) { return r.fits(index, c); });
    Finding finding;
    finding.hazard = recognised == table.end() ? c.own : recognised->hazard;
    finding.sentence = sentence(index, c, finding.hazard);
    finding.phase = phase_of(index, c);
    if (const Trail* const trail = nmi_behind(index, c)) {  // before the evidence grows
        finding.token = trail->token;
    }
    add_cause(index, c, finding.hazard);
    finding.invariants.assign(c.invariants.begin(), c.invariants.end());
    finding.cpu = c.cpu;
    finding.at = index.at(c.at);
    finding.context = index.record(c.at).context;
    std::sort(c.evidence.begin(), c.evidence.end());
    c.evidence.erase(std::unique(c.evidence.begin(), c.evidence.end()), c.evidence.end());
    finding.where = position(index, c);
    for (const Rank rank : c.evidence) {
        finding.evidence.push_back(index.index_of(rank));
    }
    finding.more = c.more;
    return finding;
}

}  // namespace

std::vector<std::string_view> watched_invariants() {
    std::vector<std::string_view> names;
    for (const Row& row : INVARIANTS) {
        names.emplace_back(row.invariant);
    }
    return names;
}

std::vector<std::string_view> recognised_hazards() {
    std::vector<std::string_view> names;
    for (const Recogniser& recogniser : recognisers()) {
        names.emplace_back(recogniser.hazard);
    }
    return names;
}

bool watches(std::string_view invariant) {
    const std::vector<std::string_view> names = watched_invariants();
    return std::find(names.begin(), names.end(), invariant) != names.end();
}

bool recognises(std::string_view hazard) {
    const std::vector<std::string_view> names = recognised_hazards();
    return std::find(names.begin(), names.end(), hazard) != names.end();
}

Verdict check(const trace::Log& log, const Options& options) {
    const Index index{log, options};
    Violations violations;
    for (const Row& row : INVARIANTS) {
        row.check(index, violations);
    }
    std::vector<Case> cases = cases_of(violations);
    point_at_wait(index, cases);
    drop_followers(index, cases);
    drop_coverage_of_silent_timer(cases);
    drop_coverage_of_blocked(index, cases);
    drop_explained_losses(index, cases);

    Verdict verdict;
    verdict.unwatched = unwatched(options.described, log);
    std::map<std::tuple<std::string, int, int>, std::size_t> shown;
    for (Case& c : cases) {
        Finding finding = finding_of(index, c);
        const int phase = finding.phase ? static_cast<int>(*finding.phase) : -1;
        // Of an invariant alone, what is about an NMI and what is about a task are no two of a kind.
        const int kind = finding.hazard == c.own ? static_cast<int>(c.subject.kind) : -1;
        const auto [found, added] = shown.try_emplace({finding.hazard, phase, kind}, verdict.findings.size());
        if (added) {
            verdict.findings.push_back(std::move(finding));
        } else {
            verdict.findings[found->second].more += 1 + finding.more;
        }
    }
    return verdict;
}

}  // namespace hldsim::check
