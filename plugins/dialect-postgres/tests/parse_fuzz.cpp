// SPDX-License-Identifier: Apache-2.0
//
// Goal:   no text crashes the reader or leaves a node that points outside the tree.
// Method: libFuzzer; the builder checks every child it is given.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mortise/cpp/assert.hpp"
#include "parse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  uint32_t nodes_count = 0;
  mortise_syntax_builder_t builder{};
  builder.struct_size_bytes = sizeof builder;
  builder.context = &nodes_count;
  builder.node = [](void* context, uint32_t, uint32_t, uint32_t, mortise_str_t, int64_t,
                    const mortise_syntax_id_t* children, uint32_t children_count) {
    auto& count = *static_cast<uint32_t*>(context);
    for (uint32_t i = 0; i < children_count; ++i) MORTISE_ASSERT(children[i] <= count);
    return ++count;
  };
  builder.statement = [](void* context, mortise_syntax_id_t root, uint32_t begin, uint32_t end) {
    MORTISE_ASSERT(root <= *static_cast<uint32_t*>(context));
    MORTISE_ASSERT(begin <= end);
  };
  const mortise::Status status = mortise::dialect_postgres::parse(
      std::string_view(reinterpret_cast<const char*>(data), size), builder, nullptr);
  MORTISE_ASSERT(status.is_ok() || !status.message().empty());
  return 0;
}
