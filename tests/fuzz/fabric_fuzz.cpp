// SPDX-License-Identifier: Apache-2.0
// Any write of a device, any access of a CPU, any IPI, any fault, in a fabric of any profile. In the end nothing is
// under way, every read has come back once, each CPU's writes arrived at each device once and in their order, and each
// IPI reached whom it was for.
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "models/fabric/fabric.hpp"
#include "tests/fuzz/bench.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/tail.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;
using fuzz::Tail;

namespace {

constexpr unsigned CPUS = 4;
constexpr std::uint64_t DEVICES[] = {0xfed0'0000, 0xfec0'0000};
constexpr std::uint32_t WINDOW = 0x400;

/// What the fabric knows of the APICs' ids: nothing, so that it asks each; or where to look them up.
enum class Ids { Unknown, Xapic, X2apic, Mixed };

struct Drawn {
    FabricProfile profile;
    Ids ids = Ids::Unknown;
    std::vector<unsigned> packages{0, 0, 1, 1};
    bool priorities = false;  // of the processors differ
    bool wide = false;        // bits of a program that were free before there were tails: IPIs of 32-bit destinations
};

Drawn drawn_by(Tail& tail) {
    Drawn drawn;
    FabricProfile& p = drawn.profile;
    tail.draw(drawn.ids, {Ids::Unknown, Ids::Xapic, Ids::X2apic, Ids::Mixed});
    drawn.packages = tail.one_of<std::vector<unsigned>>({{0, 0, 1, 1}, {}, {0, 1, 2, 3}, {0, 1, 0, 0}});
    tail.flip(drawn.priorities);
    tail.flip(drawn.wide);
    tail.draw(p.arbiter, {Arbiter::LowestPpr, Arbiter::Rotating});
    tail.draw(p.format1_without_ir, {FormatBit::Deliver, FormatBit::Drop});
    tail.flip(p.extended_destination_id);
    tail.draw(p.delivery_encoding, {DeliveryEncoding::Apic, DeliveryEncoding::Hypertransport});
    return drawn;
}

struct Device final : MmioTarget {
    std::uint64_t read(std::uint32_t offset, Size) override {
        require(offset < WINDOW, "an access beyond the device's window");
        return 1;
    }
    void write(std::uint32_t offset, Size, std::uint64_t value) override {
        require(offset < WINDOW, "an access beyond the device's window");
        arrived[value & (CPUS - 1)].push_back(value);
    }
    std::array<std::vector<std::uint64_t>, CPUS> arrived;
};

struct Completion final : ReadCompletion {
    void completed(std::uint64_t) override { ++times; }
    unsigned times = 0;
};

struct Apic final : MessageReceiver {
    bool matches(const InterruptMessage& m) const override {
        if (is_broadcast(m)) {
            return true;
        }
        if (!m.logical) {
            return m.destination == id;
        }
        return x2apic ? m.destination >> 16U == id >> 4U && (m.destination & 1U << id % 16) != 0
                      : (m.destination & 1U << id) != 0;
    }
    void receive(const InterruptMessage& m) override {
        require(matches(m), "a message reached an APIC that it does not match");
        require(static_cast<unsigned>(m.mode) != 3, "a reserved delivery mode was delivered");
        received.push_back(m.token.id);
    }
    std::uint8_t processor_priority() const override { return priority; }
    unsigned id = 0;
    bool x2apic = false;
    std::uint8_t priority = 0;
    std::vector<std::uint32_t> received;  // tokens
};

struct Machine {
    Machine(sim::Timeline& on, const Drawn& drawn)
        : wide{drawn.wide},
          lowest_wins{drawn.profile.arbiter == Arbiter::LowestPpr},
          timeline{on},
          fabric{"fabric", timeline, timing(), choices, drawn.profile, drawn.packages} {
        for (unsigned n = 0; n < CPUS; ++n) {
            Apic& apic = apics[n];
            apic.x2apic = drawn.ids == Ids::X2apic || (drawn.ids == Ids::Mixed && n >= 2);
            apic.id = apic.x2apic && n >= 2 ? n + 14 : n;  // another cluster
            apic.priority = static_cast<std::uint8_t>(drawn.priorities ? (n + 1) % 3 << 4 : 0);
            fabric.add(CpuNumber{n}, apic);
            if (drawn.ids != Ids::Unknown) {
                fabric.identified(CpuNumber{n}, ApicId{apic.id}, apic.x2apic);
            }
        }
        fabric.map(DEVICES[0], WINDOW, devices[0], Row::HpetService);
        fabric.map(DEVICES[1], WINDOW, devices[1], Row::HpetService);
    }
    void power_on(const Tail& tail) {
        for (Device& device : devices) {
            device.arrived = {};
        }
        for (Apic& apic : apics) {
            apic.received.clear();
        }
        choices.begin(tail);
    }
    static const Timing& timing() {
        static const Timing rows = [] {
            Timing t{Hertz{1'000'000'000}, Hertz{1'000'000'000}, Hertz{24'000'000}, Duration{10'000'000}};
            for (std::size_t row = 0; row < ROWS; ++row) {
                t.set(static_cast<Row>(row), RowUnit::Time, static_cast<std::int64_t>(1000 + 7 * row));
            }
            return t;
        }();
        return rows;
    }
    bool wide;
    bool lowest_wins;
    sim::Timeline& timeline;
    fuzz::FuzzedChoice choices;
    Fabric fabric;
    std::array<Device, 2> devices;
    std::array<Apic, CPUS> apics;
};

struct Program {
    Machine& machine;
    std::vector<std::unique_ptr<Completion>> reads;
    std::array<std::array<std::vector<std::uint64_t>, CPUS>, 2> written;
    std::uint64_t next = 1;
    std::vector<InterruptMessage> ipis;  // to a destination

