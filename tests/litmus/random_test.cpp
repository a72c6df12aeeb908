// SPDX-License-Identifier: Apache-2.0
// Random programs of all operations and access kinds, two or three CPUs, with and without an NMI.
#include "tests/litmus/enumerator.hpp"
#include "tests/litmus/explorer.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim::litmus;

namespace {

class Random {
public:
    explicit Random(std::uint64_t seed) : state_{seed} {}
    unsigned below(unsigned n) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<unsigned>(state_ >> 33U) % n;
    }

private:
    std::uint64_t state_;
};

std::vector<Operation> code(Random& random, unsigned operations, unsigned variables, int& slots) {
    std::vector<Operation> code;
    while (code.size() < operations) {
        Operation operation;
        operation.kind = "WWWRRRXAF"[random.below(9)];
        operation.variable = static_cast<char>('x' + random.below(variables));
        operation.value = static_cast<int>(1 + random.below(3));
        operation.style = static_cast<int>(random.below(3));
        if (operation.kind == 'R' || operation.kind == 'X' || operation.kind == 'A') {
            operation.slot = slots++;
        }
        code.push_back(operation);
    }
    return code;
}

// Three CPUs have fewer operations each, so that all interleavings are few enough.
Test program(Random& random, bool with_nmi) {
    Test test;
    int slots = 0;
    const unsigned cpus = 2 + (random.below(3) == 0 ? 1 : 0);
    const unsigned most = cpus == 3 ? 2 : with_nmi ? 3 : 4;
    for (unsigned cpu = 0; cpu < cpus; ++cpu) {
        test.cpu[cpu] = code(random, 1 + random.below(most), cpus, slots);
    }
    if (with_nmi) {
        test.nmi = code(random, 1 + random.below(3), cpus, slots);
    }
    if (slots > static_cast<int>(SLOTS)) {
        return program(random, with_nmi);
    }
    return test;
}

std::string text(const Test& test) {
    std::string text;
    const auto add = [&](const std::vector<Operation>& code) {
        for (const Operation& operation : code) {
            text += std::string{operation.kind, operation.variable} + std::to_string(operation.value) + "/" +
                    std::to_string(operation.slot) + "/" + std::to_string(operation.style) + ' ';
        }
        text += "| ";
    };
    for (const auto& cpu : test.cpu) {
        add(cpu);
    }
    add(test.nmi);
    return text;
}

void check_random(Compiler compiler, bool with_nmi, unsigned wanted, std::uint64_t seed) {
    constexpr std::uint64_t MOST = 12'000;
    Explorer explorer{compiler, with_nmi};
    Random random{seed};
    unsigned checked = 0;
    while (checked < wanted) {
        const Test test = program(random, with_nmi);
        const auto found = explorer.interpreted(test, MOST);
        if (!found.complete) {
            continue;
        }
        ++checked;
        INFO("program " << checked << ": " << text(test));
        CHECK(found.outcomes == allowed(test));
    }
}

}  // namespace

TEST_CASE("200 random programs of gcc's object show exactly the outcomes of x86-TSO", "[litmus]") {
    check_random(Compiler::Gcc, false, 200, 42);
}

TEST_CASE("200 random programs of clang's object show exactly the outcomes of x86-TSO", "[litmus]") {
    check_random(Compiler::Clang, false, 200, 42);
}

TEST_CASE("100 random programs with an NMI, of gcc's object, show exactly the outcomes of x86-TSO", "[litmus]") {
    check_random(Compiler::Gcc, true, 100, 43);
}

TEST_CASE("100 random programs with an NMI, of clang's object, show exactly the outcomes of x86-TSO", "[litmus]") {
    check_random(Compiler::Clang, true, 100, 43);
}
