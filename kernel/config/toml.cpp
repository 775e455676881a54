// SPDX-License-Identifier: Apache-2.0
#include "kernel/config/toml.hpp"

#include <algorithm>
#include <charconv>

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <toml++/toml.h>
#pragma GCC diagnostic pop

#include "kernel/base/nearest_name.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::config {

namespace {

constexpr int kDepthMax = 32;

// Looks at brackets and dots outside of strings and comments, without understanding more.  What it
// takes for a string is one for the parser, too, or a mistake that the parser reports.
class DepthCheck {
 public:
  explicit DepthCheck(std::string_view text) : text_(text) {}

  // The line of what is nested too deeply, or 0.
  uint32_t run() {
    while (at_ < text_.size()) {
      step();
      if (open_ > kDepthMax || dots_ >= kDepthMax) return line_;
    }
    return 0;
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '"' || c == '\'') return skip_string(c);
    ++at_;
    switch (c) {
      case '#':
        at_ = std::min(text_.find('\n', at_), text_.size());
        return;
      case '.':
        ++dots_;
        return;
      case '[':
      case '{':
        ++open_;
        dots_ = 0;
        return;
      case ']':
      case '}':
        open_ = std::max(open_ - 1, 0);
        dots_ = 0;
        return;
      case '\n':
        ++line_;
        dots_ = 0;
        return;
      case '=':
      case ',':
        dots_ = 0;
        return;
      default:
        return;
    }
  }

  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool is_long = text_.substr(at_, 3) == three;
    at_ += is_long ? 3 : 1;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        if (!is_long) return;  // the parser will complain
        ++line_;
      } else if (c == '\\' && quote == '"') {
        if (at_ + 1 < text_.size() && text_[at_ + 1] != '\n') ++at_;
      } else if (c == quote && (!is_long || text_.substr(at_, 3) == three)) {
        at_ += is_long ? 3 : 1;
        // A long string may end with up to two quotes of its own.
        for (int more = 0; is_long && more < 2 && text_.substr(at_, 1) == three.substr(0, 1);
             ++more) {
          ++at_;
        }
        return;
      }
    }
  }

  const std::string_view text_;
  size_t at_ = 0;
  uint32_t line_ = 1;
  int open_ = 0;
  int dots_ = 0;  // in the key that is being read
};

TomlValue convert(const toml::node& node, int depth) {
  TomlValue out;
  out.line = static_cast<uint32_t>(node.source().begin.line);
  if (const auto* boolean = node.as_boolean()) {
    out.kind = TomlValue::Kind::boolean;
    out.boolean = boolean->get();
  } else if (const auto* integer = node.as_integer()) {
    out.kind = TomlValue::Kind::integer;
    out.integer = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    out.kind = TomlValue::Kind::real;
    out.real = real->get();
  } else if (const auto* text = node.as_string()) {
    out.kind = TomlValue::Kind::text;
    out.text = text->get();
  } else if (depth >= kDepthMax) {
    out.kind = TomlValue::Kind::other;
  } else if (const auto* array = node.as_array()) {
    out.kind = TomlValue::Kind::array;
    for (const toml::node& item : *array) out.items.push_back(convert(item, depth + 1));
  } else if (const auto* table = node.as_table()) {
    out.kind = TomlValue::Kind::table;
    for (const auto& [key, member] : *table) {
      out.members.emplace_back(std::string(key.str()), convert(member, depth + 1));
      TomlValue& added = out.members.back().second;
      if (added.line == 0) added.line = static_cast<uint32_t>(key.source().begin.line);
    }
    std::stable_sort(out.members.begin(), out.members.end(),
                     [](const auto& a, const auto& b) { return a.second.line < b.second.line; });
  } else {
    out.kind = TomlValue::Kind::other;
  }
  return out;
}

}  // namespace

const TomlValue* TomlValue::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string_view name_of(TomlValue::Kind kind) {
  switch (kind) {
    case TomlValue::Kind::boolean:
      return "true or false";
    case TomlValue::Kind::integer:
      return "an integer";
    case TomlValue::Kind::real:
      return "a number";
    case TomlValue::Kind::text:
      return "a text in quotes";
    case TomlValue::Kind::array:
      return "a list";
    case TomlValue::Kind::table:
      return "a table";
    case TomlValue::Kind::other:
      break;
  }
  return "a date, a time or something nested too deeply";
}

Status toml_failure(std::string_view file, uint32_t line, std::string message) {
  std::string text(file);
  text.append(":").append(std::to_string(line)).append(": ").append(message);
  return {Code::invalid, "F0000", std::move(text)};
}

