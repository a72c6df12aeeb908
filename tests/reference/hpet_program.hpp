// SPDX-License-Identifier: Apache-2.0
// A random HPET with all its knobs, and a program of accesses to it: one seed, one program.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/hpet/profile.hpp"

namespace hldsim::reference {

/// An access between edge `edge` and the next; or at edge `edge` itself, where it is a tie.
struct Operation {
    std::uint64_t edge = 0;
    bool tie = false;
    bool write = false;
    std::uint32_t offset = 0;
    unsigned length = 4;
    std::uint64_t value = 0;
};

struct Program {
    HpetProfile profile;
    bool access_first = false;
    std::vector<Operation> operations;
    std::vector<std::int64_t> edges;  // their instants
};

/// Accesses between two edges come that many fs after the first of them.
constexpr std::int64_t AFTER_EDGE = 3;

Program random_program(std::uint64_t seed);

/// When an operation of the program arrives, in fs.
std::int64_t instant_of(const Program& program, const Operation& op);

/// What the program does, to be read when the traces differ.
std::string text_of(const Program& program);

}  // namespace hldsim::reference
