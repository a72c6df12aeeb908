// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/hpet_player.hpp"

#include <algorithm>

#include "tests/oracle/rules.hpp"

namespace hldsim::oracle {

namespace {

constexpr Duration TICK{10'000'000};
constexpr Duration PULSE{1};
constexpr Duration BEHIND_EDGE{2};

HpetProfile q35_hpet() {
    HpetProfile p = HpetProfile::qemu_q35();
    p.match_to_msi_ticks = 0;
    p.edge_pulse = PULSE;
    return p;
}

}  // namespace

HpetPlayer::HpetPlayer() : hpet_{"hpet", timeline_, q35_hpet(), ports_, ports_, tokens_, choices_} {
    timeline_.run_until(Instant{} + BEHIND_EDGE);
}

void HpetPlayer::Ports::post(const MessageWrite& message) {
    player.messages_.push_back({player.tick_of(player.timeline_.now()), '>', message.address, message.data});
}

void HpetPlayer::Ports::drive(unsigned input, bool active, Token /*token*/) {
    player.driven_.push_back({player.timeline_.now(), input, active});
}

unsigned HpetPlayer::tick_of(Instant at) const {
    return static_cast<unsigned>(((at - step_began_).fs + TICK.fs - 1) / TICK.fs);
}

Answer HpetPlayer::play(const Step& step) {
    step_began_ = timeline_.now();
    Answer answer;
    const auto size = static_cast<Size>(step.size);
    switch (step.action) {
        case 'R':
            answer.value = hpet_.read(step.offset, size);
            break;
        case 'W':
            hpet_.write(step.offset, size, step.value);
            break;
        default:
            timeline_.run_until(step_began_ + Duration{TICK.fs * static_cast<std::int64_t>(step.value)});
            break;
    }
    answer.seen = take_seen();
    return answer;
}

std::vector<Happening> HpetPlayer::take_seen() {
    std::vector<Happening> seen = std::move(messages_);
    messages_.clear();
    std::vector<bool> part(driven_.size());
    for (std::size_t i = 0; i < driven_.size(); ++i) {
        if (part[i]) {
            continue;
        }
        const Driven& d = driven_[i];
        char kind = d.level ? '/' : '\\';
        for (std::size_t j = i + 1; d.level && j < driven_.size(); ++j) {
            if (driven_[j].input == d.input) {
                if (driven_[j].at == d.at + PULSE) {
                    part[j] = true;
                    kind = '^';
                }
                break;
            }
        }
        seen.push_back({tick_of(d.at), kind, d.input, 0});
    }
    driven_.clear();
    return seen;
}

// ---- deviations

namespace {

// What of the subject a deviation may change.
constexpr unsigned STATUS_EXTRA = 1;    // QEMU's status bit is 1, here 0
constexpr unsigned STATUS_LOST = 2;     // the other way round
constexpr unsigned COMPARATOR = 4;      // TIMn_COMP reads another value
constexpr unsigned COUNTER = 8;         // MAIN_CNT reads another value
constexpr unsigned VAL_SET_BIT = 16;    // TIMn_CONF differs in bit 6 and nowhere else
constexpr unsigned FOREIGN_INPUT = 32;  // what leaves QEMU alone is on an input that INT_ROUTE_CAP lacks
constexpr unsigned ABSENT_TIMER = 64;   // a register of timer 3, which does not exist
constexpr unsigned RISE_HERE = 128;     // a line rises here; in QEMU it does not, or is high already

constexpr Rule HPET_RULES[] = {
    {"D-1", STATUS_EXTRA | ONLY_QEMU},
    {"D-2", STATUS_EXTRA | ONLY_QEMU},
    {"D-3", ONLY_QEMU},
    {"D-4", STATUS_LOST | ONLY_HERE | ONLY_QEMU | RISE_HERE},
    {"D-5", STATUS_LOST | ONLY_HERE | ONLY_QEMU | RISE_HERE},
    {"D-6", STATUS_EXTRA | COMPARATOR | ONLY_QEMU | RISE_HERE},
    {"D-7", COMPARATOR},
    {"D-8", ABSENT_TIMER},
    {"D-9", FOREIGN_INPUT},
    {"D-10", ONLY_HERE},
    {"D-11", COMPARATOR | ONLY_QEMU},
    {"D-12", STATUS_EXTRA | ONLY_HERE | ONLY_QEMU | RISE_HERE},
    {"D-13", COUNTER},
    {"D-15", ODD_ACCESS},
    {"D-17", COMPARATOR | ONLY_QEMU},
    {"D-18", STATUS_EXTRA | ONLY_QEMU},
    {"D-27", COMPARATOR},
    {"D-28", VAL_SET_BIT},
    {"D-29", ONLY_QEMU | ONLY_HERE | RISE_HERE},
    {"D-30", COUNTER},
    {"D-31", COMPARATOR | ONLY_QEMU},
};
// Explained by itself, in any section and outside.
constexpr const char* LEGACY_INPUT_0 = "D-25";

constexpr std::uint32_t GINTR_STA = 0x20, MAIN_CNT = 0xf0, TIMER_0 = 0x100, TIMER_3 = 0x160;
constexpr std::uint32_t ROUTE_CAP = 0x00ff0104;

// The inputs that `record` gives to each timer, the legacy one included (QEMU's legacy input 0 is 2 here).
bool is_input_of(unsigned timer, std::uint64_t input) {
    constexpr std::uint32_t INPUTS[] = {1U << 16 | 1U << 19 | 1U << 0 | 1U << 2, 1U << 17 | 1U << 20 | 1U << 8,
                                        1U << 18 | 1U << 21 | 1U << 22 | 1U << 23 | 1U << 2};
    return timer < 3 && input < 32 && (INPUTS[timer] >> input & 1U) != 0;
}

unsigned needed_of_happening(unsigned timer, const Difference& d) {
    const unsigned here = d.happening.kind == '/' ? RISE_HERE : ONLY_HERE;
    const unsigned side = d.what == Difference::What::OnlyQemu ? ONLY_QEMU : here;
    if (d.happening.kind == '>') {
        return d.happening.what == 0x100000 + 0x100 * timer ? side : 0;
    }
    if (side == ONLY_QEMU && d.happening.what < 32 && (ROUTE_CAP >> d.happening.what & 1U) == 0 &&
        d.happening.what != 0) {
        return FOREIGN_INPUT;
    }
    return is_input_of(timer, d.happening.what) ? side : 0;
}

unsigned needed_of_hpet(const Step& step, const Difference& d) {
    const unsigned timer = step.section.subject;
    if (d.what != Difference::What::Value) {
        return needed_of_happening(timer, d);
    }
    const bool natural = (step.size == 4 || step.size == 8) && step.offset % step.size == 0;
    if (!natural) {
        return ODD_ACCESS;
    }
    if (step.offset == GINTR_STA) {
        const std::uint64_t differs = d.qemu ^ d.here;
        return differs != std::uint64_t{1} << timer ? 0 : d.qemu > d.here ? STATUS_EXTRA : STATUS_LOST;
    }
    if ((step.offset & ~4U) == MAIN_CNT) {
        return COUNTER;
    }
    if (step.offset >= TIMER_3 && step.offset < TIMER_3 + 0x20) {
        return ABSENT_TIMER;
    }
    const std::uint32_t own = TIMER_0 + 0x20 * timer;
    if ((step.offset & ~4U) == own + 8) {
        return COMPARATOR;
    }
    return step.offset == own && (d.qemu ^ d.here) == 0x40 ? VAL_SET_BIT : 0;
}

// The same rise, fall or pulse, on input 0 there and on input 2 here.
bool is_legacy_pair(const Difference& d, const std::vector<Difference>& of_step) {
    const bool qemu = d.what == Difference::What::OnlyQemu;
    if (d.what == Difference::What::Value || d.happening.what != (qemu ? 0U : 2U)) {
        return false;
    }
    return std::any_of(of_step.begin(), of_step.end(), [&](const Difference& other) {
        return other.what == (qemu ? Difference::What::OnlyHere : Difference::What::OnlyQemu) &&
               other.happening.what == (qemu ? 2U : 0U) && other.happening.kind == d.happening.kind &&
               other.happening.tick == d.happening.tick;
    });
}

}  // namespace

std::string HpetPlayer::explain(const Step& step, const Difference& difference,
                                const std::vector<Difference>& of_step) {
    if (is_legacy_pair(difference, of_step)) {
        return LEGACY_INPUT_0;
    }
    return excuse(HPET_RULES, step, needed_of_hpet(step, difference));
}

std::vector<std::string> HpetPlayer::known() {
    std::vector<std::string> ids = ids_of(HPET_RULES);
    ids.emplace_back(LEGACY_INPUT_0);
    return ids;
}

}  // namespace hldsim::oracle
