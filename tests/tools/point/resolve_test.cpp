// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "tools/point/drive.hpp"

using namespace hldsim;
using namespace hldsim::point;
using namespace hldsim::point::testing;

namespace {

// Where the names of a point stand in its text.
enum Mark : std::size_t { IN = 1, OBJECT, CALLEE, FILE_AND_LINE };

struct Wrong {
    std::size_t mark = 0;
    std::string what;
    std::string suggestion;
};

Wrong wrong(const Drive& drive, scenario::Point point) {
    const auto source = std::make_shared<diagnostic::Source>(diagnostic::Source{"a.yaml", " iocf"});
    point.function.mark = {source, IN, 1};
    point.object.mark = {source, OBJECT, 1};
    point.callee.mark = {source, CALLEE, 1};
    point.file.mark = {source, FILE_AND_LINE, 1};
    try {
        resolve(point, drive.symbols, {Drive::HPET});
    } catch (const diagnostic::Error& error) {
        return {error.parts().mark.offset, error.parts().what, error.parts().suggestion};
    }
    return {};
}

Wrong wrong_object(const Drive& drive, const std::string& object, Form form = Form::Reads) {
    return wrong(drive, in_function(form, 1, "probe_move", object));
}

scenario::Point line(const std::string& file, unsigned number) {
    scenario::Point p;
    p.form = Form::Line;
    p.file.value = file;
    p.line = number;
    return p;
}

}  // namespace

TEST_CASE("a name that nothing has is an error at its place, with the nearest one that exists", "[point]") {
    const Drive drive{GENERATE("gcc", "clang")};
    struct Row {
        std::string object;
        std::string what;
        std::string suggestion;
    };
    const auto row = GENERATE(
        Row{"probe.monitred_mask", "no variable 'probe.monitred_mask'", "probe.monitored_mask"},
        Row{"prob.target", "no variable 'prob.target'", "probe.target"},
        Row{"probe_descs.lok", "no variable 'probe_descs.lok'", "probe_descs.lock"},
        Row{"per_cpu(probe_cpus).route", "no variable 'per_cpu(probe_cpus).route'", "per_cpu(probe_cpu).route"},
        Row{"per_cpu(probe_route)", "'per_cpu(probe_route)' is no per-CPU variable", "probe_route"},
        Row{"probe.current_cpu.route", "'probe.current_cpu.route' is reached by a pointer", ""},
        Row{"probe_route[4]", "no element '[4]' in unsigned int[4]", ""},
        Row{"hpet.TIM0_PROCMSG_ROUTE", "no register 'hpet.TIM0_PROCMSG_ROUTE'", "hpet.TIM0_PROCMSG_ROUT"},
        Row{"hpte.TIM0_COMP", "no variable 'hpte.TIM0_COMP'", "hpet.TIM0_COMP"},
        Row{"something_else_entirely", "no variable 'something_else_entirely'", ""});
    const Wrong found = wrong_object(drive, row.object);
    CHECK(found.mark == OBJECT);
    CHECK(found.what == row.what);
    CHECK(found.suggestion == row.suggestion);
}

TEST_CASE("a register of an instance that the device lacks is an error with the last one that it has", "[point]") {
    const Drive drive{"gcc"};
    CHECK(wrong_object(drive, "hpet.TIM2_CONF").mark == 0);
    const Wrong beyond = wrong_object(drive, "hpet.TIM3_CONF");
    CHECK(beyond.mark == OBJECT);
    CHECK(beyond.what == "this machine has no register 'hpet.TIM3_CONF'");
    CHECK(beyond.suggestion == "hpet.TIM2_CONF");
    CHECK(wrong_object(drive, "hpet.TIM9_COMP", Form::Writes).suggestion == "hpet.TIM2_COMP");
}

TEST_CASE("a name near to that of an instance which the device lacks is answered with one that it has", "[point]") {
    const Drive drive{"gcc"};
    CHECK(wrong_object(drive, "hpet.TIM3_CNF").suggestion == "hpet.TIM0_CONF");
}

TEST_CASE("a register is read or written, and neither updated nor a lock", "[point]") {
    const Drive drive{"gcc"};
    for (const Form form : {Form::Updates, Form::Locks, Form::Unlocks}) {
        CHECK(wrong_object(drive, "hpet.TIM0_COMP", form).mark == OBJECT);
    }
    CHECK(wrong_object(drive, "hpet.TIM0_COMP", Form::Writes).mark == 0);
}

TEST_CASE("what is no lock is neither locked nor unlocked", "[point]") {
    const Drive drive{GENERATE("gcc", "clang")};
    for (const Form form : {Form::Locks, Form::Unlocks}) {
        const Wrong route = wrong_object(drive, "probe_route", form);
        CHECK(route.mark == OBJECT);
        CHECK(route.what == "'probe_route' is no lock: unsigned int[4]");
        CHECK(wrong_object(drive, "probe_descs.link", form).suggestion == "probe_descs.lock");
        CHECK(wrong_object(drive, "probe.users", form).what == "'probe.users' is no lock: atomic_t");
    }
    CHECK(wrong_object(drive, "probe_route").mark == 0);
}

TEST_CASE("a lock, and what a lock is inside of, can be locked", "[point]") {
    const Drive drive{GENERATE("gcc", "clang")};
    for (const char* const object : {"probe_lock", "probe_descs.lock", "probe_descs", "probe_desc.lock",
                                     "per_cpu(probe_cpu).own.lock", "probe_shared.mutex", "probe_shared.mutex.wait"}) {
        CAPTURE(object);
        CHECK(wrong_object(drive, object, Form::Locks).mark == 0);
    }
}

TEST_CASE("an unknown function is an error where it stands", "[point]") {
    const Drive drive{GENERATE("gcc", "clang")};
    const Wrong in = wrong(drive, in_function(Form::Reads, 1, "probe_mov", "probe.target"));
    CHECK(in.mark == IN);
    CHECK(in.what == "no function 'probe_mov'");
    CHECK(in.suggestion == "probe_move");
    const Wrong callee = wrong(drive, in_function(Form::Calls, 1, "probe_leave", "probe_iner"));
    CHECK(callee.mark == CALLEE);
    CHECK(callee.suggestion == "probe_inner");
    CHECK(wrong(drive, of_function(Form::Enters, 1, "probe_nowhere_at_all")).mark == IN);
}

TEST_CASE("a line needs a known file, and code in it", "[point]") {
    const Drive drive{GENERATE("gcc", "clang")};
    const Wrong file = wrong(drive, line("prob.c", 40));
    CHECK(file.mark == FILE_AND_LINE);
    CHECK(file.what == "no source file 'prob.c'");
    CHECK(file.suggestion == "probe.c");
    CHECK(wrong(drive, line("probe.c", 1)).what == "no code at probe.c:1");
    CHECK(wrong(drive, line("probe.c", probe::line_of("inner"))).mark == 0);
}
