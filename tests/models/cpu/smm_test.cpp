// SPDX-License-Identifier: Apache-2.0
// System management mode: what waits, what firmware's IRET lets in, what RSM gives back.
#include "tests/models/cpu/cpu_fixture.hpp"

using namespace hldsim;
using namespace hldsim::cpu;

namespace {

std::vector<Context> entered(const CpuFixture& f) {
    std::vector<Context> all;
    for (const ContextChanged& c : f.contexts) {
        if (c.entered) {
            all.push_back(c.context);
        }
    }
    return all;
}

}  // namespace

TEST_CASE("firmware that executes IRET in SMM takes NMIs itself, and the kernel never hears of them", "[CPU-12]") {
    CpuFixture f;
    f.program[0] = [&] { f.delay(100'000); };
    f.at(2'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{10'000 * CYCLE}, Duration{4'000 * CYCLE}); });
    f.at(3'500 * CYCLE, [&] { f.send_nmi(); });
    f.at(9'000 * CYCLE, [&] { f.send_nmi(); });
    std::vector<std::int64_t> taken;
    f.cpus->hop.subscribe([&](const HopReached& h) {
        if (h.hop == Hop::Taken) {
            taken.push_back(h.at.fs);
        }
    });
    f.run();
    CHECK(f.nmis.empty());
    CHECK(taken == std::vector<std::int64_t>{2'000 * CYCLE + BOUNDARY + SMM + 4'000 * CYCLE, 9'000 * CYCLE + BOUNDARY});
    CHECK(entered(f) == std::vector<Context>{Context::Smm, Context::Nmi, Context::Nmi});
    CHECK(f.contexts.back().context == Context::Smm);
    CHECK(f.contexts.back().at.fs == 2'000 * CYCLE + BOUNDARY + SMM + 10'000 * CYCLE);
}

TEST_CASE("after an IRET in SMM an NMI nests inside the handler that the SMI interrupted", "[CPU-13]") {
    const bool iret = GENERATE(false, true);
    CpuFixture f;
    std::vector<std::size_t> depths;
    f.program[0] = [&] { f.delay(100'000); };
    f.nmi_handler = [&] {
        depths.push_back(f.cpu().nesting.depth());
        f.delay(depths.size() == 1 ? 20'000 : 1);
    };
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(3'000 * CYCLE,
         [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{100 * CYCLE}, iret ? Duration{50 * CYCLE} : Cpu::NO_IRET); });
    f.at(8'000 * CYCLE, [&] { f.send_nmi(); });  // long after RSM, in the handler
    f.run();
    CHECK(depths == (iret ? std::vector<std::size_t>{1, 2} : std::vector<std::size_t>{1, 1}));
}

TEST_CASE("a write of a device that an SMI comes before is told when it is made, by the code that makes it",
          "[CPU-11]") {
    CpuFixture f;
    int here = 0;
    std::vector<DeviceStored> told;
    f.program[0] = [&] {
        f.work(6'000);
        f.store(0, 1);  // drains some thirty cycles later, and the uncached write waits for that
        f.cpu().pc = &here;
        f.cpus->mmio_write(f.cpu(), 0x1000, Size::B4, 7);
    };
    f.cpus->device_stored.subscribe([&](const DeviceStored& now) { told.push_back(now); });
    f.at(6'010 * CYCLE - BOUNDARY, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{10'000 * CYCLE}); });
    f.run();
    REQUIRE(f.contexts.size() == 2);
    REQUIRE(told.size() == 1);
    CHECK(told[0].at == f.contexts[1].at);  // RSM
    CHECK(told[0].at.fs >= 16'000 * CYCLE);
    CHECK(told[0].pc == &here);
    CHECK(told[0].address == 0x1000);
    CHECK(told[0].bytes == 4);
    CHECK(told[0].value == 7);
}

TEST_CASE("an IRET in one SMM lets no NMI nest behind a later SMM that executed none", "[CPU-13]") {
    CpuFixture f;
    std::vector<std::size_t> depths;
    f.program[0] = [&] { f.delay(100'000); };
    f.nmi_handler = [&] {
        depths.push_back(f.cpu().nesting.depth());
        f.delay(10'000);
    };
    f.at(2'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{100 * CYCLE}, Duration{50 * CYCLE}); });
    f.at(6'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(7'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{100 * CYCLE}); });  // in the handler
    f.at(7'500 * CYCLE, [&] { f.send_nmi(); });                                             // in SMM
    f.at(9'000 * CYCLE, [&] { f.send_nmi(); });                                             // behind RSM
    f.run();
    CHECK(depths == std::vector<std::size_t>{1, 1});
    const std::int64_t first = 6'000 * CYCLE + BOUNDARY + ENTRY;
    CHECK(f.nmis == std::vector<std::int64_t>{first, first + 10'000 * CYCLE + SMM + 100 * CYCLE + IRET + ENTRY});
}

TEST_CASE("firmware's IRET in one SMM is not executed in that of a message, and no NMI nests behind it",
          "[CPU-12][CPU-13]") {
    CpuFixture f;
    std::vector<std::size_t> depths;
    f.program[0] = [&] { f.delay(100'000); };
    f.nmi_handler = [&] {
        depths.push_back(f.cpu().nesting.depth());
        f.delay(10'000);
    };
    std::vector<std::int64_t> irets;
    f.cpus->iret_in_smm.subscribe([&](const IretInSmm& now) { irets.push_back(now.at.fs); });
    f.at(2'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{100 * CYCLE}, Duration{50 * CYCLE}); });
    f.at(6'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(7'000 * CYCLE, [&] { f.cpu().smi({}); });  // in the handler
    f.at(12'000 * CYCLE, [&] { f.send_nmi(); });    // behind RSM, still in the handler
    f.run();
    CHECK(irets == std::vector<std::int64_t>{2'000 * CYCLE + BOUNDARY + SMM + 50 * CYCLE});
    CHECK(depths == std::vector<std::size_t>{1, 1});
}

TEST_CASE("firmware's IRET belongs to the SMI that it was asked for, not to one that is latched meanwhile",
          "[CPU-11][CPU-12]") {
    CpuFixture f;
    std::vector<std::int64_t> irets;
    f.program[0] = [&] { f.delay(100'000); };
    f.cpus->iret_in_smm.subscribe([&](const IretInSmm& now) { irets.push_back(now.at.fs); });
    f.at(2'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{5'000 * CYCLE}, Duration{3'000 * CYCLE}); });
    f.at(2'500 * CYCLE, [&] { f.cpu().smi({}); });  // in SMM
    f.run();
    REQUIRE(f.contexts.size() == 4);
    const std::int64_t entered = 2'000 * CYCLE + BOUNDARY;
    const std::int64_t rsm = entered + SMM + 5'000 * CYCLE;
    CHECK(irets == std::vector<std::int64_t>{entered + SMM + 3'000 * CYCLE});
    CHECK(f.contexts[1].at.fs == rsm);
    CHECK(f.contexts[3].at.fs == rsm + SMM + SMI);
}

TEST_CASE("an SMI that is a message is as long as the profile says, whatever the one before it was", "[CPU-14]") {
    const int before = GENERATE(0, 1, 2);  // none, one, one of firmware's rendez-vous
    CpuFixture f;
    f.program[0] = [&] { f.delay(100'000); };
    f.at(1'000 * CYCLE, [&] {
        if (before == 1) {
            f.cpus->assert_smi(CpuNumber{0}, Duration{5'000 * CYCLE});
        } else if (before == 2) {
            f.cpus->assert_smi({CpuNumber{0}}, Duration{5'000 * CYCLE});
        }
    });
    f.at(20'000 * CYCLE, [&] { f.cpu().smi({}); });
    f.run();
    REQUIRE(f.contexts.size() >= 2);
    CHECK(f.contexts.back().context == Context::Smm);
    CHECK(f.contexts.back().at.fs == 20'000 * CYCLE + BOUNDARY + SMM + SMI);
}

TEST_CASE("an SMI's residency moves no instant of a timer, and MSR 34h counts it", "[CPU-14]") {
    CpuFixture f;
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    std::uint64_t count = 0;
    f.program[0] = [&] {
        before = f.cpus->rdtsc(f.cpu());
        f.work(10'000);
        after = f.cpus->rdtsc(f.cpu());
        f.cpus->rdmsr(f.cpu(), 0x34, count);
    };
    std::vector<std::int64_t> rang;
    f.at(3'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{5'000 * CYCLE}); });
    f.at(5'000 * CYCLE, [&] { rang.push_back(f.timeline.now().fs); });
    f.run();
    CHECK(rang == std::vector<std::int64_t>{5'000 * CYCLE});
    CHECK(after - before == 10'000 + 1 + CpuFixture::SMM + 5'000);  // the TSC went on; RDTSC costs a cycle
    CHECK(count == 1);
}

TEST_CASE("INIT waits for RSM", "[CPU-11][CPU-15]") {
    CpuFixture f{2};
    std::vector<std::int64_t> began;
    f.program[0] = [&] { f.delay(100'000); };
    f.program[1] = [&] {
        began.push_back(f.now(1));
        f.delay(50'000, 1);
    };
    f.at(1'000 * CYCLE, [&] { f.cpu(1).sipi(0x99, {}); });
    f.at(2'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{1}, Duration{5'000 * CYCLE}); });
    f.at(4'000 * CYCLE, [&] {
        f.cpu(1).init({});
        CHECK(f.init_resets == 0);
    });
    f.at(4'500 * CYCLE, [&] { f.cpu(1).sipi(0x9a, {}); });  // it does not wait for SIPI yet: discarded
    f.at(9'000 * CYCLE, [&] {
        CHECK(f.init_resets == 1);
        CHECK(f.cpu(1).state == Cpu::State::WaitForSipi);
        f.cpu(1).sipi(0x9b, {});
    });
    f.run();
    CHECK(f.sipi_vectors == std::vector<std::uint8_t>{0x99, 0x9b});
    CHECK(began == std::vector<std::int64_t>{1'000 * CYCLE, 9'000 * CYCLE});
}

TEST_CASE("an NMI that waits in SMM is served at RSM, one that is blocked below is not", "[CPU-11][CPU-13]") {
    CpuFixture f;
    f.program[0] = [&] { f.delay(100'000); };
    f.at(2'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{3'000 * CYCLE}); });
    f.at(2'500 * CYCLE, [&] { f.send_nmi(); });
    f.at(2'600 * CYCLE, [&] { f.send_nmi(); });
    f.run();
    CHECK(f.nmis == std::vector<std::int64_t>{2'000 * CYCLE + BOUNDARY + SMM + 3'000 * CYCLE + ENTRY});
    CHECK(f.contexts.back().at.fs == f.nmis.front() + IRET);
}

TEST_CASE("RSM in an NMI handler keeps NMIs blocked, or lets one nest, as the profile says", "[CPU-13]") {
    const bool keeps = GENERATE(true, false);
    Cpus::Options options;
    options.profile.smm_keeps_nmi_blocking = keeps;
    CpuFixture f{1, options};
    std::vector<std::size_t> depths;
    f.program[0] = [&] { f.delay(100'000); };
    f.nmi_handler = [&] {
        depths.push_back(f.cpu().nesting.depth());
        f.delay(depths.size() == 1 ? 20'000 : 1);
    };
    f.at(2'000 * CYCLE, [&] { f.send_nmi(); });
    f.at(3'000 * CYCLE, [&] { f.cpus->assert_smi(CpuNumber{0}, Duration{3'000 * CYCLE}); });
    f.at(4'500 * CYCLE, [&] { f.send_nmi(); });  // in SMM
    f.run();
    CHECK(depths == (keeps ? std::vector<std::size_t>{1, 1} : std::vector<std::size_t>{1, 2}));
    const std::int64_t rsm = 3'000 * CYCLE + BOUNDARY + SMM + 3'000 * CYCLE;
    const std::int64_t end = 2'000 * CYCLE + BOUNDARY + ENTRY + 20'000 * CYCLE + SMM + 3'000 * CYCLE + IRET;
    CHECK(f.nmis.back() == (keeps ? end : rsm) + ENTRY);
}

TEST_CASE("an SMI ends the hold of STI or MOV SS: the NMI or interrupt that it held is taken at RSM", "[CPU-6]") {
    const bool sti = GENERATE(true, false);
    const bool interrupt = GENERATE(true, false);
    CAPTURE(sti, interrupt);
    CpuFixture f;
    f.program[0] = [&] {
        f.cpu().nesting.restore_interrupts(!sti);
        f.work(1'000);
        sti ? f.cpu().nesting.enable_interrupts(true) : f.cpus->move_to_ss(f.cpu());
        f.work(100);  // the instruction behind it
        f.work(500);
    };
    f.at(1'020 * CYCLE, [&] {
        interrupt ? f.send_interrupt(true) : f.send_nmi();
        f.cpus->assert_smi(CpuNumber{0}, Duration{200 * CYCLE});
    });
    f.run();
    REQUIRE(f.contexts.size() == 4);
    CHECK(f.contexts[0].context == Context::Smm);
    CHECK(f.contexts[0].at.fs == 1'100 * CYCLE);
    const std::int64_t rsm = 1'100 * CYCLE + SMM + 200 * CYCLE;
    CHECK(f.contexts[1].at.fs == rsm);
    CHECK((interrupt ? f.irqs : f.nmis) == std::vector<std::int64_t>{rsm + ENTRY});
}
