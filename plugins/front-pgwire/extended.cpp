// SPDX-License-Identifier: Apache-2.0
//
// The extended protocol: Parse, Bind, Describe, Execute, Close.

#include "conversation.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::front_pgwire {
namespace {

Status malformed() {
  return {Code::invalid, "08P01", "invalid message format"};
}

// One format code per column: none means text, one means all.
Status spread_formats(std::string_view what, const std::vector<uint16_t>& codes, size_t count,
                      std::vector<uint8_t>& is_binary) {
  if (codes.size() > 1 && codes.size() != count) {
    return {Code::invalid, "08P01",
            "bind message has " + std::to_string(codes.size()) + " " + std::string(what) +
                " formats but query has " + std::to_string(count) + " columns"};
  }
  is_binary.assign(count, 0);
  for (size_t i = 0; i < count; ++i) {
    const uint16_t code = codes.empty() ? 0 : codes.size() == 1 ? codes[0] : codes[i];
    if (code > 1) return invalid("unsupported format code: " + std::to_string(code));
    is_binary[i] = static_cast<uint8_t>(code);
  }
  return {};
}

}  // namespace

Conversation::Portal Conversation::portal_of(const mortise_statement_info_t& info) {
  Portal portal{};
  portal.is_empty = info.is_empty != 0;
  portal.returns_rows = info.returns_rows != 0;
  portal.columns.assign(info.columns, info.columns + info.columns_count);
  portal.names.reserve(info.columns_count);
  for (mortise_result_column_t& column : portal.columns) {
    portal.names.emplace_back(view_of(column.name));
    column.name = str_of(portal.names.back());
  }
  portal.is_binary.assign(info.columns_count, 0);
  return portal;
}

void Conversation::write_row_description(std::span<const mortise_result_column_t> columns,
                                         std::span<const uint8_t> is_binary) {
  out_.begin('T');
  out_.u16(static_cast<uint16_t>(columns.size()));
  for (size_t i = 0; i < columns.size(); ++i) {
    const mortise_result_column_t& c = columns[i];
    const mortise_type_info_t* info = services_.types->find(c.type.sql_type);
    out_.text(view_of(c.name));
    out_.u32(c.table);
    out_.u16(static_cast<uint16_t>(c.attribute));
    out_.u32(c.type.sql_type);
    out_.u16(static_cast<uint16_t>(info == nullptr ? -1 : info->length_bytes));
    out_.u32(static_cast<uint32_t>(c.type.modifier));
    out_.u16(is_binary[i]);
  }
  out_.end();
}

Status Conversation::on_extended(const Message& message) {
  FieldReader fields(message.body);
  switch (message.type) {
    case 'P':
      return parse(fields);
    case 'B':
      return bind(fields);
    case 'D':
      return describe(fields);
    case 'E':
      return execute(fields);
    default:
      return close(fields);
  }
}

Status Conversation::parse(FieldReader& fields) {
  const std::string name(fields.text());
  const std::string_view text = fields.text();
  std::vector<uint32_t> types(fields.u16());
  for (uint32_t& type : types) type = fields.u32();
  if (!fields.is_done()) return malformed();
  if (name.empty()) {
    replace_unnamed();
  } else if (statements_.contains(name)) {
    return {Code::duplicate, "42P05", "prepared statement \"" + name + "\" already exists"};
  }
  ErrorSlot error;
  mortise_statement_t* handle = nullptr;
  MORTISE_TRY(error.status(
      services_.query->prepare(session_, str_of(name), str_of(text), types.data(),
                               static_cast<uint32_t>(types.size()), &handle, error.get())));
  mortise_statement_info_t info{};
  info.struct_size_bytes = sizeof info;
  const Status status = error.status(services_.query->describe(handle, &info, error.get()));
  if (!status.is_ok()) {
    services_.query->statement_close(handle);
    return status;
  }
  statements_.emplace(name, Statement{handle, info.is_empty != 0});
  out_.begin('1');
  out_.end();
  return {};
}

Status Conversation::read_parameters(FieldReader& fields,
                                     std::vector<mortise_parameter_t>& parameters) {
  std::vector<uint16_t> codes(fields.u16());
  for (uint16_t& code : codes) code = fields.u16();
  parameters.resize(fields.u16());
  if (!fields.is_good()) return malformed();
  if (codes.size() > 1 && codes.size() != parameters.size()) {
    return {Code::invalid, "08P01",
            "bind message has " + std::to_string(codes.size()) + " parameter formats but " +
                std::to_string(parameters.size()) + " parameters"};
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    mortise_parameter_t& p = parameters[i];
    const int32_t size = fields.i32();
    p.is_null = size < 0 ? 1 : 0;
    const std::string_view value =
        size < 0 ? std::string_view() : fields.bytes(static_cast<uint32_t>(size));
    p.value = {reinterpret_cast<const uint8_t*>(value.data()), value.size()};
    const uint16_t code = codes.empty() ? 0 : codes.size() == 1 ? codes[0] : codes[i];
    if (code > 1) return invalid("unsupported format code: " + std::to_string(code));
    p.is_binary = code;
    if (!fields.is_good()) return malformed();
  }
  return {};
}

