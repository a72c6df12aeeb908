// SPDX-License-Identifier: Apache-2.0
// Any access to a remapping unit of any profile, any content of its tables, any request. The oracle is what must always
// hold: whatever arrives is done with exactly once, an entry is used as memory held it once, and what can be read
// agrees with itself.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "models/base/limits.hpp"
#include "models/vtd/vtd.hpp"
#include "tests/fuzz/bench.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/memory.hpp"
#include "tests/fuzz/tail.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;
using fuzz::Tail;

namespace {

constexpr std::uint64_t TABLE = 0x1000, QUEUE = 0x2000, MEMORY_END = 0x4000;
constexpr std::uint32_t GCMD = 0x18, GSTS = 0x1c, FSTS = 0x34, IQH = 0x80, IQT = 0x88, IQA = 0x90, IRTA = 0xb8;
constexpr std::uint64_t QIE = 1U << 26, IRE = 1U << 25, SIRTP = 1U << 24, CFI = 1U << 23;
constexpr Duration A_WHILE{100'000'000};
constexpr std::array<RequesterId, 2> REQUESTERS{RequesterId{0xfa78}, RequesterId{0x00a0}};

/// What a program says in bits that were free before there were tails.
struct Manner {
    bool second_requester = false;
    bool any_size = false;       // of a request
    bool half_entries = false;   // an entry is written in two halves
    bool compatibility = false;  // set-up switches CFI on
};

struct Drawn {
    VtdProfile profile;
    Manner manner;
};

Drawn drawn_by(Tail& tail) {
    Drawn drawn;
    VtdProfile& p = drawn.profile;
    tail.flip(drawn.manner.second_requester);
    tail.flip(drawn.manner.any_size);
    tail.flip(drawn.manner.half_entries);
    tail.flip(drawn.manner.compatibility);
    tail.draw(p.iec_entries, {64U, 0U, 1U, 4U});
    tail.draw(p.iec_ways, {64U, 1U, 2U, 4U});
    p.iec_ways = p.iec_entries == 0 ? p.iec_ways : std::min(p.iec_ways, p.iec_entries);
    tail.flip(p.posted_interrupts);
    tail.flip(p.caching_mode);
    tail.draw(p.fault_records, {8U, 1U, 2U, limits::VTD_FAULT_RECORDS});
    tail.draw(p.fault_records_at, {0x220U, 0x200U, 0x400U, 0xf00U});
    tail.flip(p.compress_faults);
    tail.flip(p.eim);
    tail.flip(p.eim_required);
    p.eim = p.eim || p.eim_required;
    tail.flip(p.ir_required);
    tail.flip(p.esirtps);
    tail.flip(p.scalable_mode);
    tail.flip(p.abort_dma_mode);
    tail.draw(p.max_index_mask, {15U, 0U, 1U, 4U});
    tail.draw(p.mask_too_large, {MaskTooLarge::Global, MaskTooLarge::Error});
    tail.draw(p.version_major, {1U, 6U});
    tail.draw(p.host_address_width, {46U, 32U, 39U, 52U});
    tail.draw(p.read_completion_pushes, {ReadCompletionPushes::Unit, ReadCompletionPushes::Apic});
    tail.draw(p.drains, {Drains::Apic, Drains::Unit});
    tail.draw(p.check_order, {CheckOrder::Spec, CheckOrder::ReservedFirst});
    tail.draw(p.reserved_svt, {ReservedSvt::SourceId, ReservedSvt::ReservedField});
    tail.draw(p.reserved_mode, {ReservedMode::Fault, ReservedMode::Nothing});
    tail.draw(p.bad_size_reads, {BadSizeReads::Ones, BadSizeReads::Zero});
    tail.flip(p.ire_off_drains);
    tail.flip(p.nmi_forwards_vector);
    tail.flip(p.nmi_honours_hint);
    tail.flip(p.smi_and_init);
    tail.flip(p.malformed_write_faults);
    const std::optional<VtdCommand> none;
    tail.draw(p.gcmd_stuck, {none, none, std::optional{VtdCommand::Ire}, std::optional{VtdCommand::Qie}});
    return drawn;
}

struct Output final : RouteOutput {
    explicit Output(sim::Timeline& on) : timeline{on} {}
    Instant deliver(const InterruptMessage& message) override {
        const auto mode = static_cast<unsigned>(message.mode);
        require(mode <= 7 && mode != 3, "a delivery mode that no message has");
        // The unit's own events are no requests.
        if (message.token.source == Source::Hpet && posted.count(message.token.id) == 0) {
            require(done.count(message.token.id) == 0, "a request that is done with is delivered");
            std::uint32_t& before = last[sent.at(message.token.id)];
            require(message.token.id > before, "a request overtakes one of its device");
            before = message.token.id;
        }
        return timeline.now() + Duration{1000};
    }
    void diagnose(const MessageWrite& /*write*/, msi::Fault /*fault*/, bool /*delivered*/) override {}
    void finished(const MessageWrite& write, Instant passable) override {
        require(passable >= timeline.now(), "a completion may pass before the request is done with");
        require(done.insert(write.token.id).second, "a request is done with twice");
    }
    void power_on() {
        last.fill(0);
        sent.clear();
        done.clear();
        posted.clear();
    }
    sim::Timeline& timeline;
    std::array<std::uint32_t, 2> last{};     // of the messages that are not posted: M-13 orders these alone
    std::map<std::uint32_t, unsigned> sent;  // requests by token, and which requester's
    std::set<std::uint32_t> done;            // requests, by token
    std::set<std::uint32_t> posted;
};

struct World {
    World(sim::Timeline& on, const Drawn& drawn)
        : timeline{on},
          manner{drawn.manner},
          unit{"vtd", timeline, timing(), drawn.profile, FabricProfile{}, memory, tokens, choices},
          fresh{unit.dump()} {
        unit.connect(output);
        unit.entry_used.subscribe([this](const vtd::EntryUsed& used) { check(used); });
        unit.request_posted.subscribe([this](const vtd::RequestPosted& /*posted*/) {
            require(unit.profile().posted_interrupts, "a unit posts that cannot");
        });
    }
    void power_on(const Tail& tail) {
        tokens.power_on();
        memory.power_on();
        output.power_on();
        choices.begin(tail);
    }
    void check(const vtd::EntryUsed& used) {
        require(memory.held(&used.entry, sizeof used.entry), "an entry is used that memory never held");
        require(!used.cached || unit.profile().iec_entries != 0, "a unit without cache uses it");
        if (used.entry.posted()) {
            output.posted.insert(used.write.token.id);
        }
    }
    static const Timing& timing() {
        static const Timing rows = [] {
            Timing t{Hertz{1'000'000'000}, Hertz{1'000'000'000}, Hertz{24'000'000}, Duration{69'841'279}};
            std::int64_t fs = 1000;
            for (const Row row : {Row::VtdIecHit, Row::VtdIecMiss, Row::VtdQiFetch, Row::VtdIecInv, Row::VtdStatusWrite,
                                  Row::VtdGcmdLatency}) {
                t.set(row, RowUnit::Time, fs += 997);
            }
            return t;
        }();
        return rows;
    }
    sim::Timeline& timeline;
    Manner manner;
    fuzz::Memory<MEMORY_END> memory;
    Output output{timeline};
    TokenCounter tokens;
    fuzz::FuzzedChoice choices;
    Vtd unit;
    std::string fresh;  // its dump
};

// What a requester sends and is not blocked is delivered in order (M-13), so the tokens rise.
void request(World& world, Input& input) {
    const std::uint8_t what = input.byte();
    const std::uint64_t handle = input.byte();
    const std::uint64_t address =
        (what & 1U) != 0 ? 0xfee0'0000 | (input.number(3) & 0xf'ffff) : 0xfee0'0010 | handle << 5U | (what & 2U) << 2U;
    const auto data = static_cast<std::uint32_t>(input.number((what & 4U) != 0 ? 4 : 1));
    const unsigned who = world.manner.second_requester ? what >> 3U & 1U : 0;
    MessageWrite write{REQUESTERS[who], address, data, world.tokens.next(Source::Hpet)};
    write.size = world.manner.any_size && (what & 0x30U) == 0x30 ? Size::B8 : Size::B4;
    world.output.sent[write.token.id] = who;
    const Vtd& unit = world.unit;
    const bool refused = write.size != Size::B4 || (unit.profile().ir_required && !unit.remapping()) ||
                         (unit.profile().eim_required && unit.remapping() && !unit.active_table().eime);
    world.unit.arrive(write);
    require(!refused || world.output.done.count(write.token.id) != 0, "a request that is refused goes on");
}

