// SPDX-License-Identifier: Apache-2.0
//
// Goal: no text makes the TOML reader crash, and every refusal names a line.
// Method: libFuzzer on parse_toml; what was accepted is walked through.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kernel/config/toml.hpp"
#include "mortise/cpp/assert.hpp"

namespace {

uint64_t count_values(const mortise::config::TomlValue& value) {
  uint64_t count = 1;
  for (const auto& item : value.items) count += count_values(item);
  for (const auto& [key, member] : value.members) count += count_values(member);
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto table =
      mortise::config::parse_toml({reinterpret_cast<const char*>(data), size}, "f.toml");
  if (table) {
    MORTISE_ASSERT(count_values(*table) > 0);
  } else {
    MORTISE_ASSERT(table.error().message().starts_with("f.toml:"));
  }
  return 0;
}