    void step(Input& input);
    void send(unsigned cpu, Shorthand shorthand, InterruptMessage message);
    void check(const InterruptMessage& ipi) const;
};

void Program::send(unsigned cpu, Shorthand shorthand, InterruptMessage message) {
    message.token = {static_cast<std::uint32_t>(next++), Source::Ipi};
    if (shorthand == Shorthand::None) {
        ipis.push_back(message);
    }
    machine.fabric.send(CpuNumber{cpu}, shorthand, message);
}

// LAPIC-7, LAPIC-12.
void Program::check(const InterruptMessage& ipi) const {
    unsigned matching = 0;
    unsigned reached = 0;
    unsigned lowest = ~0U;
    unsigned winner = 0;
    for (const Apic& apic : machine.apics) {
        if (apic.matches(ipi)) {
            ++matching;
            lowest = std::min<unsigned>(lowest, apic.priority);
        }
        const auto times = std::count(apic.received.begin(), apic.received.end(), ipi.token.id);
        require(times <= 1, "an IPI reached an APIC twice");
        reached += times != 0 ? 1 : 0;
        winner = times != 0 ? apic.priority : winner;
    }
    if (!is_arbitrated(ipi)) {
        return require(reached == matching, "an IPI did not reach all that it matches");
    }
    require(reached == std::min(matching, 1U), "an arbitrated IPI did not reach one that it matches");
    require(reached == 0 || !machine.lowest_wins || winner == lowest, "a higher priority has won");
}

void Program::step(Input& input) {
    const std::uint8_t what = input.byte();
    const unsigned cpu = what >> 4U & (CPUS - 1);
    const unsigned which = what >> 6U & 1U;
    const std::uint64_t address = DEVICES[which] + input.number(2) % (WINDOW + 8);
    const Size size = input.size();
    const bool inside = address + bytes(size) <= DEVICES[which] + WINDOW;
    switch (what & 7U) {
        case 0:
        case 1: {
            const std::uint64_t value = next++ * CPUS + cpu;
            machine.fabric.post_write(CpuNumber{cpu}, address, size, value);
            if (inside) {
                written[which][cpu].push_back(value);
            }
            return;
        }
        case 2:
            reads.push_back(std::make_unique<Completion>());
            return machine.fabric.read(CpuNumber{cpu}, address, size, *reads.back());
        case 3:
        case 4: {
            MessageWrite write{RequesterId{static_cast<std::uint16_t>(input.byte())},
                               (what & 8U) != 0 ? 0xfee0'0000 | input.number(3) : input.number(6),
                               static_cast<std::uint32_t>(input.number(4)),
                               Token{static_cast<std::uint32_t>(next++), Source::Hpet}};
            write.size = (what & 16U) != 0 ? size : Size::B4;
            return machine.fabric.post(write);
        }
        case 5: {
            InterruptMessage message;
            message.mode = (what & 8U) != 0 ? DeliveryMode::Nmi : DeliveryMode::LowestPriority;
            message.destination = input.byte();
            const std::uint8_t how = input.byte();
            message.logical = (how & 1U) != 0;
            message.wide = machine.wide && (how & 2U) != 0;
            message.destination |= message.wide ? (how >> 2U & 3U) << 16U : 0;
            message.destination = message.wide && how >= 0xf0 ? ~0U : message.destination;
            return send(cpu, static_cast<Shorthand>(which + (what & 8U) / 4), message);
        }
        case 6:
            return machine.fabric.inject(Source::Hpet,
                                         {static_cast<MessageFaulted::Kind>(input.byte() % 5),
                                          Duration{static_cast<std::int64_t>(input.number(2))}, input.number(4),
                                          static_cast<std::uint32_t>(input.number(2)), input.byte()});
        default:
            return machine.timeline.run_until(machine.timeline.now() +
                                              Duration{static_cast<std::int64_t>(input.number(2))});
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Bench<Machine> bench;
    Tail tail{data, size};
    const Drawn drawn = drawn_by(tail);
    Machine& machine = bench.of(tail, drawn);
    Program program{machine, {}, {}, 1, {}};
    Input input{data, tail.program()};
    for (int n = 0; n < 200 && !input.empty(); ++n) {
        program.step(input);
    }
    machine.timeline.run_until(machine.timeline.now() + Duration{FS_PER_S});
    require(!machine.fabric.messages_under_way() && !machine.fabric.accesses_under_way(),
            "something is still under way");
    for (const auto& read : program.reads) {
        require(read->times == 1, "a read did not come back once");
    }
    for (const InterruptMessage& ipi : program.ipis) {
        program.check(ipi);
    }
    for (unsigned which = 0; which < 2; ++which) {
        for (unsigned cpu = 0; cpu < CPUS; ++cpu) {
            require(machine.devices[which].arrived[cpu] == program.written[which][cpu],
                    "posted writes did not arrive once and in order");
        }
    }
    machine.fabric.reset_enter();
    machine.fabric.reset_hold();
    machine.fabric.reset_exit();
    return 0;
}
