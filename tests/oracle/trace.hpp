// SPDX-License-Identifier: Apache-2.0
// What QEMU was told and what it answered: the golden traces, as `record` writes them.
//
//   program N        power-on
//   R4 0f0 00000019  a read of 4 bytes at offset 0f0h and its answer; W4 010 1: a write; T 7: seven ticks,
//                    of a local APIC microseconds
//   P 5 1            input 5 becomes high
//   A 33             an INTA cycle, and the vector that answers it
//   S8 100010 1      a store to memory; L4 400000 00000002: a load and its answer
//   M 20 fee00010 0  a message of the requester 0020h: address, data; to local APICs: one on the bus
//   F 20             a fault of the requester 0020h that a remapping unit is to record
//   G 1b fee00900    RDMSR and the lower half of its answer; U 1b fee00d00: WRMSR; 0^13 behind it: a general protection
//   | 7^20 0/16      what was seen meanwhile: at tick 7 a pulse of input 20, at once a rise (/) or fall (\) of input
//   16;
//                    3>100000=400 a message of data 400h to address 100000h, at tick 3
//   : D-4 1          from here on timer or input 1 does what the deviation D-4 is about; ": end" ends that
#pragma once
#include <cstdint>
#include <ostream>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace hldsim::oracle {

/// Something that left the device.
struct Happening {
    unsigned tick = 0;  // of the step
    char kind = ' ';    // '/' rise, '\\' fall, '^' pulse, '>' message
    std::uint64_t what = 0;
    std::uint64_t data = 0;

    friend bool operator<(const Happening& a, const Happening& b) {
        return std::tie(a.tick, a.what, a.kind, a.data) < std::tie(b.tick, b.what, b.kind, b.data);
    }
    friend bool operator==(const Happening& a, const Happening& b) { return !(a < b) && !(b < a); }
    friend std::ostream& operator<<(std::ostream& out, const Happening& h);
};

struct Section {
    std::string deviation;  // empty: outside of any
    unsigned subject = 0;
};

struct Step {
    unsigned line = 0;
    char action = ' ';         // R, W, T, P, A, S, L, M, F, G, U
    unsigned size = 0;         // or the requester of a message or fault
    std::uint32_t offset = 0;  // or the input, the address, the MSR
    std::uint64_t value = 0;   // answered, written; ticks; level; data
    std::vector<Happening> seen;
    Section section;

    bool is_answered() const { return action == 'R' || action == 'L' || action == 'A' || action == 'G'; }
};

struct Program {
    unsigned number = 0;
    std::vector<Step> steps;
};

struct Trace {
    std::string file;
    std::vector<Program> programs;
};

/// Throws std::runtime_error that names file and line.
Trace parse_trace(const std::string& path);

/// What one side did to a step: the value of a read, and what left the device.
struct Answer {
    std::uint64_t value = 0;
    std::vector<Happening> seen;
};

struct Difference {
    enum class What { Value, OnlyQemu, OnlyHere };
    What what = What::Value;
    std::uint64_t qemu = 0;
    std::uint64_t here = 0;
    Happening happening;
};

/// All differences of one step; happenings of one tick have no order.
std::vector<Difference> compare(const Step& step, const Answer& here);

std::string describe(const std::string& file, const Program& program, const Step& step, const Difference& difference);

/// The ids of the rows of DEVIATIONS.md that are of that device. Throws std::runtime_error where a row lacks its
/// clause.
std::set<std::string> deviations(const std::string& device);

}  // namespace hldsim::oracle
