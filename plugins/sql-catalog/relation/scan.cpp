// SPDX-License-Identifier: Apache-2.0
#include "relation/scan.hpp"

namespace mortise::sql_catalog {

Scan::Scan(const Relation& relation, const mortise_evaluation_t* evaluation,
           const mortise_read_view_t* view, std::span<const uint32_t> wanted,
           std::span<const mortise_sysview_hint_t> hints)
    : objects(instance(), evaluation, view),
      rows(relation.columns, wanted),
      relation_(relation),
      hints_(hints) {}

const mortise_sysview_hint_t* Scan::hint(std::string_view column) const {
  for (const mortise_sysview_hint_t& h : hints_) {
    if (h.column_index < relation_.columns.size() &&
        view_of(relation_.columns[h.column_index].name) == column) {
      return &h;
    }
  }
  return nullptr;
}

std::optional<mortise_object_id_t> Scan::wanted_oid(std::string_view column) const {
  const mortise_sysview_hint_t* h = hint(column);
  if (h == nullptr) return std::nullopt;
  return static_cast<mortise_object_id_t>(*static_cast<const int64_t*>(h->value));
}

std::optional<std::string_view> Scan::wanted_text(std::string_view column) const {
  const mortise_sysview_hint_t* h = hint(column);
  if (h == nullptr) return std::nullopt;
  return text_of(*static_cast<const mortise_view_t*>(h->value));
}

bool Scan::is_wanted(std::string_view column) const {
  return rows.is_wanted(position(column));
}

size_t Scan::position(std::string_view column) const {
  for (size_t i = 0; i < relation_.columns.size(); ++i) {
    if (view_of(relation_.columns[i].name) == column) return i;
  }
  MORTISE_UNREACHABLE();
}

}  // namespace mortise::sql_catalog
