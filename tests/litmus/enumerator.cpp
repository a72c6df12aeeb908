// SPDX-License-Identifier: Apache-2.0
#include "tests/litmus/enumerator.hpp"

#include <deque>
#include <optional>
#include <tuple>
#include <utility>

namespace hldsim::litmus {

const std::vector<Test>& named_tests() {
    constexpr char x = 'x';
    constexpr char y = 'y';
    constexpr char z = 'z';
    using Code = std::vector<Operation>;
#define W(v, k) Operation{'W', v, k, 0, 0},
#define R(v, s) Operation{'R', v, 0, s, 0},
#define X(v, k, s) Operation{'X', v, k, s, 0},
#define A(v, k, s) Operation{'A', v, k, s, 0},
#define F Operation{'F', x, 0, 0, 0},
#define LITMUS(name, a, b, c, d, n) Test{#name, {Code{a}, Code{b}, Code{c}, Code{d}}, Code{n}},
    static const std::vector<Test> tests = {
#include "tests/litmus/tests.def"
    };
#undef W
#undef R
#undef X
#undef A
#undef F
#undef LITMUS
    static_cast<void>(y);
    static_cast<void>(z);
    return tests;
}

std::string outcome(const std::array<unsigned, SLOTS>& slots, const std::array<unsigned, VARIABLES>& memory) {
    std::string text;
    for (const unsigned value : slots) {
        text += std::to_string(value) + ' ';
    }
    text += "memory";
    for (const unsigned value : memory) {
        text += ' ' + std::to_string(value);
    }
    return text;
}

namespace {

struct Pending {
    unsigned variable;
    unsigned value;
    bool operator<(const Pending& o) const { return std::tie(variable, value) < std::tie(o.variable, o.value); }
};

enum class Nmi { Awaited, InService, Over };

struct State {
    std::array<std::size_t, CPUS> next{};  // instruction of each CPU
    std::array<std::deque<Pending>, CPUS> buffer;
    std::array<unsigned, VARIABLES> memory{};
    std::array<unsigned, SLOTS> slots{};
    Nmi nmi = Nmi::Over;
    std::size_t next_in_nmi = 0;

    bool operator<(const State& o) const {
        return std::tie(next, buffer, memory, slots, nmi, next_in_nmi) <
               std::tie(o.next, o.buffer, o.memory, o.slots, o.nmi, o.next_in_nmi);
    }
};

class Search {
public:
    explicit Search(const Test& test) : test_{test} {
        State first;
        first.nmi = test.nmi.empty() ? Nmi::Over : Nmi::Awaited;
        reach(first);
        while (!open_.empty()) {
            const State state = open_.back();
            open_.pop_back();
            moved_ = false;
            for (unsigned cpu = 0; cpu < CPUS; ++cpu) {
                drain(state, cpu);
                execute(state, cpu);
            }
            enter_or_leave_nmi(state);
            if (!moved_) {
                outcomes.insert(outcome(state.slots, state.memory));
            }
        }
    }

    std::set<std::string> outcomes;

private:
    void reach(const State& state) {
        moved_ = true;
        if (seen_.insert(state).second) {
            open_.push_back(state);
        }
    }

    // Rule "a buffered write is flushed to memory", when no other CPU holds the lock: locks are not held over steps
    // here.
    void drain(State state, unsigned cpu) {
        if (state.buffer[cpu].empty()) {
            return;
        }
        const Pending oldest = state.buffer[cpu].front();
        state.memory[oldest.variable] = oldest.value;
        state.buffer[cpu].pop_front();
        reach(state);
    }

    static unsigned read(const State& state, unsigned cpu, unsigned variable) {
        for (auto store = state.buffer[cpu].rbegin(); store != state.buffer[cpu].rend(); ++store) {
            if (store->variable == variable) {
                return store->value;  // the CPU's own most recent write
            }
        }
        return state.memory[variable];
    }

    void execute(State state, unsigned cpu) {
        const bool in_nmi = cpu == 0 && state.nmi == Nmi::InService;
        const std::vector<Operation>& code = in_nmi ? test_.nmi : test_.cpu[cpu];
        std::size_t& next = in_nmi ? state.next_in_nmi : state.next[cpu];
        if (next == code.size()) {
            return;
        }
        const Operation& operation = code[next++];
        const auto variable = static_cast<unsigned>(operation.variable - 'x');
        const auto slot = static_cast<std::size_t>(operation.slot);
        const auto value = static_cast<unsigned>(operation.value);
        const bool waits = operation.kind == 'F' || operation.kind == 'X' || operation.kind == 'A';
        if (waits && !state.buffer[cpu].empty()) {
            return;
        }
        switch (operation.kind) {
            case 'W':
                state.buffer[cpu].push_back({variable, value});
                break;
            case 'R':
                state.slots[slot] = read(state, cpu, variable);
                break;
            case 'X':
                state.slots[slot] = std::exchange(state.memory[variable], value);
                break;
            case 'A':
                state.slots[slot] = state.memory[variable];
                state.memory[variable] += value;
                break;
            default:
                break;
        }
        reach(state);
    }

    void enter_or_leave_nmi(State state) {
        if (!state.buffer[0].empty()) {
            return;
        }
        if (state.nmi == Nmi::Awaited) {
            state.nmi = Nmi::InService;
            reach(state);
        } else if (state.nmi == Nmi::InService && state.next_in_nmi == test_.nmi.size()) {
            state.nmi = Nmi::Over;
            reach(state);
        }
    }

    const Test& test_;
    std::set<State> seen_;
    std::vector<State> open_;
    bool moved_ = false;
};

}  // namespace

std::set<std::string> allowed(const Test& test) { return Search{test}.outcomes; }

}  // namespace hldsim::litmus
