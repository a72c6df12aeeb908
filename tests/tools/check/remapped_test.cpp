// SPDX-License-Identifier: Apache-2.0
#include "tests/tools/check/story.hpp"

using namespace hldsim;
using namespace hldsim::check;

namespace {

constexpr std::uint64_t PRESENT = 1, NMI = 0x80;
constexpr std::uint64_t to(std::uint64_t cpu) { return cpu << 32 | PRESENT | NMI; }

/// Entry n is CPU n's, written at boot.
struct Remapped : Story {
    Remapped() {
        effect(2_us, 0xfed0'0110, 0xfee0'0018'0000'0000);  // the route, as a whole
        for (unsigned n = 0; n < 4; ++n) {
            writes(10_us, 0, n, to(n));
        }
    }
    Remapped& writes(Duration at, unsigned by, unsigned entry, std::uint64_t low, std::uint64_t high = 7,
                     Context context = Context::Task) {
        trace::Record& made = record(at, What::EntryWritten, by, context);
        made.value = low;
        made.address = high;
        made.result = entry;
        return *this;
    }
    Remapped& uses(Duration at, std::uint32_t id, unsigned entry, std::uint64_t low, bool stale = false,
                   std::uint64_t high = 7) {
        trace::Record& made = record(at, What::EntryUsed);
        made.token = {id, Source::Hpet};
        made.value = low;
        made.address = high;
        made.result = entry;
        made.flag = made.stale = stale;
        return *this;
    }
    Remapped& blocks(Duration at, std::uint32_t id, std::uint64_t reason, const std::string& line) {
        says(at, 0, line);
        trace::Record& made = record(at, What::RequestBlocked);
        made.token = {id, Source::Hpet};
        made.value = reason;
        made.flag = true;
        made.text = static_cast<std::uint32_t>(log.texts.size() - 1);
        return *this;
    }
    Remapped& invalidates(Duration at, unsigned entry) {
        trace::Record& made = record(at, What::Invalidated);
        made.value = entry;
        made.address = 1;
        return *this;
    }
    Remapped& waits(Duration at) {
        record(at, What::WaitCompleted);
        return *this;
    }
    /// Through entry n to CPU n, and claimed.
    Remapped& goes(Duration at, std::uint32_t id, unsigned n) {
        match(at, id);
        hop(at + 1_ns, id, Hop::Posted);
        uses(at + 300_ns, id, n, to(n));
        hop(at + 300_ns, id, Hop::Remapped);
        accept(at + 400_ns, id, n);
        take(at + 500_ns, id, n);
        fate(at + 600_ns, What::NmiClaimed, n);
        leave(at + 700_ns, id, n);
        return *this;
    }
};

/// An NMI to CPU 2 has passed the unit by entry 2, and nothing has accepted it yet.
void remapped_at_7_s(Remapped& story) {
    story.match(7_s - 300_ns, 1);
    story.hop(7_s - 300_ns, 1, Hop::Posted);
    story.uses(7_s, 1, 2, to(2));
    story.hop(7_s, 1, Hop::Remapped);
}

}  // namespace

TEST_CASE("NMIs through entries that software wrote are no finding", "[check][INV-irte][INV-iec]") {
    Remapped story;
    story.goes(5_s, 1, 1).goes(6_s, 2, 2);
    story.writes(7_s, 2, 2, to(3)).invalidates(7_s + 1_us, 2).waits(7_s + 2_us);
    story.match(8_s, 3);
    story.hop(8_s, 3, Hop::Posted);
    story.uses(8_s + 300_ns, 3, 2, to(3));
    story.hop(8_s + 300_ns, 3, Hop::Remapped).accept(8_s + 400_ns, 3, 3).take(8_s + 500_ns, 3, 3);
    story.fate(8_s + 600_ns, What::NmiClaimed, 3).leave(8_s + 1_us, 3, 3);
    story.ends(9_s);
    CHECK(story.names().empty());
}

