// SPDX-License-Identifier: Apache-2.0
// The C of the reference episode as the host runs it: compiled without instrumentation, on coroutines instead of CPUs.
//
// What it leaves out is what a simulator is for: caches, store buffers, buses, an order of the CPUs. A call that waits
// (HLT, PAUSE, a delay) passes the turn on; a message is a flag, a match of the timer a call. So it is the least that
// the C can cost, and BM_ReferenceEpisode divided by it is the price of the simulation.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include "detector/shim/abi.hpp"
#include "models/cpu/stack.hpp"

// The array that the linker gathers: program, NMI handler, end of interrupt, forget.
extern "C" const hld_initcall_t __start_hld_initcalls[];  // NOLINT(bugprone-reserved-identifier)

namespace {

using hldsim::cpu::Stack;

enum Entry : unsigned { PROGRAM, HANDLE_NMI, END_OF_INTERRUPT, FORGET };
int call(Entry entry) { return __start_hld_initcalls[entry](); }

constexpr std::uint64_t NEVER = ~std::uint64_t{0};
constexpr std::uint64_t LAPIC = 0xfee0'0000;
constexpr std::uint64_t HPET = 0xfed0'0000;
constexpr std::uint64_t HPET_TICK_NS = 42;

class Host {
public:
    explicit Host(unsigned cpus) : stacks_{cpus} {
        firmware_.cpus = cpus;
        firmware_.lapic_address = LAPIC;
        firmware_.hpet_address = HPET;
        firmware_.x2apic = cpus > 255 ? 1 : 0;
        for (unsigned n = 0; n < cpus; ++n) {
            cpus_.push_back(std::make_unique<Cpu>(stacks_.memory(n)));
        }
    }

    bool episode() {
        current = this;
        now_ = 0;
        match_ = NEVER;
        ended_ = nullptr;
        ready_.clear();
        spinning_.clear();
        turn_.clear();
        for (auto& cpu : cpus_) {
            cpu->state = State::WaitForSipi;
            cpu->nmi = cpu->interrupt = false;
            cpu->until = NEVER;
        }
        call(FORGET);
        start(0);
        while (ended_ == nullptr) {
            turn();
        }
        return std::strcmp(ended_, "done") == 0;
    }

    // ---- what the C calls
    const struct hld_firmware& firmware() const { return firmware_; }
    unsigned running() const { return running_; }
    std::uint64_t now() const { return now_; }
    void relax() {
        spinning_.push_back(running_);
        suspend(State::Ready);
        take_nmi();
    }
    void delay(std::uint64_t ns) {
        Cpu& self = *cpus_[running_];
        self.until = now_ + ns;
        while (now_ < self.until) {
            suspend(State::Delayed);
            take_nmi();
        }
        self.until = NEVER;
    }
    void halt(bool interrupts) {
        Cpu& self = *cpus_[running_];
        for (;;) {
            if (take_nmi()) {
                return;
            }
            if (interrupts && self.interrupt) {
                self.interrupt = false;
                call(END_OF_INTERRUPT);
                return;
            }
            suspend(State::Halted);
        }
    }
    void write(std::uint64_t address, std::uint64_t value) {
        switch (address) {
            case LAPIC + 0x300:
                return command(destination_, static_cast<std::uint32_t>(value));
            case LAPIC + 0x310:
                destination_ = static_cast<unsigned>(value >> 24U);
                return;
            case HPET + 0x108:
                period_ = value * HPET_TICK_NS;
                return;
            case HPET + 0x010:
                match_ = now_ + period_;
                return;
            case HPET + 0x110:
                target_ = static_cast<unsigned>(value >> 44U & 0xff);
                return;
            case HPET + 0x114:
                target_ = static_cast<unsigned>(value >> 12U & 0xff);
                return;
            default:
                return;
        }
    }
    void command(unsigned cpu, std::uint32_t icr) {
        Cpu& to = *cpus_[cpu];
        switch (icr >> 8U & 7U) {
            case 5:
                to.state = State::WaitForSipi;
                return;
            case 6:
                if (to.state == State::WaitForSipi) {
                    start(cpu);
                }
                return;
            default:
                to.interrupt = true;
                wake(cpu);
                return;
        }
    }
    void end(const char* why) {
        ended_ = why;
        for (;;) {
            cpus_[running_]->stack.suspend();
        }
    }

    static inline Host* current = nullptr;

private:
    enum class State : std::uint8_t { WaitForSipi, Ready, Delayed, Halted };
    struct Cpu {
        explicit Cpu(char* memory) : stack{memory} {}

