// SPDX-License-Identifier: Apache-2.0
// What the remapping unit did, in the log.
#include "tools/harness/trace/recorder.hpp"

namespace hldsim::trace {

// A physical one; APIC ID = CPU number.
unsigned Recorder::destination(std::uint64_t low) const {
    const std::uint64_t field = vtd::irte::DST.get(low);
    return static_cast<unsigned>(machine_.profile.x2apic ? field : vtd::irte::NARROW_DST.get(field));
}

void Recorder::subscribe_to_remapper() {
    Vtd* const vtd = machine_.vtd();
    if (vtd == nullptr) {
        return subscribe_to_amdvi();
    }
    vtd->entry_used.subscribe([this](const vtd::EntryUsed& used) {
        if (recording_) {
            Record& record = add(What::EntryUsed, used.at);
            record.token = used.write.token;
            record.value = used.entry.low;
            record.address = used.entry.high;
            record.result = used.index;
            record.flag = used.cached;
            record.stale = used.stale;
            record.cpu = destination(used.entry.low);
        }
    });
    vtd->request_blocked.subscribe([this](const vtd::RequestBlocked& blocked) {
        if (recording_) {
            const std::uint32_t text = keep_text(vtd::describe(blocked));
            Record& record = add(What::RequestBlocked, blocked.at);
            record.token = blocked.write.token;
            record.value = static_cast<std::uint64_t>(blocked.reason);
            record.result = blocked.index;
            record.flag = blocked.recorded == vtd::Recorded::Written;
            record.text = text;
        }
    });
    vtd->cache_invalidated.subscribe([this](const vtd::CacheInvalidated& done) {
        if (recording_) {
            Record& record = add(What::Invalidated, done.at);
            record.value = done.first;
            record.address = done.count;
            record.flag = done.global;
        }
    });
    vtd->wait_completed.subscribe([this](const vtd::WaitCompleted& done) {
        if (recording_) {
            add(What::WaitCompleted, done.at);
        }
    });
}

// AMD's: no NMI goes through an entry.
void Recorder::subscribe_to_amdvi() {
    Amdvi* const amdvi = machine_.amdvi();
    if (amdvi == nullptr) {
        return;
    }
    amdvi->entry_used.subscribe([this](const amdvi::EntryUsed& used) {
        if (recording_) {
            Record& record = add(What::EntryUsed, used.at);
            record.token = used.write.token;
            record.value = used.entry.low;
            record.address = used.entry.high;
            record.result = used.index;
            record.flag = used.cached;
            record.stale = used.stale;
            record.cpu = amdvi::message_of(used.entry, used.format, used.write.data).destination;
            record.bytes = static_cast<std::uint8_t>(used.format.bytes());
        }
    });
    amdvi->request_blocked.subscribe([this](const amdvi::RequestBlocked& blocked) {
        if (recording_) {
            const std::uint32_t text = keep_text(amdvi::describe(blocked));
            Record& record = add(What::RequestBlocked, blocked.at);
            record.token = blocked.write.token;
            record.value = static_cast<std::uint64_t>(blocked.reason);
            record.address = static_cast<std::uint64_t>(blocked.event);
            record.result = blocked.index;
            record.flag = blocked.recorded == amdvi::Recorded::Written;
            record.text = text;
        }
    });
    amdvi->cache_invalidated.subscribe([this](const amdvi::CacheInvalidated& done) {
        if (recording_ && done.interrupt_entries) {
            Record& record = add(What::Invalidated, done.at);
            record.address = amdvi::INDICES;
            record.flag = done.all;
        }
    });
    amdvi->wait_completed.subscribe([this](const amdvi::WaitCompleted& done) {
        if (recording_) {
            add(What::WaitCompleted, done.at);
        }
    });
}

}  // namespace hldsim::trace
