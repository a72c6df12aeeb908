// SPDX-License-Identifier: Apache-2.0
// Any write of a device, any access of a CPU, any IPI, any fault. In the end nothing is under way, every read has come
// back once, and each CPU's writes arrived at each device once and in their order.
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "models/fabric/fabric.hpp"
#include "models/sim/session.hpp"
#include "tests/fuzz/input.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;

namespace {

constexpr unsigned CPUS = 4;
constexpr std::uint64_t DEVICES[] = {0xfed0'0000, 0xfec0'0000};
constexpr std::uint32_t WINDOW = 0x400;

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
        return is_broadcast(m) || (m.logical ? (m.destination & 1U << id) != 0 : m.destination == id);
    }
    void receive(const InterruptMessage& m) override {
        require(matches(m), "a message reached an APIC that it does not match");
        require(static_cast<unsigned>(m.mode) != 3, "a reserved delivery mode was delivered");
    }
    std::uint8_t processor_priority() const override { return 0; }
    unsigned id = 0;
};

struct Machine {
    Machine() {
        for (std::size_t row = 0; row < ROWS; ++row) {
            timing.set(static_cast<Row>(row), RowUnit::Time, static_cast<std::int64_t>(1000 + 7 * row));
        }
        for (unsigned n = 0; n < CPUS; ++n) {
            apics[n].id = n;
            fabric.add(CpuNumber{n}, apics[n]);
        }
        fabric.map(DEVICES[0], WINDOW, devices[0], Row::HpetService);
        fabric.map(DEVICES[1], WINDOW, devices[1], Row::HpetService);
    }
    sim::Timeline timeline{"timeline"};
    Timing timing{Hertz{1'000'000'000}, Hertz{1'000'000'000}, Hertz{24'000'000}, Duration{10'000'000}};
    DefaultChoice choices;
    Fabric fabric{"fabric", timeline, timing, choices, {}, {0, 0, 1, 1}};
    std::array<Device, 2> devices;
    std::array<Apic, CPUS> apics;
};

struct Program {
    Machine& machine;
    std::vector<std::unique_ptr<Completion>> reads;
    std::array<std::array<std::vector<std::uint64_t>, CPUS>, 2> written;
    std::uint64_t next = 1;

    void step(Input& input);
};

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
            message.logical = (input.byte() & 1U) != 0;
            return machine.fabric.send(CpuNumber{cpu}, static_cast<Shorthand>(which + (what & 8U) / 4), message);
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
    static sim::Session session;
    static auto& machine = *new Machine;
    machine.timeline.following(false);  // so that time may run on without end
    machine.timeline.power_on();
    for (Device& device : machine.devices) {
        device.arrived = {};
    }
    Program program{machine, {}, {}, 1};
    Input input{data, size};
    for (int n = 0; n < 200 && !input.empty(); ++n) {
        program.step(input);
    }
    machine.timeline.run_until(machine.timeline.now() + Duration{FS_PER_S});
    require(!machine.fabric.messages_under_way() && !machine.fabric.accesses_under_way(),
            "something is still under way");
    for (const auto& read : program.reads) {
        require(read->times == 1, "a read did not come back once");
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