Result<TomlValue> parse_toml(std::string_view text, std::string_view file) {
  if (text.size() > kTomlBytesMax) {
    return toml_failure(file, 1, "the file is larger than 1 MiB");
  }
  if (const uint32_t line = DepthCheck(text).run(); line != 0) {
    return toml_failure(
        file, line,
        "keys, lists and tables may be nested " + std::to_string(kDepthMax) + " deep, not deeper");
  }
  TomlValue out;
  Status failure;
  const Status contained = contain("F0000", [&] {
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
      const toml::parse_error& error = parsed.error();
      failure = toml_failure(file, static_cast<uint32_t>(error.source().begin.line),
                             std::string(error.description()));
      return;
    }
    out = convert(parsed.table(), 0);
  });
  MORTISE_TRY(contained);
  MORTISE_TRY(failure);
  return out;
}

std::string toml_quoted(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out("\"");
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append(1, '\\').append(1, c);
    } else if (byte < 0x20 || byte == 0x7F) {
      out.append("\\u00").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    } else {
      out.append(1, c);
    }
  }
  return out.append("\"");
}

std::optional<std::string> scalar_text(const TomlValue& value) {
  switch (value.kind) {
    case TomlValue::Kind::boolean:
      return std::string(value.boolean ? "true" : "false");
    case TomlValue::Kind::integer:
      return std::to_string(value.integer);
    case TomlValue::Kind::real: {
      char buffer[64];
      const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value.real);
      return std::string(buffer, end.ptr);
    }
    case TomlValue::Kind::text:
      return value.text;
    default:
      return std::nullopt;
  }
}

const TomlValue* TableReader::take(std::string_view key, TomlValue::Kind wanted) {
  asked_.emplace_back(key);
  const TomlValue* value = table_.find(key);
  if (value == nullptr || value->kind == wanted) return value;
  std::string text("'");
  text.append(key).append("' has to be ").append(name_of(wanted));
  complain(key, text.append(", not ").append(name_of(value->kind)));
  return nullptr;
}

std::string TableReader::require_text(std::string_view key) {
  const TomlValue* value = take(key, TomlValue::Kind::text);
  if (value != nullptr && !value->text.empty()) return value->text;
  complain(key, std::string("'").append(key).append("' is missing"));
  return {};
}

std::string TableReader::text(std::string_view key, std::string_view otherwise) {
  const TomlValue* value = take(key, TomlValue::Kind::text);
  return value == nullptr ? std::string(otherwise) : value->text;
}

std::string TableReader::choice(std::string_view key, std::string_view otherwise,
                                const std::vector<std::string_view>& choices) {
  std::string given = text(key, otherwise);
  if (given == otherwise || std::find(choices.begin(), choices.end(), given) != choices.end()) {
    return given;
  }
  std::string message("'");
  message.append(key).append("' is '").append(given).append("', but has to be one of");
  for (std::string_view c : choices) message.append(" ").append(c);
  complain(key, message);
  return std::string(otherwise);
}

bool TableReader::boolean(std::string_view key, bool otherwise) {
  const TomlValue* value = take(key, TomlValue::Kind::boolean);
  return value == nullptr ? otherwise : value->boolean;
}

std::optional<int64_t> TableReader::integer(std::string_view key) {
  const TomlValue* value = take(key, TomlValue::Kind::integer);
  if (value == nullptr) return std::nullopt;
  return value->integer;
}

std::vector<std::string> TableReader::texts(std::string_view key) {
  std::vector<std::string> out;
  const TomlValue* value = take(key, TomlValue::Kind::array);
  if (value == nullptr) return out;
  for (const TomlValue& item : value->items) {
    if (item.kind == TomlValue::Kind::text) {
      out.push_back(item.text);
    } else {
      complain(key, std::string("'").append(key).append("' has to be a list of texts"));
    }
  }
  return out;
}

const TomlValue* TableReader::table(std::string_view key) {
  return take(key, TomlValue::Kind::table);
}

std::optional<std::string> TableReader::scalar(std::string_view key) {
  asked_.emplace_back(key);
  const TomlValue* value = table_.find(key);
  if (value == nullptr) return std::nullopt;
  std::optional<std::string> out = scalar_text(*value);
  if (!out) {
    complain(key, std::string("'").append(key).append("' has to be a text, a number or a bool"));
  }
  return out;
}

uint32_t TableReader::line_of(std::string_view key) const {
  const TomlValue* value = table_.find(key);
  return value == nullptr ? std::max(table_.line, 1U) : value->line;
}

void TableReader::complain(std::string_view key, std::string message) {
  if (failure_.is_ok()) failure_ = toml_failure(file_, line_of(key), std::move(message));
}

Status TableReader::finish() {
  for (const auto& [key, value] : table_.members) {
    if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
    return toml_failure(file_, value.line,
                        std::string("unknown key '")
                            .append(key)
                            .append("'")
                            .append(did_you_mean(key, std::span<const std::string>(asked_))));
  }
  return failure_;
}

}  // namespace mortise::config
