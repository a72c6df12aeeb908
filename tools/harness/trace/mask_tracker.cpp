// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/trace/mask_tracker.hpp"

#include <algorithm>
#include <cstring>

namespace hldsim::trace {

void MaskTracker::begin(const Watched& mask) {
    mask_ = mask;
    known_.assign((mask.monitored_bytes + 7) / 8, 0);
    pending_ = false;
}

bool MaskTracker::about_to(const cpu::Cpu& cpu, const cpu::Access& access) {
    const auto offset = reinterpret_cast<std::uintptr_t>(access.at) - reinterpret_cast<std::uintptr_t>(mask_.monitored);
    if (offset >= mask_.monitored_bytes || access.kind == cpu::AccessKind::Load) {
        return false;
    }
    write_ = {cpu.number.value, cpu.local.now(), access.pc, cpu.nesting.context(),
              static_cast<std::uint8_t>(cpu.nesting.depth())};
    pending_ = true;
    buffered_ = access.kind == cpu::AccessKind::Store;
    return true;
}

std::vector<MaskChange> MaskTracker::look() {
    std::vector<MaskChange> changes;
    pending_ = buffered_;
    for (std::size_t word = 0; word < known_.size(); ++word) {
        std::uint64_t now = 0;
        std::memcpy(&now, mask_.monitored + word, std::min<std::size_t>(8, mask_.monitored_bytes - word * 8));
        for (std::uint64_t changed = now ^ known_[word]; changed != 0; changed &= changed - 1) {
            const auto bit = static_cast<unsigned>(__builtin_ctzll(changed));
            changes.push_back({CpuNumber{static_cast<unsigned>(word * 64) + bit}, (now >> bit & 1U) != 0, write_});
        }
        pending_ = pending_ && now == known_[word];
        known_[word] = now;
    }
    return changes;
}

}  // namespace hldsim::trace
