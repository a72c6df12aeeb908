// SPDX-License-Identifier: Apache-2.0
#include "models/cpu/nesting.hpp"

#include "tests/support/catch.hpp"

using namespace hldsim;
using hldsim::cpu::Context;
using hldsim::cpu::Nesting;

namespace {

constexpr Instant T{1000};
constexpr Instant LATER{5000};

TokenSet token(std::uint32_t id) {
    TokenSet set;
    set.add(Token{id, Source::Operator});
    return set;
}

}  // namespace

TEST_CASE("an NMI is a latch: a second one merges, with its token", "[CPU-1]") {
    Nesting nesting;
    CHECK(nesting.latch_nmi(token(1), T));
    CHECK_FALSE(nesting.latch_nmi(token(2), LATER));
    CHECK(nesting.due() == T);
    CHECK(nesting.enter_nmi().size() == 2);
    CHECK_FALSE(nesting.nmi_latched());
}

TEST_CASE("one NMI is in service, one more waits until IRET", "[CPU-2][CPU-3]") {
    Nesting nesting;
    nesting.latch_nmi(token(1), T);
    nesting.enter_nmi();
    CHECK(nesting.context() == Context::Nmi);
    CHECK(nesting.latch_nmi(token(2), T));
    CHECK(nesting.next(LATER) == Nesting::Event::None);
    CHECK(nesting.due() == Instant::never());
    CHECK(nesting.leave_nmi().contains(Token{1, Source::Operator}));
    CHECK(nesting.next(LATER) == Nesting::Event::Nmi);
    CHECK(nesting.enter_nmi().contains(Token{2, Source::Operator}));
}

TEST_CASE("an NMI is due at its instant, and not one femtosecond before", "[CPU-2]") {
    Nesting nesting;
    nesting.latch_nmi(token(1), T);
    CHECK(nesting.next(Instant{T.fs - 1}) == Nesting::Event::None);
    CHECK(nesting.next(T) == Nesting::Event::Nmi);
}

TEST_CASE("an NMI does not need the interrupt flag, INTR does", "[CPU-2][CPU-5]") {
    Nesting nesting;
    nesting.interrupt_line(true, T);
    CHECK(nesting.next(T) == Nesting::Event::None);
    CHECK(nesting.due() == Instant::never());
    nesting.latch_nmi(token(1), T);
    CHECK(nesting.next(T) == Nesting::Event::Nmi);
    nesting.enter_nmi();
    nesting.restore_interrupts(true);
    CHECK(nesting.next(T) == Nesting::Event::Interrupt);
}

TEST_CASE("SMI comes before NMI, NMI before INTR", "[CPU-5][CPU-10]") {
    Nesting nesting;
    nesting.restore_interrupts(true);
    nesting.interrupt_line(true, T);
    nesting.latch_nmi(token(1), T);
    nesting.latch_smi(T);
    CHECK(nesting.next(T) == Nesting::Event::Smi);
    nesting.enter_smm();
    CHECK(nesting.next(T) == Nesting::Event::None);
    nesting.leave_smm();
    CHECK(nesting.next(T) == Nesting::Event::Nmi);
    nesting.enter_nmi();
    CHECK(nesting.next(T) == Nesting::Event::Interrupt);
}

TEST_CASE("STI holds INTR and NMI for one instruction, if interrupts were off", "[CPU-6]") {
    Nesting nesting;
    nesting.interrupt_line(true, T);
    nesting.latch_nmi(token(1), T);
    nesting.enable_interrupts(true);
    CHECK(nesting.shadowed());
    CHECK(nesting.next(T) == Nesting::Event::None);
    nesting.end_shadow();
    CHECK(nesting.next(T) == Nesting::Event::Nmi);
    nesting.enable_interrupts(true);  // was on: no shadow
    CHECK_FALSE(nesting.shadowed());
}

TEST_CASE("an SMI is taken although NMIs are blocked, and one more is latched in SMM", "[CPU-10][CPU-11]") {
    Nesting nesting;
    nesting.latch_nmi(token(1), T);
    nesting.enter_nmi();
    nesting.latch_smi(T);
    CHECK(nesting.next(T) == Nesting::Event::Smi);
    nesting.enter_smm();
    nesting.latch_smi(T);
    nesting.latch_smi(LATER);
    CHECK(nesting.next(LATER) == Nesting::Event::None);
    CHECK(nesting.due() == Instant::never());
    nesting.leave_smm();
    CHECK(nesting.next(T) == Nesting::Event::Smi);
    nesting.enter_smm();
    nesting.leave_smm();
    CHECK(nesting.next(LATER) == Nesting::Event::None);
}