TEST_CASE("a mixture that software never wrote as one entry is a torn one", "[check][irte-torn][INV-irte]") {
    Remapped story;
    story.writes(7_s, 0, 1, to(2), 9);
    story.match(7_s - 200_ns, 1);
    story.hop(7_s - 200_ns, 1, Hop::Posted);
    story.uses(7_s + 2_ns, 1, 1, to(2), false, 7);  // the new low half, the old high one
    story.hop(7_s + 2_ns, 1, Hop::Remapped).accept(7_s + 100_ns, 1, 2).take(7_s + 200_ns, 1, 2);
    story.fate(7_s + 300_ns, What::NmiClaimed, 2).leave(7_s + 1_us, 1, 2);
    story.ends(8_s);
    REQUIRE(story.names() == Names{"irte-torn"});
    CHECK(story.verdict().findings[0].invariants == Names{"INV-irte"});
    CHECK(story.verdict().findings[0].sentence ==
          "the request used a mixture as entry 1, which CPU 0 had begun to write anew 2 ns before; CPU 2 took the NMI "
          "at 7.0000002 s, it was claimed");
}

TEST_CASE("of an entry that is not present the rest means nothing: no mixture", "[check][INV-irte]") {
    Remapped story;
    story.writes(7_s, 0, 1, 0, 0);
    story.match(7_s - 200_ns, 1);
    story.hop(7_s - 200_ns, 1, Hop::Posted);
    story.uses(7_s + 2_ns, 1, 1, 0, false, 7);
    story.blocks(7_s + 2_ns, 1, 0x22, "request of 00:0f.0 is blocked");
    story.ends(8_s);
    CHECK(story.names() == Names{"irte-p-cleared-in-flight"});
}

TEST_CASE("an entry from before an invalidation whose wait is complete", "[check][iec-stale-entry][INV-iec]") {
    const bool allowed = GENERATE(false, true);
    Remapped story;
    story.writes(7_s, 0, 1, to(2)).invalidates(7_s + 1_us, 1).waits(7_s + 2_us);
    const Duration posted = allowed ? 7_s + 2_us - 1_ns : 7_s + 2_us + 1_ns;
    story.match(posted - 1_ns, 1);
    story.hop(posted, 1, Hop::Posted);
    story.uses(7_s + 3_us, 1, 1, to(1), true);
    story.hop(7_s + 3_us, 1, Hop::Remapped).accept(7_s + 4_us, 1, 1).take(7_s + 5_us, 1, 1);
    story.fate(7_s + 6_us, What::NmiClaimed, 1).leave(7_s + 7_us, 1, 1);
    story.ends(8_s);
    CHECK(story.names() == (allowed ? Names{} : Names{"iec-stale-entry"}));
}

TEST_CASE("an invalidation that nobody has waited for yet forbids no older entry", "[check][INV-iec]") {
    const bool waited = GENERATE(false, true);
    Remapped story;
    story.writes(7_s, 0, 1, to(2)).waits(7_s + 1_us).invalidates(7_s + 2_us, 1);  // the wait of another one
    if (waited) {
        story.waits(7_s + 2500_ns);
    }
    story.match(7_s + 3_us, 1);
    story.hop(7_s + 3_us, 1, Hop::Posted);
    story.uses(7_s + 4_us, 1, 1, to(1), true);
    story.hop(7_s + 4_us, 1, Hop::Remapped).accept(7_s + 5_us, 1, 1).take(7_s + 6_us, 1, 1);
    story.fate(7_s + 7_us, What::NmiClaimed, 1).leave(7_s + 8_us, 1, 1);
    story.ends(8_s);
    CHECK(story.names() == (waited ? Names{"iec-stale-entry"} : Names{}));
}

TEST_CASE("a stale entry that sends the NMI where it may go explains nothing", "[check][INV-conserve]") {
    Remapped story;
    story.writes(7_s, 0, 1, to(2));
    story.match(7_s + 1_us, 1);
    story.hop(7_s + 1_us, 1, Hop::Posted);
    story.uses(7_s + 2_us, 1, 1, to(1), true);
    story.hop(7_s + 2_us, 1, Hop::Remapped).accept(7_s + 3_us, 1, 1).take(7_s + 4_us, 1, 1);
    story.fate(7_s + 5_us, What::NmiUnknown, 1).leave(7_s + 6_us, 1, 1);
    story.ends(8_s);
    CHECK(story.names() == Names{"INV-conserve"});
}

