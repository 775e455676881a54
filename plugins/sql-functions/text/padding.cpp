// SPDX-License-Identifier: Apache-2.0

#include "text/padding.hpp"

#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

Result<std::string_view> cut(std::string_view text, int32_t modifier, bool is_explicit,
                             const char* type_name) {
  if (modifier < 4) return text;
  const auto length = static_cast<uint64_t>(modifier - 4);
  if (text.size() <= length) return text;
  const uint64_t kept = bytes_of_characters(text, length);
  if (!is_explicit && text.substr(kept).find_first_not_of(' ') != std::string_view::npos) {
    std::string message("value too long for type ");
    message.append(type_name).append("(").append(std::to_string(length)).append(")");
    return Status(Code::invalid, "22001", std::move(message));
  }
  return text.substr(0, kept);
}

}  // namespace

Result<std::string_view> fit_varchar(std::string_view text, int32_t modifier, bool is_explicit) {
  return cut(text, modifier, is_explicit, "character varying");
}

Result<std::string_view> fit_bpchar(std::string_view text, int32_t modifier, bool is_explicit) {
  MORTISE_TRY_ASSIGN(std::string_view kept, cut(text, modifier, is_explicit, "character"));
  if (modifier >= 4) {
    while (!kept.empty() && kept.back() == ' ') kept.remove_suffix(1);
  }
  return kept;
}

Result<std::string_view> padded(Call& call, std::string_view text, int32_t modifier) {
  if (modifier < 4) return text;
  const auto length = static_cast<uint64_t>(modifier - 4);
  const uint64_t characters = count_characters(text);
  if (characters >= length) return text;
  const uint64_t size = text.size() + (length - characters);
  char* place = call.allocate(size);
  if (place == nullptr) return no_memory("out of memory");
  std::memcpy(place, text.data(), text.size());
  std::memset(place + text.size(), ' ', size - text.size());
  return std::string_view(place, size);
}

}  // namespace mortise::sql_functions
