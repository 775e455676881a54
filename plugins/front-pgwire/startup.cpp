// SPDX-License-Identifier: Apache-2.0
//
// The startup message: who the client is, and with which settings it begins.

#include "conversation.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::front_pgwire {
namespace {

mortise_session_events_t events_of(MessageWriter& out) {
  mortise_session_events_t events{};
  events.struct_size_bytes = sizeof events;
  events.context = &out;
  events.notice = [](void* context, uint32_t severity, mortise_str_t sqlstate,
                     mortise_str_t message, mortise_str_t detail, mortise_str_t hint) {
    write_notice(severity, view_of(sqlstate), view_of(message), view_of(detail), view_of(hint),
                 *static_cast<MessageWriter*>(context));
  };
  events.parameter = [](void* context, mortise_str_t name, mortise_str_t value) {
    auto& writer = *static_cast<MessageWriter*>(context);
    writer.begin('S');
    writer.text(view_of(name));
    writer.text(view_of(value));
    writer.end();
  };
  return events;
}

}  // namespace

// Command-line options of a client: "-c name=value", "--name=value"; a backslash escapes a space.
Status Conversation::apply_options(std::string_view options) {
  std::vector<std::string> words;
  bool in_word = false;
  for (size_t i = 0; i < options.size(); ++i) {
    const char c = options[i];
    if (c == ' ') {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    words.back().push_back(c == '\\' && i + 1 < options.size() ? options[++i] : c);
  }
  for (size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word == "-c" && i + 1 < words.size()) {
      word = words[++i];
    } else if (word.starts_with("-c")) {
      word.remove_prefix(2);
    } else if (word.starts_with("--")) {
      word.remove_prefix(2);
    } else {
      return {Code::invalid, "42601", "invalid command-line argument: " + words[i]};
    }
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
      return {Code::invalid, "42601", "-c " + std::string(word) + " requires a value"};
    }
    ErrorSlot error;
    MORTISE_TRY(error.status(services_.query->setting_set(
        session_, str_of(word.substr(0, equals)), str_of(word.substr(equals + 1)), error.get())));
  }
  return {};
}

Status Conversation::open_session(std::string_view parameters) {
  FieldReader fields(parameters);
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  while (true) {
    const std::string_view name = fields.text();
    if (!fields.is_good()) {
      return {Code::invalid, "08P01",
              "invalid startup packet layout: expected terminator as last byte"};
    }
    if (name.empty()) break;
    pairs.emplace_back(name, fields.text());
  }
  mortise_session_options_t options{};
  options.struct_size_bytes = sizeof options;
  options.process_id = connection_.process_id();
  options.client_address = str_of(connection_.peer());
  std::string_view more;
  for (const auto& [name, value] : pairs) {
    if (name == "user") options.user = str_of(value);
    if (name == "database") options.database = str_of(value);
    if (name == "application_name") options.application_name = str_of(value);
    if (name == "options") more = value;
    if (name == "replication" && value != "false" && value != "off" && value != "0") {
      return unsupported("replication connections are not supported");
    }
  }
  if (options.user.size_bytes == 0) {
    return {Code::invalid, "28000", "no PostgreSQL user name specified in startup packet"};
  }
  if (options.database.size_bytes == 0) options.database = options.user;

  // Nobody is asked who he is yet: the address the server listens on decides who may connect.
  out_.begin('R');
  out_.u32(0);
  out_.end();
  const mortise_session_events_t events = events_of(out_);
  ErrorSlot error;
  MORTISE_TRY(
      error.status(services_.query->session_open(&options, &events, &session_, error.get())));
  connection_.set_session(session_);
  for (const auto& [name, value] : pairs) {
    if (name == "user" || name == "database" || name == "options" || name == "replication" ||
        name == "application_name" || name.starts_with("_pq_.")) {
      continue;
    }
    MORTISE_TRY(error.status(
        services_.query->setting_set(session_, str_of(name), str_of(value), error.get())));
  }
  MORTISE_TRY(apply_options(more));
  out_.begin('K');
  out_.u32(connection_.process_id());
  out_.u32(connection_.secret());
  out_.end();
  return {};
}

}  // namespace mortise::front_pgwire
