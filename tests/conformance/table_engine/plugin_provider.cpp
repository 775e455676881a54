// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/table_engine/store.hpp"

// Of the plugin that this file is linked with.
extern "C" const mortise_plugin_t* MORTISE_CALL mortise_plugin_query_v1(uint32_t host_abi_minor);

namespace mortise::conformance {

const char* const kTableSlot = "";

WorldOptions table_world(uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  options.plugin = mortise_plugin_query_v1(1);
  REQUIRE(options.plugin != nullptr);
  return options;
}

}  // namespace mortise::conformance
