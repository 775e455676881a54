// SPDX-License-Identifier: Apache-2.0
//
// How large things are: pages of the segments that the catalog names.
#include <charconv>
#include <cmath>

#include "catalog/storage_size.hpp"
#include "function/lists.hpp"
#include "types/object_name.hpp"

namespace mortise::sql_catalog {
namespace {

using Size = Result<std::optional<int64_t>>;

int64_t segment_bytes(Call& call, mortise_segment_id_t segment) {
  return static_cast<int64_t>(size_of_segment(call.services(), segment));
}

Result<int64_t> indexes_bytes(Call& call, const RelationDef& relation) {
  MORTISE_TRY_ASSIGN(const std::vector<IndexPtr> indexes, call.objects().indexes_of(relation));
  int64_t size_bytes = 0;
  for (const IndexPtr& i : indexes) size_bytes += segment_bytes(call, i->segment);
  return size_bytes;
}

// Rows and, if asked for, indexes of a table; or an index alone.
Size class_bytes(Call& call, int64_t oid, bool has_rows, bool has_indexes) {
  MORTISE_TRY_ASSIGN(const Class c, call.objects().find_class(static_cast<uint32_t>(oid)));
  if (!c) return std::optional<int64_t>();
  int64_t size_bytes = 0;
  if (c.index != nullptr && has_rows) size_bytes += segment_bytes(call, c.index->segment);
  if (c.relation != nullptr) {
    if (has_rows) size_bytes += segment_bytes(call, c.relation->segment);
    if (has_indexes) {
      MORTISE_TRY_ASSIGN(const int64_t more, indexes_bytes(call, *c.relation));
      size_bytes += more;
    }
  }
  return std::optional<int64_t>(size_bytes);
}

Size relation_size(Call& call, int64_t oid) {
  return class_bytes(call, oid, true, false);
}
Size total_size(Call& call, int64_t oid) {
  return class_bytes(call, oid, true, true);
}
Size indexes_size(Call& call, int64_t oid) {
  return class_bytes(call, oid, false, true);
}

Size fork_size(Call& call, int64_t oid, std::string_view fork) {
  if (fork == "main") return relation_size(call, oid);
  if (fork == "fsm" || fork == "vm" || fork == "init") return std::optional<int64_t>(0);
  return Status(Code::invalid, "22023", "invalid fork name")
      .with(MORTISE_ERROR_FIELD_HINT,
            "Valid fork names are \"main\", \"fsm\", \"vm\", and \"init\".");
}

// What stands in the session's database is known; of another one only that it is there.
Size database_size(Call& call, int64_t oid) {
  MORTISE_TRY_ASSIGN(const DatabaseDef* wanted,
                     call.objects().database(static_cast<uint32_t>(oid)));
  if (wanted == nullptr) return std::optional<int64_t>();
  MORTISE_TRY_ASSIGN(const DatabaseDef* own, call.objects().current_database());
  if (own != wanted) return std::optional<int64_t>(0);
  int64_t size_bytes = 0;
  MORTISE_TRY_ASSIGN(const auto* relations, call.objects().relations());
  for (const RelationPtr& r : *relations) size_bytes += segment_bytes(call, r->segment);
  MORTISE_TRY_ASSIGN(const auto* indexes, call.objects().indexes());
  for (const IndexPtr& i : *indexes) size_bytes += segment_bytes(call, i->segment);
  return std::optional<int64_t>(size_bytes);
}

Size named_database_size(Call& call, std::string_view name) {
  MORTISE_TRY_ASSIGN(const auto* databases, call.objects().databases());
  for (const DatabaseDef& d : *databases) {
    if (d.name == name) return database_size(call, d.id);
  }
  return Status(Code::not_found, "3D000", "database \"" + std::string(name) + "\" does not exist");
}

Size tablespace_size(Call& call, int64_t oid) {
  if (oid != 1663 && oid != 1664) return std::optional<int64_t>();
  if (oid == 1664) return std::optional<int64_t>(0);
  MORTISE_TRY_ASSIGN(const DatabaseDef* own, call.objects().current_database());
  return own == nullptr ? Size(std::optional<int64_t>(0)) : database_size(call, own->id);
}

Size named_tablespace_size(Call& call, std::string_view name) {
  if (name == "pg_default") return tablespace_size(call, 1663);
  if (name == "pg_global") return tablespace_size(call, 1664);
  return Status(Code::not_found, "42704",
                "tablespace \"" + std::string(name) + "\" does not exist");
}

Result<int64_t> size_bytes_of(Call&, std::string_view text) {
  const auto invalid_size = [&] {
    return Status(Code::invalid, "22023", "invalid size: \"" + std::string(text) + "\"");
  };
  std::string_view rest = text;
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  if (rest.starts_with('+')) rest.remove_prefix(1);
  double value = 0;
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (failure != std::errc()) return invalid_size();
  std::string unit;
  for (const char c : rest.substr(static_cast<size_t>(end - rest.data()))) {
    if (c != ' ') unit += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
  }
  static constexpr std::pair<std::string_view, double> kUnits[] = {{"", 1},
                                                                   {"bytes", 1},
                                                                   {"b", 1},
                                                                   {"kb", 1024.0},
                                                                   {"mb", 1048576.0},
                                                                   {"gb", 1073741824.0},
                                                                   {"tb", 1099511627776.0},
                                                                   {"pb", 1125899906842624.0}};
  for (const auto& [name, factor] : kUnits) {
    if (name != unit) continue;
    const double size = std::nearbyint(value * factor);
    if (std::fabs(size) >= 9.2e18) {
      return Status(Code::invalid, "22003", "bigint out of range");
    }
    return static_cast<int64_t>(size);
  }
  return invalid_size()
      .with(MORTISE_ERROR_FIELD_DETAIL, "Invalid size unit: \"" + unit + "\".")
      .with(MORTISE_ERROR_FIELD_HINT,
            "Valid units are \"bytes\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".");
}

std::optional<std::string> tablespace_location(Call&, int64_t) {
  return std::string();
}

Size file_node(Call& call, int64_t oid) {
  MORTISE_TRY_ASSIGN(const Class c, call.objects().find_class(static_cast<uint32_t>(oid)));
  if (!c || (c.relation != nullptr && c.relation->kind == schema::RelationKind::view)) {
    return std::optional<int64_t>();
  }
  return std::optional<int64_t>(oid);
}

constexpr Traits kVolatile = {.volatility = MORTISE_VOLATILITY_VOLATILE};
constexpr Traits kImmutable = {.volatility = MORTISE_VOLATILITY_IMMUTABLE};

constexpr mortise_function_t kTable[] = {
    scalar<"regclass:int8", &relation_size>(2325, "pg_relation_size", kVolatile),
    scalar<"regclass,text:int8", &fork_size>(2332, "pg_relation_size", kVolatile),
    scalar<"regclass:int8", &relation_size>(2997, "pg_table_size", kVolatile),
    scalar<"regclass:int8", &indexes_size>(2998, "pg_indexes_size", kVolatile),
    scalar<"regclass:int8", &total_size>(2286, "pg_total_relation_size", kVolatile),
    scalar<"oid:int8", &database_size>(2324, "pg_database_size", kVolatile),
    scalar<"name:int8", &named_database_size>(2168, "pg_database_size", kVolatile),
    scalar<"oid:int8", &tablespace_size>(2322, "pg_tablespace_size", kVolatile),
    scalar<"name:int8", &named_tablespace_size>(2323, "pg_tablespace_size", kVolatile),
    scalar<"text:int8", &size_bytes_of>(3334, "pg_size_bytes", kImmutable),
    scalar<"oid:text", &tablespace_location>(3778, "pg_tablespace_location"),
    scalar<"regclass:oid", &file_node>(2999, "pg_relation_filenode"),
};

}  // namespace

const FunctionList kSizeFunctions = kTable;

}  // namespace mortise::sql_catalog
