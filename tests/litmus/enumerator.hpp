// SPDX-License-Identifier: Apache-2.0
// x86-TSO as an abstract machine, written without any part of the simulator: what a litmus test may show.
//
//   Source   Sewell, Sarkar, Owens, Zappa Nardelli, Myreen: x86-TSO, CACM 53(7), 2010, section 3.2
//   NMI      belongs to its CPU: the same store buffer; entered between two instructions and left at IRET, both of
//            which wait until the buffer is empty (SDM vol. 3A, 8.3: serialising)
#pragma once
#include <array>
#include <set>
#include <string>
#include <vector>

namespace hldsim::litmus {

constexpr unsigned CPUS = 4;
constexpr unsigned VARIABLES = 3;
constexpr unsigned SLOTS = 8;

struct Operation {
    char kind = 'F';  // W, R, X (exchange), A (add), F (fence)
    char variable = 'x';
    int value = 0;
    int slot = 0;
    int style = 0;  // of the C only: once, plain, ordered
};

struct Test {
    std::string name;
    std::array<std::vector<Operation>, CPUS> cpu;
    std::vector<Operation> nmi;  // on CPU 0, once; empty: none
};

/// The tests of tests.def, in its order.
const std::vector<Test>& named_tests();

/// What was loaded into each slot, and memory at the end.
std::string outcome(const std::array<unsigned, SLOTS>& slots, const std::array<unsigned, VARIABLES>& memory);

/// Every outcome that x86-TSO allows.
std::set<std::string> allowed(const Test& test);

}  // namespace hldsim::litmus
