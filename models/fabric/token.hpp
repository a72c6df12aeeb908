// SPDX-License-Identifier: Apache-2.0
// A token is one interrupt request on its way from its source to a handler. Software never sees it; the models carry it
// along, so that every interrupt has a latency breakdown and merging stays visible: a latch holds a set of tokens.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/base/apic_id.hpp"
#include "models/base/duration.hpp"
#include "models/base/state_copy.hpp"

namespace hldsim {

enum class Source : std::uint8_t {
    None,
    Hpet,
    Ioapic,
    Ipi,
    Perf,
    Lint1,
    Serr,
    Iochk,
    LapicTimer,
    Operator,
    Remapper,
    Pit,
    LapicTimer2  // counterfactual: LAPIC-38
};

/// Where a token got to. Hops of one token are in this order; `Remapped` exists only behind a remapper.
enum class Hop : std::uint8_t { Matched, Posted, Remapped, Accepted, Taken, Returned };

struct Token {
    std::uint32_t id = 0;  // 0: none
    Source source = Source::None;

    explicit operator bool() const { return id != 0; }
    friend bool operator==(Token a, Token b) { return a.id == b.id; }
};

/// Numbers tokens from 1 in each run.
class TokenCounter {
public:
    Token next(Source source) { return {++last_, source}; }
    void power_on() { last_ = 0; }
    void copy_state(StateCopy& s) { s(last_); }

private:
    std::uint32_t last_ = 0;
};

/// The tokens that one latch holds, in the order in which they came: one, unless requests merged. A timer that ticks
/// while its CPU is stuck merges without end: a token that is newer than all is added without a search.
class TokenSet {
public:
    void add(Token token) {
        if (token && (token.id > newest_ || !contains(token))) {
            tokens_.push_back(token);
            newest_ = std::max(newest_, token.id);
        }
    }
    void add(const TokenSet& other) {
        for (const Token token : other.tokens_) {
            add(token);
        }
    }
    bool contains(Token token) const { return std::find(tokens_.begin(), tokens_.end(), token) != tokens_.end(); }
    bool holds(Source source) const {
        return std::any_of(tokens_.begin(), tokens_.end(), [&](Token t) { return t.source == source; });
    }
    bool empty() const { return tokens_.empty(); }
    void clear() {
        tokens_.clear();
        newest_ = 0;
    }
    std::size_t size() const { return tokens_.size(); }
    auto begin() const { return tokens_.begin(); }
    auto end() const { return tokens_.end(); }
    void copy_state(StateCopy& s) {
        s(tokens_);
        s(newest_);
    }

private:
    std::uint32_t newest_ = 0;   // the highest id in tokens_
    std::vector<Token> tokens_;  // keeps its capacity over clear(): no allocation in the steady state
};

/// SDM vol. 3A, 10.11.2 (MSI data) and 10.6.1 (ICR): delivery mode.
enum class DeliveryMode : std::uint8_t {
    Fixed = 0,
    LowestPriority = 1,
    Smi = 2,
    Nmi = 4,
    Init = 5,
    Sipi = 6,
    ExtInt = 7
};

/// A token reached a hop. `cpu` is the target where it is known (from Accepted on), else NO_CPU. At Accepted `mode` is
/// how it was: what becomes of it.
struct HopReached {
    static constexpr unsigned NO_CPU = ~0U;

    Token token;
    Hop hop = Hop::Matched;
    Instant at;
    CpuNumber cpu{NO_CPU};
    DeliveryMode mode = DeliveryMode::Nmi;
};

}  // namespace hldsim
