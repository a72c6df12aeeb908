// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "tools/point/drive.hpp"

using namespace hldsim;
using namespace hldsim::point;
using namespace hldsim::point::testing;

namespace {

// The error of a point of which one name stands in a text of its own.
diagnostic::Error::Parts error(const Drive& drive, scenario::Point point, scenario::Marked<std::string>& name) {
    const auto source = std::make_shared<diagnostic::Source>(diagnostic::Source{"a.yaml", "  " + name.value});
    name.mark = {source, 2, name.value.size()};
    try {
        resolve(point, drive.symbols, {Drive::HPET});
    } catch (const diagnostic::Error& wrong) {
        REQUIRE(wrong.parts().mark.source == source);
        CHECK(wrong.parts().mark.offset == 2);
        return wrong.parts();
    }
    FAIL("resolved");
    return {};
}

diagnostic::Error::Parts object_error(const Drive& drive, const std::string& object, Form form = Form::Reads) {
    auto point = in_function(form, 1, "probe_move", object);
    const auto source = std::make_shared<diagnostic::Source>(diagnostic::Source{"a.yaml", "  " + object});
    point.object.mark = {source, 2, object.size()};
    return error(drive, point, point.object);
}

}  // namespace
