// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/ioapic_player.hpp"

#include "tests/oracle/rules.hpp"

namespace hldsim::oracle {

namespace {

constexpr std::uint32_t IOREGSEL = 0x00, IOWIN = 0x10;
constexpr std::uint64_t REMOTE_IRR = 1U << 14;
constexpr Duration LATENCY{1};

// QEMU's has version 20h and an arbitration register nevertheless.
IoapicProfile q35_ioapic() {
    IoapicProfile p = IoapicProfile::ich();
    p.arbitration = true;
    return p;
}

Timing ioapic_timing() {
    Timing t{Hertz{3'000'000'000}, Hertz{3'000'000'000}, Hertz{24'000'000}, Duration{69'841'279}};
    t.set(Row::IoapicPinToMsg, RowUnit::Time, LATENCY.fs);
    return t;
}

}  // namespace

IoapicPlayer::IoapicPlayer()
    : timing_{ioapic_timing()}, ioapic_{"ioapic", timeline_, timing_, q35_ioapic(), port_, tokens_} {}

// As QEMU's trace of deliveries has it: destination; destination mode, delivery mode, trigger mode, vector.
void IoapicPlayer::Port::post(const MessageWrite& message) {
    const std::uint64_t destination = message.address >> 12U & 0xff;
    const std::uint64_t logical = message.address >> 2U & 1U;
    const std::uint64_t mode = message.data >> 8U & 7U;
    const std::uint64_t trigger = message.data >> 15U & 1U;
    sent.push_back({0, '>', destination, logical << 16U | mode << 12U | trigger << 8U | (message.data & 0xff)});
}

Answer IoapicPlayer::play(const Step& step) {
    Answer answer;
    const auto size = static_cast<Size>(step.size);
    switch (step.action) {
        case 'R':
            answer.value = ioapic_.read(step.offset, size);
            break;
        case 'W':
            if ((step.offset & 0xff) == IOREGSEL) {
                selected_ = step.value & 0xff;
            }
            ioapic_.write(step.offset, size, step.value);
            break;
        default:
            ioapic_.drive(step.offset, step.value != 0, {});
            break;
    }
    timeline_.run_until(timeline_.now() + LATENCY);
    answer.seen = std::move(port_.sent);
    port_.sent.clear();
    return answer;
}

// ---- deviations

namespace {

// What a deviation may change, of its input's entry where it is one of an entry.
constexpr unsigned REMOTE_EXTRA = 1;   // QEMU's REMOTE_IRR is 1, here 0
constexpr unsigned REMOTE_LACKS = 2;   // the other way round
constexpr unsigned RESERVED_BITS = 4;  // bits 31:17 or 47:32 of the entry
constexpr unsigned SELECTED = 8;       // IOREGSEL reads another value

constexpr Rule IOAPIC_RULES[] = {
    {"D-21", ONLY_QEMU},
    {"D-22", RESERVED_BITS},
    {"D-23", ONLY_QEMU | ONLY_HERE | REMOTE_EXTRA | REMOTE_LACKS},
    {"D-24", ONLY_HERE | REMOTE_EXTRA},
    {"D-32", ONLY_QEMU | ONLY_HERE},
    {"D-33", ONLY_HERE | REMOTE_LACKS},
    {"D-34", ONLY_QEMU},
    {"D-35", ONLY_QEMU | ONLY_HERE},
    {"D-36", ODD_ACCESS},
    {"D-37", SELECTED},
};

}  // namespace

unsigned IoapicPlayer::needed(const Step& step, const Difference& difference) const {
    if (difference.what != Difference::What::Value) {
        return difference.what == Difference::What::OnlyQemu ? ONLY_QEMU : ONLY_HERE;
    }
    if (step.size != 4 || step.offset % 4 != 0) {
        return ODD_ACCESS;
    }
    if (step.offset == IOREGSEL) {
        return SELECTED;
    }
    const std::uint64_t differs = difference.qemu ^ difference.here;
    const std::uint64_t low = 0x10 + 2 * std::uint64_t{step.section.subject};
    if (step.offset != IOWIN || (selected_ & ~1U) != low) {
        return 0;
    }
    if (selected_ == low && differs == REMOTE_IRR) {
        return (difference.qemu & REMOTE_IRR) != 0 ? REMOTE_EXTRA : REMOTE_LACKS;
    }
    const std::uint64_t reserved = selected_ == low ? 0xfffe'0000 : 0x0000'ffff;
    return (differs & ~reserved) == 0 ? RESERVED_BITS : 0;
}

std::string IoapicPlayer::explain(const Step& step, const Difference& difference,
                                  const std::vector<Difference>& /*of_step*/) const {
    return excuse(IOAPIC_RULES, step, needed(step, difference));
}

std::vector<std::string> IoapicPlayer::known() { return ids_of(IOAPIC_RULES); }

}  // namespace hldsim::oracle
