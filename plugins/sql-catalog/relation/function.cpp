// SPDX-License-Identifier: Apache-2.0
//
// pg_proc, pg_operator, pg_cast, pg_aggregate: what the providers of mortise.functions/1 list.
#include "catalog/system_ids.hpp"
#include "relation/fills.hpp"
#include "text/array.hpp"

namespace mortise::sql_catalog {
namespace {

constexpr uint32_t kOwner = schema::kRolePostgres;
constexpr uint32_t kNamespace = schema::kSchemaPgCatalog;

void add_function(Scan& scan, const Function& f) {
  std::optional<std::string> all_types;
  std::optional<std::string> modes;
  std::optional<std::string> names;
  if (!f.column_names.empty()) {
    ArrayText types;
    ArrayText letters;
    ArrayText words;
    for (const uint32_t a : f.arguments) {
      types.add(int64_t{a});
      letters.add("i");
      words.add("");
    }
    for (size_t i = 0; i < f.column_names.size(); ++i) {
      types.add(int64_t{f.column_types[i]});
      letters.add("o");
      words.add(f.column_names[i]);
    }
    all_types = types.take();
    modes = letters.take();
    names = words.take();
  } else if (f.variadic != 0) {
    ArrayText types;
    ArrayText letters;
    for (size_t i = 0; i < f.arguments.size(); ++i) {
      types.add(int64_t{f.arguments[i]});
      letters.add(i + 1 == f.arguments.size() ? "v" : "i");
    }
    all_types = types.take();
    modes = letters.take();
  }
  scan.rows.add(f.oid, f.name, kNamespace, kOwner, kLanguageInternal, 1.0,
                f.returns_set ? 1000.0 : 0.0, f.variadic, 0, f.kind, false, false, f.is_strict,
                f.returns_set, f.volatility, 's', f.arguments.size(), f.defaults_count, f.result,
                vector_text(f.arguments), all_types, modes, names, kNull, kNull, f.name, kNull,
                kNull, kNull, kNull);
}

uint32_t find_operator(const Providers& providers, std::string_view name, uint32_t left,
                       uint32_t right) {
  if (name.empty()) return 0;
  for (const Operator& o : providers.operators()) {
    if (o.name == name && o.left == left && o.right == right) return o.oid;
  }
  return 0;
}

}  // namespace

Status fill_pg_proc(Scan& scan) {
  const Providers& providers = scan.objects.providers();
  if (const auto oid = scan.wanted_oid("oid")) {
    if (const Function* f = providers.function(*oid)) add_function(scan, *f);
    return {};
  }
  if (const auto name = scan.wanted_text("proname")) {
    for (const Function* f : providers.functions(*name)) add_function(scan, *f);
    return {};
  }
  for (const Function& f : providers.functions()) add_function(scan, f);
  return {};
}

Status fill_pg_operator(Scan& scan) {
  const Providers& providers = scan.objects.providers();
  for (const Operator& o : providers.operators()) {
    const bool is_equality = o.name == "=";
    const uint32_t result = o.function == nullptr ? 0 : o.function->result;
    const uint32_t function = o.function == nullptr ? 0 : o.function->oid;
    scan.rows.add(
        o.oid, o.name, kNamespace, kOwner, o.left == 0 ? 'l' : 'b', is_equality, is_equality,
        o.left, o.right, result,
        [&] { return find_operator(providers, o.commutator, o.right, o.left); },
        [&] { return find_operator(providers, o.negator, o.left, o.right); }, function, 0, 0);
  }
  return {};
}

Status fill_pg_cast(Scan& scan) {
  for (const Cast& c : scan.objects.providers().casts()) {
    scan.rows.add(c.oid, c.source, c.target, c.function, c.context, c.method);
  }
  return {};
}

Status fill_pg_aggregate(Scan& scan) {
  for (const Function& f : scan.objects.providers().functions()) {
    if (f.kind != 'a') continue;
    // States are private bytes of the provider; their functions have no names.
    scan.rows.add(f.oid, 'n', 0, 0, 0, 0, 0, 0, 0, 0, 0, false, false, 'r', 'r', 0, 2281, 0, 0, 0,
                  kNull, kNull);
  }
  return {};
}

}  // namespace mortise::sql_catalog
