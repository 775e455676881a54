// SPDX-License-Identifier: Apache-2.0
#include "embedded.hpp"

#include <mortise_embed.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace mortise::sqltest {
namespace {

constexpr uint32_t kTextTypeId = 25;

struct CloseDatabase {
  void operator()(mortise_embed_t* database) const { (void)mortise_embed_close(database, nullptr); }
};
struct CloseSession {
  void operator()(mortise_embed_session_t* session) const { mortise_embed_session_close(session); }
};
using DatabaseHandle = std::unique_ptr<mortise_embed_t, CloseDatabase>;
using SessionHandle = std::unique_ptr<mortise_embed_session_t, CloseSession>;

Failure failure_of(const mortise_embed_failure_t& why) {
  return {why.sqlstate, why.message, why.position_chars};
}

Status refused(const mortise_embed_failure_t& why) {
  return io_failure(std::string("libmortise: ") + why.sqlstate + ' ' + why.message);
}

// "INSERT 0 3" -> 3; nothing for a tag without a number.
std::optional<int64_t> affected_rows(const std::string& tag) {
  const size_t space = tag.rfind(' ');
  if (space == std::string::npos || space + 1 == tag.size()) return std::nullopt;
  const std::string last = tag.substr(space + 1);
  const bool is_number =
      std::all_of(last.begin(), last.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  if (!is_number) return std::nullopt;
  return std::strtoll(last.c_str(), nullptr, 10);
}

bool copies_out(const std::string& sql, const std::string& tag) {
  std::string lower = sql;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return tag.starts_with("COPY") && lower.find("to stdout") != std::string::npos;
}

class EmbeddedSession final : public Session {
 public:
  explicit EmbeddedSession(SessionHandle session) : session_(std::move(session)) {
    mortise_embed_copy_target(session_.get(), take_copied, this);
  }

  Result<Answer> run(const Request& request) override {
    copied_out_.clear();
    to_copy_ = request.copy_data ? std::string_view(*request.copy_data) : std::string_view();
    mortise_embed_copy_source(session_.get(), request.copy_data ? give_copied : nullptr, this);
    mortise_embed_failure_t why = MORTISE_EMBED_FAILURE_INIT;
    mortise_embed_result_t* result = nullptr;
    Answer answer;
    if (mortise_embed_run(session_.get(), request.sql.c_str(), &result, &why) != 0) {
      answer.failure = failure_of(why);
      return answer;
    }
    std::string tag;
    bool failed = !read_statements(result, answer, tag, why);
    // The first reason counts; closing may have one of its own, such as a commit that failed.
    mortise_embed_failure_t why_close = MORTISE_EMBED_FAILURE_INIT;
    if (mortise_embed_result_close(result, &why_close) != 0 && !failed) {
      why = why_close;
      failed = true;
    }
    if (failed) {
      answer = Answer();
      answer.failure = failure_of(why);
      return answer;
    }
    answer.affected_rows = affected_rows(tag);
    if (copies_out(request.sql, tag)) read_copied(answer);
    return answer;
  }

 private:
  // The answer of the last statement; false at a failure.
  static bool read_statements(mortise_embed_result_t* result, Answer& answer, std::string& tag,
                              mortise_embed_failure_t& why) {
    int more = 0;
    while ((more = mortise_embed_next_statement(result, &why)) == 1) {
      answer = Answer();
      const uint32_t columns = mortise_embed_columns_count(result);
      answer.has_rows = columns > 0;
      for (uint32_t c = 0; c < columns; ++c) {
        answer.columns.push_back(
            {mortise_embed_column_name(result, c), mortise_embed_column_type(result, c)});
      }
      int rows = 0;
      while ((rows = mortise_embed_next_batch(result, &why)) == 1) read_rows(result, answer);
      if (rows < 0) return false;
      tag = mortise_embed_tag(result);
      // A query without columns still has rows.
      answer.has_rows = answer.has_rows || tag.starts_with("SELECT");
    }
    return more == 0;
  }

  static void read_rows(mortise_embed_result_t* result, Answer& answer) {
    const uint32_t rows = mortise_embed_rows_count(result);
    for (uint32_t r = 0; r < rows; ++r) {
      Row row;
      for (uint32_t c = 0; c < answer.columns.size(); ++c) {
        size_t size_bytes = 0;
        const char* text = mortise_embed_text(result, r, c, &size_bytes);
        row.push_back(text == nullptr ? Value() : Value(std::string(text, size_bytes)));
      }
      answer.rows.push_back(std::move(row));
    }
  }

  void read_copied(Answer& answer) const {
    answer.has_rows = true;
    answer.columns = {{"copy", kTextTypeId}};
    std::string_view rest = copied_out_;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      answer.rows.push_back({Value(std::string(rest.substr(0, end)))});
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  static size_t give_copied(void* context, char* buffer, size_t capacity_bytes) {
    std::string_view& rest = static_cast<EmbeddedSession*>(context)->to_copy_;
    const size_t size_bytes = std::min(capacity_bytes, rest.size());
    std::memcpy(buffer, rest.data(), size_bytes);
    rest.remove_prefix(size_bytes);
    return size_bytes;
  }

  static void take_copied(void* context, const char* bytes, size_t size_bytes) {
    static_cast<EmbeddedSession*>(context)->copied_out_.append(bytes, size_bytes);
  }

  SessionHandle session_;
  std::string_view to_copy_;  // of the request that runs
  std::string copied_out_;
};

class EmbeddedTransport final : public Transport {
 public:
  explicit EmbeddedTransport(DatabaseHandle database) : database_(std::move(database)) {}

  bool is_called(std::string_view name) const override { return name == "embedded"; }

  Result<std::unique_ptr<Session>> open() override {
    mortise_embed_failure_t why = MORTISE_EMBED_FAILURE_INIT;
    mortise_embed_session_t* session = nullptr;
    if (mortise_embed_session_open(database_.get(), nullptr, nullptr, &session, &why) != 0) {
      return refused(why);
    }
    return std::unique_ptr<Session>(new EmbeddedSession(SessionHandle(session)));
  }

 private:
  DatabaseHandle database_;
};

}  // namespace

Result<std::unique_ptr<Transport>> embedded_transport(const std::string& directory) {
  mortise_embed_options_t options = MORTISE_EMBED_OPTIONS_INIT;
  options.create = 1;
  mortise_embed_failure_t why = MORTISE_EMBED_FAILURE_INIT;
  mortise_embed_t* database = nullptr;
  if (mortise_embed_open(directory.c_str(), &options, &database, &why) != 0) return refused(why);
  return std::unique_ptr<Transport>(new EmbeddedTransport(DatabaseHandle(database)));
}

}  // namespace mortise::sqltest
