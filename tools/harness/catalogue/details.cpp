// SPDX-License-Identifier: Apache-2.0
#include "tools/harness/catalogue/details.hpp"

namespace hldsim::catalogue {

const Detail* detail(std::string_view id) {
    for (const Table<Detail> group : {details_a(), details_b(), details_c(), details_d(), details_e(), details_f(),
                                      details_g(), details_h(), details_i(), details_j(), details_k(), details_l()}) {
        for (const Detail& row : group) {
            if (row.id == id) {
                return &row;
            }
        }
    }
    return nullptr;
}

}  // namespace hldsim::catalogue
