// SPDX-License-Identifier: GPL-2.0 OR MIT
// What native C may do wrong that no hook sees: the host's processor does, and raises a signal. It ends the run, as a
// bad access that was announced does, and not the process.
//
//   Signals   SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, on a stack of their own
//   Loops     of code that never comes to a hook (an empty one: gcc puts none into it) stand still in simulated time
//             and change nothing. A timer of the host's CPU time looks whether there was a hook since its last look.
//             When it looks has no influence: what it finds never ends
//   Whose     those of code of an object, those of a jump from there to nowhere, and those of a CPU's guard page.
//             Others are the simulator's own, and have their usual effect
//   Deviation: a CPU raises #PF, #DE or #UD, and a kernel may go on behind an oops; here the run ends there.
//   Deviation: a stack has 256 KiB (models/cpu/stack.hpp), and Linux's 16: what overflows there may pass here.
#pragma once
#include "detector/shim/object.hpp"

namespace hldsim::shim {

/// From now on for code of that object. Objects stay loaded, so nothing takes it back.
void catch_faults_of(const Object& object);

}  // namespace hldsim::shim
