// SPDX-License-Identifier: Apache-2.0

// format(): %s, %I and %L with positions, widths and the minus flag.

#include "mortise/cpp/sql_text.hpp"
#include "text/any_text.hpp"
#include "text/lists.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

Status bad_format(const char* text) {
  return {Code::invalid, "22023", text};
}

// One row of format's arguments.
class Formatter {
 public:
  Formatter(const std::vector<AnyText>& arguments, uint32_t row)
      : arguments_(arguments), row_(row) {}

  Result<std::string> run(std::string_view pattern) {
    rest_ = pattern;
    while (!rest_.empty()) {
      const char c = take();
      if (c != '%') {
        out_.push_back(c);
      } else {
        MORTISE_TRY(specifier());
      }
    }
    return std::move(out_);
  }

 private:
  char take() {
    const char c = rest_[0];
    rest_.remove_prefix(1);
    return c;
  }
  // Digits at the front; nothing when there are none.
  Result<std::optional<int32_t>> number() {
    int64_t value = 0;
    size_t count = 0;
    while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') {
      value = value * 10 + (rest_[count++] - '0');
      if (value > INT32_MAX) return Status(Code::invalid, "22003", "number is out of range");
    }
    rest_.remove_prefix(count);
    if (count == 0) return std::optional<int32_t>();
    return std::optional<int32_t>(static_cast<int32_t>(value));
  }
  Status unterminated() const {
    return Status(Code::invalid, "22023", "unterminated format() type specifier")
        .with(MORTISE_ERROR_FIELD_HINT, "For a single \"%\" use \"%%\".");
  }
  Result<size_t> argument_at(int32_t position) const {
    if (position == 0) {
      return bad_format("format specifies argument 0, but arguments are numbered from 1");
    }
    if (static_cast<size_t>(position) > arguments_.size()) {
      return bad_format("too few arguments for format()");
    }
    return static_cast<size_t>(position - 1);
  }
  Result<size_t> next_argument() {
    if (next_ >= arguments_.size()) return bad_format("too few arguments for format()");
    return next_++;
  }

  // %[position$][-][width]type
  Status specifier() {
    if (rest_.empty()) return unterminated();
    if (rest_[0] == '%') {
      out_.push_back(take());
      return {};
    }
    std::optional<int32_t> position;
    int32_t width = 0;
    bool is_left = false;
    bool has_width = false;
    MORTISE_TRY_ASSIGN(std::optional<int32_t> value, number());
    if (value && !rest_.empty() && rest_[0] == '$') {
      take();
      position = value;
      value.reset();
      if (*position == 0) {
        return bad_format("format specifies argument 0, but arguments are numbered from 1");
      }
    } else if (value) {
      width = *value;
      has_width = true;
    }
    if (!has_width) {
      while (!rest_.empty() && rest_[0] == '-') {
        take();
        is_left = true;
      }
      if (!rest_.empty() && rest_[0] == '*') {
        take();
        MORTISE_TRY(star_width(&width, &is_left));
      } else {
        MORTISE_TRY_ASSIGN(value, number());
        width = value.value_or(0);
      }
    }
    if (rest_.empty()) return unterminated();
    return conversion(take(), position, width, is_left);
  }

  Status star_width(int32_t* width, bool* is_left) {
    MORTISE_TRY_ASSIGN(const std::optional<int32_t> position, number());
    size_t index = 0;
    if (position) {
      if (rest_.empty() || rest_[0] != '$') {
        return bad_format("width argument position must be ended by \"$\"");
      }
      take();
      MORTISE_TRY_ASSIGN(index, argument_at(*position));
      next_ = index + 1;
    } else {
      MORTISE_TRY_ASSIGN(index, next_argument());
    }
    if (!arguments_[index].is_valid(row_)) return {};
    MORTISE_TRY_ASSIGN(const int32_t value, parse_integer<int32_t>(arguments_[index][row_]));
    if (value == INT32_MIN) return {Code::invalid, "22003", "number is out of range"};
    *is_left |= value < 0;
    *width = value < 0 ? -value : value;
    return {};
  }

  Status conversion(char type, std::optional<int32_t> position, int32_t width, bool is_left) {
    if (type != 's' && type != 'I' && type != 'L') {
      return Status(Code::invalid, "22023",
                    "unrecognized format() type specifier \"" + std::string(1, type) + "\"")
          .with(MORTISE_ERROR_FIELD_HINT, "For a single \"%\" use \"%%\".");
    }
    size_t index = 0;
    if (position) {
      MORTISE_TRY_ASSIGN(index, argument_at(*position));
      next_ = index + 1;
    } else {
      MORTISE_TRY_ASSIGN(index, next_argument());
    }
    std::string shown;
    if (!arguments_[index].is_valid(row_)) {
      if (type == 'I') {
        return {Code::invalid, "22004", "null values cannot be formatted as an SQL identifier"};
      }
      if (type == 'L') shown = "NULL";
    } else if (type == 'I') {
      shown = quote_identifier(arguments_[index][row_]);
    } else if (type == 'L') {
      shown = quote_literal(arguments_[index][row_]);
    } else {
      shown = arguments_[index][row_];
    }
    const uint64_t length = count_characters(shown);
    const uint64_t blanks =
        static_cast<uint64_t>(width) > length ? static_cast<uint64_t>(width) - length : 0;
    if (blanks > Call::kStringSizeBytesMax) return limit("string is too long");
    if (!is_left) out_.append(blanks, ' ');
    out_.append(shown);
    if (is_left) out_.append(blanks, ' ');
    return {};
  }

  const std::vector<AnyText>& arguments_;
  const uint32_t row_;
  std::string_view rest_;
  std::string out_;
  size_t next_ = 0;
};

Status format(Call& call) {
  const Strings patterns(call.column(0));
  std::vector<AnyText> arguments;
  for (uint32_t i = 1; i < call.arguments().columns_count; ++i) {
    MORTISE_TRY_ASSIGN(AnyText text, AnyText::of(call, i, false));
    arguments.push_back(text);
  }
  return call.each([&](uint32_t row) -> Status {
    if (!patterns.is_valid(row)) {
      call.set_null(row);
      return {};
    }
    MORTISE_TRY_ASSIGN(const std::string text, Formatter(arguments, row).run(patterns[row]));
    return call.set_copy(row, text);
  });
}

constexpr mortise_function_t kTable[] = {
    scalar<"text:text">(3540, "format", &batch<&format>,
                        {.volatility = MORTISE_VOLATILITY_STABLE, .is_strict = false}),
    scalar<"text,any:text">(3539, "format", &batch<&format>,
                            {.volatility = MORTISE_VOLATILITY_STABLE,
                             .is_strict = false,
                             .variadic_type = MORTISE_SQL_ANY}),
};

}  // namespace

const FunctionList kFormatFunctions = kTable;

}  // namespace mortise::sql_functions
