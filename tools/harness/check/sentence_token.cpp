// SPDX-License-Identifier: Apache-2.0
// One line on a token: how it came where no NMI should have come, and what became of it.
#include "tools/harness/check/sentence.hpp"

namespace hldsim::check {

namespace {

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

}  // namespace

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

std::string sentence_of_token(const Index& index, const Trail& trail, const std::string& hazard) {
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

}  // namespace hldsim::check
