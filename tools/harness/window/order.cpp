// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/window/order.hpp"

#include <algorithm>
#include <map>

namespace hldsim::window {
namespace {

using trace::MemoryAccess;
using trace::Record;
using trace::What;

// ---- accesses

using Sequence = std::vector<const MemoryAccess*>;
using Dated = Instant (*)(const MemoryAccess&);

Instant made(const MemoryAccess& access) { return access.at; }
Instant visible(const MemoryAccess& access) { return access.visible; }

std::map<const void*, Sequence> by_object(const trace::Log& log, Dated date) {
    Sequence all;
    for (const MemoryAccess& access : log.accesses) {
        all.push_back(&access);
    }
    std::stable_sort(all.begin(), all.end(), [date](const auto* a, const auto* b) { return date(*a) < date(*b); });
    std::map<const void*, Sequence> objects;
    for (const MemoryAccess* const access : all) {
        objects[access->object].push_back(access);
    }
    return objects;
}

bool same(const MemoryAccess& a, const MemoryAccess& b) {
    return a.cpu == b.cpu && a.context == b.context && a.kind == b.kind && a.pc == b.pc;
}

/// One cycle of the event moves nothing further than this, unless it is another story.
constexpr Duration NEAR{10'000'000'000};

/// The access is made in the other run, too, behind place `from`, and at about the same time.
bool comes_later(const MemoryAccess& access, const Sequence& other, std::size_t from, Dated date) {
    for (std::size_t i = from; i < other.size() && date(*other[i]) - NEAR <= date(access); ++i) {
        if (same(access, *other[i])) {
            return true;
        }
    }
    return false;
}

/// The earliest flip between CPUs, or between the contexts of one CPU, by the instants that count for them.
void look_for_flip(const trace::Log& outside, const trace::Log& inside, bool one_cpu,
                   std::optional<Flip<MemoryAccess>>& found) {
    const Dated date = one_cpu ? made : visible;
    const auto objects_outside = by_object(outside, date);
    for (const auto& [object, sequence] : by_object(inside, date)) {
        const auto other = objects_outside.find(object);
        const std::size_t count = other == objects_outside.end() ? 0 : std::min(sequence.size(), other->second.size());
        for (std::size_t i = 0; i < count; ++i) {
            const MemoryAccess& a = *sequence[i];
            const MemoryAccess& b = *other->second[i];
            if (same(a, b)) {
                continue;
            }
            const bool conflict = a.kind != cpu::AccessKind::Load || b.kind != cpu::AccessKind::Load;
            const bool parties = one_cpu ? a.cpu == b.cpu && a.context != b.context : a.cpu != b.cpu;
            if (conflict && parties && (!found || date(a) < found->at) && comes_later(a, other->second, i + 1, date) &&
                comes_later(b, sequence, i + 1, date)) {
                found = Flip<MemoryAccess>{&a, &b, date(a)};
            }
            break;
        }
    }
}

// ---- records

bool is_of_timer(const Record& record) {
    return record.what == What::RegisterEffect || record.what == What::TimerMatched ||
           (record.what == What::HopReached && record.hop == Hop::Matched);
}

bool is_of_lock(const Record& record) {
    return record.what == What::LockTaken || record.what == What::LockDropped || record.what == What::LockWaits;
}

bool is_of_mask(const Record& record) { return record.what == What::MaskSet || record.what == What::MaskCleared; }

bool is_of_drain(const Record& record) { return record.what == What::DrainDone || record.what == What::Restarted; }

/// An interrupt comes to a CPU or ends there: what that CPU does otherwise comes before or after it.
bool is_at_cpu(const Record& record) {
    return record.what == What::ContextEntered || record.what == What::ContextLeft ||
           (record.what == What::HopReached && record.hop >= Hop::Accepted);
}

/// A request finds an entry, or what the unit caches of it goes.
bool is_of_entry(const Record& record) {
    return record.what == What::EntryUsed || record.what == What::RequestBlocked || record.what == What::Invalidated ||
           record.what == What::WaitCompleted;
}

bool names(const Record& invalidation, const Record& request) {
    return invalidation.flag || static_cast<std::uint64_t>(request.result) - invalidation.value < invalidation.address;
}

/// A request meets the invalidation of its entry, and the end of the wait behind it.
bool meet_in_unit(const Record& a, const Record& b) {
    const bool request = a.what == What::EntryUsed || a.what == What::RequestBlocked;
    return request && ((b.what == What::Invalidated && names(b, a)) || b.what == What::WaitCompleted);
}

bool is_of_token(const Record& record) { return record.what == What::HopReached || record.what == What::TimerMatched; }

/// Does it matter to the one which of them comes first?
bool meets(const Record& a, const Record& b) {
    if (is_of_lock(a) && is_of_lock(b)) {
        return a.object == b.object && a.actor != b.actor;
    }
    if (is_of_entry(a) && is_of_entry(b)) {
        return meet_in_unit(a, b);
    }
    const bool same_cpu = a.cpu != trace::NO_CPU && (a.cpu == b.cpu || a.cpu == b.actor);
    return (is_at_cpu(a) && !is_at_cpu(b) && same_cpu) || (is_of_timer(a) && is_of_timer(b) && a.what != b.what) ||
           (is_of_mask(a) && is_of_token(b)) || (is_of_drain(a) && is_of_token(b)) ||
           (a.what == What::LifeChanged && is_of_token(b) && same_cpu);
}

}  // namespace

std::optional<Flip<MemoryAccess>> first_flip_of_accesses(const trace::Log& outside, const trace::Log& inside) {
    std::optional<Flip<MemoryAccess>> found;
    look_for_flip(outside, inside, false, found);
    look_for_flip(outside, inside, true, found);
    return found;
}

Records in_order(const trace::Log& log) {
    Records records;
    for (const Record& record : log.records) {
        if (record.what != What::EventBegan && record.what != What::Printed && record.what != What::Diagnosed &&
            record.what != What::MessageFaulted) {
            records.push_back(&record);
        }
    }
    std::stable_sort(records.begin(), records.end(), [](const Record* a, const Record* b) { return a->at < b->at; });
    return records;
}

bool same(const Record& a, const Record& b) {
    return a.what == b.what && a.cpu == b.cpu && a.actor == b.actor && a.hop == b.hop && a.context == b.context &&
           a.pc == b.pc && a.token.source == b.token.source;
}

namespace {

// A timer that is switched off before its match does not match at all: then the one run has no order to turn round.
const Record* match_before(const Records& records, std::size_t from, std::size_t effect, const Records& other) {
    const auto there = [&](const Record& match) {
        return std::any_of(other.begin() + static_cast<std::ptrdiff_t>(std::min(from, other.size())), other.end(),
                           [&](const Record* o) { return window::same(*o, match) && o->at - NEAR <= match.at; });
    };
    for (std::size_t i = effect; i-- > from;) {
        if (records[i]->what == What::TimerMatched && records[effect]->at - records[i]->at <= NEAR) {
            return there(*records[i]) ? nullptr : records[i];
        }
    }
    return nullptr;
}

}  // namespace

bool same_entry(const Record& a, const Record& b) {
    return a.what != What::EntryUsed || (a.result == b.result && a.value == b.value && a.address == b.address &&
                                         a.flag == b.flag && a.stale == b.stale);
}

std::optional<Flip<Record>> first_flip_of_records(const Records& outside, const Records& inside) {
    // Behind the first difference; what follows from it is further away: where the one run hangs, what its other CPUs
    // do seconds later is no cause.
    constexpr std::size_t RECORDS_NEAR = 64;
    constexpr Duration TIME_NEAR{1'000'000'000'000};  // 1 ms
    const std::size_t count = std::min(outside.size(), inside.size());
    std::size_t begin = 0;
    while (begin < count && same(*outside[begin], *inside[begin])) {
        ++begin;
    }
    const auto end = static_cast<std::ptrdiff_t>(std::min(begin + RECORDS_NEAR, outside.size()));
    const auto first = outside.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto place = [&](const Record* wanted) {
        return std::find_if(first, outside.begin() + end, [&](const Record* other) { return same(*other, *wanted); });
    };
    std::size_t last = begin;
    while (last < std::min(begin + RECORDS_NEAR, inside.size()) && inside[last]->at - inside[begin]->at <= TIME_NEAR) {
        ++last;
    }
    for (std::size_t i = begin; i < last; ++i) {
        const auto of_first = place(inside[i]);
        for (std::size_t j = i + 1; j < last; ++j) {
            const auto of_second = place(inside[j]);
            const bool flips = of_first != outside.begin() + end && of_second < of_first;
            if (flips && (meets(*inside[i], *inside[j]) || meets(*inside[j], *inside[i]))) {
                return Flip<Record>{inside[i], inside[j], inside[i]->at};
            }
        }
        if (inside[i]->what == What::RegisterEffect && of_first != outside.begin() + end) {
            const auto effect = static_cast<std::size_t>(of_first - outside.begin());
            if (const Record* const match = match_before(inside, begin, i, outside)) {
                return Flip<Record>{match, inside[i], match->at};
            }
            if (const Record* const match = match_before(outside, begin, effect, inside)) {
                return Flip<Record>{inside[i], match, inside[i]->at};
            }
        }
    }
    return std::nullopt;
}

}  // namespace hldsim::window
