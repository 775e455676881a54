// SPDX-License-Identifier: Apache-2.0
//
// Goal: no text makes the manifest readers crash, and what they accept they accept again.
// Method: libFuzzer; the first byte chooses the reader.  An author manifest that was accepted is
// resolved alone.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kernel/plugin/manifest.hpp"
#include "kernel/plugin/resolver.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mortise::plugin;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0: {
      auto manifest = parse_author(text, "plugin.toml");
      if (!manifest) return 0;
      Inventory inventory;
      const std::string name = manifest->name;
      inventory.authors.emplace(name, std::move(*manifest));
      inventory.wanted = {name};
      const Plan plan = resolve(inventory, {}, *parse_version("0.1.0"));
      MORTISE_ASSERT(plan.entries.size() + plan.problems.size() == 1);
      return 0;
    }
    case 1:
      (void)parse_operator(text, "x.toml").status();
      return 0;
    default:
      (void)parse_set(text, "x.toml").status();
      return 0;
  }
}
