// SPDX-License-Identifier: Apache-2.0
#include "execute/copy_fields.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "mortise/cpp/utf8.hpp"

namespace mortise::sql_engine {

namespace {

// A field that is not followed through is one that the client could send without end.
constexpr uint64_t kRowBytesMax = uint64_t{1} << 30;

// The next of three bytes at or after `at`, or `end`.
const uint8_t* find_any(const uint8_t* at, const uint8_t* end, uint8_t a, uint8_t b, uint8_t c) {
#if defined(__SSE2__)
  const __m128i wanted_a = _mm_set1_epi8(static_cast<char>(a));
  const __m128i wanted_b = _mm_set1_epi8(static_cast<char>(b));
  const __m128i wanted_c = _mm_set1_epi8(static_cast<char>(c));
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i hits =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, wanted_a), _mm_cmpeq_epi8(bytes, wanted_b)),
                     _mm_cmpeq_epi8(bytes, wanted_c));
    const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(hits));
    if (mask != 0) return at + std::countr_zero(mask);
    at += 16;
  }
#endif
  while (at != end && *at != a && *at != b && *at != c) ++at;
  return at;
}
uint8_t* find_any(uint8_t* at, const uint8_t* end, uint8_t a, uint8_t b, uint8_t c) {
  return const_cast<uint8_t*>(find_any(static_cast<const uint8_t*>(at), end, a, b, c));
}

bool is_octal(uint8_t c) {
  return c >= '0' && c <= '7';
}
int hex_digit(uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Undoes backslashes in place; returns the new end.
uint8_t* unescape(uint8_t* begin, const uint8_t* end) {
  uint8_t* to = begin;
  for (const uint8_t* at = begin; at != end;) {
    if (*at != '\\' || at + 1 == end) {
      *to++ = *at++;
      continue;
    }
    const uint8_t c = at[1];
    at += 2;
    if (is_octal(c)) {
      uint32_t value = static_cast<uint32_t>(c - '0');
      for (int i = 0; i < 2 && at != end && is_octal(*at); ++i) {
        value = value * 8 + static_cast<uint32_t>(*at++ - '0');
      }
      *to++ = static_cast<uint8_t>(value);
    } else if (c == 'x' && at != end && hex_digit(*at) >= 0) {
      int value = hex_digit(*at++);
      if (at != end && hex_digit(*at) >= 0) value = value * 16 + hex_digit(*at++);
      *to++ = static_cast<uint8_t>(value);
    } else {
      switch (c) {
        case 'b':
          *to++ = '\b';
          break;
        case 'f':
          *to++ = '\f';
          break;
        case 'n':
          *to++ = '\n';
          break;
        case 'r':
          *to++ = '\r';
          break;
        case 't':
          *to++ = '\t';
          break;
        case 'v':
          *to++ = '\v';
          break;
        default:
          *to++ = c;
          break;
      }
    }
  }
  return to;
}

}  // namespace

Status FieldSplitter::bad_row(std::string message, const uint8_t* begin, const uint8_t* end) const {
  std::string text(reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.size() > 100) text = text.substr(0, 100) + "...";
  return Status(Code::invalid, "22P04", std::move(message))
      .with(MORTISE_ERROR_FIELD_WHERE,
            "COPY " + table_name_ + ", line " + std::to_string(line_ + 1) + ": \"" + text + "\"");
}

void FieldSplitter::add_text(uint8_t* begin, uint8_t* end, bool has_escape) {
  const std::string_view raw(reinterpret_cast<const char*>(begin),
                             static_cast<size_t>(end - begin));
  const bool is_null = raw == options_.null_text;
  row_.push_back({begin, static_cast<uint32_t>(end - begin), is_null, has_escape && !is_null});
}

Result<FieldSplitter::RowEnd> FieldSplitter::text_row(uint8_t* at, uint8_t* end, bool is_end,
                                                      uint8_t** next) {
  const auto delimiter = static_cast<uint8_t>(options_.delimiter);
  row_.clear();
  uint8_t* field = at;
  bool has_escape = false;
  uint8_t* here = at;
  while (true) {
    here = find_any(here, end, delimiter, '\n', '\\');
    if (here == end) {
      if (!is_end) return RowEnd::incomplete;
      add_text(field, here, has_escape);
      *next = end;
      return RowEnd::row;
    }
    if (*here == '\\') {
      if (here + 1 == end) {
        if (!is_end) return RowEnd::incomplete;
        here += 1;
        continue;
      }
      has_escape = true;
      const bool is_marker = here == at && here[1] == '.' && row_.empty();
      if (is_marker) {
        if (here + 2 == end && !is_end) return RowEnd::incomplete;
        const bool ends = here + 2 == end || here[2] == '\n' || here[2] == '\r';
        if (ends) {
          *next = end;
          return RowEnd::finished;
        }
      }
      here += 2;
    } else if (*here == delimiter) {
      add_text(field, here, has_escape);
      field = ++here;
      has_escape = false;
    } else {
      uint8_t* stop = here;
      if (stop != field && stop[-1] == '\r') --stop;
      add_text(field, stop, has_escape);
      *next = here + 1;
      return RowEnd::row;
    }
  }
}

