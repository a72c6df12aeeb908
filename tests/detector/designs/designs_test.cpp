// SPDX-License-Identifier: Apache-2.0
// The detector's C on a machine of four CPUs: whom the NMI visits, who is reported, what is left of an NMI after a
// drain.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "detector/shim/runtime.hpp"
#include "models/base/choice.hpp"
#include "models/machine/machine.hpp"
#include "models/sim/session.hpp"
#include "tests/support/catch.hpp"
#include "tools/harness/profile/profile.hpp"

namespace hldsim::test {

namespace {

constexpr std::uint64_t TIM0_CONF = Machine::HPET_BASE + 0x100;

Instant milliseconds(std::int64_t ms) { return Instant{ms * (FS_PER_S / 1000)}; }

struct Detector {
    using Parameters = shim::Runtime::Parameters;
    struct Event {
        Instant at;
        hld_task task;
    };

    enum class Cpus { Plain, NmiSource, DualTimer };

    explicit Detector(const Parameters& parameters, Cpus cpus = Cpus::Plain,
                      const HpetProfile& hpet = HpetProfile::pch_100()) {
        static auto& kernel = *new shim::Object(HLDSIM_KERNEL, shim::Object::Role::Kernel);
        static auto& detector = *new shim::Object(HLDSIM_DETECTOR, shim::Object::Role::Detector);
        const profile::Profile profile = profile::load("desktop-2018", HLDSIM_PROFILES);
        MachineProfile machine_profile{profile.timing, hpet, {}, {}, {}, false};
        machine_profile.cpu.fred = machine_profile.cpu.nmi_source = cpus == Cpus::NmiSource;
        if (cpus == Cpus::DualTimer) {
            machine_profile.lapic.dual_timer = {true, true, true};
        }
        machine = std::make_unique<Machine>(machine_profile, cpu::Cpus::Options{}, choices);

        shim::Firmware firmware;
        firmware.apic_ids = {0, 1, 2, 3};
        firmware.packages = {0, 0, 0, 0};
        firmware.tsc_khz = profile.tsc.numerator / profile.tsc.denominator / 1000;
        firmware.crystal_hz = profile.crystal.numerator / profile.crystal.denominator;
        firmware.apic_timer2 = cpus == Cpus::DualTimer;
        runtime = std::make_unique<shim::Runtime>(machine->cpus, kernel, detector, firmware);
        runtime->set_parameters({}, parameters);

        runtime->print.subscribe([this](const shim::PrintNote& note) { lines.emplace_back(note.text); });
        runtime->nmi_fate.subscribe([this](const shim::NmiNote& note) {
            if (note.fate == HLD_NMI_CLAIMED) {
                visits.push_back(note.cpu.number.value);
                last_visit = note.at;
            } else if (note.fate != HLD_NMI_NOT_MINE) {
                ++strays;
            }
        });
        runtime->mmio.subscribe([this](const shim::MmioNote& note) {
            if (note.write && note.physical == TIM0_CONF && stopped == Instant::never() && running) {
                stopped = note.at;
            }
        });
        runtime->task.subscribe([this](const shim::TaskNote& note) { running = note.begun && note.number == 1; });
    }

    cpu::End run(Instant until, const std::vector<Event>& events = {}) {
        lines.clear();
        visits.clear();
        strays = 0;
        stopped = Instant::never();
        running = false;
        runtime->restore();
        machine->power_on();
        runtime->apply_parameters();
        for (const Event& event : events) {
            machine->at(event.at, [this, task = event.task] {
                runtime->give(CpuNumber{0}, task);
                machine->interrupt(CpuNumber{0}, HLD_TASK_VECTOR);
            });
        }
        if (stuck_at != Instant::never()) {
            machine->at(stuck_at, [this] { machine->cpus.stick(CpuNumber{1}, cpu::StuckKind::IrqOff, Duration{0}); });
        }
        return machine->run(until);
    }

    std::vector<std::string> reports() const {
        std::vector<std::string> found;
        std::copy_if(lines.begin(), lines.end(), std::back_inserter(found),
                     [](const std::string& line) { return line.find("LOCKUP") != std::string::npos; });
        return found;
    }