void set_up(World& world, std::uint8_t what) {
    Vtd& unit = world.unit;
    unit.write(IRTA, Size::B8, TABLE | (what >> 4U & 7U) | (what & 8U) << 8U);
    unit.write(IQA, Size::B8, QUEUE);
    for (const std::uint64_t command : {SIRTP, QIE, QIE | IRE, QIE | IRE | CFI}) {
        if (command != (QIE | IRE | CFI) || world.manner.compatibility) {
            unit.write(GCMD, Size::B4, command);
            world.timeline.run_until(world.timeline.now() + A_WHILE);
        }
    }
}

void access(World& world, Input& input, bool any) {
    const Size size = input.size();
    auto offset = static_cast<std::uint32_t>(input.number(2)) % (any ? vtd::WINDOW + 64 : 0x300);
    offset -= any ? 0 : offset % bytes(size);
    if ((input.byte() & 1U) != 0) {
        world.unit.write(offset, size, input.number(bytes(size)));
        return;
    }
    const std::uint64_t value = world.unit.read(offset, size);
    if (size != Size::B4 && size != Size::B8) {
        const bool ones = world.unit.profile().bad_size_reads == BadSizeReads::Ones;
        require(value == (ones ? byte_mask(bytes(size)) : 0), "a read of a wrong size is not as the profile says");
    }
}

