// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which words of the neutral tree stand for a node of PostgreSQL's grammar?
//
// One function per family of nodes, one file per room of the language: expression.cpp, query.cpp,
// change.cpp, definition.cpp, control.cpp.  The vocabulary is mortise/syntax.h.
//
// Invariant
//   D2  What the grammar accepts and the tree has no word for is refused by name (0A000), never
//       dropped: a clause that is silently ignored would be a wrong answer.
//
// Threads: one statement text, one Reader.

#include <string_view>
#include <vector>

#include "json.hpp"
#include "tree.hpp"

namespace mortise::dialect_postgres {

class Reader {
 public:
  // `whole` is what the grammar has read; locations count its bytes.
  Reader(Tree& tree, std::string_view whole) : tree_(tree), whole_(whole), text_(whole) {}

  // Any statement; `text` is the statement's own part of the whole.
  Id statement(Json node, std::string_view text);

 private:
  // control.cpp
  Id transaction(Json n);
  Id set(Json n);
  Id explain(Json n);
  Id fetch(Json n);
  Id declare(Json n);
  Id maintain(std::string_view what, Json n);
  Id lock_table(Json n);
  Id control(std::string_view type, Json n);
  Id prepared_or_cursor(std::string_view type, Json n);

  // change.cpp
  Id insert(Json n);
  Id on_conflict(Json n);
  Id update(Json n);
  Id erase(Json n);
  Id merge(Json n);
  Id merge_when(Json n);
  Id copy(Json n);
  Id truncate(Json n);
  Id assignments(Json list);

  // definition.cpp and alteration.cpp
  Id create_table(Json n);
  Id table_element(Json node);
  Id column_def(Json n);
  Id constraint(Json n);
  Id create_table_as(Json n);
  Id create_index(Json n);
  Id index_elements(Json list);
  Id create_view(Json n);
  Id create_named(std::string_view type, Json n);
  Id definition(std::string_view type, Json n);
  Id drop(Json n);
  Id object_name(Json node);
  Id alter_table(Json n);
  Id alter_command(Json n);
  Id rename(Json n);
  Id comment(Json n);
  Id grant(std::string_view type, Json n);
  Id alteration(std::string_view type, Json n);

  // query.cpp
  Id query(Json node);
  Id select(Json n);
  Id with(Json n);
  Id from_item(Json node);
  Id table(Json n);
  Id join(Json n);
  Id function_table(Json n);
  Id window(Json n);
  Id sort(Json n);
  Id locking(Json n);
  Id targets(Json list);
  Id group_item(Json node);

  // expression.cpp
  Id expression(Json node);
  Id test(std::string_view type, Json n);
  Id constant(Json n);
  Id column(Json n);
  Id operation(Json n);
  Id like(Json n, uint32_t flags);
  Id between(Json n, std::string_view kind);
  Id call(Json n);
  Id sublink(Json n);
  Id case_of(Json n);
  Id indirection(Json n);
  Id type_name(Json n);
  Id sql_value(Json n);

  // Lists: each entry through `convert`; nothing for an absent or empty list.
  template <typename Convert>
  Id list(Json entries, Convert&& convert) {
    std::vector<Id> ids;
    entries.each([&](Json entry) { ids.push_back(convert(entry)); });
    return tree_.list(ids);
  }
  Id expressions(Json entries) {
    return list(entries, [this](Json e) { return expression(e); });
  }
  // A list of String nodes as a LIST of NAMEs.
  Id names(Json entries);
  // A list of DefElem nodes as OPTIONs.
  Id options(Json entries);
  Id option_value(Json node, uint32_t position);
  Id string_option(std::string_view name, std::string_view value);
  std::vector<Id> children(Json entries);

  static uint32_t position(Json n) {
    const int64_t location = n.number("location");
    return location < 0 ? 0 : static_cast<uint32_t>(location) + 1;
  }

  // The integer of node `n`, which is written at or after `position`.
  int64_t integer(Json n, uint32_t position) const;

  Tree& tree_;
  std::string_view whole_;
  std::string_view text_;
};

}  // namespace mortise::dialect_postgres
