// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a program in the same process run SQL?
//
// A session over mortise.query/1.  A script's statements come one after another, each statement's
// rows in batches that are pulled: a portal is executed for kRowsMax rows at a time into a copy.
//
// Invariants
//   Q1  A batch and its texts live until the next call on the script.
//   Q2  After a failure the script is at its end, and the session can be used again.
//
// Threads: a session and its scripts by one thread at a time; cancel [any].

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hosts/embed/text_columns.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/draft/query.h"

namespace mortise::embed {

// A piece of data for COPY ... FROM STDIN; nothing at its end.
using CopySource = std::function<std::optional<std::string>()>;
// A piece of COPY ... TO STDOUT.
using CopyTarget = std::function<void(std::string_view)>;
using NoticeHandler = std::function<void(std::string_view severity, std::string_view message)>;

struct SessionOptions {
  std::string user = "postgres";
  std::string database = "postgres";
  std::string application_name = "embedded";
};

class Script;

class Session {
 public:
  // `not_found` when no query engine is active.  The host outlives the session.
  static Result<std::unique_ptr<Session>> open(const mortise_host_t* host,
                                               const SessionOptions& options,
                                               NoticeHandler on_notice = nullptr);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // One script at a time.  A syntax error anywhere fails here.
  Result<std::unique_ptr<Script>> run(std::string_view sql);
  // Runs all statements and forgets their rows.
  Status execute(std::string_view sql);
  void cancel() { query_->cancel(session_); }

  void set_copy_source(CopySource source) { copy_source_ = std::move(source); }
  void set_copy_target(CopyTarget target) { copy_target_ = std::move(target); }

 private:
  friend class Script;
  Session() = default;

  const mortise_iface_query_t* query_ = nullptr;
  mortise_session_t* session_ = nullptr;
  TextColumns types_;
  NoticeHandler on_notice_;
  CopySource copy_source_;
  CopyTarget copy_target_;
};

class Script {
 public:
  static constexpr uint64_t kRowsMax = 2048;

  // Ends the implicit transaction, if close() was not called.
  ~Script();
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  // Goes to the next statement; false after the last.
  Result<bool> next_statement();
  // Goes to the statement's next batch; false after the last, when tag() is known.
  Result<bool> next_batch();
  // Ends the script and its transaction: commits, or says why not.
  Status close();

  const std::vector<mortise_result_column_t>& columns() const { return columns_; }
  std::string_view column_name(size_t column) const { return names_[column]; }
  bool returns_rows() const { return returns_rows_; }
  // Valid until the next call (Q1).
  const mortise_batch_t& batch() const { return copy_.batch(); }
  // The batch as text, made on first use.
  Result<const TextTable*> texts();
  // "INSERT 0 1"; empty while rows are left.
  std::string_view tag() const { return tag_; }

 private:
  friend class Session;
  explicit Script(Session& session) : session_(session) {}

  Status fail(Status failure);
  static mortise_status_t on_rows(void* context, const mortise_batch_t* batch,
                                  mortise_error_t* error);
  static mortise_status_t on_copy_read(void* context, uint32_t* kind, mortise_bytes_t* bytes,
                                       mortise_error_t* error);
  mortise_sink_t make_sink();

  Session& session_;
  mortise_script_t* script_ = nullptr;
  mortise_portal_t* portal_ = nullptr;
  bool returns_rows_ = false;
  bool is_finished_ = true;  // the current statement has no more batches
  bool needs_sync_ = true;
  std::vector<mortise_result_column_t> columns_;
  std::vector<std::string> names_;
  std::string tag_;
  BatchCopy copy_;
  std::optional<TextTable> texts_;
  std::string copy_piece_;
  bool copy_done_ = false;
};

}  // namespace mortise::embed
