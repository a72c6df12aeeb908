// SPDX-License-Identifier: Apache-2.0
#include "tests/litmus/explorer.hpp"

#include <algorithm>
#include <stdexcept>

namespace hldsim::litmus {

namespace {

const shim::Object& kernel() {
    static auto& object = *new shim::Object(LITMUS_KERNEL, shim::Object::Role::Kernel);
    return object;
}

const shim::Object& programs(Compiler compiler) {
    kernel();
    static auto& gcc = *new shim::Object(LITMUS_GCC, shim::Object::Role::Detector);
    static auto& clang = *new shim::Object(LITMUS_CLANG, shim::Object::Role::Detector);
    return compiler == Compiler::Gcc ? gcc : clang;
}

Timing any_timing() {
    Timing timing{{1'000'000'000, 1}, {1'000'000'000, 1}, {24'000'000, 1}, Duration{10'000'000}};
    for (std::size_t row = 0; row < ROWS; ++row) {
        timing.set(static_cast<Row>(row), RowUnit::CoreCycles, 1);
    }
    return timing;
}

cpu::Cpus::Options options() {
    cpu::Cpus::Options options;
    options.count = CPUS;
    return options;
}

shim::Firmware firmware() {
    shim::Firmware firmware;
    firmware.apic_ids = {0, 1, 2, 3};
    firmware.packages = {0, 0, 0, 0};
    return firmware;
}

// As programs.c reads it: five characters for each operation.
hld_task interpreted_task(const std::vector<Operation>& code) {
    hld_task task{};
    task.number = ~0U;
    char* at = task.value;
    for (const Operation& operation : code) {
        *at++ = operation.kind;
        *at++ = operation.variable;
        *at++ = static_cast<char>('0' + operation.value);
        *at++ = static_cast<char>('0' + operation.slot);
        *at++ = static_cast<char>('0' + operation.style);
    }
    return task;
}

}  // namespace

std::size_t Explorer::DepthFirst::choose(std::size_t alternatives) {
    if (depth_ == path_.size()) {
        path_.push_back({0, alternatives});
    }
    if (path_[depth_].of != alternatives) {
        throw std::logic_error("a replayed run has other alternatives than the run before");
    }
    return path_[depth_++].taken;
}

bool Explorer::DepthFirst::next() {
    while (!path_.empty() && path_.back().taken + 1 == path_.back().of) {
        path_.pop_back();
    }
    depth_ = 0;
    if (path_.empty()) {
        return false;
    }
    ++path_.back().taken;
    return true;
}

Explorer::Explorer(Compiler compiler, bool with_nmi)
    : timing_{any_timing()},
      cpus_{timeline_, timing_, options(), bus_},
      detector_{programs(compiler)},
      runtime_{std::make_unique<shim::Runtime>(cpus_, kernel(), detector_, firmware())},
      variables_{variable("x"), variable("y"), variable("z")} {
    timeline_.following(false);
    runtime_->task.subscribe(
        [this](const shim::TaskNote& note) { slots_.at(note.number) = static_cast<unsigned>(note.result); });
    if (with_nmi) {
        cpus_.inject_nmi(CpuNumber{0});
    }
}

const unsigned* Explorer::variable(const char* name) const {
    const auto& symbols = detector_.symbols();
    const auto found =
        std::find_if(symbols.begin(), symbols.end(), [&](const shim::Object::Symbol& s) { return s.name == name; });
    return reinterpret_cast<const unsigned*>(found->at);
}

Explorer::Found Explorer::named(unsigned number, int style) {
    const Test& test = named_tests()[number];
    hld_task task{};
    task.number = number;
    task.cpu = static_cast<hld_u32>(style);
    Tasks tasks;
    for (unsigned cpu = 0; cpu < CPUS; ++cpu) {
        if (!test.cpu[cpu].empty()) {
            tasks.push_back({cpu, task});
        }
    }
    tasks.push_back({0, task});  // the NMI's; CPU 0 has taken its own before anything can interrupt it
    return explore(tasks, ALL);
}

Explorer::Found Explorer::interpreted(const Test& test, std::uint64_t most) {
    Tasks tasks;
    for (unsigned cpu = 0; cpu < CPUS; ++cpu) {
        if (!test.cpu[cpu].empty()) {
            tasks.push_back({cpu, interpreted_task(test.cpu[cpu])});
        }
    }
    tasks.push_back({0, interpreted_task(test.nmi)});
    return explore(tasks, most);
}

Explorer::Found Explorer::explore(const Tasks& tasks, std::uint64_t most) {
    DepthFirst paths;
    cpus_.interleave(&paths);
    Found found;
    do {
        found.outcomes.insert(run(tasks));
        ++found.runs;
        found.complete = !paths.next();
    } while (!found.complete && found.runs < most);
    return found;
}

std::string Explorer::run(const Tasks& tasks) {
    slots_ = {};
    runtime_->restore();
    timeline_.power_on();
    cpus_.power_on();
    for (const auto& [cpu, task] : tasks) {
        runtime_->give(CpuNumber{cpu}, task);
    }
    timeline_.run();
    if (cpus_.ended() != cpu::End::Time) {
        throw std::logic_error("a litmus test did not run to its end: " + runtime_->end_reason());
    }
    std::array<unsigned, VARIABLES> memory{};
    std::transform(variables_.begin(), variables_.end(), memory.begin(), [](const unsigned* v) { return *v; });
    return outcome(slots_, memory);
}

}  // namespace hldsim::litmus