Result<FieldSplitter::RowEnd> FieldSplitter::csv_row(uint8_t* at, uint8_t* end, bool is_end,
                                                     uint8_t** next) {
  const auto delimiter = static_cast<uint8_t>(options_.delimiter);
  const auto quote = static_cast<uint8_t>(options_.quote);
  const auto escape = static_cast<uint8_t>(options_.escape);
  row_.clear();
  uint8_t* here = at;
  while (true) {
    uint8_t* field = here;
    uint8_t* to = here;
    bool was_quoted = false;
    bool is_last = false;
    while (true) {
      uint8_t* stop = find_any(here, end, delimiter, '\n', quote);
      if (to != here) std::memmove(to, here, static_cast<size_t>(stop - here));
      to += stop - here;
      here = stop;
      if (here == end) {
        if (!is_end) return RowEnd::incomplete;
        is_last = true;
        break;
      }
      if (*here != quote) {
        is_last = *here == '\n';
        break;
      }
      was_quoted = true;
      here += 1;
      while (true) {
        stop = find_any(here, end, quote, escape, quote);
        if (to != here) std::memmove(to, here, static_cast<size_t>(stop - here));
        to += stop - here;
        here = stop;
        if (here == end || (here + 1 == end && !is_end)) {
          if (!is_end) return RowEnd::incomplete;
          return bad_row("unterminated CSV quoted field", at, end);
        }
        const bool is_escape =
            *here == escape && here + 1 != end && (here[1] == quote || here[1] == escape);
        if (is_escape) {
          *to++ = here[1];
          here += 2;
        } else if (*here == quote) {
          here += 1;
          break;
        } else {
          *to++ = *here++;
        }
      }
    }
    if (is_last && !was_quoted && to != field && to[-1] == '\r') --to;
    if (is_last && was_quoted && here != end && to != field && here[-1] == '\r' && to[-1] == '\r') {
      --to;
    }
    const std::string_view raw(reinterpret_cast<const char*>(field),
                               static_cast<size_t>(to - field));
    const size_t index = row_.size();
    const bool force_null = index < options_.force_null.size() && options_.force_null[index];
    const bool force_not_null =
        index < options_.force_not_null.size() && options_.force_not_null[index];
    const bool is_null = raw == options_.null_text && (!was_quoted || force_null) &&
                         !(force_not_null && !was_quoted);
    row_.push_back({field, static_cast<uint32_t>(raw.size()), is_null, false});
    if (row_.size() == 1 && is_last && !was_quoted && raw == "\\.") {
      *next = end;
      return RowEnd::finished;
    }
    if (is_last) {
      *next = here == end ? end : here + 1;
      return RowEnd::row;
    }
    here += 1;
  }
}

Status FieldSplitter::check_text(const Field& field) const {
  Status status = check_utf8({reinterpret_cast<const char*>(field.data), field.size_bytes});
  if (status.is_ok()) return status;
  return std::move(status).with(MORTISE_ERROR_FIELD_WHERE,
                                "COPY " + table_name_ + ", line " + std::to_string(line_ + 1));
}

Status FieldSplitter::put_row(Fields& fields, uint32_t row, const uint8_t* begin,
                              const uint8_t* end) {
  if (row_.size() < fields_count_) {
    const size_t missing =
        row_.size() == 1 && row_[0].size_bytes == 0 && fields_count_ > 1 ? 0 : row_.size();
    const std::string name = missing < column_names_.size() ? column_names_[missing] : "?";
    // An empty line has one empty field: PostgreSQL misses the second column then.
    const std::string shown = missing == 0 && column_names_.size() > 1 ? column_names_[1] : name;
    return bad_row("missing data for column \"" + shown + "\"", begin, end);
  }
  if (row_.size() > fields_count_) {
    const bool is_empty_line = fields_count_ == 0 && row_.size() == 1 && row_[0].size_bytes == 0;
    if (!is_empty_line) return bad_row("extra data after last expected column", begin, end);
  }
  for (uint32_t c = 0; c < fields_count_; ++c) {
    Field& field = row_[c];
    // Only now: a row that is not complete is read again from its beginning.
    if (field.has_escape) {
      field.size_bytes =
          static_cast<uint32_t>(unescape(field.data, field.data + field.size_bytes) - field.data);
    }
    if (field.is_null) {
      fields.values[c][row] = {};
      clear_bit(fields.validity[c], row);
      continue;
    }
    if (!is_ascii_ || field.has_escape) MORTISE_TRY(check_text(field));
    fields.values[c][row] = view_to({reinterpret_cast<const char*>(field.data), field.size_bytes});
  }
  return {};
}

