// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/lapic_player.hpp"

#include "tests/oracle/rules.hpp"

namespace hldsim::oracle {

namespace {

constexpr Duration A_WHILE{1'000'000};  // all that a step begins has ended

Timing lapic_timing() {
    Timing rows{Hertz{1'000'000'000}, Hertz{1'000'000'000}, Hertz{24'000'000}, Duration{10'000'000}};
    rows.set(Row::LapicAccept, RowUnit::Time, 1);
    rows.set(Row::IpiWire, RowUnit::Time, 1);
    return rows;
}

// QEMU's: version 14h, six entries in the vector table, a timer that counts nanoseconds and knows no deadline.
LapicProfile q35_lapic() {
    LapicProfile p;
    p.version = 0x0005'0014;
    p.x2apic = false;
    p.tsc_deadline = false;
    p.timer_clock = Hertz{1'000'000'000};
    return p;
}

// What a deviation may change: the value of which registers.
constexpr unsigned ENTRIES = 1;
constexpr unsigned ERRORS = 2;
constexpr unsigned REQUESTS = 4;
constexpr unsigned IDENTITY = 8;
constexpr unsigned ARBITRATION = 16;
constexpr unsigned SPURIOUS = 32;
constexpr unsigned VECTOR = 64;     // which interrupt comes
constexpr unsigned NMIS = 128;      // an NMI comes in QEMU alone
constexpr unsigned REFUSED = 256;   // a general protection, here alone
constexpr unsigned DISABLED = 512;  // what is read while IA32_APIC_BASE.EN is 0, and EN itself
constexpr unsigned NMI_VECTOR = 2, GENERAL_PROTECTION = 13;

constexpr Rule LAPIC_RULES[] = {
    {"D-50", ENTRIES},
    {"D-51", ENTRIES},
    {"D-52", ERRORS},
    {"D-53", REQUESTS | VECTOR},
    {"D-54", IDENTITY},
    {"D-55", ARBITRATION},
    {"D-56", SPURIOUS},
    {"D-57", VECTOR},
    {"D-65", REQUESTS | VECTOR},
    {"D-66", ENTRIES | VECTOR | NMIS},
    {"D-71", REQUESTS | VECTOR},
    {"D-72", REFUSED},
    {"D-73", REFUSED},
    {"D-74", DISABLED},
};

unsigned needed_of_lapic(const Step& step, const Difference& difference) {
    if (difference.what != Difference::What::Value) {
        const bool qemu = difference.what == Difference::What::OnlyQemu;
        const std::uint64_t what = difference.happening.what;
        return qemu && what == NMI_VECTOR ? NMIS : !qemu && what == GENERAL_PROTECTION ? REFUSED : 0;
    }
    if (step.action == 'A') {
        return VECTOR;
    }
    if (step.section.deviation == "D-74") {
        return DISABLED;
    }
    switch (step.offset) {
        case lapic::ID:
            return IDENTITY;
        case lapic::APR:
            return ARBITRATION;
        case lapic::SVR:
            return SPURIOUS;
        case lapic::ESR:
            return ERRORS;
        default:
            break;
    }
    if (step.offset >= lapic::IRR && step.offset < lapic::ESR) {
        return REQUESTS;
    }
    return step.offset >= lapic::LVT_TIMER && step.offset <= lapic::LVT_ERROR ? ENTRIES : 0;
}

/// A message of a device as it is on the bus: SDM vol. 3A, 10.11.
InterruptMessage arriving(const Step& step) {
    InterruptMessage message;
    message.destination = step.offset >> 12U & 0xffU;
    message.logical = (step.offset & 4U) != 0;
    message.mode = static_cast<DeliveryMode>(step.value >> 8U & 7U);
    message.vector = static_cast<std::uint8_t>(step.value);
    message.level = (step.value & 0x8000U) != 0;
    return message;
}

}  // namespace

void LapicPlayer::Outside::send(CpuNumber /*sender*/, Shorthand shorthand, const InterruptMessage& message) {
    const bool by_destination = shorthand == Shorthand::None && lapic->matches(message);
    if (shorthand == Shorthand::AllIncludingSelf || by_destination) {
        lapic->receive(message);
    }
}

LapicPlayer::LapicPlayer()
    : timing_{lapic_timing()}, lapic_{"lapic",   timeline_, timing_,  q35_lapic(), CpuNumber{0},
                                      ApicId{0}, true,      outside_, tokens_} {
    outside_.lapic = &lapic_;
    lapic_.connect(static_cast<CpuEvents&>(outside_));
    lapic_.reset_enter();
    lapic_.reset_hold();
    lapic_.reset_exit();
}

Answer LapicPlayer::play(const Step& step) {
    Answer answer;
    outside_.nmis = 0;
    bool refused = false;
    TokenSet taken;
    switch (step.action) {
        case 'R':
            answer.value = lapic_.mmio_read(step.offset, Size::B4);
            break;
        case 'W':
            lapic_.mmio_write(step.offset, Size::B4, step.value);
            break;
        case 'M':
            outside_.send(CpuNumber{0}, Shorthand::None, arriving(step));
            break;
        case 'T':
            timeline_.run_until(timeline_.now() + Duration{1'000'000'000} * static_cast<std::int64_t>(step.value));
            break;
        case 'G':
            refused = !lapic_.rdmsr(step.offset, answer.value);
            answer.value &= 0xffff'ffff;
            break;
        case 'U':
            refused = !lapic_.wrmsr(step.offset, step.value);
            break;
        default:
            answer.value = outside_.requested ? lapic_.acknowledge(taken) : 0;
            break;
    }
    timeline_.run_until(timeline_.now() + A_WHILE);
    answer.seen.assign(outside_.nmis, {0, '^', NMI_VECTOR, 0});
    if (refused) {
        answer.seen.push_back({0, '^', GENERAL_PROTECTION, 0});
    }
    return answer;
}

std::string LapicPlayer::explain(const Step& step, const Difference& difference,
                                 const std::vector<Difference>& /*of_step*/) {
    return excuse(LAPIC_RULES, step, needed_of_lapic(step, difference));
}

std::vector<std::string> LapicPlayer::known() { return ids_of(LAPIC_RULES); }

const regs::Map& LapicPlayer::map() { return lapic::MAP; }

}  // namespace hldsim::oracle
