// SPDX-License-Identifier: Apache-2.0
// What the chipset notices of sleeping processors: on parts with that erratum the HPET stops in package C10 (H-38).
//
//   Inside     while every CPU of the machine waits in MWAIT with the hint of C10; left with the first one's exit
//   Outside    a CPU in HLT or in wait-for-SIPI keeps the package out of C10; Linux lets dead CPUs wait in MWAIT for
//              that reason (arch/x86/kernel/smpboot.c, mwait_play_dead)
//   Deviation: no time passes between the last CPU's C10 and the package's; no figure was found
#pragma once
#include "models/base/state_copy.hpp"
#include "models/cpu/monitor.hpp"
#include "models/hpet/hpet.hpp"

namespace hldsim {

class PackageSleep final : public cpu::DeepestState {
public:
    PackageSleep(Hpet& hpet, unsigned cores) : hpet_{hpet}, cores_{cores} {}

    void core_in_c10(CpuNumber /*core*/, bool inside) override {
        const bool before = inside_ == cores_;
        inside ? ++inside_ : --inside_;
        if (before != (inside_ == cores_)) {
            hpet_.package_c10(!before);
        }
    }
    void power_on() { inside_ = 0; }
    void copy_state(StateCopy& s) { s(inside_); }

private:
    Hpet& hpet_;
    unsigned cores_;
    unsigned inside_ = 0;
};

}  // namespace hldsim
