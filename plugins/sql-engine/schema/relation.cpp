// SPDX-License-Identifier: Apache-2.0

#include "schema/relation.hpp"

namespace mortise::sql_engine {

Relation::~Relation() {
  for (IndexInfo& index : indexes) {
    if (index.handle != nullptr) index.method->close(index.handle);
  }
  if (table != nullptr) engine->close(table);
}

int32_t Relation::find_column(std::string_view column_name) const {
  for (size_t i = 0; i < definition.columns.size(); ++i) {
    const schema::ColumnDef& c = definition.columns[i];
    if (!c.is_dropped && c.name == column_name) return static_cast<int32_t>(i);
  }
  return -1;
}

}  // namespace mortise::sql_engine