TEST_CASE("a stale entry sends the NMI to a CPU that has left the mask", "[check][iec-stale-entry]") {
    Remapped story;
    story.clear(7_s, 2);
    story.writes(7_s + 100_ns, 2, 2, 0);
    story.match(7_s + 100_ns, 1);
    story.hop(7_s + 100_ns, 1, Hop::Posted);
    story.uses(7_s + 400_ns, 1, 2, to(2), true);
    story.hop(7_s + 400_ns, 1, Hop::Remapped).accept(7_s + 500_ns, 1, 2).take(7_s + 600_ns, 1, 2);
    story.fate(7_s + 700_ns, What::NmiUnknown, 2).leave(7_s + 1_us, 1, 2);
    story.ends(8_s);
    REQUIRE(story.names() == Names{"iec-stale-entry"});
    CHECK(story.verdict().findings[0].sentence ==
          "the request used the cached entry 2, which CPU 2 had begun to write anew 300 ns before; CPU 2 took the NMI "
          "600 ns after it left the mask, no handler claimed it");
}

TEST_CASE("remapped before the invalidation, taken after its wait and after the bit is cleared",
          "[check][iec-done-not-delivered]") {
    const bool in_time = GENERATE(false, true);
    Remapped story;
    remapped_at_7_s(story);
    story.writes(7_s + 1_ns, 0, 2, 0).invalidates(7_s + 1_us, 2).waits(7_s + 2_us);
    story.clear(7_s + 3_us, 2);
    story.accept(7_s + (in_time ? 1_us : 4_us), 1, 2).take(7_s + (in_time ? 1500_ns : 5_us), 1, 2);
    story.fate(7_s + (in_time ? 1600_ns : 6_us), in_time ? What::NmiClaimed : What::NmiUnknown, 2);
    story.leave(7_s + 7_us, 1, 2);
    story.ends(8_s);
    REQUIRE(story.names() == (in_time ? Names{} : Names{"iec-done-not-delivered"}));
    if (!in_time) {
        CHECK(story.verdict().findings[0].sentence ==
              "the wait behind the invalidation of entry 2 was complete 2 us after the NMI had been remapped; CPU 2 "
              "took the NMI 2 us after it left the mask, no handler claimed it");
    }
}

TEST_CASE("a bit that is cleared before the wait is complete has raced with the NMI, not with the wait",
          "[check][iec-done-not-delivered][nmi-before-bit-clear]") {
    const bool waited = GENERATE(false, true);
    Remapped story;
    remapped_at_7_s(story);
    story.writes(7_s + 1_ns, 0, 2, 0).invalidates(7_s + 1_us, 2);
    if (waited) {
        story.waits(7_s + 2_us);
        story.clear(7_s + 2_us, 2);
    } else {
        story.clear(7_s + 2_us, 2);
        story.waits(7_s + 2_us);
    }
    story.accept(7_s + 4_us, 1, 2).take(7_s + 5_us, 1, 2).fate(7_s + 6_us, What::NmiUnknown, 2);
    story.leave(7_s + 7_us, 1, 2);
    story.ends(8_s);
    CHECK(story.names() == Names{waited ? "iec-done-not-delivered" : "nmi-before-bit-clear"});
}

TEST_CASE("a request that was blocked explains no gap behind a check", "[check][INV-cover]") {
    const bool checked = GENERATE(true, false);
    Remapped story;
    story.match(2_s, 1);
    story.hop(2_s + 1_ns, 1, Hop::Posted);
    story.blocks(2_s + 200_ns, 1, 0x22, "request of 00:0f.0 is blocked, fault");
    if (checked) {
        story.goes(5_s, 2, 1);
    }
    story.ends(40_s);
    const std::string blocked = "irte-p-cleared-in-flight";
    CHECK(story.names() == (checked ? Names{blocked, "INV-cover"} : Names{blocked}));
}

TEST_CASE("a handle that still names the entry of a CPU that is down", "[check][handle-for-dead-cpu]") {
    Remapped story;
    story.step(6_s, 2, false);
    story.clear(6_s, 2);
    story.life(6500_ms, 2, trace::Life::Dead);
    story.match(7_s, 1);
    story.hop(7_s, 1, Hop::Posted);
    story.uses(7_s + 300_ns, 1, 2, to(2));
    story.hop(7_s + 300_ns, 1, Hop::Remapped).accept(7_s + 400_ns, 1, 2).take(7_s + 500_ns, 1, 2);
    story.fate(7_s + 600_ns, What::NmiIgnored, 2).leave(7_s + 700_ns, 1, 2);
    story.ends(8_s);
    CHECK(story.names() == Names{"handle-for-dead-cpu"});
}

