// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does each message of a client do, and what is answered?
//
// The protocol's states, on top of a session of the query engine: simple queries, the extended
// protocol with named statements and portals, COPY, skipping to Sync after an error.
//
// Invariants
//   V1  Every Query and Sync is answered by exactly one ReadyForQuery.
//   V2  After an ErrorResponse in the extended protocol, messages are passed over until Sync.
//   V3  Nothing is sent between the last DataRow and its CommandComplete but notices.
//
// Threads: the connection's task.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connection.hpp"
#include "error_message.hpp"
#include "row_writer.hpp"

namespace mortise::front_pgwire {

class Conversation {
 public:
  Conversation(const Services& services, Connection& connection);
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  // Runs messages until there are none, or the client has gone.
  void run();

  // A running COPY waits inside `take`.
  bool is_reading_copy() const { return is_reading_copy_; }

 private:
  static constexpr size_t kFlushBytes = 64 * 1024;

  struct Statement {
    mortise_statement_t* handle;
    bool is_empty;
  };
  struct Portal {
    mortise_portal_t* handle;
    std::string statement_name;
    bool has_statement;  // false: an unnamed one that is gone
    bool is_empty;
    bool returns_rows;
    std::vector<mortise_result_column_t> columns;
    std::vector<std::string> names;  // of columns, which point here
    std::vector<uint8_t> is_binary;
    std::unique_ptr<RowWriter> writer;  // made by the first Execute
  };

  // startup.cpp
  Status open_session(std::string_view parameters);
  Status apply_options(std::string_view options);

  void on_message(const Message& message);
  void on_refused(const Message& message);
  Status on_extended(const Message& message);
  Status parse(FieldReader& fields);
  Status bind(FieldReader& fields);
  Status read_parameters(FieldReader& fields, std::vector<mortise_parameter_t>& parameters);
  Status describe(FieldReader& fields);
  Status execute(FieldReader& fields);
  Status close(FieldReader& fields);
  void on_sync();
  void on_query(std::string_view text);
  Status run_script(std::string_view text);
  Status run_portal(mortise_portal_t* portal, uint64_t rows_max, RowWriter* writer,
                    mortise_completion_t* completion);
  void close_statement(const std::string& name);
  void replace_unnamed();
  void close_portal(const std::string& name);
  void end_session();

  // Tells the client.  False: the connection ends with it.
  bool report_error(const Status& status);
  void fatal(const Status& status);
  void set_idle_limit();
  void ready_for_query();
  void flush();
  Status flush_if_large();
  void write_row_description(std::span<const mortise_result_column_t> columns,
                             std::span<const uint8_t> is_binary);
  static Portal portal_of(const mortise_statement_info_t& info);
  mortise_sink_t make_sink();
  mortise_status_t copy_read(uint32_t* kind, mortise_bytes_t* bytes, mortise_error_t* error);
  void copy_begin(char type, uint32_t columns_count, bool is_binary);

  const Services& services_;
  Connection& connection_;
  mortise_session_t* session_ = nullptr;
  std::map<std::string, Statement> statements_;
  std::map<std::string, Portal> portals_;
  MessageWriter out_;
  bool is_skipping_ = false;  // V2
  bool has_ended_ = false;
  bool is_ready_ = false;  // ReadyForQuery was the last thing said
  IdleLimit idle_limit_;   // while it is
  bool is_reading_copy_ = false;
  bool is_writing_copy_ = false;
  RowWriter* writer_ = nullptr;  // of the portal that runs
  Message copy_message_{};       // what copy_read handed out last
};

}  // namespace mortise::front_pgwire
