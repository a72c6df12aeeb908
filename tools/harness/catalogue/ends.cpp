// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/catalogue/catalogue.hpp"

namespace hldsim::catalogue {
namespace {

constexpr End ENDS[] = {
    {"time", "the run is as long as its scenario says (until)", "time"},
    {"deadlock",
     "a CPU waits for what nobody can bring about any more, which is recognised at once; where `reports` are expected, "
     "only in an NMI: from elsewhere the run goes on, for the detector is to tell",
     "deadlock"},
    {"panic", "the kernel has panicked", "panic"},
    {"reset", "software has reset the machine", "reset"},
    {"triple-fault", "an event met a CPU without an IDT, which shut down; the chipset resets the machine", "reset"},
    {"boot-cpu-init", "an INIT took CPU 0 to its reset vector, where firmware begins, which is not simulated", "reset"},
    {"access-limit",
     "a CPU makes no progress: in one context and without HLT 50,000,000 accesses to memory or reads of the TSC, "
     "300,000,000 blocks of code, or 1,000,000 reads of registers, half a second; a loop that touches nothing; or "
     "1,000,000 interrupts and NMIs without HLT",
     ""},
    {"bad-access", "code that cannot go on: it touched memory that is not the kernel's, divided by 0, left its stack",
     ""},
};

}  // namespace

Table<End> ends() { return Table<End>{ENDS}; }

}  // namespace hldsim::catalogue
