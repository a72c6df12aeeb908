// SPDX-License-Identifier: Apache-2.0
// What a report says of the unit's observations.
#include "tests/models/vtd/fixture.hpp"

using namespace hldsim;
using namespace hldsim::test;

TEST_CASE_METHOD(VtdFixture, "a blocked request is described with its device, reason, index and record", "[vtd]") {
    start();
    request(9);
    CHECK(vtd::describe(blocked[0]) ==
          "request of fa:0f.0 is blocked, fault 22h, index 9: the entry is not present; fault record 0");
    request(compatible(1));
    CHECK(vtd::describe(blocked[1]) ==
          "request of fa:0f.0 is blocked, fault 25h: a request of compatibility format is blocked; fault record 1");
    put(2, Entry{}.absent().quiet());
    request(2, NIC);
    CHECK(vtd::describe(blocked[2]) ==
          "request of 01:00.0 is blocked, fault 22h, index 2: the entry is not present; not recorded: FPD");
}

TEST_CASE_METHOD(VtdFixture, "a diagnosis is described with its register", "[vtd]") {
    w32(IRTA + 4, 0);
    w32(GCMD, 1);
    REQUIRE(diagnoses.size() == 1);
    CHECK(vtd::describe(diagnoses[0]) ==
          "reserved: reserved bits written with 1 (write of 4 bytes, GCMD, 0x0000000000000001)");
}
