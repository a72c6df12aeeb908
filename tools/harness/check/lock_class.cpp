// SPDX-License-Identifier: Apache-2.0
// INV-lock-class: a lock that task or interrupt context ever takes is not taken in an NMI by a call that may wait.
#include "tools/harness/check/violation.hpp"

namespace hldsim::check {

void check_lock_class(const Index& index, Violations& found) {
    for (const Lock& lock : index.locks) {
        if (lock.in_nmi != NEVER && lock.elsewhere != NEVER) {
            found.push_back({"INV-lock-class",
                             {Subject::Kind::Lock, lock.named},
                             index.record(lock.in_nmi).actor,
                             lock.in_nmi,
                             {lock.in_nmi, lock.elsewhere}});
        }
    }
}

}  // namespace hldsim::check
