// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "detector/shim/faults.hpp"

#include <sys/time.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>

#include "models/cpu/cpus.hpp"

namespace hldsim::shim {

namespace {

constexpr int SIGNALS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
constexpr std::size_t MOST_SIGNAL = 32;
std::array<struct sigaction, MOST_SIGNAL> before_us;  // a sanitizer's, or none

// Read by the handler: plain memory, filled before the code of an object can run.
constexpr std::size_t MOST = 64;
std::array<Object::Range, MOST> code;
std::size_t known = 0;

struct Landing {
    cpu::Cpu* cpu = nullptr;
    const char* what = nullptr;
    cpu::End how = cpu::End::BadAccess;
} landing;
std::uint64_t hooks_before = 0;  // at the last look for a loop

bool is_code(const void* p) {
    return std::any_of(code.begin(), code.begin() + known,
                       [p](const Object::Range& range) { return range.contains(p); });
}

const char* meaning(int number) {
    switch (number) {
        case SIGFPE:
            return "divides by 0, or to a quotient that has no room";
        case SIGILL:
        case SIGTRAP:
            return "executes an instruction that is undefined";
        default:
            return "touches memory that there is not";
    }
}

/// Behind the handler, on the stack of the CPU.
[[noreturn]] void land() { landing.cpu->cluster.fault(*landing.cpu, landing.what, landing.how); }

void land_behind(void* context) {
    greg_t* const registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
    registers[REG_RSP] = reinterpret_cast<greg_t>(landing.cpu->stack.emptied());
    registers[REG_RIP] = reinterpret_cast<greg_t>(&land);
}

void on_fault(int number, siginfo_t* info, void* context) {
    greg_t* const registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
    const auto* const pc = reinterpret_cast<const char*>(registers[REG_RIP]);
    const auto* const sp = reinterpret_cast<const void* const*>(registers[REG_RSP]);
    cpu::Cpu* const cpu = cpu::Cpus::running();
    landing = {cpu, nullptr, cpu::End::BadAccess};
    if (cpu != nullptr && is_code(pc)) {
        landing.what = cpu->stack.in_guard(info->si_addr) ? "overflows its stack" : meaning(number);
        cpu->pc = pc + 1;  // as a return address has it
    } else if (cpu != nullptr && number == SIGSEGV && info->si_addr == pc && cpu->stack.owns(sp) && is_code(*sp)) {
        landing.what = "calls what is no function";
        cpu->pc = *sp;
    }
    if (landing.what == nullptr) {
        sigaction(number, &before_us[static_cast<std::size_t>(number)], nullptr);  // and again: the simulator's own
        return;
    }
    land_behind(context);
}

void on_look(int /*number*/, siginfo_t* /*info*/, void* context) {
    cpu::Cpu* const cpu = cpu::Cpus::running();
    if (cpu == nullptr) {
        return;
    }
    const std::uint64_t before = hooks_before;
    hooks_before = cpu->cluster.hooks();
    const auto* const pc = reinterpret_cast<const char*>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
    if (hooks_before == before && is_code(pc)) {
        landing = {cpu, "loops for ever", cpu::End::AccessLimit};
        cpu->pc = pc + 1;
        land_behind(context);
    }
}

void install() {
    constexpr std::size_t SIZE = std::size_t{64} * 1024;
    static std::array<char, SIZE> memory;
    stack_t own{};
    own.ss_sp = memory.data();
    own.ss_size = memory.size();
    sigaltstack(&own, nullptr);
    struct sigaction action {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (const int number : SIGNALS) {
        sigaction(number, &action, &before_us[static_cast<std::size_t>(number)]);
    }
    action.sa_sigaction = on_look;
    action.sa_flags |= static_cast<int>(SA_RESTART);
    sigaction(SIGVTALRM, &action, nullptr);
    constexpr timeval EACH{1, 0};
    const itimerval timer{EACH, EACH};
    setitimer(ITIMER_VIRTUAL, &timer, nullptr);
}

}  // namespace

void catch_faults_of(const Object& object) {
    const auto same = [&](const Object::Range& range) { return range.begin == object.code().begin; };
    if (known == MOST || std::any_of(code.begin(), code.begin() + known, same)) {
        return;
    }
    if (known == 0) {
        install();
    }
    code[known++] = object.code();
}

}  // namespace hldsim::shim
