// SPDX-License-Identifier: Apache-2.0
#include "detector/shim/symbols.hpp"

#include <algorithm>

#include "detector/symbols/recorder.hpp"
#include "support/catch.hpp"

using hldsim::shim::CodeRange;
using hldsim::shim::Stretch;
using hldsim::shim::Symbols;
using probe::Hook;
using probe::line_of;
using Problem = Symbols::Data::Problem;

namespace {

constexpr std::uintptr_t FIRST_OFFSET = 0x100000;
constexpr std::size_t STRIDE = 0x1000;

struct Probe {
    explicit Probe(const std::string& family)
        : object{family}, symbols{{{"/nowhere/missing.so", 0x1000}, {object.path(), object.load_address()}}} {
        symbols.set_per_cpu({FIRST_OFFSET, STRIDE, 4});
    }

    std::uintptr_t at(const char* name) const { return reinterpret_cast<std::uintptr_t>(object.symbol(name)); }
    std::string name(std::uintptr_t address) const { return symbols.variable_at(reinterpret_cast<void*>(address)); }

    probe::Object object;
    Symbols symbols;
};

bool contains(const std::vector<CodeRange>& ranges, const void* pc) {
    return std::any_of(ranges.begin(), ranges.end(), [&](const CodeRange& range) {
        return range.contains(reinterpret_cast<std::uintptr_t>(pc) - 1);
    });
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

const Hook& find(const std::vector<Hook>& hooks, Hook::Kind kind, std::uintptr_t at) {
    const auto found = std::find_if(hooks.begin(), hooks.end(), [&](const Hook& hook) {
        return hook.kind == kind && reinterpret_cast<std::uintptr_t>(hook.at) == at;
    });
    REQUIRE(found != hooks.end());
    return *found;
}

}  // namespace

TEST_CASE("a hook in an inlined helper has a frame for each function it was inlined into", "[symbols]") {
    const auto* const family = GENERATE("gcc", "clang");
    const Probe p{family};
    const auto hooks = p.object.run("probe_move", 1);
    const Hook& read = find(hooks, Hook::Kind::Load, p.at("probe"));

    const auto frames = p.symbols.frames(read.pc);
    REQUIRE(frames.size() == 3);
    CHECK(frames[0].function == "probe_test");
    CHECK(frames[0].file == "tests/detector/symbols/probe.h");
    CHECK(frames[1].function == "probe_pick");
    CHECK(frames[1].file == "tests/detector/symbols/probe.c");
    CHECK(frames[1].line == line_of("pick reads"));
    CHECK(frames[2].function == "probe_move");
    CHECK(frames[2].line == line_of("move calls pick"));
    CHECK(p.symbols.place_at(read.pc).function == "probe_pick");
    CHECK(p.symbols.function_at(read.pc) == "probe_move");
}

TEST_CASE("an access of a function's own code has one frame, with its line", "[symbols]") {
    const Probe p{GENERATE("gcc", "clang")};
    const auto hooks = p.object.run("probe_move", 1);
    const auto frames = p.symbols.frames(find(hooks, Hook::Kind::Store, p.at("probe") + 16).pc);
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].function == "probe_move");
    CHECK(frames[0].line == line_of("move writes target"));
}

TEST_CASE("a pc of no object has no frames, no function and no place", "[symbols]") {
    const Probe p{"gcc"};
    const int here = 0;
    CHECK(p.symbols.frames(&here).empty());
    CHECK(p.symbols.frames(nullptr).empty());
    CHECK(p.symbols.function_at(&here).empty());
    CHECK(p.symbols.place_at(&here).function.empty());
}

