// SPDX-License-Identifier: Apache-2.0
// Any access to ports 61h and 70h, SERR# and IOCHK# at any time. The oracle is the ports written a second time from the
// ICH datasheets, NMI_SC and NMI_EN, as flip-flops and gates.
#include <optional>
#include <string>

#include "models/chipset/nmi_control.hpp"
#include "tests/fuzz/bench.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/tail.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;
using fuzz::Tail;

namespace {

constexpr Duration REFRESH{15'085'000'000};

struct FlipFlops {
    void assert_serr() { serr = serr || (low & 4U) == 0; }
    void assert_iochk() { iochk = iochk || (low & 8U) == 0; }
    void write_61h(unsigned value) {
        low = value % 16;
        serr = serr && (low & 4U) == 0;
        iochk = iochk && (low & 8U) == 0;
    }
    void write_70h(unsigned value) { disabled = value >= 0x80; }
    unsigned read_61h(bool timer_out, bool refresh) const {
        return (serr ? 0x80U : 0U) + (iochk ? 0x40U : 0U) + (timer_out ? 0x20U : 0U) + (refresh ? 0x10U : 0U) + low;
    }
    bool nmi() const { return (serr || iochk) && !disabled; }

    unsigned low = 0;
    bool serr = false;
    bool iochk = false;
    bool disabled = true;  // until firmware clears bit 7 of port 70h
};

/// What the ports are wired to.
struct Board final : SpeakerTimer, InterruptPins {
    void gate2(bool level) override { gate = level; }
    bool output2() override { return timer_out; }
    void drive(unsigned input, bool active, Token token) override {
        require(input == 1, "NMI# is input 1");
        require(active != nmi, "NMI# is driven to the level that it has");
        require(active ? token == serr || token == iochk : token == Token{},
                "an edge to active carries the token of a reason's last assertion, the other none");
        nmi = active;
        rose_for = active ? token.source : rose_for;
    }
    bool timer_out = false;
    bool gate = false;
    bool nmi = false;
    std::optional<Source> rose_for;  // since this was reset
    Token serr;                      // of the last assertion that was latched
    Token iochk;
};

struct World {
    World(sim::Timeline& on, const ChipsetProfile& profile)
        : timeline{on}, toggles{profile.refresh.fs != 0}, chip{"chipset", timeline, profile, board, board, tokens} {
        fresh = chip.dump();
        chip.hop.subscribe([this](const HopReached& reached) {
            require(reached.hop == Hop::Matched && reached.at == timeline.now(),
                    "a reason is latched as it is asserted");
            (reached.token.source == Source::Serr ? board.serr : board.iochk) = reached.token;
            ++latched;
        });
    }
    void power_on(const Tail& /*tail*/) {
        tokens.power_on();
        board = {};
        flip_flops = {};
        refresh = false;
        reset();
        save();
    }
    void reset() {
        chip.reset_enter();
        chip.reset_hold();
        chip.reset_exit();
        flip_flops = {};
    }
    void save() {
        copy.save_anew();
        chip.copy_state(copy);
        saved_board = board;
        saved_flip_flops = flip_flops;
    }
    void restore() {
        copy.restore_from_begin();
        chip.copy_state(copy);
        board = saved_board;
        flip_flops = saved_flip_flops;
    }

    sim::Timeline& timeline;
    bool toggles;  // REF_TOGGLE
    TokenCounter tokens;
    Board board;
    unsigned latched = 0;
    NmiControl chip;
    std::string fresh;  // its dump
    FlipFlops flip_flops;
    bool refresh = false;
    StateCopy copy;
    Board saved_board;
    FlipFlops saved_flip_flops;
};

void read(World& world, std::uint32_t port, Size size) {
    const bool status = size == Size::B1 && port == NmiControl::STATUS_PORT;
    const std::string before = world.chip.dump();
    require(world.chip.read(port, size) ==
                (status ? world.flip_flops.read_61h(world.board.timer_out, world.refresh) : byte_mask(bytes(size))),
            "a read differs from the flip-flops'");
    require(world.chip.dump() == before, "a read changes something");
}

void write(World& world, std::uint32_t port, Size size, std::uint64_t value) {
    const bool gate = world.board.gate;
    world.chip.write(port, size, value);
    const bool status = size == Size::B1 && port == NmiControl::STATUS_PORT;
    if (status) {
        world.flip_flops.write_61h(static_cast<unsigned>(value));
    } else if (size == Size::B1 && port == NmiControl::ENABLE_PORT) {
        world.flip_flops.write_70h(static_cast<unsigned>(value));
    }
    require(world.board.gate == (status ? value % 2 != 0 : gate), "the gate of counter 2 is not bit 0 of port 61h");
}

void access(World& world, Input& input, std::uint8_t what) {
    const bool any = (what & 0x20U) != 0;
    const std::uint32_t port = any ? input.byte() : (what & 0x10U) != 0 ? 0x70U : 0x61U;
    const Size size = any ? input.size() : Size::B1;
    (what & 8U) != 0 ? read(world, port, size) : write(world, port, size, input.number(bytes(size)));
}

void assert_reason(World& world, bool serr) {
    const bool& flip_flop = serr ? world.flip_flops.serr : world.flip_flops.iochk;
    const bool before = flip_flop;
    const unsigned latched = world.latched;
    serr ? world.flip_flops.assert_serr() : world.flip_flops.assert_iochk();
    serr ? world.chip.assert_serr() : world.chip.assert_iochk();
    require((world.latched != latched) == (flip_flop != before), "a reason is told as latched when it is not, or not");
}

void step(World& world, Input& input) {
    const std::uint8_t what = input.byte();
    switch (what & 7U) {
        case 0:
            world.board.timer_out = !world.board.timer_out;
            return;
        case 1:
        case 2:
            return assert_reason(world, (what & 1U) != 0);
        case 3:  // up to 31 refreshes
            world.timeline.run_until(world.timeline.now() + Duration{REFRESH.fs * (what >> 3U)});
            world.refresh = world.refresh != (world.toggles && (what >> 3U) % 2 != 0);
            return;
        case 4:
            return (what & 8U) != 0 ? world.save() : world.restore();
        case 5:
            return (what & 0x38U) == 0 ? world.reset() : access(world, input, what);
        default:
            return access(world, input, what);
    }
}

void look(const World& world) {
    const FlipFlops& expected = world.flip_flops;
    require(world.chip.output() == expected.nmi() && world.board.nmi == expected.nmi(),
            "NMI# differs from the flip-flops'");
    require(world.board.rose_for != Source::Serr || expected.serr, "an edge is SERR#'s, which is not latched");
    require(world.board.rose_for != Source::Iochk || expected.iochk, "an edge is IOCHK#'s, which is not latched");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Bench<World> bench;
    Tail tail{data, size};
    const ChipsetProfile profile{tail.one_of({REFRESH, Duration{}})};
    World& world = bench.of(tail, profile);
    Input input{data, tail.program()};
    for (int n = 0; n < 400 && !input.empty(); ++n) {
        world.board.rose_for.reset();
        step(world, input);
        look(world);
    }
    world.reset();
    require(!world.board.nmi, "NMI# is active after a reset");
    require(world.chip.dump() == world.fresh, "a reset does not leave new ports");
    return 0;
}
