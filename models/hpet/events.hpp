// SPDX-License-Identifier: Apache-2.0
// What the HPET tells its observers, one struct each. Diagnoses are regs::Diagnosis; hops of tokens are HopReached.
#pragma once
#include <cstdint>
#include <string>

#include "models/base/bits.hpp"
#include "models/base/duration.hpp"
#include "models/fabric/ports.hpp"
#include "models/fabric/token.hpp"
#include "models/regs/file.hpp"

namespace hldsim::hpet {

/// Where an interrupt leaves the HPET.
enum class Outlet : std::uint8_t { None, Message, Pin };

/// The main counter became equal to a comparator. Not emitted for a match that can have no effect at all (one-shot,
/// edge, Tn_INT_ENB_CNF = 0).
struct TimerMatched {
    Instant at;
    unsigned timer = 0;
    std::uint64_t main_counter = 0;
    Outlet outlet = Outlet::None;
    Token token;  // none if nothing leaves
};

/// Software changed a register, or wrote the same value again.
struct RegisterWritten {
    Instant at;
    std::uint32_t offset = 0;  // of the register
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    bool loads_period = false;  // TIMn_COMP: alone, so that `after` is `before`
    std::uint64_t period = 0;   // which it is then
};

/// What the HPET will do by itself if nobody touches it: the next match of a timer, or a message on its way out.
struct ArmedMatch {
    unsigned timer = 0;
    Instant at;            // of the match; of the leaving if `matched`
    bool matched = false;  // the match is past, the message has not left yet
    Outlet outlet = Outlet::Message;
    MessageWrite message;  // Outlet::Message; without a token before the match
    unsigned input = 0;    // Outlet::Pin
};

std::string describe(const TimerMatched& event);
std::string describe(const RegisterWritten& event);
std::string describe(const regs::Diagnosis& diagnosis);

}  // namespace hldsim::hpet
