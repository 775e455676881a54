// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/table_engine/store.hpp"

namespace mortise::conformance {

const char* const kTableSlot = "heap";

WorldOptions table_world(uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  return options;
}

}  // namespace mortise::conformance
