// SPDX-License-Identifier: Apache-2.0
// One source of choice: whatever could go either way asks here, and the log of answers is the reproducer.
//
// A site is a stable name ("hpet.access_at_edge"), never an address or a counter of calls. Alternative 0 is always the
// documented default, so the default source answers 0 everywhere. Passed by reference, never global.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/base/state_copy.hpp"

namespace hldsim {

struct Choice {
    std::string site;
    std::uint32_t alternatives = 0;
    std::uint32_t taken = 0;

    void copy_state(StateCopy& s) { s(site, alternatives, taken); }
};

class ChoiceSource {
public:
    virtual ~ChoiceSource() = default;

    /// One of 0 .. alternatives-1 (alternatives at least 1). Only answers among several are logged.
    std::uint32_t choose(std::string_view site, std::uint32_t alternatives);

    const std::vector<Choice>& log() const { return log_; }
    virtual void power_on() { log_.clear(); }
    virtual void copy_state(StateCopy& s) { s(log_); }

protected:
    virtual std::uint32_t answer(std::string_view site, std::uint32_t alternatives) = 0;

private:
    std::vector<Choice> log_;
};

/// Always the documented default.
class DefaultChoice final : public ChoiceSource {
    std::uint32_t answer(std::string_view /*site*/, std::uint32_t /*alternatives*/) override { return 0; }
};

/// Pseudo-random, from the seed and the site alone: two sites do not disturb each other's sequence.
class SeededChoice final : public ChoiceSource {
public:
    explicit SeededChoice(std::uint64_t seed) : seed_{seed} {}
    void power_on() override;
    void copy_state(StateCopy& s) override {
        ChoiceSource::copy_state(s);
        s(streams_);
    }

private:
    std::uint32_t answer(std::string_view site, std::uint32_t alternatives) override;

    struct Stream {
        std::string site;
        std::uint64_t position = 0;

        void copy_state(StateCopy& s) { s(site, position); }
    };
    std::uint64_t seed_;
    std::vector<Stream> streams_;
};

/// At some sites always the same answer, whatever the seed; at all others that of the source behind.
class PinnedChoice final : public ChoiceSource {
public:
    struct Pin {
        std::string_view site;
        std::uint32_t taken = 0;  // the last alternative if there are fewer
    };
    PinnedChoice(std::vector<Pin> pins, std::unique_ptr<ChoiceSource> behind)
        : pins_{std::move(pins)}, behind_{std::move(behind)} {}
    void power_on() override;
    void copy_state(StateCopy& s) override {
        ChoiceSource::copy_state(s);
        behind_->copy_state(s);
    }

private:
    std::uint32_t answer(std::string_view site, std::uint32_t alternatives) override;

    std::vector<Pin> pins_;
    std::unique_ptr<ChoiceSource> behind_;
};

/// The answers of an earlier log, in its order. A question that differs from the log, or comes behind its end, is a
/// mismatch: from there on the answer is the default. Nothing is thrown, as who asks may be a process of SystemC.
class ReplayChoice final : public ChoiceSource {
public:
    explicit ReplayChoice(std::vector<Choice> recorded) : recorded_{std::move(recorded)} {}
    void power_on() override;
    void copy_state(StateCopy& s) override {
        ChoiceSource::copy_state(s);
        s(next_, mismatch_);
    }

    /// Of this run, the first: "a choice at 'a' where 'b' was recorded"; empty: none.
    const std::string& mismatch() const { return mismatch_; }

private:
    std::uint32_t answer(std::string_view site, std::uint32_t alternatives) override;

    std::vector<Choice> recorded_;
    std::size_t next_ = 0;
    std::string mismatch_;
};

/// "SITE:TAKEN/ALTERNATIVES*N+...", N where one comes several times in a row; no blank, no comma.
std::string text_of(const std::vector<Choice>& choices);
/// What text_of() wrote; nothing if it did not.
std::optional<std::vector<Choice>> choices_in(std::string_view text);

}  // namespace hldsim
