// SPDX-License-Identifier: Apache-2.0
// What software tells of itself in the index: reports, tasks, calls of functions that may sleep.
#include <charconv>

#include "tools/harness/check/index.hpp"

namespace hldsim::check {

std::optional<unsigned> lockup_reported(std::string_view line) {
    constexpr std::string_view WORDS = "hard LOCKUP on cpu ";
    const auto at = line.find(WORDS);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    unsigned cpu = 0;
    const char* const begin = line.data() + at + WORDS.size();
    const auto parsed = std::from_chars(begin, line.data() + line.size(), cpu);
    return parsed.ec == std::errc{} ? std::optional{cpu} : std::nullopt;
}

void Index::printed(Rank rank, const trace::Record& record) {
    if (const std::optional<unsigned> cpu = lockup_reported(log.text(record))) {
        reports.push_back({rank, *cpu});
    }
}

void Index::task(Rank rank, const trace::Record& record) {
    if (record.what == trace::What::TaskBegun) {
        tasks.push_back({record.value, record.cpu, rank, NEVER});
        return;
    }
    for (auto last = tasks.rbegin(); last != tasks.rend(); ++last) {
        if (last->number == record.value && last->ended == NEVER) {
            last->ended = rank;
            return;
        }
    }
}

void Index::sleep(Rank rank, const trace::Record& record) {
    if (record.context == cpu::Context::Nmi) {
        sleep_in_nmi = std::min(sleep_in_nmi, rank);
    } else if (sleep_elsewhere == NEVER) {
        sleep_elsewhere = rank;
        held_asleep = facts(record.actor) == nullptr ? std::vector<Rank>{} : spinning_locks_of(record);
    }
}

}  // namespace hldsim::check