Status FieldSplitter::split(uint8_t* bytes, uint64_t size_bytes, bool is_end, Fields& fields,
                            uint64_t* consumed) {
  uint8_t* at = bytes;
  uint8_t* const end = bytes + size_bytes;
  is_ascii_ = is_ascii_text({reinterpret_cast<const char*>(bytes), size_bytes});
  fields.rows_count = 0;
  fields.lines.clear();
  const bool is_csv = options_.format == CopyOptions::Format::csv;
  while (at != end && fields.rows_count < kBatchRows) {
    // A CSV row is unquoted in place while it is read: an incomplete one must be left as it is.
    if (is_csv && !is_end && std::memchr(at, '\n', static_cast<size_t>(end - at)) == nullptr) break;
    uint8_t* next = at;
    RowEnd row_end = RowEnd::row;
    if (is_csv) {
      uint8_t* row_stop = at;
      if (!is_end) {
        // Finds the end first, so that nothing is moved in vain.
        bool in_quotes = false;
        const auto quote = static_cast<uint8_t>(options_.quote);
        const auto escape = static_cast<uint8_t>(options_.escape);
        while (true) {
          row_stop = in_quotes ? find_any(row_stop, end, quote, escape, quote)
                               : find_any(row_stop, end, quote, '\n', quote);
          if (row_stop == end) break;
          if (!in_quotes && *row_stop == '\n') break;
          if (in_quotes && *row_stop == escape && escape != quote) {
            row_stop += row_stop + 1 == end ? 1 : 2;
            continue;
          }
          if (*row_stop == quote) in_quotes = !in_quotes;
          row_stop += 1;
        }
        if (row_stop == end) break;
        row_stop += 1;
      } else {
        row_stop = end;
      }
      const bool is_last = row_stop == end && is_end;
      MORTISE_TRY_ASSIGN(row_end, csv_row(at, row_stop, is_last, &next));
      if (row_end == RowEnd::incomplete) {
        MORTISE_TRY_ASSIGN(row_end, csv_row(at, row_stop, true, &next));
      }
    } else {
      MORTISE_TRY_ASSIGN(row_end, text_row(at, end, is_end, &next));
    }
    if (row_end == RowEnd::incomplete) break;
    if (row_end == RowEnd::finished) {
      is_finished_ = true;
      at = next;
      break;
    }
    MORTISE_TRY(put_row(fields, fields.rows_count, at, next));
    line_ += 1;
    fields.lines.push_back(line_);
    fields.rows_count += 1;
    // Line ends within quotes count as lines, too.
    if (is_csv) line_ += static_cast<uint64_t>(std::count(at, next == at ? at : next - 1, '\n'));
    at = next;
  }
  *consumed = static_cast<uint64_t>(at - bytes);
  if (*consumed == 0 && size_bytes > kRowBytesMax) {
    return {Code::limit, "54000", "a row of COPY data is longer than 1 GB"};
  }
  return {};
}

Result<bool> FieldSplitter::take_header(uint8_t* bytes, uint64_t size_bytes, bool is_end,
                                        std::vector<std::string>& names, uint64_t* consumed) {
  uint8_t* next = bytes;
  const void* line_end = std::memchr(bytes, '\n', size_bytes);
  if (line_end == nullptr && !is_end) return false;
  const bool is_csv = options_.format == CopyOptions::Format::csv;
  Result<RowEnd> row_end = is_csv ? csv_row(bytes, bytes + size_bytes, is_end, &next)
                                  : text_row(bytes, bytes + size_bytes, is_end, &next);
  if (!row_end) return std::move(row_end.error());
  if (*row_end == RowEnd::incomplete) return false;
  for (const Field& field : row_) {
    names.emplace_back(reinterpret_cast<const char*>(field.data), field.size_bytes);
  }
  line_ += 1;
  *consumed = static_cast<uint64_t>(next - bytes);
  return true;
}

}  // namespace mortise::sql_engine
