// SPDX-License-Identifier: Apache-2.0
// The simulated CPUs show every outcome that x86-TSO allows, and no other.
#include <map>

#include "tests/litmus/enumerator.hpp"
#include "tests/litmus/explorer.hpp"
#include "tests/support/catch.hpp"

using namespace hldsim::litmus;

namespace {

constexpr int STYLES = 3;
const char* const STYLE_NAMES[] = {"READ_ONCE and WRITE_ONCE", "plain with barrier()", "acquire and release"};

// Slot values of the outcome that makes a test known, for the enumerator itself: it must not be wrong in the same way.
std::string slots(const std::string& outcome, std::size_t count) { return outcome.substr(0, 2 * count - 1); }

bool shows(const char* name, const std::string& wanted) {
    for (const Test& test : named_tests()) {
        if (test.name != name) {
            continue;
        }
        for (const std::string& outcome : allowed(test)) {
            if (slots(outcome, (wanted.size() + 1) / 2) == wanted) {
                return true;
            }
        }
    }
    return false;
}

void check_named(Compiler compiler, bool with_nmi) {
    Explorer explorer{compiler, with_nmi};
    std::uint64_t runs = 0;
    unsigned tests = 0;
    for (unsigned number = 0; number < named_tests().size(); ++number) {
        const Test& test = named_tests()[number];
        if (test.nmi.empty() == with_nmi) {
            continue;
        }
        ++tests;
        for (int style = 0; style < STYLES; ++style) {
            const auto found = explorer.named(number, style);
            INFO(test.name << ", " << STYLE_NAMES[style]);
            CHECK(found.outcomes == allowed(test));
            runs += found.runs;
        }
    }
    CHECK(tests == (with_nmi ? 17 : 18));
    CHECK(runs > 10'000);
}

}  // namespace

TEST_CASE("the enumerator allows what x86-TSO is known to allow, and forbids the rest", "[litmus]") {
    CHECK(shows("SB", "0 0"));
    CHECK_FALSE(shows("SB_mfence", "0 0"));
    CHECK(shows("SB_one", "0 0"));
    CHECK_FALSE(shows("SB_xchg", "0 0"));
    CHECK_FALSE(shows("SB_add", "0 0"));
    CHECK(shows("SB_rfi", "0 0 1 1"));
    CHECK_FALSE(shows("MP", "1 0"));
    CHECK_FALSE(shows("LB", "1 1"));
    CHECK_FALSE(shows("IRIW", "1 0 1 0"));
    CHECK_FALSE(shows("WRC", "1 1 0"));
    CHECK_FALSE(shows("n4b", "2 1"));
    CHECK_FALSE(shows("n5", "2 1"));
    CHECK(shows("n6", "1 0"));
}

TEST_CASE("named tests of gcc's object show exactly the outcomes of x86-TSO", "[litmus]") {
    check_named(Compiler::Gcc, false);
}

TEST_CASE("named tests of clang's object show exactly the outcomes of x86-TSO", "[litmus]") {
    check_named(Compiler::Clang, false);
}

TEST_CASE("with an NMI anywhere, gcc's object shows exactly the outcomes of x86-TSO", "[litmus][CPU-1]") {
    check_named(Compiler::Gcc, true);
}

TEST_CASE("with an NMI anywhere, clang's object shows exactly the outcomes of x86-TSO", "[litmus][CPU-1]") {
    check_named(Compiler::Clang, true);
}
