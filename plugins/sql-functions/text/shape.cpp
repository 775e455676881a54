// SPDX-License-Identifier: Apache-2.0

// Functions that make a new text of one: case, padding, repetition, replacement, codes.
//
// Case is mapped for ASCII letters only, as PostgreSQL does in collation C, which is ours.

#include <algorithm>

#include "evaluate.hpp"
#include "failures.hpp"
#include "text/character.hpp"
#include "text/lists.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
Status too_long() {
  return {Code::limit, "54000", "requested length too large"};
}

// Bytes mapped one by one into fresh memory.
template <typename Map>
Result<std::string_view> mapped(Call& call, std::string_view text, Map&& map) {
  char* place = call.allocate(std::max<uint64_t>(text.size(), 1));
  if (place == nullptr) return no_memory("out of memory");
  for (size_t i = 0; i < text.size(); ++i) place[i] = map(text[i]);
  return std::string_view(place, text.size());
}
Result<std::string_view> upper(Call& call, std::string_view text) {
  return mapped(call, text, to_upper);
}
Result<std::string_view> lower(Call& call, std::string_view text) {
  return mapped(call, text, to_lower);
}
Result<std::string_view> capitalise(Call& call, std::string_view text) {
  bool is_inside = false;
  return mapped(call, text, [&](char c) {
    const char shown = is_inside ? to_lower(c) : to_upper(c);
    is_inside = is_alphanumeric(c);
    return shown;
  });
}

std::string reverse(std::string_view text) {
  std::string out(text.size(), '\0');
  size_t end = text.size();
  for (size_t i = 0; i < text.size();) {
    const size_t size = character_bytes(text.substr(i));
    end -= size;
    out.replace(end, size, text.substr(i, size));
    i += size;
  }
  return out;
}

Result<std::string> repeat(std::string_view text, int32_t count) {
  std::string out;
  if (count <= 0 || text.empty()) return out;
  if (text.size() * static_cast<uint64_t>(count) > Call::kStringSizeBytesMax) return too_long();
  out.reserve(text.size() * static_cast<size_t>(count));
  for (int32_t i = 0; i < count; ++i) out.append(text);
  return out;
}

std::string replace(std::string_view text, std::string_view from, std::string_view to) {
  if (from.empty()) return std::string(text);
  std::string out;
  while (true) {
    const size_t at = text.find(from);
    if (at == std::string_view::npos) break;
    out.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
  }
  out.append(text);
  return out;
}

std::vector<std::string_view> split_characters(std::string_view text) {
  std::vector<std::string_view> out;
  for (size_t i = 0; i < text.size();) {
    const size_t size = character_bytes(text.substr(i));
    out.push_back(text.substr(i, size));
    i += size;
  }
  return out;
}

std::string translate(std::string_view text, std::string_view from, std::string_view to) {
  const std::vector<std::string_view> sources = split_characters(from);
  const std::vector<std::string_view> targets = split_characters(to);
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const size_t size = character_bytes(text.substr(i));
    const std::string_view character = text.substr(i, size);
    const auto found = std::find(sources.begin(), sources.end(), character);
    const auto index = static_cast<size_t>(found - sources.begin());
    if (found == sources.end()) {
      out.append(character);
    } else if (index < targets.size()) {
      out.append(targets[index]);
    }
    i += size;
  }
  return out;
}

// Fills with the characters of `fill` in turn, so many of them.
void append_fill(std::string_view fill, uint64_t count, std::string& out) {
  const std::vector<std::string_view> characters = split_characters(fill);
  for (uint64_t i = 0; i < count; ++i) out.append(characters[i % characters.size()]);
}
template <bool kIsLeft>
Result<std::string> pad(std::string_view text, int32_t length, std::string_view fill) {
  const auto wanted = static_cast<uint64_t>(std::max(length, 0));
  if (wanted * 4 > Call::kStringSizeBytesMax) return too_long();
  const uint64_t characters = count_characters(text);
  if (characters >= wanted) return std::string(text.substr(0, bytes_of_characters(text, wanted)));
  if (fill.empty()) return std::string(text);
  std::string out;
  if (!kIsLeft) out.append(text);
  append_fill(fill, wanted - characters, out);
  if (kIsLeft) out.append(text);
  return out;
}
Result<std::string> pad_left_blanks(std::string_view text, int32_t length) {
  return pad<true>(text, length, " ");
}
Result<std::string> pad_right_blanks(std::string_view text, int32_t length) {
  return pad<false>(text, length, " ");
}

Result<std::string> overlay_for(std::string_view text, std::string_view part, int32_t start,
                                int32_t length) {
  if (start <= 0) return Status(Code::invalid, "22011", "negative substring length not allowed");
  int32_t end;
  if (__builtin_add_overflow(start, length, &end)) return out_of_range("integer");
  const std::string_view head =
      text.substr(0, bytes_of_characters(text, static_cast<uint64_t>(start - 1)));
  const std::string_view tail =
      end <= 1 ? text : text.substr(bytes_of_characters(text, static_cast<uint64_t>(end - 1)));
  std::string out(head);
  out.append(part).append(tail);
  return out;
}
Result<std::string> overlay(std::string_view text, std::string_view part, int32_t start) {
  return overlay_for(text, part, start, static_cast<int32_t>(count_characters(part)));
}

Result<std::string> character_of(int32_t code) {
  if (code < 0) {
    return Status(Code::invalid, "22023", "character number must be positive");
  }
  if (code == 0) return Status(Code::invalid, "54000", "null character not permitted");
  if (code >= 0xD800 && code <= 0xDFFF) {
    return Status(Code::limit, "54000",
                  "requested character not valid for encoding: " + std::to_string(code));
  }
  if (code > 0x10FFFF) {
    return Status(Code::limit, "54000",
                  "requested character too large for encoding: " + std::to_string(code));
  }
  std::string out;
  const auto put = [&](int32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
  return out;
}

template <typename T>
std::string to_hex(T value) {
  auto bits = static_cast<std::make_unsigned_t<T>>(value);
  std::string out;
  do {
    out.insert(out.begin(), "0123456789abcdef"[bits & 15]);
    bits = static_cast<std::make_unsigned_t<T>>(bits >> 4);
  } while (bits != 0);
  return out;
}

constexpr mortise_function_t kTable[] = {
    scalar<"text:text">(871, "upper", row<&upper>),
    scalar<"text:text">(870, "lower", row<&lower>),
    scalar<"text:text">(872, "initcap", row<&capitalise>),
    scalar<"text:text">(3062, "reverse", row<&reverse>),
    scalar<"text,int4:text">(1622, "repeat", row<&repeat>),
    scalar<"text,text,text:text">(2087, "replace", row<&replace>),
    scalar<"text,text,text:text">(878, "translate", row<&translate>),
    scalar<"text,int4,text:text">(873, "lpad", row<&pad<true>>),
    scalar<"text,int4:text">(879, "lpad", row<&pad_left_blanks>),
    scalar<"text,int4,text:text">(874, "rpad", row<&pad<false>>),
    scalar<"text,int4:text">(880, "rpad", row<&pad_right_blanks>),
    scalar<"text,text,int4,int4:text">(1404, "overlay", row<&overlay_for>),
    scalar<"text,text,int4:text">(1405, "overlay", row<&overlay>),
    scalar<"int4:text">(1621, "chr", row<&character_of>),
    scalar<"int4:text">(2089, "to_hex", row<&to_hex<int32_t>>),
    scalar<"int8:text">(2090, "to_hex", row<&to_hex<int64_t>>),
};

}  // namespace

const FunctionList kShapeFunctions = kTable;

}  // namespace mortise::sql_functions
