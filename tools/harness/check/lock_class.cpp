// SPDX-License-Identifier: Apache-2.0
// INV-lock-class: a lock that task or interrupt context ever takes is not taken in an NMI by a call that may wait. One
// that both take for reading alone is: Linux lets a reader in past waiting writers in interrupt context and in NMIs
// (Documentation/locking/lockdep-design.rst, recursive read locks).
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

void check_lock_class(const Index& index, Violations& found) {
    for (const Lock& lock : index.locks) {
        if (const auto clash = lock.clash()) {
            found.push_back({"INV-lock-class",
                             {Subject::Kind::Lock, lock.named},
                             index.record(clash->in_nmi).actor,
                             clash->in_nmi,
                             {clash->in_nmi, clash->elsewhere}});
        }
    }
}

}  // namespace hldsim::check
