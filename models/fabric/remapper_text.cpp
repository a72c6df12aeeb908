// SPDX-License-Identifier: Apache-2.0
#include "models/fabric/remapper_text.hpp"

#include "models/regs/print.hpp"

namespace hldsim::remapper_text {

std::string hex(std::uint64_t value) { return regs::hexadecimal(value, 64); }

std::string at(Instant t) { return t == Instant::never() ? "never" : std::to_string(t.fs); }

std::string named(const char* name, std::uint64_t value) {
    return " " + std::string{name} + "=" + std::to_string(value);
}

std::string of(const MessageWrite& write) {
    return bus_name(write.requester) + " " + hex(write.address) + " " + regs::hexadecimal(write.data, 32) +
           named("bytes", bytes(write.size)) + named("token", write.token.id) +
           named("source", static_cast<std::uint64_t>(write.token.source)) + named("number", write.number) +
           named("sender", static_cast<std::uint64_t>(write.sender));
}

std::string of(const InvalidationGroup& group) { return named("open", group.open) + " drained " + at(group.drained); }

std::string of(const RequesterOrder& order) {
    std::string text;
    for (const auto& last : order) {
        text += "last of " + bus_name({last.requester}) + " leaves " + at(last.leaves) + "\n";
    }
    return text;
}

std::string of(const Departures& departures) {
    std::string text;
    for (const Departed& departed : departures) {
        text += "departed" + named("entry", departed.entry) + named("remapped", departed.remapped ? 1 : 0) +
                " accepted " + at(departed.accepted) + "\n";
    }
    return text;
}

}  // namespace hldsim::remapper_text
