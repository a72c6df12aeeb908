// SPDX-License-Identifier: Apache-2.0
// Runs a litmus test, compiled C on simulated CPUs, in every interleaving of steps, drains and the NMI.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "detector/shim/object.hpp"
#include "detector/shim/runtime.hpp"
#include "models/cpu/cpus.hpp"
#include "models/sim/session.hpp"
#include "models/sim/timeline.hpp"
#include "tests/litmus/enumerator.hpp"

namespace hldsim::litmus {

enum class Compiler { Gcc, Clang };

class Explorer {
public:
    Explorer(Compiler compiler, bool with_nmi);

    struct Found {
        std::set<std::string> outcomes;
        std::uint64_t runs = 0;
        bool complete = false;
    };
    static constexpr std::uint64_t ALL = ~std::uint64_t{0};

    /// The compiled code of that number of named_tests() with accesses of that style, at most `most` runs.
    Found named(unsigned number, int style);
    /// The test as interpreted by the C.
    Found interpreted(const Test& test, std::uint64_t most);

private:
    // Replays the choices so far, then takes the first alternative each time.
    class DepthFirst final : public cpu::Interleaver {
    public:
        std::size_t choose(std::size_t alternatives) override;
        bool next();

    private:
        struct Choice {
            std::size_t taken;
            std::size_t of;
        };
        std::vector<Choice> path_;
        std::size_t depth_ = 0;
    };
    class NoBus final : public CpuBus {
        void post_write(CpuNumber, std::uint64_t, Size, std::uint64_t) override {}
        void read(CpuNumber, std::uint64_t, Size, ReadCompletion&) override {}
    };
    using Tasks = std::vector<std::pair<unsigned, hld_task>>;

    Found explore(const Tasks& tasks, std::uint64_t most);
    std::string run(const Tasks& tasks);
    const unsigned* variable(const char* name) const;

    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    NoBus bus_;
    Timing timing_;
    cpu::Cpus cpus_;
    const shim::Object& detector_;
    std::unique_ptr<shim::Runtime> runtime_;
    std::array<const unsigned*, VARIABLES> variables_{};
    std::array<unsigned, SLOTS> slots_{};
};

}  // namespace hldsim::litmus
