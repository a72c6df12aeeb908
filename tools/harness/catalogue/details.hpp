// SPDX-License-Identifier: Apache-2.0
// A hazard in full, for `explain`.
#pragma once
#include <string_view>

#include "tools/harness/catalogue/catalogue.hpp"

namespace hldsim::catalogue {

/// What the single letters in hazards and invariants stand for.
inline constexpr std::string_view LETTERS =
    "contexts of CPU a: T(a) task, I(a) interrupt, N(a) NMI, M(a) SMM; devices: D HPET, F fabric, R remapping unit, "
    "L(a) local APIC of CPU a; W watchdog_thresh, S heartbeat period, P period of the NMIs, N as a number: monitored "
    "CPUs";

struct Detail {
    std::string_view id;
    std::string_view needs;
    std::string_view interleaving;
    std::string_view seen;
    std::string_view width;
    std::string_view source;
    std::string_view way_out;  // what a kernel engineer can do about it
};

/// Of every hazard; by group.
const Detail* detail(std::string_view id);

Table<Detail> details_a();
Table<Detail> details_b();
Table<Detail> details_c();
Table<Detail> details_d();
Table<Detail> details_e();
Table<Detail> details_f();
Table<Detail> details_g();
Table<Detail> details_h();
Table<Detail> details_i();
Table<Detail> details_j();
Table<Detail> details_k();
Table<Detail> details_l();

}  // namespace hldsim::catalogue
