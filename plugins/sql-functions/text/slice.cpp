// SPDX-License-Identifier: Apache-2.0

// Functions that answer a part of their argument: substring, left, right, trims, split_part.
//
// Positions count characters from 1.  Results are views into the argument: nothing is copied.

#include <algorithm>

#include "evaluate.hpp"
#include "failures.hpp"
#include "text/character.hpp"
#include "text/lists.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

Status negative_length() {
  return {Code::invalid, "22011", "negative substring length not allowed"};
}

// Characters start..end (1-based, end excluded) of the text.
std::string_view characters(std::string_view text, int64_t start, int64_t end) {
  start = std::max<int64_t>(start, 1);
  if (end <= start) return {};
  const uint64_t skipped = bytes_of_characters(text, static_cast<uint64_t>(start - 1));
  text.remove_prefix(skipped);
  return text.substr(0, bytes_of_characters(text, static_cast<uint64_t>(end - start)));
}
std::string_view substring_from(std::string_view text, int32_t start) {
  return characters(text, start, INT64_MAX);
}
Result<std::string_view> substring_of(std::string_view text, int32_t start, int32_t length) {
  if (length < 0) return negative_length();
  return characters(text, start, int64_t{start} + length);
}
std::string_view bytes_from(std::string_view bytes, int32_t start) {
  const auto skipped = static_cast<size_t>(std::max(start, 1) - 1);
  return skipped >= bytes.size() ? std::string_view() : bytes.substr(skipped);
}
Result<std::string_view> bytes_of(std::string_view bytes, int32_t start, int32_t length) {
  if (length < 0) return negative_length();
  const int64_t end = int64_t{start} + length;
  const int64_t begin = std::max<int64_t>(start, 1);
  if (end <= begin || begin > static_cast<int64_t>(bytes.size())) return std::string_view();
  return bytes.substr(static_cast<size_t>(begin - 1), static_cast<size_t>(end - begin));
}

std::string_view left(std::string_view text, int32_t count) {
  int64_t kept = count;
  if (count < 0) kept = static_cast<int64_t>(count_characters(text)) + count;
  return kept <= 0 ? std::string_view()
                   : text.substr(0, bytes_of_characters(text, static_cast<uint64_t>(kept)));
}
std::string_view right(std::string_view text, int32_t count) {
  const auto length = static_cast<int64_t>(count_characters(text));
  const int64_t skipped = count < 0 ? -int64_t{count} : length - count;
  if (skipped <= 0) return text;
  return text.substr(bytes_of_characters(text, static_cast<uint64_t>(skipped)));
}

bool has_character(std::string_view set, std::string_view character) {
  for (size_t i = 0; i < set.size();) {
    const size_t size = character_bytes(set.substr(i));
    if (set.substr(i, size) == character) return true;
    i += size;
  }
  return false;
}
std::string_view trim_left(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    const size_t size = character_bytes(text);
    if (!has_character(set, text.substr(0, size))) break;
    text.remove_prefix(size);
  }
  return text;
}
std::string_view trim_right(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    size_t start = text.size() - 1;
    while (start > 0 && (static_cast<uint8_t>(text[start]) & 0xC0) == 0x80) --start;
    if (!has_character(set, text.substr(start))) break;
    text.remove_suffix(text.size() - start);
  }
  return text;
}
std::string_view trim_both(std::string_view text, std::string_view set) {
  return trim_right(trim_left(text, set), set);
}
std::string_view trim_left_blanks(std::string_view text) {
  return trim_left(text, " ");
}
std::string_view trim_right_blanks(std::string_view text) {
  return trim_right(text, " ");
}
std::string_view trim_blanks(std::string_view text) {
  return trim_both(text, " ");
}

// Byte strings are trimmed by bytes.
std::string_view trim_bytes_left(std::string_view bytes, std::string_view set) {
  const size_t kept = set.empty() ? 0 : bytes.find_first_not_of(set);
  return kept == std::string_view::npos ? std::string_view() : bytes.substr(kept);
}
std::string_view trim_bytes_right(std::string_view bytes, std::string_view set) {
  if (set.empty()) return bytes;
  const size_t last = bytes.find_last_not_of(set);
  return last == std::string_view::npos ? std::string_view() : bytes.substr(0, last + 1);
}
std::string_view trim_bytes(std::string_view bytes, std::string_view set) {
  return trim_bytes_right(trim_bytes_left(bytes, set), set);
}

Result<std::string_view> split_part(std::string_view text, std::string_view mark, int32_t field) {
  if (field == 0) return invalid("field position must not be zero");
  if (text.empty()) return std::string_view();
  if (mark.empty()) return field == 1 || field == -1 ? text : std::string_view();
  if (field < 0) {
    size_t end = std::string_view::npos;
    for (int64_t i = -1; i > field; --i) {
      const size_t at = end == 0 ? std::string_view::npos
                                 : text.rfind(mark, end == std::string_view::npos ? end : end - 1);
      if (at == std::string_view::npos ||
          (end != std::string_view::npos && at + mark.size() > end)) {
        return std::string_view();
      }
      end = at;
    }
    const std::string_view head = text.substr(0, end);
    const size_t start = head.rfind(mark);
    return start == std::string_view::npos ? head : head.substr(start + mark.size());
  }
  for (int32_t i = 1; i < field; ++i) {
    const size_t at = text.find(mark);
    if (at == std::string_view::npos) return std::string_view();
    text.remove_prefix(at + mark.size());
  }
  return text.substr(0, text.find(mark));
}

constexpr mortise_function_t kTable[] = {
    scalar<"text,int4:text">(937, "substring", row<&substring_from>),
    scalar<"text,int4,int4:text">(936, "substring", row<&substring_of>),
    scalar<"text,int4:text">(883, "substr", row<&substring_from>),
    scalar<"text,int4,int4:text">(877, "substr", row<&substring_of>),
    scalar<"bytea,int4:bytea">(2013, "substring", row<&bytes_from>),
    scalar<"bytea,int4,int4:bytea">(2012, "substring", row<&bytes_of>),
    scalar<"bytea,int4:bytea">(2086, "substr", row<&bytes_from>),
    scalar<"bytea,int4,int4:bytea">(2085, "substr", row<&bytes_of>),
    scalar<"text,int4:text">(3060, "left", row<&left>, {.cannot_fail = true}),
    scalar<"text,int4:text">(3061, "right", row<&right>, {.cannot_fail = true}),
    scalar<"text,text:text">(884, "btrim", row<&trim_both>, {.cannot_fail = true}),
    scalar<"text:text">(885, "btrim", row<&trim_blanks>, {.cannot_fail = true}),
    scalar<"text,text:text">(875, "ltrim", row<&trim_left>, {.cannot_fail = true}),
    scalar<"text:text">(881, "ltrim", row<&trim_left_blanks>, {.cannot_fail = true}),
    scalar<"text,text:text">(876, "rtrim", row<&trim_right>, {.cannot_fail = true}),
    scalar<"text:text">(882, "rtrim", row<&trim_right_blanks>, {.cannot_fail = true}),
    scalar<"bytea,bytea:bytea">(2015, "btrim", row<&trim_bytes>, {.cannot_fail = true}),
    scalar<"bytea,bytea:bytea">(6195, "ltrim", row<&trim_bytes_left>, {.cannot_fail = true}),
    scalar<"bytea,bytea:bytea">(6196, "rtrim", row<&trim_bytes_right>, {.cannot_fail = true}),
    scalar<"text,text,int4:text">(2088, "split_part", row<&split_part>),
};

}  // namespace

const FunctionList kSliceFunctions = kTable;

}  // namespace mortise::sql_functions
