// SPDX-License-Identifier: Apache-2.0
#include "models/sim/session.hpp"

#include <systemc>
#include <vector>

namespace hldsim::sim {

Session::Session() {
    static auto& retired = *new std::vector<sc_core::sc_simcontext*>;  // reachable for ever, for LeakSanitizer
    retired.push_back(sc_core::sc_curr_simcontext);
    sc_core::sc_curr_simcontext = new sc_core::sc_simcontext();
    sc_core::sc_default_global_context = sc_core::sc_curr_simcontext;
    sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
}

}  // namespace hldsim::sim
