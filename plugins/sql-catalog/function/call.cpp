// SPDX-License-Identifier: Apache-2.0
#include "function/call.hpp"

#include <cstring>

namespace mortise::sql_catalog {

Result<std::string_view> Call::keep(std::string_view text) {
  if (text.size() <= MORTISE_VIEW_INLINE_BYTES_MAX) return text;
  ErrorSlot error;
  void* place = evaluation_->allocate(evaluation_->arena, text.size(), error.get());
  if (place == nullptr) return no_memory("out of memory");
  std::memcpy(place, text.data(), text.size());
  return std::string_view(static_cast<const char*>(place), text.size());
}

}  // namespace mortise::sql_catalog
