// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/vtd_player.hpp"

#include "tests/models/vtd/fixture.hpp"
#include "tests/oracle/rules.hpp"

namespace hldsim::oracle {

namespace {

constexpr Duration SETTLED{20'000'000'000};  // 20 us: more than any step needs

// QEMU's has no entry cache and, without x2APIC, no EIM; one fault record, and faults of one requester are one.
VtdProfile q35_vtd() {
    VtdProfile p;
    p.fault_records = 1;
    p.compress_faults = true;
    p.iec_entries = 0;
    p.iec_ways = 0;
    p.eim = false;
    return p;
}

// As QEMU's trace of deliveries has it: destination; destination mode, delivery mode, trigger mode, vector.
Happening delivery(const InterruptMessage& message) {
    const auto mode = static_cast<std::uint64_t>(message.mode);
    return {0, '>', message.destination,
            (message.logical ? 1U : 0U) << 16U | mode << 12U | (message.level ? 1U : 0U) << 8U | message.vector};
}

// Where ECAP.IRO has the registers IVA and IOTLB there, and here.
constexpr std::uint32_t IRO_QEMU = 0xf0;
constexpr std::uint32_t IRO_HERE = 0x500;

// A request that is blocked for a reason that is always recorded: beyond the table, 21h.
MessageWrite to_be_blocked(std::uint16_t requester) {
    return test::VtdFixture::message(0xffff, RequesterId{requester});
}

// What a deviation may change.
constexpr unsigned FAULT_ON_RECORD = 1;  // FSTS says here that a fault is recorded
constexpr unsigned QUEUE_STOPS = 2;      // FSTS.IQE and IQH: one side stopped at a descriptor, the other did not
constexpr unsigned REASON = 4;           // IQERCD
constexpr unsigned EVENT_DATA = 8;       // IEDATA, the upper half
constexpr unsigned NARROW = 16;          // what a read of 1 or 2 bytes, or one that is misaligned, gives
constexpr unsigned EVENT_PENDING = 32;   // FECTL.IP is 1 in QEMU alone
constexpr unsigned RECORD = 64;          // the reason of a record, and what goes with it
constexpr unsigned BYPASS = 128;         // GSTS.CFIS is 1 here alone

constexpr Rule VTD_RULES[] = {
    {"D-45", FAULT_ON_RECORD},       {"D-46", ONLY_QEMU},     {"D-47", ONLY_QEMU},   {"D-48", ONLY_QEMU},
    {"D-49", ONLY_QEMU | ONLY_HERE}, {"D-58", ONLY_QEMU},     {"D-59", QUEUE_STOPS}, {"D-60", QUEUE_STOPS},
    {"D-61", QUEUE_STOPS},           {"D-62", REASON},        {"D-63", EVENT_DATA},  {"D-64", NARROW},
    {"D-67", ONLY_QEMU | ONLY_HERE}, {"D-68", EVENT_PENDING}, {"D-69", RECORD},      {"D-70", BYPASS},
};

unsigned needed_by_status(const Difference& difference) {
    if ((difference.qemu ^ difference.here) == test::IQE) {
        return QUEUE_STOPS;
    }
    return difference.qemu == 0 && (difference.here & test::PPF) != 0 ? FAULT_ON_RECORD : 0;
}

unsigned needed_by_value(const Step& step, const Difference& difference) {
    const std::uint64_t differs = difference.qemu ^ difference.here;
    switch (step.offset) {
        case test::FSTS:
            return needed_by_status(difference);
        case test::IQH:
            return QUEUE_STOPS;
        case test::IQERCD:
            return REASON;
        case test::IEDATA:
            return (differs & 0xffff) == 0 ? EVENT_DATA : 0;
        case test::FECTL:
            return differs == test::IP && difference.here == test::IM ? EVENT_PENDING : 0;
        case test::GSTS:
            return differs == test::CFI && difference.qemu < difference.here ? BYPASS : 0;
        case test::FRCD:
        case test::FRCD + 4:
            return RECORD;
        case test::FRCD + 12:
            return (differs & ~std::uint64_t{0xff}) == 0 ? RECORD : 0;
        default:
            return 0;
    }
}

unsigned needed_of_vtd(const Step& step, const Difference& difference) {
    if (difference.what != Difference::What::Value) {
        return difference.what == Difference::What::OnlyQemu ? ONLY_QEMU : ONLY_HERE;
    }
    if (step.action != 'R') {
        return 0;
    }
    return step.size < 4 || step.offset % step.size != 0 ? NARROW : needed_by_value(step, difference);
}

}  // namespace

VtdPlayer::VtdPlayer() : fixture_{std::make_unique<test::VtdFixture>()} { fixture_->make(q35_vtd()); }

VtdPlayer::~VtdPlayer() = default;

Answer VtdPlayer::play(const Step& step) {
    Answer answer;
    test::VtdFixture& f = *fixture_;
    f.output.delivered.clear();
    MessageWrite message = test::VtdFixture::message(0);
    switch (step.action) {
        case 'R':
            answer.value = f.unit->read(place_of(step.offset), static_cast<Size>(step.size));
            break;
        case 'W':
            f.unit->write(place_of(step.offset), static_cast<Size>(step.size), step.value);
            break;
        case 'S':
            f.memory.put(step.offset, step.value);
            break;
        case 'L':
            answer.value = f.memory.u32(step.offset);
            break;
        case 'F':
            f.unit->arrive(to_be_blocked(static_cast<std::uint16_t>(step.size)));
            break;
        default:
            message.requester.value = static_cast<std::uint16_t>(step.size);
            message.address = step.offset;
            message.data = static_cast<std::uint32_t>(step.value);
            f.unit->arrive(message);
            break;
    }
    f.by(SETTLED);
    for (const auto& delivered : f.output.delivered) {
        answer.seen.push_back(delivery(delivered.message));
    }
    return answer;
}

std::string VtdPlayer::explain(const Step& step, const Difference& difference,
                               const std::vector<Difference>& /*of_step*/) {
    return excuse(VTD_RULES, step, needed_of_vtd(step, difference));
}

std::vector<std::string> VtdPlayer::known() { return ids_of(VTD_RULES); }

const regs::Map& VtdPlayer::map() { return vtd::MAP; }

std::uint32_t VtdPlayer::place_of(std::uint32_t offset) {
    return offset >= IRO_QEMU && offset < IRO_QEMU + 16 ? offset - IRO_QEMU + IRO_HERE : offset;
}

}  // namespace hldsim::oracle
