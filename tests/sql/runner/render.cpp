// SPDX-License-Identifier: Apache-2.0
#include "render.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "mortise/cpp/assert.hpp"

namespace mortise::sqltest {
namespace {

std::string hexadecimal(unsigned char byte) {
  char text[3];
  std::snprintf(text, sizeof text, "%02x", static_cast<unsigned>(byte));
  return text;
}

// Each row as its rendered values, in the order that the mode asks for.
std::vector<std::vector<std::string>> rendered(const Answer& answer, SortMode mode) {
  std::vector<std::vector<std::string>> rows;
  for (const Row& row : answer.rows) {
    std::vector<std::string> values;
    for (const Value& value : row) values.push_back(render_value(value));
    if (mode == SortMode::valuesort) {
      for (std::string& value : values) rows.push_back({std::move(value)});
    } else {
      rows.push_back(std::move(values));
    }
  }
  if (mode != SortMode::nosort) std::sort(rows.begin(), rows.end());
  return rows;
}

std::string md5(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size_bytes = 0;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  const bool done = context != nullptr &&
                    EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), digest.data(), &size_bytes) == 1;
  MORTISE_ASSERT(done);
  std::string text;
  for (unsigned i = 0; i < size_bytes; ++i) text += hexadecimal(digest[i]);
  return text;
}

}  // namespace

std::string render_value(const Value& value) {
  if (!value) return "NULL";
  if (value->empty()) return "(empty)";
  std::string text;
  for (const char c : *value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\t') {
      text += "\\t";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '\r') {
      text += "\\r";
    } else if (c == '\\') {
      text += "\\\\";
    } else if (byte < 0x20 || byte == 0x7f) {
      text += "\\x" + hexadecimal(byte);
    } else {
      text += c;
    }
  }
  // A line of blanks would end the record.
  if (text.find_first_not_of(' ') == std::string::npos) text.replace(text.size() - 1, 1, "\\x20");
  return text;
}

char type_letter(uint32_t type_id) {
  switch (type_id) {
    case 20:  // int8
    case 21:  // int2
    case 23:  // int4
    case 26:  // oid
      return 'I';
    case 700:   // float4
    case 701:   // float8
    case 1700:  // numeric
      return 'R';
    case 16:
      return 'B';
    case 1082:  // date
    case 1083:  // time
    case 1114:  // timestamp
    case 1184:  // timestamptz
    case 1186:  // interval
    case 1266:  // timetz
      return 'D';
    case 17:    // bytea
    case 2950:  // uuid
      return 'X';
    default:
      return 'T';
  }
}

std::string type_letters(const Answer& answer) {
  std::string letters;
  for (const Column& column : answer.columns) letters += type_letter(column.type_id);
  return letters.empty() ? "-" : letters;
}

std::vector<std::string> render_rows(const Answer& answer, SortMode mode) {
  std::vector<std::string> lines;
  for (const auto& row : rendered(answer, mode)) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += '\t';
      line += row[i];
    }
    if (row.empty()) line = "()";  // a row without columns is still a row
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string render_hash(const Answer& answer, SortMode mode) {
  std::string bytes;
  size_t value_count = 0;
  for (const auto& row : rendered(answer, mode)) {
    for (const std::string& value : row) bytes += value + '\n';
    value_count += row.size();
  }
  return std::to_string(value_count) + " values hashing to " + md5(bytes);
}

std::string pattern_of(std::string_view message) {
  std::string pattern = "^";
  for (const char c : message) {
    if (c == '\n') {
      pattern += '.';
    } else {
      if (std::string_view("\\^$.[]|()*+?{}").find(c) != std::string_view::npos) pattern += '\\';
      pattern += c;
    }
  }
  return pattern + '$';
}

}  // namespace mortise::sqltest