TEST_CASE("an address is named by variable, index and member", "[symbols]") {
    const Probe p{GENERATE("gcc", "clang")};
    const std::uintptr_t probe = p.at("probe");
    CHECK(p.name(probe) == "probe.monitored_mask");
    CHECK(p.name(probe + 15) == "probe.monitored_mask");
    CHECK(p.name(probe + 16) == "probe.target");
    CHECK(p.name(probe + 20) == "probe.deadline");
    CHECK(p.name(probe + 24) == "probe.periodic");
    CHECK(p.name(probe + 28) == "probe.users");
    CHECK(p.name(probe + 32) == "probe.current_cpu");

    const std::uintptr_t descs = p.at("probe_descs");
    const std::size_t size = 8 + 16 + 16;
    CHECK(p.name(descs + 3 * size) == "probe_descs[3].depth");
    CHECK(p.name(descs + 3 * size + 4) == "probe_descs[3].lock");
    CHECK(p.name(descs + 3 * size + 6) == "probe_descs[3].lock");
    CHECK(p.name(descs + 7 * size + 16) == "probe_descs[7].link.prev");
    CHECK(p.name(descs + 7 * size + 39) == "probe_descs[7].pending");
    CHECK(p.name(descs + 8 * size) != "probe_descs[8].depth");

    CHECK(p.name(p.at("probe_route") + 8) == "probe_route[2]");
    CHECK(p.name(p.at("probe_allowed") + 8) == "probe_allowed");
    CHECK(p.name(p.at("probe_count")) == "probe_count");
    CHECK(p.name(p.at("probe_lock")) == "probe_lock");
}

TEST_CASE("a CPU's copy of a per-CPU variable is named with its CPU", "[symbols]") {
    const Probe p{GENERATE("gcc", "clang")};
    CHECK(p.name(p.at("probe_cpu") + FIRST_OFFSET) == "per_cpu(probe_cpu, 0).route");
    CHECK(p.name(p.at("probe_cpu") + FIRST_OFFSET + 3 * STRIDE + 8) == "per_cpu(probe_cpu, 3).beat.count");
    CHECK(p.name(p.at("probe_beat") + FIRST_OFFSET + 2 * STRIDE) == "per_cpu(probe_beat, 2).count");
    CHECK(p.name(p.at("probe_beat") + FIRST_OFFSET + 4 * STRIDE).empty());
    CHECK(p.name(p.at("probe_beat")) == "probe_beat.count");
}

TEST_CASE("a lock that sleeps has a name as a whole, and so has the spinlock inside of it", "[symbols]") {
    const Probe p{GENERATE("gcc", "clang")};
    const std::uintptr_t mutex = p.at("probe_shared") + 8;
    const auto lock = [&](std::uintptr_t at) { return p.symbols.lock_at(reinterpret_cast<void*>(at)); };
    CHECK(lock(mutex) == "probe_shared.mutex");
    CHECK(p.name(mutex) == "probe_shared.mutex.owner");
    CHECK(lock(mutex + 8) == "probe_shared.mutex.wait");
    CHECK(lock(p.at("probe_descs") + 40 + 4) == "probe_descs[1].lock");
    CHECK(lock(p.at("probe_lock")) == "probe_lock");
}

