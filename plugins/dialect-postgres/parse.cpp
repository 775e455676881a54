// SPDX-License-Identifier: Apache-2.0
#include "parse.hpp"

#include <pg_query.h>

#include <cstdio>
#include <string>

#include "json.hpp"
#include "mortise/cpp/utf8.hpp"
#include "nesting.hpp"
#include "reader.hpp"
#include "tree.hpp"

namespace mortise::dialect_postgres {
namespace {

// A level of the tree is up to four levels of JSON.
constexpr uint64_t kJsonLevelsPerLevel = 4;

// Trees of up to this depth are read on the caller's stack; deeper ones come from generated text.
constexpr uint64_t kLevelsOnCallersStack = 500;

// What one level may take of the stack, in the library or in Reader, in a build with sanitizers.
constexpr uint64_t kStackBytesPerLevel = 8192;
constexpr uint64_t kStackBytesMax = uint64_t{1} << 30;

Status syntax_error(const PgQueryError& e) {
  const std::string_view message = e.message == nullptr ? "syntax error" : e.message;
  // The grammar reports few other classes; each has a wording of its own.
  std::string_view sqlstate = "42601";
  if (message.find("invalid Unicode") != std::string_view::npos) sqlstate = "22P06";
  if (message.find("memory exhausted") != std::string_view::npos) sqlstate = "54001";
  if (message.starts_with("invalid byte sequence")) sqlstate = "22021";
  if (message.find("too long") != std::string_view::npos) sqlstate = "54000";
  Status failure(Code::invalid, sqlstate, std::string(message));
  return e.cursorpos > 0 ? std::move(failure).at(static_cast<uint32_t>(e.cursorpos))
                         : std::move(failure);
}

// Character number (from 1) of a 1-based byte offset.
uint32_t character_at(std::string_view text, uint32_t position_bytes) {
  uint32_t characters = 0;
  for (size_t i = 0; i < position_bytes && i < text.size(); ++i) {
    characters += (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 ? 1 : 0;
  }
  return characters;
}

Status convert(std::string_view text, Json root, const mortise_syntax_builder_t& builder) {
  Tree tree(builder);
  root.each("stmts", [&](Json entry) {
    const auto begin = static_cast<uint32_t>(entry.number("stmt_location"));
    const int64_t length = entry.number("stmt_len");  // 0: to the end of the text
    const auto end =
        length == 0 ? static_cast<uint32_t>(text.size()) : begin + static_cast<uint32_t>(length);
    Reader reader(tree, text);
    const Id id = reader.statement(entry["stmt"], text.substr(begin, end - begin));
    tree.statement(id, begin, end);
  });
  Status failure = tree.failure();
  if (!failure.is_ok() && tree.refused_position_bytes() != 0) {
    failure = std::move(failure).at(character_at(text, tree.refused_position_bytes()));
  }
  return failure;
}

// Parses and converts on this stack, which is large enough for `levels_max`.
Status parse_here(const std::string& text, uint64_t levels_max,
                  const mortise_syntax_builder_t& builder) {
  PgQueryParseResult result = pg_query_parse(text.c_str());
  Status status;
  if (result.error != nullptr) {
    status = syntax_error(*result.error);
  } else {
    simdjson::dom::parser parser;
    const std::string_view json(result.parse_tree);
    simdjson::dom::element root;
    simdjson::error_code code = parser.allocate(json.size(), 64 + levels_max * kJsonLevelsPerLevel);
    if (code == simdjson::SUCCESS) code = parser.parse(json.data(), json.size()).get(root);
    status = code == simdjson::SUCCESS ? convert(text, Json(root), builder)
                                       : internal(std::string("the parse tree cannot be read: ") +
                                                  simdjson::error_message(code));
  }
  pg_query_free_parse_result(result);
  return status;
}

// The same on a thread that is made for it.
Status parse_on_large_stack(const std::string& text, uint64_t levels_max,
                            const mortise_syntax_builder_t& builder,
                            const mortise_iface_sync_t& sync) {
  struct Job {
    const std::string& text;
    uint64_t levels_max;
    const mortise_syntax_builder_t& builder;
    Status status;
  } job{text, levels_max, builder, {}};
  ErrorSlot error;
  mortise_thread_t* thread = nullptr;
  MORTISE_TRY(error.status(sync.thread_start(
      str_of("parse"), (levels_max + kLevelsOnCallersStack) * kStackBytesPerLevel,
      [](void* context) {
        auto& self = *static_cast<Job*>(context);
        self.status = parse_here(self.text, self.levels_max, self.builder);
      },
      &job, &thread, error.get())));
  sync.thread_join(thread);
  return std::move(job.status);
}

}  // namespace

Status parse(std::string_view text, const mortise_syntax_builder_t& builder,
             const mortise_iface_sync_t* sync) {
  MORTISE_TRY(check_utf8(text));
  const std::string terminated(text);
  const uint64_t levels_max = nesting_levels_max(text);
  if (levels_max <= kLevelsOnCallersStack) return parse_here(terminated, levels_max, builder);
  if (sync == nullptr || levels_max > kStackBytesMax / kStackBytesPerLevel) {
    return {Code::limit, "54001",
            "statement is too complex: it may nest more deeply than the stack allows"};
  }
  return parse_on_large_stack(terminated, levels_max, builder, *sync);
}

Result<uint64_t> fingerprint(std::string_view text) {
  MORTISE_TRY(check_utf8(text));
  const std::string terminated(text);
  PgQueryFingerprintResult result = pg_query_fingerprint(terminated.c_str());
  Status status = result.error != nullptr ? syntax_error(*result.error) : Status();
  const uint64_t value = result.fingerprint;
  pg_query_free_fingerprint_result(result);
  if (!status.is_ok()) return status;
  return value;
}

}  // namespace mortise::dialect_postgres
