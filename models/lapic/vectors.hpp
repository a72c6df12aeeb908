// SPDX-License-Identifier: Apache-2.0
// The 256 vectors of a local APIC: requested (IRR), in service (ISR), trigger mode (TMR), and the priorities.
// Intel SDM volume 3A, 10.8.
#pragma once
#include <array>
#include <cstdint>

namespace hldsim::lapic {

/// A set of vectors; the highest is found word by word, never bit by bit.
class VectorSet {
public:
    static constexpr int NONE = -1;

    void set(std::uint8_t v) { words_[v / 64] |= bit(v); }
    void clear(std::uint8_t v) { words_[v / 64] &= ~bit(v); }
    bool has(std::uint8_t v) const { return (words_[v / 64] & bit(v)) != 0; }
    int highest() const {
        for (int w = 3; w >= 0; --w) {
            const std::uint64_t word = words_[static_cast<unsigned>(w)];
            if (word != 0) {
                return 64 * w + 63 - __builtin_clzll(word);
            }
        }
        return NONE;
    }
    /// Register n of eight, as software reads it.
    std::uint32_t word(unsigned n) const { return static_cast<std::uint32_t>(words_[n / 2] >> (n % 2 != 0 ? 32 : 0)); }
    void clear() { words_ = {}; }

private:
    static constexpr std::uint64_t bit(std::uint8_t v) { return std::uint64_t{1} << (v % 64); }
    std::array<std::uint64_t, 4> words_{};
};

constexpr unsigned priority_class(unsigned vector) { return vector >> 4; }

class Vectors {
public:
    explicit Vectors(bool subclass_zero_on_tie) : subclass_zero_on_tie_{subclass_zero_on_tie} {}

    /// Requests a vector of 16 or more. False: it was requested already, the two have merged (LAPIC-22).
    bool accept(std::uint8_t vector, bool level) {
        const bool merged = irr_.has(vector);
        irr_.set(vector);
        level ? tmr_.set(vector) : tmr_.clear(vector);  // TMR changes at acceptance: LAPIC-24
        return !merged;
    }
    /// The vector above the processor priority that the core is offered, or VectorSet::NONE.
    int offered() const {
        const int highest = irr_.highest();
        return highest >= 0 && priority_class(static_cast<unsigned>(highest)) > priority_class(ppr()) ? highest
                                                                                                      : VectorSet::NONE;
    }
    void into_service(std::uint8_t vector) {
        irr_.clear(vector);
        isr_.set(vector);
    }
    /// Ends the highest vector in service and returns it, or VectorSet::NONE.
    int end_of_interrupt() {
        const int highest = isr_.highest();
        if (highest >= 0) {
            isr_.clear(static_cast<std::uint8_t>(highest));
        }
        return highest;
    }

    std::uint8_t tpr() const { return tpr_; }
    void set_tpr(std::uint8_t value) { tpr_ = value; }
    std::uint8_t ppr() const;  // LAPIC-21
    std::uint8_t apr() const;  // LAPIC-20

    const VectorSet& irr() const { return irr_; }
    const VectorSet& isr() const { return isr_; }
    const VectorSet& tmr() const { return tmr_; }

    void reset() {
        irr_.clear();
        isr_.clear();
        tmr_.clear();
        tpr_ = 0;
    }

private:
    VectorSet irr_;
    VectorSet isr_;
    VectorSet tmr_;
    std::uint8_t tpr_ = 0;
    bool subclass_zero_on_tie_;
};

}  // namespace hldsim::lapic