TEST_CASE("heap memory is named by its offset, and nothing else has a name", "[symbols]") {
    Probe p{"gcc"};
    p.symbols.set_heap(0x7000'0000, 0x100);
    CHECK(p.name(0x7000'0000) == "kmalloc+0x0");
    CHECK(p.name(0x7000'00ff) == "kmalloc+0xff");
    CHECK(p.name(0x7000'0100).empty());
    CHECK(p.name(0x6fff'ffff).empty());
    CHECK(p.name(0).empty());
}

TEST_CASE("the name of an object gives its memory", "[symbols]") {
    const Probe p{GENERATE("gcc", "clang")};
    const auto mask = p.symbols.variable("probe.monitored_mask");
    REQUIRE(mask.memory.size() == 1);
    CHECK(mask.memory[0].begin == p.at("probe"));
    CHECK(mask.memory[0].length == 16);
    CHECK(mask.type == "struct cpumask");

    const auto masks = p.symbols.objects_of("cpumask");
    CHECK(masks.size() == 2);
    for (const char* const name : {"probe", "probe_allowed"}) {
        const auto begins_there = [&](const auto& each) { return each.begin == p.at(name); };
        CHECK(std::count_if(masks.begin(), masks.end(), begins_there) == 1);
    }
    CHECK(p.symbols.objects_of("probe_allowed").empty());

    const auto deadline = p.symbols.variable("probe.deadline");
    REQUIRE(deadline.memory.size() == 1);
    CHECK(deadline.memory[0].begin == p.at("probe") + 20);

    const auto one = p.symbols.variable("probe_descs[3].lock");
    REQUIRE(one.memory.size() == 1);
    CHECK(one.memory[0].begin == p.at("probe_descs") + 3 * 40 + 4);
    CHECK(one.memory[0].length == 4);

    const auto element = p.symbols.variable("probe_route[2]");
    REQUIRE(element.memory.size() == 1);
    CHECK(element.memory[0].begin == p.at("probe_route") + 8);
}

TEST_CASE("an array without an index stands for all its elements", "[symbols]") {
    const Probe p{GENERATE("gcc", "clang")};
    const auto locks = p.symbols.variable("probe_descs.lock");
    REQUIRE(locks.memory.size() == 1);
    const Stretch& lock = locks.memory[0];
    const std::uintptr_t descs = p.at("probe_descs");
    CHECK_FALSE(lock.touches(descs + 3, 1));
    CHECK(lock.touches(descs + 3, 2));
    CHECK(lock.touches(descs + 4, 1));
    CHECK(lock.touches(descs + 7, 1));
    CHECK_FALSE(lock.touches(descs + 8, 4));
    CHECK(lock.touches(descs + 7 * 40 + 4, 4));
    CHECK_FALSE(lock.touches(descs + 8 * 40 + 4, 4));
    CHECK_FALSE(lock.touches(descs - 36, 4));
}

TEST_CASE("per_cpu() stands for every copy, or for that of one CPU", "[symbols]") {
    const Probe p{GENERATE("gcc", "clang")};
    const auto all = p.symbols.variable("per_cpu(probe_cpu).beat");
    REQUIRE(all.memory.size() == 1);
    const std::uintptr_t first = p.at("probe_cpu") + FIRST_OFFSET + 8;
    CHECK(all.memory[0].touches(first, 8));
    CHECK(all.memory[0].touches(first + 3 * STRIDE, 8));
    CHECK_FALSE(all.memory[0].touches(first + 4 * STRIDE, 8));
    CHECK_FALSE(all.memory[0].touches(first - 8, 8));
    CHECK_FALSE(all.memory[0].touches(p.at("probe_cpu") + 8, 8));

    const auto one = p.symbols.variable("per_cpu(probe_cpu, 2).route");
    REQUIRE(one.memory.size() == 1);
    CHECK(one.memory[0].touches(p.at("probe_cpu") + FIRST_OFFSET + 2 * STRIDE, 4));
    CHECK_FALSE(one.memory[0].touches(p.at("probe_cpu") + FIRST_OFFSET + 3 * STRIDE, 4));

    CHECK(p.symbols.variable("per_cpu(probe_route)").problem == Problem::NotPerCpu);
    CHECK(p.symbols.variable("per_cpu(probe_cpus)").problem == Problem::NoName);
}

TEST_CASE("the name of a struct stands for that member of each static object of it", "[symbols]") {
    const Probe p{GENERATE("gcc", "clang")};
    const auto locks = p.symbols.variable("probe_desc.lock");
    const auto touched = [&](std::uintptr_t address) {
        return std::any_of(locks.memory.begin(), locks.memory.end(),
                           [&](const Stretch& stretch) { return stretch.touches(address, 4); });
    };
    CHECK(touched(p.at("probe_descs") + 5 * 40 + 4));
    CHECK(touched(p.at("probe_cpu") + FIRST_OFFSET + STRIDE + 16 + 4));
    CHECK_FALSE(touched(p.at("probe_lock")));
    CHECK_FALSE(touched(p.at("probe_descs") + 5 * 40));
}

TEST_CASE("variables of one name in two files are both meant", "[symbols]") {
    const Probe p{"gcc"};
    CHECK(p.symbols.variable("probe_same_name").memory.size() == 2);
}

TEST_CASE("an unknown name says what is wrong with it and what could have been meant", "[symbols]") {
    const Probe p{GENERATE("gcc", "clang")};
    const auto unknown = p.symbols.variable("prob.monitored_mask");
    CHECK(unknown.problem == Problem::NoName);
    CHECK(unknown.unknown == "prob");
    CHECK(contains(unknown.candidates, "probe"));

    const auto wrong_member = p.symbols.variable("probe.monitred_mask");
    CHECK(wrong_member.problem == Problem::NoMember);
    CHECK(wrong_member.unknown == "monitred_mask");
    CHECK(wrong_member.type == "struct probe");
    CHECK(contains(wrong_member.candidates, "monitored_mask"));
    CHECK(contains(wrong_member.candidates, "deadline"));

    CHECK(p.symbols.variable("probe.current_cpu.route").problem == Problem::Pointer);
    CHECK(p.symbols.variable("probe.target.low").problem == Problem::NoMember);
    CHECK(p.symbols.variable("probe_route[4]").problem == Problem::NoIndex);
    CHECK(p.symbols.variable("probe.target[0]").problem == Problem::NoIndex);
    for (const char* const malformed : {"", ".a", "probe.", "probe[", "probe[x]", "per_cpu(", "per_cpu(a", "a b"}) {
        CHECK(p.symbols.variable(malformed).problem == Problem::Malformed);
    }
}

TEST_CASE("a function's code is known with its clones and its inlined instances", "[symbols]") {
    const Probe p{GENERATE("gcc", "clang")};
    const auto hooks = p.object.run("probe_task", 1);
    const Hook& scaled = find(hooks, Hook::Kind::Store, p.at("probe_route") + 4);
    const Hook& picked = find(hooks, Hook::Kind::Load, p.at("probe"));
    const Hook& cleared = find(hooks, Hook::Kind::Rmw, p.at("probe"));

    const auto clone = p.symbols.functions("probe_scaled");
    CHECK(contains(clone.bodies, scaled.pc));
    CHECK_FALSE(contains(clone.bodies, cleared.pc));

    const auto inlined = p.symbols.functions("probe_pick");
    CHECK(inlined.bodies.empty());
    CHECK(contains(inlined.inlined, picked.pc));
    CHECK_FALSE(contains(inlined.inlined, cleared.pc));
    CHECK(contains(p.symbols.functions("probe_test").inlined, picked.pc));
    CHECK(contains(p.symbols.functions("probe_move").bodies, picked.pc));

    CHECK_FALSE(p.symbols.functions("probe_nowhere").known);
    CHECK(contains(p.symbols.function_names(), "probe_scaled"));
    CHECK_FALSE(contains(p.symbols.function_names(), "probe_scaled.constprop.0"));
}

TEST_CASE("a source line gives its code, also that of what is inlined into it", "[symbols]") {
    const Probe p{GENERATE("gcc", "clang")};
    const auto hooks = p.object.run("probe_task", 1);
    const auto code = [&](const std::string& mark) { return p.symbols.line("probe.c", line_of(mark)).code; };
    CHECK(contains(code("move writes target"), find(hooks, Hook::Kind::Store, p.at("probe") + 16).pc));
    CHECK(contains(code("leave clears"), find(hooks, Hook::Kind::Rmw, p.at("probe")).pc));
    CHECK(contains(code("pick reads"), find(hooks, Hook::Kind::Load, p.at("probe")).pc));
    CHECK_FALSE(contains(code("inner"), find(hooks, Hook::Kind::Load, p.at("probe")).pc));
}

TEST_CASE("a line without code and an unknown file are told apart", "[symbols]") {
    const Probe p{GENERATE("gcc", "clang")};
    const auto none = p.symbols.line("symbols/probe.c", 1);
    CHECK(none.file_known);
    CHECK(none.code.empty());
    CHECK(none.nearest > 1);
    CHECK(none.files == std::vector<std::string>{"tests/detector/symbols/probe.c"});
    CHECK(p.symbols.line("probe.c", 100'000).nearest > 1);
    CHECK_FALSE(p.symbols.line("robe.c", 20).file_known);
    CHECK_FALSE(p.symbols.line("", 20).file_known);
    CHECK(contains(p.symbols.file_names(), "tests/detector/symbols/probe_elsewhere.c"));
}

TEST_CASE("locks are known by their type, alone and inside of variables", "[symbols]") {
    const Probe p{GENERATE("gcc", "clang")};
    const auto names = p.symbols.lock_names();
    CHECK(std::is_sorted(names.begin(), names.end()));
    CHECK(contains(names, "probe_lock"));
    CHECK(contains(names, "probe_descs.lock"));
    CHECK(contains(names, "per_cpu(probe_cpu).own.lock"));
    CHECK_FALSE(contains(names, "probe_route"));
    CHECK(p.symbols.variable("probe_lock").locks);
    CHECK(p.symbols.variable("probe_descs").locks);
    CHECK_FALSE(p.symbols.variable("probe_descs.link").locks);
    CHECK_FALSE(p.symbols.variable("probe_count").locks);
}
