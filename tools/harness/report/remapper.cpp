// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/report/remapper.hpp"

#include "models/amdvi/entry.hpp"
#include "models/vtd/entry.hpp"

namespace hldsim::report {

using trace::Record;
using trace::What;

// VT-d 9.9; AMD IOMMU specification, 2.2.5.
std::string entry_words(const Record& record) {
    const vtd::Irte entry{record.value, record.address};
    std::string text = "entry " + std::to_string(record.result);
    if (record.what == What::EntryUsed) {
        text += !record.flag ? " read from memory" : record.stale ? " from the cache, stale" : " from the cache";
    }
    if (record.bytes != 0) {
        const amdvi::Irte amds{record.value, record.address};
        const std::uint64_t vector =
            record.bytes == 4 ? amdvi::irte::VECTOR.get(amds.low) : amdvi::irte::VECTOR_128.get(amds.high);
        return text + (amds.enabled() ? ": vector " + std::to_string(vector) + " to CPU " + std::to_string(record.cpu)
                                      : ": RemapEn = 0");
    }
    if (!entry.present()) {
        return text + ": not present";
    }
    const bool nmi = vtd::irte::DLM.get(entry.low) == static_cast<unsigned>(DeliveryMode::Nmi);
    return text + (nmi ? ": NMI" : ": vector " + std::to_string(vtd::irte::VV.get(entry.low))) + " to CPU " +
           std::to_string(record.cpu);
}

std::string invalidation_words(const Record& record) {
    return record.flag           ? "all entries are invalidated"
           : record.address == 1 ? "entry " + std::to_string(record.value) + " is invalidated"
                                 : "entries " + std::to_string(record.value) + " to " +
                                       std::to_string(record.value + record.address - 1) + " are invalidated";
}

}  // namespace hldsim::report
