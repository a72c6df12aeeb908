// SPDX-License-Identifier: Apache-2.0
// The kinds of files that are read, told by keys that only one of them has.
#pragma once
#include "tools/harness/document/document.hpp"

namespace hldsim::document {

enum class FileKind : std::uint8_t { Scenario, Profile, Sources, Description };

/// A file that by its keys is of another kind is an error that says so: what its keys would be told says less.
void refuse_other_kind(const Node& node, FileKind wanted);

}  // namespace hldsim::document
