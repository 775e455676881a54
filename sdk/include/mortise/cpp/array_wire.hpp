// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which bytes is an array on the wire?
//
//   dimensions:i32  has_nulls:i32  element_type:u32  (length:i32 lower:i32)*
//   (size:i32 bytes)*      -1 = null
//
// All big-endian, as PostgreSQL's array_send writes it.
//
// Threads: [worker, concurrent].

#include "mortise/cpp/array_conversion.hpp"

namespace mortise {

// Reads big-endian numbers and bytes from a message, with 22P03 at its end.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}
  bool is_at_end() const { return rest_.empty(); }
  Result<int32_t> number() {
    MORTISE_TRY_ASSIGN(const std::string_view four, bytes(4));
    uint32_t value = 0;
    for (const char c : four) value = value << 8 | static_cast<uint8_t>(c);
    return static_cast<int32_t>(value);
  }
  Result<std::string_view> bytes(size_t count) {
    if (rest_.size() < count) {
      return Status(Code::invalid, "22P03", "insufficient data left in message");
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

 private:
  std::string_view rest_;
};

// The head of an array; gives its dimensions.
inline Result<ArrayShape> read_array_head(WireReader& in, const mortise_type_info_t& element) {
  const auto bad = [](std::string message) {
    return Status(Code::invalid, "22P03", std::move(message));
  };
  MORTISE_TRY_ASSIGN(const int32_t dimensions, in.number());
  if (dimensions < 0) return bad("invalid number of dimensions: " + std::to_string(dimensions));
  if (dimensions > static_cast<int32_t>(kArrayDimensionsMax)) {
    return too_many_dimensions(static_cast<uint64_t>(dimensions));
  }
  MORTISE_TRY_ASSIGN(const int32_t flags, in.number());
  if (flags != 0 && flags != 1) return bad("invalid array flags");
  MORTISE_TRY_ASSIGN(const int32_t type, in.number());
  if (static_cast<uint32_t>(type) != element.sql_type) {
    return Status(Code::invalid, "42804",
                  "binary data has array element type " +
                      std::to_string(static_cast<uint32_t>(type)) + " instead of expected " +
                      std::to_string(element.sql_type) + " (" +
                      std::string(view_of(element.display)) + ")");
  }
  ArrayShape shape;
  shape.dimensions_count = static_cast<uint8_t>(dimensions);
  for (uint8_t i = 0; i < shape.dimensions_count; ++i) {
    MORTISE_TRY_ASSIGN(shape.dimensions[i].length, in.number());
    MORTISE_TRY_ASSIGN(shape.dimensions[i].lower, in.number());
  }
  return shape;
}

inline Status array_binary_in(const ArrayConversion& conversion,
                              const mortise_arguments_t& arguments, mortise_column_out_t& result) {
  MORTISE_TRY_ASSIGN(const mortise_type_t type, conversion.element_type());
  std::vector<std::optional<std::string_view>> found;
  std::vector<ArrayRow> rows;
  MORTISE_TRY(each_array(arguments, result, [&](uint32_t row, std::string_view bytes) -> Status {
    WireReader in(bytes);
    MORTISE_TRY_ASSIGN(ArrayShape shape, read_array_head(in, conversion.element));
    MORTISE_TRY_ASSIGN(const uint32_t count, count_array_elements(shape.span()));
    if (count == 0) shape.dimensions_count = 0;
    rows.push_back({row, found.size(), count, shape});
    for (uint32_t i = 0; i < count; ++i) {
      MORTISE_TRY_ASSIGN(const int32_t size, in.number());
      if (size < -1) return {Code::invalid, "22P03", "insufficient data left in message"};
      found.emplace_back();
      if (size == -1) continue;
      MORTISE_TRY_ASSIGN(found.back(), in.bytes(static_cast<size_t>(size)));
    }
    if (in.is_at_end()) return {};
    return {Code::invalid, "22P03", "incorrect binary data format in bind parameter"};
  }));
  ElementColumn wire(MORTISE_PHYSICAL_BYTES, found.size());
  ElementColumn values(type.physical, found.size());
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i]) {
      wire.set(i, *found[i]);
    } else {
      wire.set_null(i);
    }
  }
  MORTISE_TRY(conversion.convert(conversion.element.binary_in, type, ArrayConversion::kBytes, wire,
                                 values));
  return build_arrays(conversion, type, rows, values, result);
}

inline void append_array_wire(uint32_t element_type, const ArrayView& array,
                              const ElementColumn& elements, size_t first, std::string& out) {
  const auto dimensions = array.dimensions();
  append_big_endian(static_cast<uint32_t>(dimensions.size()), out);
  append_big_endian(static_cast<uint32_t>(array.has_nulls() ? 1 : 0), out);
  append_big_endian(element_type, out);
  for (const ArrayDimension& d : dimensions) {
    append_big_endian(static_cast<uint32_t>(d.length), out);
    append_big_endian(static_cast<uint32_t>(d.lower), out);
  }
  for (uint32_t i = 0; i < array.count(); ++i) {
    if (!elements.is_valid(first + i)) {
      append_big_endian(~uint32_t{0}, out);
      continue;
    }
    const std::string_view bytes = elements.bytes(first + i);
    append_big_endian(static_cast<uint32_t>(bytes.size()), out);
    out.append(bytes);
  }
}

inline Status array_binary_out(const ArrayConversion& conversion,
                               const mortise_arguments_t& arguments, mortise_column_out_t& result) {
  return write_arrays(conversion, conversion.element.binary_out, arguments, result,
                      [&](uint32_t, const ArrayView& array, const ElementColumn& bytes,
                          size_t first, std::string& out) {
                        append_array_wire(conversion.element.sql_type, array, bytes, first, out);
                      });
}

}  // namespace mortise