TEST_CASE("blocked requests are named by their fault, the first shown, the others counted; no check follows from it",
          "[check][INV-conserve]") {
    struct Row {
        std::uint64_t reason;
        const char* hazard;
    };
    const Row row = GENERATE(Row{0x22, "irte-p-cleared-in-flight"}, Row{0x25, "compat-format-blocked"},
                             Row{0x26, "source-id-mismatch"}, Row{0x24, "INV-conserve"});
    Remapped story;
    for (std::uint32_t n = 1; n <= 12; ++n) {
        story.match(2500_ms * n, n);
        story.hop(2500_ms * n + 1_ns, n, Hop::Posted);
        story.blocks(2500_ms * n + 200_ns, n, row.reason, "request of 00:0f.0 is blocked, fault");
    }
    story.ends(31_s);
    const Verdict verdict = story.verdict();
    REQUIRE(story.names() == Names{row.hazard});
    CHECK(verdict.findings[0].more == 11);
    CHECK(verdict.findings[0].invariants == Names{"INV-conserve", "INV-cover"});
    CHECK(verdict.findings[0].sentence == "at 2.5000002 s the request of 00:0f.0 is blocked, fault");
}

TEST_CASE("a register of the remapping unit is nothing for an NMI", "[check][nmi-qi-half-submitted][INV-nmi-rules]") {
    constexpr std::uint64_t TAIL = 0xfed9'0088;
    Remapped story;
    story.write(4_s, 0, Context::Task, TAIL, 0x20);
    CHECK(story.names().empty());
    story.match(5_s, 1).accept(5_s + 1_us, 1, 1).take(5_s + 1100_ns, 1, 1);
    story.write(5_s + 1200_ns, 1, Context::Nmi, TAIL, 0x40);
    story.fate(5_s + 1500_ns, What::NmiClaimed, 1).leave(5_s + 2_us, 1, 1);
    story.ends(6_s);
    REQUIRE(story.names() == Names{"nmi-qi-half-submitted"});
    CHECK(story.verdict().findings[0].sentence == "CPU 1 accessed the remapping unit in an NMI at 5.0000012 s");
}

TEST_CASE("an entry of the remapping table is nothing for an NMI", "[check][INV-nmi-rules]") {
    const bool locked = GENERATE(false, true);
    Remapped story;
    story.writes(4_s, 0, 3, to(3));
    CHECK(story.names().empty());
    story.match(5_s, 1).accept(5_s + 1_us, 1, 1).take(5_s + 1100_ns, 1, 1);
    if (locked) {
        story.lock(5_s + 1150_ns, What::LockTaken, 1, Context::Nmi, "irq_2_ir_lock");
        story.lock(5_s + 1400_ns, What::LockDropped, 1, Context::Nmi, "irq_2_ir_lock");
    }
    story.writes(5_s + 1200_ns, 1, 3, to(3), 7, Context::Nmi);
    story.fate(5_s + 1500_ns, What::NmiClaimed, 1).leave(5_s + 2_us, 1, 1);
    story.ends(6_s);
    REQUIRE(story.names() == Names{locked ? "nmi-irte-lock" : "INV-nmi-rules"});
    CHECK(story.verdict().findings[0].sentence ==
          "CPU 1 wrote entry 3 of the remapping table in an NMI at 5.0000012 s");
}

TEST_CASE("the locks of the remapping driver have names of their own", "[check][nmi-irte-lock][INV-lock-class]") {
    const bool queue = GENERATE(false, true);
    Remapped story;
    const std::string lock = queue ? "qi->q_lock" : "irq_2_ir_lock";
    story.lock(4_s, What::LockTaken, 0, Context::Task, lock)
        .lock(4_s + 1_us, What::LockDropped, 0, Context::Task, lock);
    story.match(5_s, 1).accept(5_s + 1_us, 1, 1).take(5_s + 1100_ns, 1, 1);
    story.lock(5_s + 1200_ns, What::LockTaken, 1, Context::Nmi, lock);
    story.lock(5_s + 1300_ns, What::LockDropped, 1, Context::Nmi, lock);
    story.fate(5_s + 1500_ns, What::NmiClaimed, 1).leave(5_s + 2_us, 1, 1);
    story.ends(6_s);
    CHECK(story.names() == Names{queue ? "nmi-qi-half-submitted" : "nmi-irte-lock"});
}