        Stack stack;
        State state = State::WaitForSipi;
        bool nmi = false;
        bool interrupt = false;
        std::uint64_t until = NEVER;
    };

    static void begin(void* /*unused*/) {
        call(PROGRAM);
        current->end("a CPU returned");
    }
    void start(unsigned cpu) {
        cpus_[cpu]->stack.start(begin, nullptr);
        cpus_[cpu]->state = State::Ready;
        put_into_turn(cpu);
    }
    void put_into_turn(unsigned cpu) {
        ready_.push_back(cpu);
        progress_ = true;
    }
    void suspend(State state) {
        Cpu& self = *cpus_[running_];
        self.state = state;
        self.stack.suspend();
    }
    void wake(unsigned cpu) {
        State& state = cpus_[cpu]->state;
        if (state == State::Halted || state == State::Delayed) {
            state = State::Ready;
            put_into_turn(cpu);
        }
    }
    bool take_nmi() {
        const bool taken = cpus_[running_]->nmi;
        if (taken) {
            cpus_[running_]->nmi = false;
            call(HANDLE_NMI);
        }
        return taken;
    }
    // Whoever is ready. Nobody: those that spin look again if somebody was; else time passes first.
    void turn() {
        if (ready_.empty()) {
            if (!progress_) {
                pass();
            }
            progress_ = false;
            ready_.insert(ready_.end(), spinning_.begin(), spinning_.end());
            spinning_.clear();
        }
        std::swap(ready_, turn_);
        for (std::size_t i = 0; i < turn_.size() && ended_ == nullptr; ++i) {
            running_ = turn_[i];
            cpus_[running_]->stack.resume();
        }
        turn_.clear();
    }
    void pass() {
        const std::uint64_t delayed = cpus_[0]->until;  // nobody else delays
        if (match_ == NEVER && delayed == NEVER) {
            throw std::logic_error("nothing is left to happen natively");
        }
        if (match_ <= delayed) {
            now_ = match_;
            match_ += period_;
            cpus_[target_]->nmi = true;
            wake(target_);
        } else {
            now_ = delayed;
            wake(0);
        }
    }

    struct hld_firmware firmware_ {};
    hldsim::cpu::Stacks stacks_;
    std::vector<std::unique_ptr<Cpu>> cpus_;
    std::vector<unsigned> ready_;
    std::vector<unsigned> spinning_;
    std::vector<unsigned> turn_;
    bool progress_ = false;
    unsigned running_ = 0;
    unsigned destination_ = 0;
    unsigned target_ = 0;
    std::uint64_t now_ = 0;
    std::uint64_t match_ = NEVER;
    std::uint64_t period_ = 0;
    const char* ended_ = nullptr;
};

Host& host() { return *Host::current; }

void BM_NativeEpisode(benchmark::State& state) {
    Host native{static_cast<unsigned>(state.range(0))};
    for ([[maybe_unused]] auto _ : state) {
        if (!native.episode()) {
            state.SkipWithError("an NMI that nobody handled");
            break;
        }
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(BM_NativeEpisode)->Arg(4)->Arg(8)->Arg(64)->Arg(1024)->Unit(benchmark::kMicrosecond);

}  // namespace

extern "C" {
const struct hld_firmware* native_firmware() { return &host().firmware(); }
hld_u32 native_cpu() { return host().running(); }
void native_relax() { host().relax(); }
void native_delay_ns(hld_u64 ns) { host().delay(ns); }
void native_halt() { host().halt(false); }
void native_sti_halt() { host().halt(true); }
void native_irq_disable() {}
hld_u64 native_rdtsc() { return host().now(); }
void native_charge(hld_row /*row*/, hld_u32 /*times*/) {}
void* native_ioremap(hld_u64 physical, hld_u64 /*size*/) { return reinterpret_cast<void*>(physical); }
void native_mmio_write(volatile void* at, hld_u32 /*size*/, hld_u64 value) {
    host().write(reinterpret_cast<std::uintptr_t>(at), value);
}
hld_u32 native_wrmsr(hld_u32 msr, hld_u64 value) {
    if (msr == 0x830) {
        host().command(static_cast<unsigned>(value >> 32U), static_cast<std::uint32_t>(value));
    }
    return 0;
}
void native_end(enum hld_end /*how*/, const char* why) {
    host().end(why);
    __builtin_unreachable();
}
}
