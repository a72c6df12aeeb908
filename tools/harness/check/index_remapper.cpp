// SPDX-License-Identifier: Apache-2.0
// The remapping unit's part of the index: entries as software wrote them and as requests used them, what was blocked.
#include "models/machine/machine.hpp"
#include "models/vtd/entry.hpp"
#include "tools/harness/check/index.hpp"

namespace hldsim::check {

namespace {

vtd::Irte image(const trace::Record& record) { return {record.value, record.address}; }

/// An entry that is not present is that and no more, whatever else is left in it (VT-d 5.1.4.1).
bool same(const trace::Record& a, const trace::Record& b) {
    return image(a) == image(b) || (!image(a).present() && !image(b).present());
}

}  // namespace

void Index::remapped(Rank rank, const trace::Record& record) {
    using trace::What;
    if (record.token) {
        Trail& way = trail(record.token);
        (record.what == What::RequestBlocked ? way.blocked : way.entry) = rank;
        return;
    }
    switch (record.what) {
        case What::EntryWritten:
            entries[record.result].push_back(rank);
            if (record.context == cpu::Context::Nmi) {
                entry_in_nmi = std::min(entry_in_nmi, rank);
            }
            return;
        case What::Invalidated:
            invalidations.push_back(rank);
            return;
        default:
            waits_completed.push_back(rank);
            return;
    }
}

bool Index::is_remapper(std::uint64_t address) const {
    return address - Machine::VTD_BASE < Vtd::window() || address - Machine::AMDVI_BASE < Amdvi::window();
}

bool Index::invalidates(Rank invalidation, std::int64_t entry) const {
    const trace::Record& done = record(invalidation);
    return done.flag || (entry >= 0 && static_cast<std::uint64_t>(entry) - done.value < done.address);
}

Rank Index::entry_written_before(std::int64_t entry, Rank rank) const {
    const auto found = entries.find(entry);
    if (found == entries.end()) {
        return NEVER;
    }
    const auto after = std::lower_bound(found->second.begin(), found->second.end(), rank);
    return after == found->second.begin() ? NEVER : *std::prev(after);
}

bool Index::was_written(const Trail& trail, Rank since) const {
    const trace::Record& used = record(trail.entry);
    const auto found = entries.find(used.result);
    if (found == entries.end() || found->second.front() > trail.entry) {
        return true;  // nobody told what it should be
    }
    if (!image(used).present() && since == NEVER) {
        return true;  // as it is before the first write
    }
    return std::any_of(found->second.begin(), found->second.end(), [&](Rank written) {
        return written < trail.entry && (since == NEVER || written >= since) && same(record(written), used);
    });
}

std::optional<Index::Drained> Index::drained_by_invalidation(const Trail& trail, Rank before) const {
    if (trail.hop(Hop::Remapped) == NEVER || trail.entry == NEVER) {
        return std::nullopt;
    }
    for (const Rank wait : waits_completed) {
        if (wait < trail.hop(Hop::Remapped) || wait > before) {
            continue;
        }
        for (auto done = invalidations.rbegin(); done != invalidations.rend(); ++done) {
            const Rank at = *done;
            if (at > trail.hop(Hop::Remapped) && at < wait && invalidates(at, record(trail.entry).result)) {
                return Drained{at, wait};
            }
        }
    }
    return std::nullopt;
}

}  // namespace hldsim::check
