// SPDX-License-Identifier: Apache-2.0
// The standard tests over the AMD-Vi unit, for units of several capabilities.
#include "models/amdvi/amdvi.hpp"
#include "models/sim/session.hpp"
#include "tests/registers/standard_tests.hpp"
#include "tests/support/remapper.hpp"

using namespace hldsim;

namespace {

// The shape is made here a second time, from the profile and the specification, not taken from the device.
regs::File shaped(const AmdviProfile& profile) {
    regs::File file{amdvi::MAP, {Size::B4, Size::B8}};
    file.set_reset(file.slot("EFR"), {7, 7}, profile.ga ? 1 : 0);
    file.set_reset(file.slot("EFR"), {2, 2}, profile.xt ? 1 : 0);
    if (!profile.ga) {
        file.set_access(file.slot("CONTROL"), {17, 17}, regs::Access::RSVD);
    }
    if (!profile.xt) {
        file.set_access(file.slot("CONTROL"), {51, 50}, regs::Access::RSVD);
        file.limit("XT_INT_CTRL", 0);
    }
    return file;
}

AmdviProfile any_profile() {
    AmdviProfile profile;
    profile.xt = GENERATE(true, false);
    profile.ga = profile.xt;
    return profile;
}

class AmdviSubject final : public registers::Subject {
public:
    explicit AmdviSubject(const AmdviProfile& profile)
        : shape_{shaped(profile)}, unit_{"amdvi", timeline_, timing_, profile, {}, outside_, tokens_, choices_} {
        timing_.set(Row::VtdGcmdLatency, RowUnit::Time, 1000);
        timing_.set(Row::VtdQiFetch, RowUnit::Time, 1000);
        timing_.set(Row::VtdIecMiss, RowUnit::Time, 1000);
        unit_.connect(outside_);
    }

    std::uint64_t read(std::uint32_t offset, Size size) override { return unit_.read(offset, size); }
    void write(std::uint32_t offset, Size size, std::uint64_t value) override { unit_.write(offset, size, value); }
    void reset() override {
        unit_.reset_enter();
        unit_.reset_hold();
        unit_.reset_exit();
    }
    std::string dump() override { return unit_.dump(); }
    const regs::File& shape() const override { return shape_; }
    /// A COMPLETION_WAIT with an interrupt, and two faults where the log has room for one.
    void raise(regs::File::Slot /*slot*/) override {
        constexpr std::uint64_t DEVICES = 0x10'0000, COMMANDS = 0x30'0000, LOG = 0x40'0000;
        constexpr std::uint64_t COMPLETION_WAIT = 1ULL << 60, I = 2;
        constexpr std::uint64_t EXISTS = 1, ABORT = 0;  // of a device table entry: IV, IntCtl
        outside_.answers = true;
        outside_.memory.put(COMMANDS, COMPLETION_WAIT | I);
        outside_.memory.put(DEVICES + 16, EXISTS | 9U << 1 | ABORT);
        const auto put = [&](const char* name, std::uint64_t value) {
            write(shape_.offset(shape_.slot(name)), Size::B8, value);
            let_time_pass();
        };
        put("DEV_TAB_BASE", DEVICES);
        put("CMD_BASE", COMMANDS | 8ULL << 56);
        put("EVENT_BASE", LOG | 8ULL << 56);
        put("CONTROL", 1 | 1U << 2 | 1U << 12);  // IommuEn, EventLogEn, CmdBufEn
        put("EVENT_HEAD", 2 * 16);
        put("CMD_TAIL", 16);
        for (int n = 0; n < 2; ++n) {
            MessageWrite write;
            write.address = 0xfee0'1000;
            unit_.arrive(write);
            let_time_pass();
            let_time_pass();
        }
        outside_.answers = false;
    }
    void let_time_pass() override { timeline_.run_until(timeline_.now() + Duration{1501}); }
    // A write of a base moves the pointers of its ring to 0; the unit moves them, too.
    std::uint64_t storage(regs::File::Slot slot) const override {
        const std::string_view name = shape_.spec(slot).name;
        const bool pointer = name == "CMD_HEAD" || name == "CMD_TAIL" || name == "EVENT_HEAD" || name == "EVENT_TAIL";
        return pointer ? 0 : Subject::storage(slot);
    }

private:
    sim::Session session_;
    sim::Timeline timeline_{"timeline"};
    Timing timing_{Hertz{3'000'000'000}, Hertz{3'000'000'000}, Hertz{24'000'000}, Duration{69'841'279}};
    test::QuietOutside outside_;
    TokenCounter tokens_;
    DefaultChoice choices_;
    regs::File shape_;
    Amdvi unit_;
};

}  // namespace

TEST_CASE("amdvi: every register reads its reset value", "[registers][amdvi]") {
    AmdviSubject subject{any_profile()};
    registers::test_reset(subject, {Size::B4, Size::B8});
}

TEST_CASE("amdvi: what is written to storage reads back", "[registers][amdvi]") {
    AmdviSubject subject{any_profile()};
    registers::test_rw(subject);
}

TEST_CASE("amdvi: each bit alone is writable or is not, as its row says", "[registers][amdvi]") {
    AmdviSubject subject{any_profile()};
    registers::test_bit_walk(subject);
}

TEST_CASE("amdvi: no register answers in another's place", "[registers][amdvi]") {
    AmdviSubject subject{any_profile()};
    registers::test_aliasing(subject);
}

TEST_CASE("amdvi: an access of a wrong size or alignment changes nothing", "[registers][amdvi][AMDVI-20]") {
    AmdviSubject subject{any_profile()};
    registers::test_wrong_accesses(subject, 0, 0x3fff, [](std::uint32_t offset, Size size) {
        return bytes(size) >= 4 && offset % bytes(size) == 0;
    });
}

TEST_CASE("amdvi: a reset in the middle of anything leaves a new unit", "[registers][amdvi]") {
    AmdviSubject subject{any_profile()};
    registers::test_reset_in_the_middle(subject);
}

TEST_CASE("amdvi: the pointers of a ring keep what is written while nothing moves them", "[registers][amdvi]") {
    AmdviSubject subject{any_profile()};
    for (const std::uint32_t pointer : {0x2000U, 0x2008U, 0x2010U, 0x2018U}) {
        subject.write(pointer, Size::B8, ~std::uint64_t{0});
        CHECK(subject.read(pointer, Size::B8) == 0x7'fff0);
    }
}

TEST_CASE("amdvi: writing 1 clears a status bit and no other", "[registers][amdvi][AMDVI-10][AMDVI-11]") {
    AmdviProfile profile = any_profile();
    profile.aborts_are_logged = true;
    AmdviSubject subject{profile};
    registers::test_write_one_to_clear(subject, {Size::B4, Size::B8});
}
