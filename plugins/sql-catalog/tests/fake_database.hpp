// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do tests run system relations and functions without a server?
//
// FakeDatabase is a host with a catalog in memory, the usual scalar types, and this plugin's own
// tables.  `read` scans a system relation into rows of text; `call` evaluates a function on one
// row.
//
// Threads: one.

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "instance.hpp"
#include "mortise/cpp/schema.hpp"
#include "mortise/iface/draft/sysview.h"
#include "mortise/iface/draft/type.h"

namespace mortise::sql_catalog {

// An argument: null, a number (bool, int2, int4, int8, oid), or text.
using Value = std::variant<std::monostate, int64_t, std::string>;

// A row as text; null is "NULL".
using TextRow = std::vector<std::string>;

struct Hint {
  std::string_view column;
  Value value;
};

class FakeDatabase {
 public:
  FakeDatabase();
  ~FakeDatabase();
  FakeDatabase(const FakeDatabase&) = delete;
  FakeDatabase& operator=(const FakeDatabase&) = delete;

  // Objects are stored encoded, as the engine stores them.
  void add(const schema::DatabaseDef& d);
  void add(const schema::RoleDef& d);
  void add(const schema::SchemaDef& d);
  void add(const schema::RelationDef& d);
  void add(const schema::IndexDef& d);
  void add(const schema::ConstraintDef& d);
  void add(const schema::CommentDef& d);

  std::string search_path = "\"$user\", public";

  // Rows of schema.relation with these columns; all columns if the list is empty.
  std::vector<TextRow> read(std::string_view schema, std::string_view relation,
                            std::vector<std::string_view> columns, std::vector<Hint> hints = {});

  // The overload with these argument types (object ids); "NULL" for null; "SQLSTATE message" for a
  // failure.
  std::string call(std::string_view name, std::vector<uint32_t> types,
                   std::vector<Value> arguments);
  // Rows of a set-returning one.
  std::vector<TextRow> call_rows(std::string_view name, std::vector<uint32_t> types,
                                 std::vector<Value> arguments);
  // A literal of a type, and back to text.
  std::string text_in(uint32_t type, std::string_view text);

  struct Stored {
    uint32_t kind;
    mortise_object_id_t id;
    mortise_object_id_t parent;
    std::string name;
    std::string body;
    mortise_object_t face() const;
  };
  const std::map<std::pair<uint32_t, mortise_object_id_t>, Stored>& stored() const {
    return objects_;
  }

 private:
  const mortise_evaluation_t* evaluation();
  void put(uint32_t kind, mortise_object_id_t id, mortise_object_id_t parent, std::string name,
           std::string body);

  std::map<std::pair<uint32_t, mortise_object_id_t>, Stored> objects_;
  Instance instance_;
  mortise_session_context_t session_{};
  mortise_read_view_t view_{};
  mortise_evaluation_t evaluation_{};
  std::vector<std::unique_ptr<char[]>> memory_;
};

// Shorthands for definitions.
schema::ColumnDef column(std::string name, uint32_t type, int32_t modifier = -1);
std::string joined(const std::vector<TextRow>& rows);  // "a|b\nc|d"

}  // namespace mortise::sql_catalog