Status Conversation::bind(FieldReader& fields) {
  const std::string portal_name(fields.text());
  const std::string statement_name(fields.text());
  std::vector<mortise_parameter_t> parameters;
  MORTISE_TRY(read_parameters(fields, parameters));
  std::vector<uint16_t> codes(fields.u16());
  for (uint16_t& code : codes) code = fields.u16();
  if (!fields.is_done()) return malformed();

  const auto statement = statements_.find(statement_name);
  if (statement == statements_.end()) {
    return {Code::not_found, "26000",
            statement_name.empty()
                ? std::string("unnamed prepared statement does not exist")
                : "prepared statement \"" + statement_name + "\" does not exist"};
  }
  if (portal_name.empty()) {
    close_portal(portal_name);
  } else if (portals_.contains(portal_name)) {
    return {Code::duplicate, "42P03", "cursor \"" + portal_name + "\" already exists"};
  }
  ErrorSlot error;
  mortise_statement_info_t info{};
  info.struct_size_bytes = sizeof info;
  MORTISE_TRY(
      error.status(services_.query->describe(statement->second.handle, &info, error.get())));
  if (info.parameters_count != parameters.size()) {
    return {Code::invalid, "08P01",
            "bind message supplies " + std::to_string(parameters.size()) +
                " parameters, but prepared statement \"" + statement_name + "\" requires " +
                std::to_string(info.parameters_count)};
  }
  Portal portal = portal_of(info);
  portal.statement_name = statement_name;
  portal.has_statement = true;
  MORTISE_TRY(spread_formats("result", codes, portal.columns.size(), portal.is_binary));
  MORTISE_TRY(error.status(services_.query->portal_open(
      session_, statement->second.handle, parameters.data(),
      static_cast<uint32_t>(parameters.size()), &portal.handle, error.get())));
  portals_.emplace(portal_name, std::move(portal));
  out_.begin('2');
  out_.end();
  return {};
}

Status Conversation::describe(FieldReader& fields) {
  const char what = static_cast<char>(fields.u8());
  const std::string name(fields.text());
  if (!fields.is_done() || (what != 'S' && what != 'P')) return malformed();
  if (what == 'P') {
    const auto portal = portals_.find(name);
    if (portal == portals_.end()) {
      return {Code::not_found, "34000", "portal \"" + name + "\" does not exist"};
    }
    if (portal->second.returns_rows) {
      write_row_description(portal->second.columns, portal->second.is_binary);
    } else {
      out_.begin('n');
      out_.end();
    }
    return {};
  }
  const auto statement = statements_.find(name);
  if (statement == statements_.end()) {
    return {Code::not_found, "26000", "prepared statement \"" + name + "\" does not exist"};
  }
  ErrorSlot error;
  mortise_statement_info_t info{};
  info.struct_size_bytes = sizeof info;
  MORTISE_TRY(
      error.status(services_.query->describe(statement->second.handle, &info, error.get())));
  out_.begin('t');
  out_.u16(static_cast<uint16_t>(info.parameters_count));
  for (uint32_t i = 0; i < info.parameters_count; ++i) out_.u32(info.parameter_types[i]);
  out_.end();
  if (info.returns_rows != 0) {
    const std::vector<uint8_t> all_text(info.columns_count, 0);
    write_row_description({info.columns, info.columns_count}, all_text);
  } else {
    out_.begin('n');
    out_.end();
  }
  return {};
}

Status Conversation::execute(FieldReader& fields) {
  const std::string name(fields.text());
  const int32_t rows_max = fields.i32();
  if (!fields.is_done()) return malformed();
  const auto found = portals_.find(name);
  if (found == portals_.end()) {
    return {Code::not_found, "34000", "portal \"" + name + "\" does not exist"};
  }
  Portal& portal = found->second;
  if (portal.is_empty) {
    out_.begin('I');
    out_.end();
    return {};
  }
  services_.metrics->add(services_.statements_total, 1);
  if (portal.returns_rows && portal.writer == nullptr) {
    MORTISE_TRY_ASSIGN(portal.writer,
                       RowWriter::open(*services_.types, portal.columns, portal.is_binary));
  }
  mortise_completion_t completion{};
  completion.struct_size_bytes = sizeof completion;
  MORTISE_TRY(run_portal(portal.handle, rows_max > 0 ? static_cast<uint64_t>(rows_max) : 0,
                         portal.writer.get(), &completion));
  if (completion.is_suspended != 0) {
    out_.begin('s');
    out_.end();
  } else {
    out_.begin('C');
    out_.text(completion.tag);
    out_.end();
  }
  return {};
}

Status Conversation::close(FieldReader& fields) {
  const char what = static_cast<char>(fields.u8());
  const std::string name(fields.text());
  if (!fields.is_done() || (what != 'S' && what != 'P')) return malformed();
  if (what == 'S') {
    close_statement(name);
  } else {
    close_portal(name);
  }
  out_.begin('3');
  out_.end();
  return {};
}

void Conversation::close_statement(const std::string& name) {
  const auto found = statements_.find(name);
  if (found == statements_.end()) return;
  // The protocol says that portals on it go with it.
  for (auto portal = portals_.begin(); portal != portals_.end();) {
    if (portal->second.has_statement && portal->second.statement_name == name) {
      services_.query->portal_close(portal->second.handle);
      portal = portals_.erase(portal);
    } else {
      ++portal;
    }
  }
  services_.query->statement_close(found->second.handle);
  statements_.erase(found);
}

// Another unnamed statement: portals on the old one go on.  (The engine's portals share what they
// run with the statement.)
void Conversation::replace_unnamed() {
  const auto found = statements_.find("");
  if (found == statements_.end()) return;
  for (auto& [name, portal] : portals_) {
    if (portal.statement_name.empty()) portal.has_statement = false;
  }
  services_.query->statement_close(found->second.handle);
  statements_.erase(found);
}

void Conversation::close_portal(const std::string& name) {
  const auto found = portals_.find(name);
  if (found == portals_.end()) return;
  services_.query->portal_close(found->second.handle);
  portals_.erase(found);
}

}  // namespace mortise::front_pgwire