TEST_CASE("RSM restores the blocking of NMIs", "[CPU-13]") {
    Nesting nesting;
    nesting.enter_smm();
    nesting.latch_nmi(token(1), T);
    CHECK(nesting.next(T) == Nesting::Event::None);  // CPU-11
    nesting.leave_smm();
    CHECK(nesting.next(T) == Nesting::Event::Nmi);
    nesting.enter_nmi();
    nesting.enter_smm();
    nesting.latch_nmi(token(2), T);
    nesting.leave_smm(true);
    CHECK(nesting.next(T) == Nesting::Event::None);
    nesting.enter_smm();
    nesting.leave_smm(false);  // smm.keeps_nmi_blocking off
    CHECK(nesting.next(T) == Nesting::Event::Nmi);
}

TEST_CASE("an interrupt that is requested once more is seen no later, unless it was withdrawn", "[CPU-5]") {
    const bool withdrawn = GENERATE(false, true);
    Nesting nesting;
    nesting.restore_interrupts(true);
    nesting.interrupt_line(true, Instant{10});
    if (withdrawn) {
        nesting.interrupt_line(false, Instant{12});
    }
    nesting.interrupt_line(true, Instant{20});
    CHECK(nesting.due() == Instant{withdrawn ? 20 : 10});
}

TEST_CASE("an interrupt that was withdrawn is not taken", "[CPU-5]") {
    Nesting nesting;
    nesting.restore_interrupts(true);
    nesting.interrupt_line(true, T);
    nesting.interrupt_line(false, T);
    CHECK(nesting.next(LATER) == Nesting::Event::None);
    nesting.interrupt_line(true, LATER);
    CHECK(nesting.next(T) == Nesting::Event::None);
    CHECK(nesting.next(LATER) == Nesting::Event::Interrupt);
}

// ---- INIT

TEST_CASE("SMI comes before INIT, INIT before NMI, and in SMM INIT waits", "[CPU-5][CPU-11][CPU-15]") {
    const bool init_first = GENERATE(false, true);
    Nesting nesting;
    CHECK(nesting.idle());
    nesting.latch_nmi(token(1), T);
    init_first ? nesting.latch_init(T) : nesting.latch_smi(T);
    init_first ? nesting.latch_smi(T) : nesting.latch_init(T);
    CHECK(nesting.next(T) == Nesting::Event::Smi);
    nesting.enter_smm();
    CHECK(nesting.init_latched());
    CHECK(nesting.next(LATER) == Nesting::Event::None);
    CHECK(nesting.due() == Instant::never());
    nesting.leave_smm();
    CHECK(nesting.next(T) == Nesting::Event::Init);
    nesting.init(true);
    CHECK(nesting.next(LATER) == Nesting::Event::None);
    CHECK(nesting.idle());
}

TEST_CASE("an INIT is due at its instant, not one femtosecond before, and NMI blocking and shadows do not hold it",
          "[CPU-5][CPU-15]") {
    Nesting nesting;
    nesting.block_nmi(true);
    nesting.move_to_ss(false);
    nesting.latch_init(T);
    nesting.latch_init(LATER);  // one latch
    CHECK_FALSE(nesting.idle());
    CHECK(nesting.due() == T);
    CHECK(nesting.next(Instant{T.fs - 1}) == Nesting::Event::None);
    CHECK(nesting.next(T) == Nesting::Event::Init);
}

TEST_CASE("INIT keeps a latched SMI with its instant, and drops an interrupt request and what is in service",
          "[CPU-5][CPU-15]") {
    Nesting nesting;
    nesting.restore_interrupts(true);
    nesting.interrupt_line(true, T);
    nesting.enter_interrupt();
    nesting.latch_smi(LATER);
    nesting.init(true);
    CHECK(nesting.depth() == 0);
    CHECK_FALSE(nesting.interrupts_enabled());
    CHECK(nesting.due() == LATER);
    CHECK(nesting.next(Instant{LATER.fs - 1}) == Nesting::Event::None);
    CHECK(nesting.next(LATER) == Nesting::Event::Smi);
}

TEST_CASE("INIT clears the NMI latch and NMI blocking, or keeps both", "[CPU-15]") {
    const bool clears = GENERATE(true, false);
    Nesting nesting;
    nesting.latch_nmi(token(1), T);
    nesting.enter_nmi();
    nesting.latch_nmi(token(2), LATER);
    nesting.init(clears);
    CHECK(nesting.nmi_latched() == !clears);
    CHECK(nesting.nmi_blocked() == !clears);
    CHECK(nesting.depth() == 0);
    if (!clears) {
        nesting.block_nmi(false);
        CHECK(nesting.due() == LATER);
        CHECK(nesting.enter_nmi().contains(Token{2, Source::Operator}));
    }
}
