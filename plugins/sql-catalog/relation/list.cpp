// SPDX-License-Identifier: Apache-2.0
//
// The descriptions of stored_columns.hpp, view_columns.hpp and information_schema_columns.hpp,
// taken apart at compile time and put together with the code that fills them.
#include <array>

#include "mortise/cpp/plugin.hpp"
#include "relation/fills.hpp"
#include "relation/information_schema_columns.hpp"
#include "relation/stored_columns.hpp"
#include "relation/view_columns.hpp"

namespace mortise::sql_catalog {
namespace {

// One line of a description, without its line end; false after the last.
consteval bool take_line(std::string_view& text, std::string_view& line) {
  while (text.starts_with('\n')) text.remove_prefix(1);
  if (text.empty()) return false;
  const size_t end = text.find('\n');
  line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end);
  return true;
}

consteval std::string_view take_word(std::string_view& line) {
  while (line.starts_with(' ')) line.remove_prefix(1);
  const size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  line = end == std::string_view::npos ? std::string_view() : line.substr(end);
  return word;
}

consteval uint32_t take_number(std::string_view& line) {
  uint32_t value = 0;
  for (const char c : take_word(line)) value = value * 10 + static_cast<uint32_t>(c - '0');
  return value;
}

struct Counts {
  size_t relations = 0;
  size_t columns = 0;
};

consteval Counts count(std::string_view text) {
  Counts counts;
  std::string_view line;
  while (take_line(text, line)) {
    if (line.starts_with(' ')) {
      while (!take_word(line).empty()) ++counts.columns;
    } else {
      ++counts.relations;
    }
  }
  return counts;
}

struct Heading {
  std::string_view schema;
  std::string_view name;
  uint32_t oid = 0;
  bool is_view = false;
  size_t columns_begin = 0;
  size_t columns_end = 0;
};

constexpr Counts kStored = count(kStoredColumns);
constexpr Counts kViews = count(kViewColumns);
constexpr Counts kInformation = count(kInformationSchemaColumns);
constexpr size_t kRelationsCount = kStored.relations + kViews.relations + kInformation.relations;
constexpr size_t kColumnsCount = kStored.columns + kViews.columns + kInformation.columns;

struct Parsed {
  std::array<Heading, kRelationsCount> headings;
  std::array<mortise_sysview_column_t, kColumnsCount> columns;
};

consteval void parse(std::string_view schema, std::string_view text, Parsed& out, size_t& relation,
                     size_t& column) {
  std::string_view line;
  while (take_line(text, line)) {
    if (!line.starts_with(' ')) {
      Heading& h = out.headings[relation++];
      h.schema = schema;
      h.name = take_word(line);
      h.oid = take_number(line);
      h.is_view = take_word(line) == "v";
      h.columns_begin = h.columns_end = column;
      continue;
    }
    for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
      const size_t colon = word.find(':');
      const std::string_view name = word.substr(0, colon);
      out.columns[column++] = {
          {name.data(), name.size()}, sql_type_named(word.substr(colon + 1)), 0};
      out.headings[relation - 1].columns_end = column;
    }
  }
}

consteval Parsed parse() {
  Parsed out{};
  size_t relation = 0;
  size_t column = 0;
  parse("pg_catalog", kStoredColumns, out, relation, column);
  parse("pg_catalog", kViewColumns, out, relation, column);
  parse("information_schema", kInformationSchemaColumns, out, relation, column);
  return out;
}

constexpr Parsed kParsed = parse();

template <size_t N>
consteval Fill fill_named(const NamedFill (&list)[N], std::string_view name) {
  for (const NamedFill& f : list) {
    if (f.relation == name) return f.fill;
  }
  return nullptr;
}

consteval std::array<Relation, kRelationsCount> relations() {
  std::array<Relation, kRelationsCount> list{};
  for (size_t i = 0; i < kRelationsCount; ++i) {
    const Heading& h = kParsed.headings[i];
    list[i].schema = h.schema;
    list[i].name = h.name;
    list[i].columns = std::span<const mortise_sysview_column_t>(kParsed.columns)
                          .subspan(h.columns_begin, h.columns_end - h.columns_begin);
    list[i].fill = h.schema == "pg_catalog" ? fill_named(kCatalogFills, h.name)
                                            : fill_named(kInformationSchemaFills, h.name);
  }
  return list;
}

constexpr std::array<Relation, kRelationsCount> kRelations = relations();

// Every fill has its relation.
template <size_t N>
consteval bool are_all_known(const NamedFill (&list)[N], std::string_view schema) {
  for (const NamedFill& f : list) {
    bool is_known = false;
    for (const Relation& r : kRelations) {
      is_known = is_known || (r.schema == schema && r.name == f.relation);
    }
    if (!is_known) return false;
  }
  return true;
}
static_assert(are_all_known(kCatalogFills, "pg_catalog"));
static_assert(are_all_known(kInformationSchemaFills, "information_schema"));

mortise_status_t MORTISE_CALL open(void* context, const mortise_evaluation_t* evaluation,
                                   const mortise_read_view_t* view, const uint32_t* columns,
                                   uint32_t columns_count, const mortise_sysview_hint_t* hints,
                                   uint32_t hints_count, void** cursor, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const auto& relation = *static_cast<const Relation*>(context);
    auto scan = std::make_unique<Scan>(relation, evaluation, view,
                                       std::span<const uint32_t>(columns, columns_count),
                                       std::span<const mortise_sysview_hint_t>(hints, hints_count));
    if (relation.fill != nullptr) MORTISE_TRY(relation.fill(*scan));
    *cursor = scan.release();
    return {};
  });
}

mortise_status_t MORTISE_CALL next(void* cursor, mortise_batch_t* batch, mortise_error_t* error) {
  return guard(error, [&]() -> mortise_status_t {
    return static_cast<Scan*>(cursor)->rows.next(*batch) ? MORTISE_OK : MORTISE_END;
  });
}

void MORTISE_CALL close(void* cursor) {
  delete static_cast<Scan*>(cursor);
}

constexpr mortise_sysview_t face_of(size_t index) {
  const Heading& h = kParsed.headings[index];
  mortise_sysview_t v{};
  v.object = h.oid;
  v.schema = {h.schema.data(), h.schema.size()};
  v.name = {h.name.data(), h.name.size()};
  v.columns = kRelations[index].columns.data();
  v.columns_count = static_cast<uint32_t>(kRelations[index].columns.size());
  v.help = literal("As PostgreSQL 15 documents it.");
  v.context = const_cast<Relation*>(&kRelations[index]);
  v.is_view = h.is_view ? 1 : 0;
  v.open = open;
  v.next = next;
  v.close = close;
  return v;
}

consteval std::array<mortise_sysview_t, kRelationsCount> faces() {
  std::array<mortise_sysview_t, kRelationsCount> list{};
  for (size_t i = 0; i < kRelationsCount; ++i) list[i] = face_of(i);
  return list;
}

constexpr std::array<mortise_sysview_t, kRelationsCount> kFaces = faces();

}  // namespace

const mortise_iface_sysview_t kViewTable = {header_of<mortise_iface_sysview_t>(), kFaces.data(),
                                            static_cast<uint32_t>(kFaces.size()),
                                            sizeof(mortise_sysview_t)};

}  // namespace mortise::sql_catalog
