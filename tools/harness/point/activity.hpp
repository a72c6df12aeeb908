// SPDX-License-Identifier: Apache-2.0
// Whether a function runs on one CPU, and since when: from what the hooks tell of it, without a look at the stack.
//
//   Depth       how many functions deep the CPU is (Cpu::callers.size()); a function runs at one depth
//   Out of line entered by its own entry hook, left by its exit hook
//   Inlined     entered at the first hook inside its code, left at the first one outside of it at the same depth: two
//               instances without a hook between them count as one
//   Abandoned   a stack that was given up leaves no exit hooks: what is deeper than the next entry is forgotten
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "models/base/state_copy.hpp"
#include "tools/harness/point/place.hpp"

namespace hldsim::point {

class Activity {
public:
    static constexpr std::size_t PLACES = 16;

    /// One activation of the function.
    struct Run {
        std::size_t depth = 0;
        bool inlined = false;
        unsigned count = 0;                       // of what is counted in it
        unsigned places = 0;                      // different ones
        std::array<const void*, PLACES> place{};  // pcs of what was counted
    };
    struct Change {
        bool entered = false;
        bool left = false;
    };

    explicit Activity(const Function& function) : function_{function} {}

    void reset() { runs_ = 0; }
    void copy_state(StateCopy& s) {
        s(runs_);
        s.raw(stack_.data(), runs_ * sizeof(Run));  // what lies above is never read
    }

    /// An entry hook: the CPU is `depth` deep now, at `pc`; `caller` is one less deep, unless that is `below`, the
    /// depth of what is interrupted: then it is no code that we know.
    Change enter(std::size_t depth, std::size_t below, const void* pc, const void* caller) {
        Change change;
        if (depth - 1 > below) {
            change = inside(depth - 1, caller);
        } else {
            forget_deeper_than(depth - 1);
        }
        if (function_.body.holds(pc)) {
            push(depth, false);
            change.entered = true;
        }
        return change;
    }
    /// Any other hook.
    Change inside(std::size_t depth, const void* pc) {
        Change change;
        forget_deeper_than(depth);
        if (function_.inlined.empty()) {
            return change;
        }
        const bool holds = function_.inlined.holds(pc);
        const bool here = runs_ > 0 && top().depth == depth;
        if (here && top().inlined && !holds) {
            --runs_;
            change.left = true;
        } else if (!here && holds) {
            push(depth, true);
            change.entered = true;
        }
        return change;
    }
    /// An exit hook, still `depth` deep.
    Change leave(std::size_t depth) {
        Change change;
        while (runs_ > 0 && top().depth >= depth) {
            change.left = change.left || top().depth == depth;
            --runs_;
        }
        return change;
    }

    /// The innermost activation that lies above `below`, the depth of what is interrupted; null if there is none.
    Run* running(std::size_t below) { return runs_ > 0 && top().depth > below ? &top() : nullptr; }

private:
    // Deeper nesting than this forgets the outermost ones.
    static constexpr std::size_t DEEPEST = 8;

    Run& top() { return stack_[runs_ - 1]; }
    void forget_deeper_than(std::size_t depth) {
        while (runs_ > 0 && top().depth > depth) {
            --runs_;
        }
    }
    void push(std::size_t depth, bool inlined) {
        if (runs_ == DEEPEST) {
            for (std::size_t i = 1; i < DEEPEST; ++i) {
                stack_[i - 1] = stack_[i];
            }
            --runs_;
        }
        Run& run = stack_[runs_++];
        run.depth = depth;
        run.inlined = inlined;
        run.count = 0;
        run.places = 0;
    }

    const Function& function_;
    std::array<Run, DEEPEST> stack_{};
    std::size_t runs_ = 0;
};

}  // namespace hldsim::point
