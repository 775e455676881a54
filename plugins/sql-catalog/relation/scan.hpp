// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does the code that fills a system relation get to work with?
//
// A Scan: the objects that the statement sees, the rows to add to, and the equalities that the
// reader will test anyway.  A Fill may use those to read less; it need not.
//
// Threads: one; [worker].

#include <optional>
#include <span>
#include <string_view>

#include "catalog/objects.hpp"
#include "mortise/iface/draft/sysview.h"
#include "relation/rows.hpp"

namespace mortise::sql_catalog {

struct Relation;

class Scan {
 public:
  Scan(const Relation& relation, const mortise_evaluation_t* evaluation,
       const mortise_read_view_t* view, std::span<const uint32_t> wanted,
       std::span<const mortise_sysview_hint_t> hints);

  Objects objects;
  Rows rows;

  // The value that a column has to equal, if the reader has said so.
  std::optional<mortise_object_id_t> wanted_oid(std::string_view column) const;
  std::optional<std::string_view> wanted_text(std::string_view column) const;
  bool is_wanted(std::string_view column) const;
  // Its position; the column exists.
  size_t position(std::string_view column) const;

 private:
  const mortise_sysview_hint_t* hint(std::string_view column) const;

  const Relation& relation_;
  std::span<const mortise_sysview_hint_t> hints_;  // during the fill only
};

using Fill = Status (*)(Scan& scan);

// A system relation of this plugin.
struct Relation {
  std::string_view schema;
  std::string_view name;
  std::span<const mortise_sysview_column_t> columns;
  Fill fill;  // null: it is empty
};

// All of them, as mortise.sysview/1 shows them.
extern const mortise_iface_sysview_t kViewTable;

}  // namespace mortise::sql_catalog