    sim::Session session;
    DefaultChoice choices;
    std::unique_ptr<Machine> machine;
    std::unique_ptr<shim::Runtime> runtime;
    std::vector<std::string> lines;
    std::vector<unsigned> visits;  // CPUs that claimed an NMI
    Instant last_visit;
    unsigned strays = 0;                 // NMIs that no handler claimed, or none heard of
    Instant stopped = Instant::never();  // when the task first wrote TIM0_CONF
    Instant stuck_at = Instant::never();
    bool running = false;
};

hld_task offline(unsigned cpu) {
    hld_task task{};
    task.action = HLD_TASK_OFFLINE;
    task.cpu = cpu;
    task.number = 1;
    return task;
}

hld_task allow(const char* cpus) {
    hld_task task{};
    task.action = HLD_TASK_WRITE;
    task.number = 1;
    std::strcpy(task.file, "watchdog_cpumask");
    std::strcpy(task.value, cpus);
    return task;
}

// NMIs that come astray when the stop falls within 4 us around the match for CPU 2, in steps of 100 ns.
unsigned strays_around_the_match(const char* drain, const hld_task& task) {
    Detector detector{{{"design", "stop-drain"}, {"drain", drain}}};
    detector.run(milliseconds(9000));
    REQUIRE(detector.visits == std::vector<unsigned>{0, 1, 2});
    const Instant taken = detector.last_visit;
    detector.run(milliseconds(7400), {{milliseconds(7000), task}});
    const Duration delay = detector.stopped - milliseconds(7000);

    unsigned strays = 0;
    for (std::int64_t shift = -3'000; shift <= 1'000; shift += 100) {
        detector.run(milliseconds(7600), {{taken - delay + Duration{shift * 1'000'000}, task}});
        strays += detector.strays;
    }
    return strays;
}

}  // namespace

TEST_CASE("the NMI visits one CPU after the other", "[detector]") {
    const auto design = GENERATE("direct-route", "stop-drain");
    const auto policy = GENERATE("round-robin", "cursor");
    Detector detector{{{"design", design}, {"policy", policy}}};
    CHECK(detector.run(milliseconds(13'000)) == cpu::End::Time);
    CHECK(detector.visits == std::vector<unsigned>{0, 1, 2, 3, 0});
    CHECK(detector.strays == 0);
}

TEST_CASE("moved by the irq core, the NMI never leaves the second CPU", "[detector][nmi-never-acked]") {
    Detector detector{{{"design", "lock-affinity"}}};
    detector.run(milliseconds(13'000));
    CHECK(detector.visits == std::vector<unsigned>{0, 1, 1, 1, 1});
}

TEST_CASE("a timer that is not periodic is armed again by the handler", "[detector][H-41]") {
    Detector detector{{{"timer", "1"}, {"period_ms", "100"}}};
    detector.run(milliseconds(1'000));
    CHECK(detector.visits == std::vector<unsigned>{0, 1, 2, 3, 0, 1, 2, 3, 0});
}

// 2^32 ticks of 69841278 fs are 299.966 s; by then each of the four CPUs has been visited thirty times.
TEST_CASE("W-24: the detector runs on across the wrap of a main counter of 32 bits", "[detector][H-8][W-24]") {
    const auto* const timer = GENERATE("0", "2");
    Detector detector{{{"timer", timer}}, Detector::Cpus::Plain, HpetProfile::fch()};
    detector.stuck_at = milliseconds(295'000);
    detector.run(milliseconds(330'000));
    CHECK(detector.strays == 0);
    CHECK(detector.visits.size() == 131);
    for (std::size_t n = 0; n < detector.visits.size(); ++n) {
        CHECK(detector.visits[n] == n % 4);
    }
    REQUIRE(detector.reports().size() == 1);
    CHECK(detector.reports()[0].find("Watchdog detected hard LOCKUP on cpu 1") != std::string::npos);
}

TEST_CASE("W-8: the detector's period is right whether or not the write after VAL_SET loads it too",
          "[detector][H-17][W-8]") {
    HpetProfile hpet = HpetProfile::pch_100();
    hpet.valset_loads_period = GENERATE(true, false);
    Detector detector{{}, Detector::Cpus::Plain, hpet};
    detector.run(milliseconds(23'000));
    CHECK(detector.visits == std::vector<unsigned>{0, 1, 2, 3, 0, 1, 2, 3, 0});
    CHECK(detector.strays == 0);
}

TEST_CASE("a CPU with interrupts off is named, once, and no other", "[detector]") {
    Detector detector{{}};
    detector.stuck_at = milliseconds(5'000);
    detector.run(milliseconds(11'000));
    CHECK(detector.reports().empty());
    detector.run(milliseconds(60'000));
    REQUIRE(detector.reports().size() == 1);
    CHECK(detector.reports()[0].find("Watchdog detected hard LOCKUP on cpu 1") != std::string::npos);
}

TEST_CASE("a lone CPU, visited more often than its heart beats, is not reported", "[detector]") {
    Detector detector{{{"design", "stop-drain"}}};
    detector.run(milliseconds(60'000), {{milliseconds(1'000), allow("0")}});
    CHECK(detector.visits.size() > 20);
    CHECK(std::count(detector.visits.begin(), detector.visits.end(), 0U) ==
          static_cast<std::ptrdiff_t>(detector.visits.size()));
    CHECK(detector.reports().empty());
}

TEST_CASE("a CPU off the mask is not visited, and comes back", "[detector]") {
    Detector detector{{{"design", "stop-drain"}}};
    detector.run(milliseconds(21'000), {{milliseconds(3'000), allow("0,2-3")}, {milliseconds(11'000), allow("0-3")}});
    CHECK(detector.visits == std::vector<unsigned>{0, 2, 3, 0, 2, 3, 0, 1});
    CHECK(detector.strays == 0);
}

TEST_CASE("an unknown value is refused, with the valid ones", "[detector]") {
    Detector detector{{{"design", "stop-drain"}, {"drain", "hope"}}};
    detector.run(milliseconds(3'000));
    CHECK(detector.visits.empty());
    CHECK(std::any_of(detector.lines.begin(), detector.lines.end(), [](const std::string& line) {
        return line.find("drain=hope is not known, valid are: none delay readback generation ipi") != std::string::npos;
    }));
}

TEST_CASE("without a drain an NMI is left after the stop, whoever stops", "[detector][C7]") {
    CHECK(strays_around_the_match("none", offline(2)) > 0);
    CHECK(strays_around_the_match("none", allow("0-1,3")) > 0);
}

TEST_CASE("the read-back is enough for the CPU that leaves, and not for another one", "[detector][C7]") {
    CHECK(strays_around_the_match("readback", offline(2)) == 0);
    CHECK(strays_around_the_match("readback", allow("0-1,3")) > 0);
}

TEST_CASE("after a drain that waits for the target no NMI is left", "[detector][C7]") {
    const auto drain = GENERATE("delay", "generation", "ipi");
    CHECK(strays_around_the_match(drain, offline(2)) == 0);
    CHECK(strays_around_the_match(drain, allow("0-1,3")) == 0);
}

// ---- machines that cannot be had

namespace {

struct Strays {
    unsigned nmis = 0;    // that no handler claimed, or none heard of
    unsigned missed = 0;  // runs in which CPU 2 took no NMI around its leaving
};

// CPU 2 leaves the mask on its way down within 4 us around an NMI of its own, in steps of 100 ns.
Strays strays_when_leaving(const Detector::Parameters& parameters, Detector::Cpus cpus) {
    Detector detector{parameters, cpus};
    Instant left;
    Instant taken;
    detector.runtime->hotplug.subscribe([&](const shim::HotplugNote& note) {
        if (!note.bringup && std::string{note.step} == "hld:online") {
            left = note.at;
        }
    });
    detector.machine->cpus.context_changed.subscribe([&](const cpu::ContextChanged& change) {
        if (change.context == cpu::Context::Nmi && change.entered && change.cpu == CpuNumber{2}) {
            taken = change.at;
        }
    });
    detector.run(milliseconds(13'000));
    REQUIRE(taken > milliseconds(6'000));
    const Instant nmi = taken;
    detector.run(milliseconds(3'900), {{milliseconds(3'500), offline(2)}});
    const Duration delay = left - milliseconds(3'500);
    REQUIRE(delay > Duration{});

    Strays strays;
    for (std::int64_t shift = -3'000; shift <= 1'000; shift += 100) {
        taken = Instant{};
        detector.run(nmi + Duration{FS_PER_S / 5}, {{nmi - delay + Duration{shift * 1'000'000}, offline(2)}});
        strays.nmis += detector.strays;
        strays.missed += taken < nmi - Duration{FS_PER_S / 1000} ? 1 : 0;
    }
    return strays;
}

}  // namespace

TEST_CASE("with NMI sources the NMI visits one CPU after the other, and without them the design refuses",
          "[detector][CPU-27]") {
    Detector detector{{{"design", "nmi-source"}}, Detector::Cpus::NmiSource};
    detector.run(milliseconds(13'000));
    CHECK(detector.visits == std::vector<unsigned>{0, 1, 2, 3, 0});
    CHECK(detector.strays == 0);
    Detector without{{{"design", "nmi-source"}}};
    without.run(milliseconds(3'000));
    CHECK(std::any_of(without.lines.begin(), without.lines.end(), [](const std::string& line) {
        return line.find("the processor does not report the source of an NMI") != std::string::npos;
    }));
    CHECK(without.visits.empty());
}

TEST_CASE("known by its source, an NMI to a CPU whose bit is clear is claimed; guessed by its time, it is not",
          "[detector][CPU-27][C17]") {
    CHECK(strays_when_leaving({{"design", "direct-route"}}, Detector::Cpus::NmiSource).nmis > 0);
    CHECK(strays_when_leaving({{"design", "nmi-source"}}, Detector::Cpus::NmiSource).nmis == 0);
}

TEST_CASE("with a timer of its own each CPU is checked once in a threshold", "[detector][LAPIC-38][LAPIC-39]") {
    Detector detector{{{"design", "local-timer"}}, Detector::Cpus::DualTimer};
    detector.run(milliseconds(23'000));
    std::sort(detector.visits.begin(), detector.visits.end());
    CHECK(detector.visits == std::vector<unsigned>{0, 0, 1, 1, 2, 2, 3, 3});
    CHECK(detector.strays == 0);
}

TEST_CASE("with a timer of its own a CPU with interrupts off names itself", "[detector][LAPIC-40]") {
    Detector detector{{{"design", "local-timer"}}, Detector::Cpus::DualTimer};
    detector.stuck_at = milliseconds(5'000);
    detector.run(milliseconds(60'000));
    REQUIRE(detector.reports().size() == 1);
    CHECK(detector.reports()[0].find("hard LOCKUP on cpu 1") != std::string::npos);
}

TEST_CASE("a CPU that stops its own timer leaves no NMI behind, whenever it leaves", "[detector][LAPIC-40][C19]") {
    const Strays strays = strays_when_leaving({{"design", "local-timer"}}, Detector::Cpus::DualTimer);
    CHECK(strays.nmis == 0);
    CHECK(strays.missed > 0);  // stopped in time
    CHECK(strays.missed < 41);
}

TEST_CASE("a CPU off the mask has its timer stopped, and comes back", "[detector][LAPIC-38]") {
    Detector detector{{{"design", "local-timer"}}, Detector::Cpus::DualTimer};
    detector.run(milliseconds(34'000), {{milliseconds(3'000), allow("0,2-3")}, {milliseconds(15'000), allow("0-3")}});
    CHECK(std::count(detector.visits.begin(), detector.visits.end(), 1U) == 1);
    CHECK(std::count(detector.visits.begin(), detector.visits.end(), 2U) == 3);
    CHECK(detector.strays == 0);
}

}  // namespace hldsim::test
