// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/tools/check/story.hpp"
#include "tools/harness/catalogue/catalogue.hpp"
#include "tools/harness/check/case.hpp"
#include "tools/harness/check/registered.hpp"

using namespace hldsim;
using namespace hldsim::check;

TEST_CASE("an NMI that writes TIMn_CONF", "[check][nmi-tmr-conf-rmw]") {
    const auto context = GENERATE(Context::Nmi, Context::Task, Context::Interrupt);
    Story story;
    story.write(1_s, 2, context, Story::CONF + 0x40, Story::ON);
    story.ends(2_s);
    REQUIRE(story.names() == (context == Context::Nmi ? Names{"nmi-tmr-conf-rmw"} : Names{}));
    if (context == Context::Nmi) {
        CHECK(story.verdict().findings[0].sentence == "CPU 2 wrote TIM2_CONF in an NMI at 1 s");
    }
}

TEST_CASE("an NMI that reads TIMn_CONF or GEN_CONF, as a read-modify-write begins", "[check][INV-nmi-rules]") {
    const auto [at, found, name] = GENERATE(table<std::uint64_t, std::string, std::string>(
        {{Story::CONF + 0x40, "nmi-tmr-conf-rmw", "TIM2_CONF"}, {0xfed0'0010, "INV-nmi-rules", "GEN_CONF"}}));
    const auto context = GENERATE(Context::Nmi, Context::Task);
    Story story;
    story.options.described.reads = 9;
    story.match(5_s, 1).accept(5_s + 1_us, 1, 1).take(5_s + 1100_ns, 1, 1);
    story.read(5_s + 1200_ns, context == Context::Nmi ? 1 : 0, context, at);
    story.fate(5_s + 1500_ns, What::NmiClaimed, 1).leave(5_s + 2_us, 1, 1);
    story.ends(6_s);
    REQUIRE(story.names() == (context == Context::Nmi ? Names{found} : Names{}));
    if (context == Context::Nmi) {
        CHECK(story.verdict().findings[0].sentence == "CPU 1 read " + name + " in an NMI at 5.0000012 s");
    }
}

TEST_CASE("an NMI that writes GEN_CONF keeps the invariant's name", "[check][INV-nmi-rules]") {
    Story story;
    story.write(1_s, 2, Context::Nmi, 0xfed0'0010, 0);
    story.ends(2_s);
    CHECK(story.names() == Names{"INV-nmi-rules"});
}

TEST_CASE("an I/O APIC is nothing for an NMI: the chipset's, and the sixteenth of the others",
          "[check][INV-nmi-rules]") {
    constexpr std::uint64_t LAST = 0xfec1'0000;
    const std::uint64_t at = GENERATE(0xfec0'0000, 0xfec0'0010, 0xfec1'0000, 0xfec1'1000);
    Story story;
    story.write(4_s, 0, Context::Task, at, 0x11);
    CHECK(story.names().empty());
    story.match(5_s, 1).accept(5_s + 1_us, 1, 1).take(5_s + 1100_ns, 1, 1);
    story.write(5_s + 1200_ns, 1, Context::Nmi, at, 0x11);
    story.fate(5_s + 1500_ns, What::NmiClaimed, 1).leave(5_s + 2_us, 1, 1);
    story.ends(6_s);
    if (at > LAST) {
        CHECK(story.names().empty());  // there is none
        return;
    }
    REQUIRE(story.names() == Names{"INV-nmi-rules"});
    CHECK(story.verdict().findings[0].sentence == "CPU 1 accessed an I/O APIC in an NMI at 5.0000012 s");
}

TEST_CASE("an NMI that calls what may sleep", "[check][INV-nmi-rules]") {
    Story story;
    story.sleeps(1_s, 2, Context::Nmi, "mutex_lock").sleeps(1_s + 1_ns, 2, Context::Nmi, "msleep");
    story.ends(2_s);
    REQUIRE(story.names() == Names{"INV-nmi-rules"});
    CHECK(story.verdict().findings[0].sentence == "CPU 2 called mutex_lock(), which may sleep, in an NMI at 1 s");
}

TEST_CASE("an NMI that enables interrupts", "[check][INV-nmi-rules]") {
    Story story;
    story.sleeps(1_s, 2, Context::Nmi, "local_irq_enable", HLD_SLEEP_ENABLES);
    story.ends(2_s);
    REQUIRE(story.names() == Names{"INV-nmi-rules"});
    CHECK(story.verdict().findings[0].sentence == "CPU 2 enabled interrupts in an NMI at 1 s");
}

TEST_CASE("a lock that nobody holds is released", "[check][INV-context]") {
    const bool taken = GENERATE(true, false);
    Story story{1};
    story.clear(2_us, 0);
    if (taken) {
        story.lock(1_s, What::LockTaken, 0, Context::Nmi, "my_lock");
    }
    story.lock(1_s + 1_us, What::LockDropped, 0, Context::Nmi, "my_lock");
    story.ends(5_s);
    REQUIRE(story.names() == (taken ? Names{} : Names{"INV-context"}));
    if (!taken) {
        const Finding finding = story.verdict().findings[0];
        CHECK(finding.sentence == "CPU 0 released my_lock, which nobody held, in an NMI at 1.000001 s");
        CHECK(story.log.records[finding.where].what == What::LockDropped);
    }
}

TEST_CASE("what the preemption count says behind an unbalanced release of a spinning lock is no finding",
          "[check][INV-context]") {
    const bool sleeping = GENERATE(true, false);
    const bool before = GENERATE(true, false);
    Story story{1};
    story.clear(2_us, 0);
    story.lock(2_s, What::LockDropped, 0, Context::Task, "my_lock");
    if (sleeping) {
        story.asleep();
    }
    story.sleeps(before ? 1_s : 3_s, 0, Context::Task, "kmalloc");
    story.ends(5_s);
    REQUIRE(story.names() == Names{"INV-context"});
    CHECK(story.verdict().findings[0].more == (sleeping || before ? 1 : 0));
}

TEST_CASE("an interrupt, or a task that must not, calls what may sleep", "[check][INV-context]") {
    constexpr unsigned IN_INTERRUPT = HLD_SLEEP_ATOMIC | HLD_SLEEP_INTERRUPT | HLD_SLEEP_IRQS_OFF;
    const auto [context, why, words] = GENERATE_COPY(table<Context, unsigned, const char*>(
        {{Context::Interrupt, IN_INTERRUPT, "in an interrupt"},
         {Context::Task, HLD_SLEEP_IRQS_OFF | HLD_SLEEP_RCU, "with interrupts off"},
         {Context::Task, HLD_SLEEP_ATOMIC | HLD_SLEEP_RCU, "with preemption disabled"},
         {Context::Task, HLD_SLEEP_ATOMIC | HLD_SLEEP_IRQS_OFF | HLD_SLEEP_STOPPER, "in a function of the stopper"},
         {Context::Task, HLD_SLEEP_RCU, "inside rcu_read_lock()"}}));
    const bool returned = GENERATE(false, true);
    Story story;
    story.sleeps(1_s, 2, context, "a work", why, returned).sleeps(1_s + 1_ns, 3, context, "msleep", why);
    story.ends(2_s);
    REQUIRE(story.names() == Names{"INV-context"});
    const std::string what = returned ? "CPU 2 came back from a work " : "CPU 2 called a work(), which may sleep, ";
    CHECK(story.verdict().findings[0].sentence == what + words + " at 1 s");
}

TEST_CASE("who must not sleep for a spinlock that it holds is told which, and where it was taken",
          "[check][INV-context]") {
    const bool restarted = GENERATE(false, true);
    Story story;
    story.lock(1_s, What::LockTaken, 2, Context::Task, "first");
    if (restarted) {  // what it held is held for ever, and by nobody
        story.life(1_s + 1_ns, 2, trace::Life::Coming).life(1_s + 2_ns, 2, trace::Life::Up);
    }
    story.lock(2_s, What::LockTaken, 3, Context::Task, "of another CPU");
    story.lock(2_s, What::LockTaken, 2, Context::Task, "dropped");
    story.lock(2_s, What::LockTaken, 2, Context::Task, "a mutex").asleep();
    story.lock(2_s + 5_ns, What::LockTaken, 2, Context::Task, "second");
    story.lock(2_s + 6_ns, What::LockDropped, 2, Context::Task, "dropped");
    story.lock(2_s + 7_ns, What::LockTaken, 2, Context::Interrupt, "of an interrupt");
    story.sleeps(2_s + 10_ns, 2, Context::Task, "msleep", HLD_SLEEP_ATOMIC).ends(3_s);
    REQUIRE(story.names() == Names{"INV-context"});
    const Finding finding = story.verdict().findings[0];
    CHECK(finding.sentence == std::string{"CPU 2 called msleep(), which may sleep, with preemption disabled at "
                                          "2.00000001 s; it holds "} +
                                  (restarted ? "" : "first and ") + "second");
    CHECK(finding.evidence.size() == (restarted ? 2 : 3));
    CHECK(story.log.text(story.log.records[finding.where]) == "msleep");
}

TEST_CASE("more accesses in an NMI than the description allows", "[check][INV-mmio-budget]") {
    const auto writes = GENERATE(2, 3);
    const auto reads = GENERATE(0, 1);
    Story story;
    story.match(1_s, 1);
    story.accept(1_s, 1, 1);
    story.take(1_s, 1, 1);
    for (int n = 0; n < writes; ++n) {
        story.write(1_s + 1_ns, 1, Context::Nmi, Story::ROUTE, 1);
    }
    for (int n = 0; n < reads; ++n) {
        story.read(1_s + 1_ns, 1, Context::Nmi, 0xfed0'00f0);
    }
    story.write(1_s + 1_ns, 1, Context::Nmi, 0xfee0'00b0, 0);  // the local APIC is no device
    story.fate(1_s + 2_ns, What::NmiClaimed, 1);
    story.leave(1_s + 1_us, 1, 1);
    story.ends(2_s);
    CHECK(story.names() == (writes > 2 || reads > 0 ? Names{"INV-mmio-budget"} : Names{}));
}

TEST_CASE("what the description leaves out is said", "[check]") {
    Story story;
    CHECK(story.verdict().unwatched.empty());
    story.options.described = {};
    CHECK(story.verdict().unwatched == std::vector<Unwatched>{{"INV-mmio-budget", "budget"},
                                                              {"INV-target", "monitored"},
                                                              {"INV-cover", "monitored"},
                                                              {"INV-complete", "monitored"},
                                                              {"INV-quiesce", "drained"}});
    story.options.described.lacking["drained"] = "no function 'drain'";
    CHECK(story.verdict().unwatched.back() == Unwatched{"INV-quiesce", "drained", "no function 'drain'"});
}

TEST_CASE("an empty log has no finding", "[check]") {
    const trace::Log log;
    CHECK(check::check(log, {}).findings.empty());
}

TEST_CASE("what is registered is in the catalogue, and in its order", "[check]") {
    for (const std::string_view hazard : recognised_hazards()) {
        INFO(hazard);
        CHECK(catalogue::hazard(hazard) != nullptr);
    }
    std::vector<std::string_view> in_order;
    for (const catalogue::Invariant& invariant : catalogue::invariants()) {
        if (watches(invariant.id)) {
            in_order.push_back(invariant.id);
        }
    }
    CHECK(in_order == watched_invariants());
    CHECK(recognised_hazards().size() == recognisers().size());
}

TEST_CASE("a recognised hazard explains an invariant that is watched", "[check][races-2]") {
    for (const std::string_view hazard : recognised_hazards()) {
        const std::vector<std::string_view> explains = catalogue::words(catalogue::hazard(hazard)->invariants);
        INFO(hazard);
        CHECK(std::any_of(explains.begin(), explains.end(), watches));
    }
}

TEST_CASE("these are known by name only", "[check][races-2]") {
    std::vector<std::string_view> others;
    for (const catalogue::Invariant& invariant : catalogue::invariants()) {
        if (!watches(invariant.id)) {
            others.push_back(invariant.id);
        }
    }
    CHECK(others == std::vector<std::string_view>{"INV-one-writer", "INV-index", "INV-rate", "INV-tick-of-others"});
}

TEST_CASE("the sources of the checkers name no design, no policy and no scenario", "[check]") {
    std::vector<std::string> banned{"scenarios/", "stop_drain", "direct_route", "lock_affinity", "hld_"};
    for (const catalogue::Design& design : catalogue::designs()) {
        if (design.available) {
            banned.emplace_back(design.name);
        }
    }
    for (const catalogue::Policy& policy : catalogue::policies()) {
        if (policy.available && policy.name != "cursor") {  // an ordinary word
            banned.emplace_back(policy.name);
        }
    }
    unsigned files = 0;
    for (const auto& entry : std::filesystem::directory_iterator{HLDSIM_SOURCE_DIR "/tools/harness/check"}) {
        std::ifstream stream{entry.path()};
        std::ostringstream source;
        source << stream.rdbuf();
        ++files;
        for (const std::string& word : banned) {
            INFO(entry.path().filename().string() << " contains " << word);
            CHECK(source.str().find(word) == std::string::npos);
        }
    }
    CHECK(files > 20);
}
