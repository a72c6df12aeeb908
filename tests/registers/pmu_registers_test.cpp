// SPDX-License-Identifier: Apache-2.0
// The standard tests over the performance counters' MSRs: 64 bits at once, whatever is not so cannot be said.
#include "models/pmu/pmu.hpp"
#include "models/pmu/registers.hpp"
#include "models/sim/session.hpp"
#include "tests/registers/nowhere.hpp"
#include "tests/registers/standard_tests.hpp"

using namespace hldsim;

namespace {

class PmuSubject final : public registers::Subject {
public:
    PmuSubject() { shape_.limit("IA32_PERF_GLOBAL_OVF_CTRL", 0); }  // write-only: tests/models/pmu

    std::uint64_t read(std::uint32_t offset, Size size) override {
        REQUIRE(size == Size::B8);
        std::uint64_t value = 0;
        CHECK(pmu_.rdmsr(pmu::FIRST_MSR + offset / 8, value));
        return value;
    }
    /// Software that would fault writes what is left of the value.
    void write(std::uint32_t offset, Size size, std::uint64_t value) override {
        REQUIRE(size == Size::B8);
        if (const std::uint32_t msr = pmu::FIRST_MSR + offset / 8; !pmu_.wrmsr(msr, value)) {
            pmu_.wrmsr(msr, value & shape_.mask(slot_at(offset), regs::Access::RW));
        }
    }
    void reset() override { pmu_.reset_enter(); }
    std::string dump() override { return pmu_.dump(); }
    const regs::File& shape() const override { return shape_; }

private:
    regs::File::Slot slot_at(std::uint32_t offset) const { return shape_.locate(offset, Size::B8, true).slot; }

    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    Timing timing_{Hertz{4'000'000'000}, Hertz{2'500'000'000}, Hertz{24'000'000}, Duration{69'841'279}};
    registers::Nowhere apic_;
    regs::File shape_{pmu::MAP, {Size::B8}};
    Pmu pmu_{timeline_, timing_, apic_};
};

}  // namespace

TEST_CASE("pmu: the standard tests of registers", "[registers][pmu]") {
    PmuSubject subject;
    SECTION("every register reads its reset value") { registers::test_reset(subject, {Size::B8}); }
    SECTION("what is written to storage reads back") { registers::test_rw(subject); }
    SECTION("each bit alone is writable or is not, as its row says") { registers::test_bit_walk(subject); }
    SECTION("no register answers in another's place") { registers::test_aliasing(subject); }
    SECTION("a reset in the middle of anything leaves a new device") { registers::test_reset_in_the_middle(subject); }
}
