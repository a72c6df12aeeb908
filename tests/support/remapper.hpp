// SPDX-License-Identifier: Apache-2.0
// What is around a remapping unit in its tests: memory, answers to its questions, a fabric that writes down.
#pragma once
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/base/choice.hpp"
#include "models/fabric/memory.hpp"
#include "models/fabric/route.hpp"
#include "models/sim/timeline.hpp"
#include "tests/support/catch.hpp"

namespace hldsim {

inline std::ostream& operator<<(std::ostream& out, Instant t) { return out << t.fs << " fs"; }

}  // namespace hldsim

namespace hldsim::test {

using namespace hldsim::literals;

constexpr Duration ROOT_TO_LAPIC = 127_ns;
constexpr Duration ACCEPT = 23_ns;

constexpr std::uint64_t MEMORY_END = 0x100'0000;

/// Memory from 0 to MEMORY_END, zero where nothing was written; ranges can be made to answer nothing.
struct PlainMemory final : MemoryPort {
    bool read(std::uint64_t address, void* to, std::size_t size) override {
        if (!answers(address, size)) {
            return false;
        }
        for (std::size_t i = 0; i < size; ++i) {
            const auto byte = bytes.find(address + i);
            static_cast<std::uint8_t*>(to)[i] = byte == bytes.end() ? 0 : byte->second;
        }
        return true;
    }
    bool write(std::uint64_t address, const void* from, std::size_t size) override {
        if (!answers(address, size)) {
            return false;
        }
        for (std::size_t i = 0; i < size; ++i) {
            bytes[address + i] = static_cast<const std::uint8_t*>(from)[i];
        }
        return true;
    }
    bool answers(std::uint64_t address, std::size_t size) const {
        return address + size <= MEMORY_END && !(address >= broken && address < broken_end);
    }
    std::uint64_t u64(std::uint64_t address) {
        std::uint64_t value = 0;
        read(address, &value, sizeof(value));
        return value;
    }
    std::uint32_t u32(std::uint64_t address) { return static_cast<std::uint32_t>(u64(address)); }
    void put(std::uint64_t address, std::uint64_t value) { write(address, &value, sizeof(value)); }

    std::map<std::uint64_t, std::uint8_t> bytes;
    std::uint64_t broken = 0;
    std::uint64_t broken_end = 0;
};

/// All that a remapping unit sees beside its registers: memory that answers or not, and an output that nobody reads.
struct QuietOutside final : MemoryPort, RouteOutput {
    bool read(std::uint64_t address, void* to, std::size_t size) override {
        return answers && memory.read(address, to, size);
    }
    bool write(std::uint64_t address, const void* from, std::size_t size) override {
        return answers && memory.write(address, from, size);
    }
    PlainMemory memory;
    bool answers = false;
    Instant deliver(const InterruptMessage& /*message*/) override { return {}; }
    void diagnose(const MessageWrite& /*write*/, msi::Fault /*fault*/, bool /*delivered*/) override {}
    void finished(const MessageWrite& /*write*/, Instant /*passable*/) override {}
};

/// Answers from a script by site; where that is at its end, and for other sites, the default.
class ScriptedChoice final : public ChoiceSource {
public:
    std::map<std::string, std::vector<std::uint32_t>> script;

private:
    std::uint32_t answer(std::string_view site, std::uint32_t /*alternatives*/) override {
        auto& answers = script[std::string{site}];
        if (answers.empty()) {
            return 0;
        }
        const std::uint32_t next = answers.front();
        answers.erase(answers.begin());
        return next;
    }
};

/// What leaves the unit, and when. Accepted ROOT_TO_LAPIC and ACCEPT later.
struct RecordedOutput final : RouteOutput {
    struct Delivered {
        Instant at;
        InterruptMessage message;
    };
    struct Finished {
        Instant at;
        MessageWrite write;
        Instant passable;
    };
    explicit RecordedOutput(sim::Timeline& on) : timeline{on} {}
    Instant deliver(const InterruptMessage& message) override {
        delivered.push_back({timeline.now(), message});
        return timeline.now() + ROOT_TO_LAPIC + ACCEPT;
    }
    void diagnose(const MessageWrite& write, msi::Fault fault, bool /*delivered*/) override {
        diagnosed.emplace_back(write, fault);
    }
    void finished(const MessageWrite& write, Instant passable) override {
        finishes.push_back({timeline.now(), write, passable});
    }
    sim::Timeline& timeline;
    std::vector<Delivered> delivered;
    std::vector<std::pair<MessageWrite, msi::Fault>> diagnosed;
    std::vector<Finished> finishes;
};

}  // namespace hldsim::test
