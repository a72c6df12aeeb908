// SPDX-License-Identifier: Apache-2.0
// Runs functions of the probe as if on a simulated CPU, a nanosecond from hook to hook, in front of a watcher.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "detector/symbols/recorder.hpp"
#include "models/hpet/registers.hpp"
#include "models/sim/session.hpp"
#include "tools/harness/point/point_watcher.hpp"

namespace hldsim::point::testing {

using Form = scenario::Point::Form;

inline scenario::Point in_function(Form form, unsigned cpu, std::string function, std::string object) {
    scenario::Point p;
    p.form = form;
    p.cpu.value = CpuNumber{cpu};
    p.function.value = std::move(function);
    (form == Form::Calls ? p.callee : p.object).value = std::move(object);
    return p;
}
inline scenario::Point of_function(Form form, unsigned cpu, std::string function) {
    return in_function(form, cpu, std::move(function), "");
}

struct Recorded final : Listener {
    void reached(const Hit& hit) override { hits.push_back(hit); }
    void went_on(const Hit& hit, Instant next) override { next_of.emplace_back(hit, next); }

    std::vector<Hit> hits;
    std::vector<std::pair<Hit, Instant>> next_of;
};

class NoBus final : public CpuBus {
public:
    void post_write(CpuNumber /*cpu*/, std::uint64_t /*address*/, Size /*size*/, std::uint64_t /*value*/) override {}
    void read(CpuNumber /*cpu*/, std::uint64_t /*address*/, Size /*size*/, ReadCompletion& /*done*/) override {}
};

class Drive {
public:
    /// Of three timers.
    inline static const Device HPET{&hpet::MAP, 0xfed0'0000, {{"TIMn_CONF", 3}, {"TIMn_COMP", 3}}};

    explicit Drive(const std::string& family)
        : object{family},
          symbols{{{object.path(), object.load_address()}}},
          timing_{{1'000'000'000, 1}, {1'000'000'000, 1}, {24'000'000, 1}, {69'841'279}},
          cpus_{timeline_, timing_, options(), bus_} {}
    ~Drive() { probe::listener = {}; }
    Drive(const Drive&) = delete;
    Drive& operator=(const Drive&) = delete;
    Drive(Drive&&) = delete;
    Drive& operator=(Drive&&) = delete;

    void watch(const std::vector<scenario::Point>& points) {
        std::vector<ResolvedPoint> resolved;
        for (const scenario::Point& point : points) {
            resolved.push_back(resolve(point, symbols, {HPET}));
        }
        watcher_ = std::make_unique<PointWatcher>(std::move(resolved), 4, recorded);
    }
    PointWatcher& watcher() { return *watcher_; }
    cpu::Cpu& cpu(unsigned n) { return cpus_.cpu(CpuNumber{n}); }

    /// The function runs on that CPU; `before` sees each hook first, and may interrupt() there.
    void run(unsigned number, const char* function, unsigned argument,
             const std::function<void(const probe::Hook&)>& before = {}) {
        const Active mine{number, before};
        const Active* const outer = std::exchange(active_, &mine);
        if (outer == nullptr) {  // never replaced while it is called
            probe::listener = [this](const probe::Hook& hook) {
                const Active& active = *active_;
                if (active.before) {
                    active.before(hook);
                }
                forward(cpu(active.number), hook);
            };
        }
        object.call(function, argument);
        active_ = outer;
    }
    /// As an NMI, in front of whatever that CPU is about to do.
    void interrupt(unsigned number, const char* function, unsigned argument) {
        cpu::Cpu& c = cpu(number);
        const std::size_t below = std::exchange(c.callers_below, c.callers.size());
        const void* const pc = c.pc;
        run(number, function, argument);
        c.pc = pc;
        c.callers_below = below;
    }

    std::uintptr_t at(const char* name) const { return reinterpret_cast<std::uintptr_t>(object.symbol(name)); }

    probe::Object object;
    shim::Symbols symbols;
    Recorded recorded;

private:
    struct Active {
        unsigned number;
        const std::function<void(const probe::Hook&)>& before;
    };

    static cpu::Cpus::Options options() {
        cpu::Cpus::Options four;
        four.count = 4;
        return four;
    }
    void forward(cpu::Cpu& c, const probe::Hook& hook) {
        using Kind = probe::Hook::Kind;
        c.local.advance(1);
        if (hook.kind == Kind::Enter) {
            c.callers.push_back(hook.at);
            watcher_->entered(c, hook.pc, hook.at);
            return;
        }
        if (hook.kind == Kind::Exit) {
            watcher_->leaving(c, c.pc);
            c.callers.pop_back();
            return;
        }
        c.pc = hook.pc;
        if (hook.kind == Kind::Note) {
            note(c, hook);
            return;
        }
        const auto kind = hook.kind == Kind::Load    ? cpu::AccessKind::Load
                          : hook.kind == Kind::Store ? cpu::AccessKind::Store
                                                     : cpu::AccessKind::Rmw;
        watcher_->about_to(c, {kind, hook.at, hook.size, true, hook.pc});
    }
    void note(cpu::Cpu& c, const probe::Hook& hook) {
        const auto physical = reinterpret_cast<std::uint64_t>(hook.at);
        switch (hook.size) {
            case 0:
                watcher_->on_lock(c, HLD_LOCK_TAKEN, hook.at);
                break;
            case 1:
                watcher_->on_lock(c, HLD_LOCK_DROPPED, hook.at);
                break;
            default:
                watcher_->on_mmio(c, physical, 4, hook.size == 2);
                break;
        }
    }

    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    Timing timing_;
    NoBus bus_;
    cpu::Cpus cpus_;
    std::unique_ptr<PointWatcher> watcher_;
    const Active* active_ = nullptr;
};

}  // namespace hldsim::point::testing