void write_entry(World& world, std::uint64_t address, const std::uint64_t (&words)[2], Input& input) {
    if (!world.manner.half_entries) {
        world.memory.write(address, words, sizeof words);
        return;
    }
    const std::uint8_t order = input.byte();
    for (const unsigned half : {order & 1U, ~order & 1U}) {
        world.memory.write(address + std::uint64_t{8} * half, &words[half], sizeof words[half]);
        world.timeline.run_until(world.timeline.now() + Duration{(order >> 1U) * std::int64_t{50}});
    }
}

void step(World& world, Input& input) {
    const std::uint8_t what = input.byte();
    switch (what & 7U) {
        case 0:
            return access(world, input, false);
        case 1:
            return access(world, input, true);
        case 2:
            return set_up(world, what);
        case 3: {  // an entry, plausible or not
            std::uint64_t words[2] = {input.number(8), input.number(4)};
            words[0] |= (what & 8U) != 0 ? 1U : 0U;
            return write_entry(world, TABLE + (what >> 4U) * std::uint64_t{16}, words, input);
        }
        case 4: {  // descriptors, and the tail behind them
            const std::uint64_t tail = world.unit.peek(IQT);
            std::uint64_t words[2] = {input.number(8), (what & 8U) != 0 ? 0x3000 : input.number(8)};
            world.memory.write(QUEUE + tail % 0x1000, words, sizeof words);
            return world.unit.write(IQT, Size::B8, (tail + 16) % 0x1000);
        }
        case 5:
            world.timeline.run_until(world.timeline.now() + Duration{input.byte() * std::int64_t{100}});
            return;
        default:
            return request(world, input);
    }
}

void look(const World& world) {
    const Vtd& unit = world.unit;
    const VtdProfile& profile = unit.profile();
    const std::uint64_t fsts = unit.peek(FSTS);
    std::multiset<std::uint64_t> recorded;  // requesters
    for (unsigned n = 0; n < profile.fault_records; ++n) {
        const std::uint64_t high = unit.peek(profile.fault_records_at + 16 * n + 8);
        if (high >> 63U != 0) {
            recorded.insert(high & 0xffffU);
        }
    }
    require(((fsts & 2U) != 0) == !recorded.empty(), "PPF is not the OR of the records");
    require((fsts >> 8U & 0xffU) < profile.fault_records, "FRI is no record");
    for (const RequesterId requester : REQUESTERS) {
        const auto count = recorded.count(requester.value);
        require(count <= 1 || !profile.compress_faults, "a fault is recorded that another absorbs");
    }
    require((unit.peek(IQH) & ~0x7'fff0ULL) == 0, "IQH has bits that do not exist");
    require((unit.peek(GSTS) & 0x007f'ffff) == 0, "GSTS has bits that do not exist");
    require(unit.cache().size() <= profile.iec_entries, "more is cached than there are entries");
    require(profile.eim || !unit.active_table().eime, "EIME is active in a unit without it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::Bench<World> bench;
    Tail tail{data, size};
    const Drawn drawn = drawn_by(tail);
    World& world = bench.of(tail, drawn);
    Input input{data, tail.program()};
    for (int n = 0; n < 400 && !input.empty(); ++n) {
        step(world, input);
        look(world);
    }
    for (int n = 0; n < 1000 && !(world.unit.idle() && !world.unit.holds_message()); ++n) {
        world.timeline.run_until(world.timeline.now() + A_WHILE);
    }
    require(!world.unit.holds_message(), "a request never ends");
    require(world.output.done.size() == world.output.sent.size(), "a request has not been done with");
    world.unit.reset_enter();
    world.unit.reset_hold();
    world.unit.reset_exit();
    require(world.unit.dump() == world.fresh, "a reset does not leave a new unit");
    return 0;
}
