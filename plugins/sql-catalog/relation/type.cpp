// SPDX-License-Identifier: Apache-2.0
//
// pg_type and what belongs to types: pg_opclass, pg_opfamily, pg_collation; pg_am, pg_language.
#include <unordered_set>

#include "catalog/system_ids.hpp"
#include "relation/fills.hpp"

namespace mortise::sql_catalog {
namespace {

constexpr uint32_t kOwner = schema::kRolePostgres;
constexpr uint32_t kNamespace = schema::kSchemaPgCatalog;

void add_type(Scan& scan, const Type& t) {
  scan.rows.add(t.oid, t.name, kNamespace, kOwner, t.length_bytes, t.is_by_value, t.kind,
                t.category, t.is_preferred, true, t.delimiter, 0, t.subscript, t.element, t.array,
                t.input, t.output, t.receive, t.send, t.modifier_in, t.modifier_out, t.analyze,
                t.alignment, t.storage, false, 0, -1, 0, t.collation, kNull, kNull, kNull);
}

}  // namespace

Status fill_pg_type(Scan& scan) {
  const Providers& providers = scan.objects.providers();
  if (const auto oid = scan.wanted_oid("oid")) {
    if (const Type* t = providers.type(*oid)) add_type(scan, *t);
    return {};
  }
  const auto name = scan.wanted_text("typname");
  for (const Type& t : providers.types()) {
    if (!name || t.name == *name) add_type(scan, t);
  }
  return {};
}

Status fill_pg_collation(Scan& scan) {
  // oid, name, provider, encoding, locale
  scan.rows.add(kCollationDefault, "default", kNamespace, kOwner, 'd', true, -1, kNull, kNull,
                kNull, kNull);
  scan.rows.add(950, "C", kNamespace, kOwner, 'c', true, -1, "C", "C", kNull, kNull);
  scan.rows.add(951, "POSIX", kNamespace, kOwner, 'c', true, -1, "POSIX", "POSIX", kNull, kNull);
  return {};
}

Status fill_pg_opclass(Scan& scan) {
  for (const OperatorClass& c : scan.objects.providers().operator_classes()) {
    scan.rows.add(c.oid, c.method, c.name, kNamespace, kOwner, c.family, c.input_type, c.is_default,
                  c.key_type);
  }
  return {};
}

Status fill_pg_opfamily(Scan& scan) {
  std::unordered_set<uint32_t> seen;
  for (const OperatorClass& c : scan.objects.providers().operator_classes()) {
    if (!seen.insert(c.family).second) continue;
    scan.rows.add(c.family, c.method, c.family_name, kNamespace, kOwner);
  }
  return {};
}

Status fill_pg_am(Scan& scan) {
  const Providers& providers = scan.objects.providers();
  for (const AccessMethod& m : providers.access_methods()) {
    const std::string handler = m.name == "heap"    ? "heap_tableam_handler"
                                : m.name == "btree" ? "bthandler"
                                                    : m.name + "handler";
    const auto found = providers.functions(handler);
    scan.rows.add(m.oid, m.name, found.empty() ? 0 : found.front()->oid, m.is_index ? 'i' : 't');
  }
  return {};
}

Status fill_pg_language(Scan& scan) {
  scan.rows.add(kLanguageInternal, "internal", kOwner, false, false, 0, 0, 2246, kNull);
  scan.rows.add(13, "c", kOwner, false, false, 0, 0, 2247, kNull);
  scan.rows.add(14, "sql", kOwner, false, true, 0, 0, 2248, kNull);
  return {};
}

}  // namespace mortise::sql_catalog
