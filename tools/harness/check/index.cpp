// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/check/index.hpp"

#include <numeric>

#include "models/machine/machine.hpp"

namespace hldsim::check {

Index::Index(const trace::Log& l, const Options& o) : log{l}, options{o} {
    hpet_base_ = options.timer_conf_register == 0 ? Machine::HPET_BASE : options.timer_conf_register - HPET_TIMERS_AT;
    cpus.resize(log.cpus);
    just_taken_.resize(log.cpus);
    open_nmis_.resize(log.cpus);
    preparing_.resize(log.cpus);
    sort();
    for (Rank rank = 0; rank < size(); ++rank) {
        read(rank);
    }
    ended_at_ = log.ended_at;
    if (size() != 0) {
        ended_at_ = std::max(ended_at_, at(size() - 1));
    }
    for (Trail& trail : trails) {
        look_at_unclaimed(trail);
    }
}

void Index::sort() {
    const std::vector<trace::Record>& records = log.records;
    const auto earlier = [](const trace::Record& a, const trace::Record& b) { return a.at < b.at; };
    if (std::is_sorted(records.begin(), records.end(), earlier)) {
        return;
    }
    order_.resize(records.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::size_t a, std::size_t b) { return records[a].at < records[b].at; });
}

void Index::read(Rank rank) {
    using trace::What;
    const trace::Record& record = this->record(rank);
    switch (record.what) {
        case What::HopReached:
            return hop(rank, record);
        case What::ContextEntered:
        case What::ContextLeft:
        case What::Initialized:
            return context(rank, record);
        case What::LockWaits:
        case What::LockTaken:
        case What::LockDropped:
            return lock(rank, record);
        case What::LifeChanged:
            return life_changed(rank, record);
        case What::HotplugStep:
            return hotplug_step(rank, record);
        case What::NmiClaimed:
        case What::NmiNotMine:
        case What::NmiUnknown:
        case What::NmiIgnored:
        case What::NmiSwallowed:
            return fate(rank, record);
        case What::SleepRefused:
            return sleep(rank, record);
        case What::Printed:
            return printed(rank, record);
        case What::TaskBegun:
        case What::TaskEnded:
            return task(rank, record);
        case What::DeviceWrite:
        case What::DeviceRead:
            return device_access(rank, record);
        case What::RegisterEffect:
            return effect(rank, record);
        case What::TimerMatched:
            return matched(rank, record);
        case What::MaskSet:
        case What::MaskCleared:
            if (CpuFacts* const cpu = facts(record.cpu)) {
                cpu->monitored.change(rank, record.what == What::MaskSet);
            }
            return;
        case What::StuckBegan:
        case What::StuckEnded:
            return stuck_changed(rank, record);
        case What::DrainDone:
        case What::Restarted:
            return drain(rank, record);
        case What::EntryUsed:
        case What::EntryWritten:
        case What::RequestBlocked:
        case What::Invalidated:
        case What::WaitCompleted:
            return remapped(rank, record);
        case What::StillInNmi:
            return still_in_nmi(rank, record.cpu);
        case What::StillInCode:
            return still_in_code(rank, record.cpu);
        case What::MessageFaulted:
        case What::EventBegan:
        case What::IretInSmm:
        case What::RunEnded:
        case What::LineMoved:
        case What::Diagnosed:
        case What::MessageLost:
            return;
    }
}

}  // namespace hldsim::check
