// SPDX-License-Identifier: Apache-2.0
#include "catalog/providers.hpp"

#include <algorithm>

#include "function/object_ids.hpp"
#include "mortise/iface/draft/index.h"
#include "mortise/iface/draft/table_engine.h"
#include "text/words.hpp"
#include "types/type_facts.hpp"

namespace mortise::sql_catalog {
namespace {

// Where object ids begin that PostgreSQL does not have: operators and casts of our own.
constexpr uint32_t kOperatorIdsOwn = 11'000'000;
constexpr uint32_t kCastIdsOwn = 12'000'000;
constexpr uint32_t kAccessMethodIdsOwn = 13'100;

template <typename Entry>
const Entry* entry_at(const Entry* base, uint32_t stride_bytes, uint32_t index) {
  return reinterpret_cast<const Entry*>(reinterpret_cast<const uint8_t*>(base) +
                                        static_cast<size_t>(index) * stride_bytes);
}

Type read_type(std::string_view line) {
  const std::vector<std::string_view> w = words(line, " ");
  Type t;
  t.oid = number(w[0]);
  t.name = w[1];
  t.length_bytes = number<int32_t>(w[2]);
  t.is_by_value = w[3] == "t";
  t.alignment = w[4][0];
  t.storage = w[5][0];
  t.kind = w[6][0];
  t.category = w[7][0];
  t.is_preferred = w[8] == "t";
  t.delimiter = w[9][0];
  t.element = number(w[10]);
  t.array = number(w[11]);
  t.collation = number(w[12]);
  uint32_t* const procedures[] = {&t.input,       &t.output,       &t.receive,   &t.send,
                                  &t.modifier_in, &t.modifier_out, &t.subscript, &t.analyze};
  for (size_t i = 0; i < std::size(procedures); ++i) *procedures[i] = number(w[13 + i]);
  return t;
}

// What PostgreSQL's own array types have in common.
Type array_of(const Type& element, uint32_t oid) {
  Type t;
  t.oid = oid;
  t.name = "_" + element.name;
  t.display = element.display + "[]";
  t.alignment = element.alignment == 'd' ? 'd' : 'i';
  t.category = 'A';
  t.delimiter = element.delimiter;
  t.element = element.oid;
  t.collation = element.collation;
  t.input = 750;
  t.output = 751;
  t.receive = 2400;
  t.send = 2401;
  t.modifier_in = element.modifier_in;
  t.modifier_out = element.modifier_out;
  t.subscript = 6179;
  t.analyze = 3816;
  return t;
}

char letter_of_kind(uint32_t kind) {
  if (kind == MORTISE_FUNCTION_AGGREGATE) return 'a';
  return kind == MORTISE_FUNCTION_WINDOW ? 'w' : 'f';
}

char letter_of_volatility(uint32_t volatility) {
  if (volatility == MORTISE_VOLATILITY_IMMUTABLE) return 'i';
  return volatility == MORTISE_VOLATILITY_STABLE ? 's' : 'v';
}

Function describe(const mortise_function_t& f) {
  Function out;
  out.oid = f.oid;
  out.name = view_of(f.name);
  out.arguments.assign(f.argument_types, f.argument_types + f.arguments_count);
  out.result = f.return_type;
  out.kind = letter_of_kind(f.kind);
  out.volatility = letter_of_volatility(f.volatility);
  out.is_strict = f.is_strict != 0;
  out.returns_set = f.returns_set != 0;
  out.variadic = f.variadic_type;
  out.defaults_count = f.defaults_count;
  if (f.table != nullptr && f.table->columns_count > 1) {
    for (uint32_t i = 0; i < f.table->columns_count; ++i) {
      out.column_names.emplace_back(view_of(f.table->column_names[i]));
      out.column_types.push_back(f.table->column_types[i]);
    }
  }
  out.entry = &f;
  return out;
}

uint64_t pair_key(uint32_t first, uint32_t second) {
  return static_cast<uint64_t>(first) << 32 | second;
}

template <typename Row>
bool is_before(const Row& a, const Row& b) {
  return a.oid < b.oid;
}

}  // namespace

Providers::Providers(const Host& host) {
  host.each<mortise_iface_type_t>(MORTISE_IFACE_TYPE,
                                  [&](std::string_view, const auto* table) { add_types(*table); });
  host.each<mortise_iface_functions_t>(
      MORTISE_IFACE_FUNCTIONS, [&](std::string_view, const auto* table) { add_functions(*table); });
  host.each<mortise_iface_sysview_t>(
      MORTISE_IFACE_SYSVIEW, [&](std::string_view, const auto* table) {
        for (uint32_t i = 0; i < table->views_count; ++i) {
          const mortise_sysview_t* v = entry_at(table->views, table->view_stride_bytes, i);
          if (views_by_oid_.try_emplace(v->object, v).second) views_.push_back(v);
          views_by_name_.try_emplace(
              {std::string(view_of(v->schema)), std::string(view_of(v->name))}, v);
        }
      });
  add_access_method("heap", false);
  host.each<void>(MORTISE_IFACE_TABLE_ENGINE,
                  [&](std::string_view slot, const void*) { add_access_method(slot, false); });
  host.each<void>(MORTISE_IFACE_INDEX,
                  [&](std::string_view slot, const void*) { add_access_method(slot, true); });
  complete_types();
  complete_functions();
  complete_operators();
  complete_casts();
  for (const std::string_view line : words(kOperatorClasses, " \n")) {
    const std::vector<std::string_view> w = words(line, ":");
    if (type(number(w[4])) == nullptr) continue;
    operator_classes_.push_back({number(w[0]), std::string(w[1]), number(w[2]), std::string(w[3]),
                                 number(w[4]), w[5] == "t", number(w[6]), number(w[7])});
  }
}

void Providers::add_types(const mortise_iface_type_t& provider) {
  for (uint32_t i = 0; i < provider.types_count; ++i) {
    const mortise_type_info_t* info = entry_at(provider.types, provider.type_stride_bytes, i);
    if (!types_by_oid_.try_emplace(info->sql_type, types_.size()).second) continue;  // P1
    Type t;
    t.oid = info->sql_type;
    t.name = view_of(info->name);
    t.display = view_of(info->display);
    t.info = info;
    t.length_bytes = info->length_bytes;
    t.category = static_cast<char>(info->category);
    t.kind = t.category == 'P' ? 'p' : 'b';
    t.is_preferred = info->is_preferred != 0;
    t.array = info->array_type;
    types_.push_back(std::move(t));
  }
}

void Providers::complete_types() {
  for (const std::string_view line : words(kTypeFacts, "\n")) {
    Type fact = read_type(line);
    const auto found = types_by_oid_.find(fact.oid);
    if (found == types_by_oid_.end()) {
      if (fact.kind != 'p') continue;  // P2
      fact.display = fact.name == "any" ? "\"any\"" : fact.name;
      types_by_oid_.emplace(fact.oid, types_.size());
      types_.push_back(std::move(fact));
      continue;
    }
    Type& known = types_[found->second];
    fact.display = known.display;
    fact.info = known.info;
    known = std::move(fact);
  }
  const size_t scalars_count = types_.size();
  for (size_t i = 0; i < scalars_count; ++i) {
    if (types_[i].array == 0) continue;
    Type made = array_of(types_[i], types_[i].array);
    const auto [found, is_new] = types_by_oid_.try_emplace(made.oid, types_.size());
    if (is_new) {
      types_.push_back(std::move(made));
    } else {
      made.info = types_[found->second].info;
      types_[found->second] = std::move(made);
    }
  }
  std::sort(types_.begin(), types_.end(), is_before<Type>);
  for (size_t i = 0; i < types_.size(); ++i) {
    types_by_oid_[types_[i].oid] = i;
    types_by_name_.try_emplace(types_[i].name, i);
  }
  for (size_t i = 0; i < types_.size(); ++i) types_by_name_.try_emplace(types_[i].display, i);
  static constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
      {"int", "int4"},     {"decimal", "numeric"}, {"dec", "numeric"},
      {"float", "float8"}, {"char", "bpchar"},     {"boolean", "bool"}};
  for (const auto& [alias, name] : kAliases) {
    const auto found = types_by_name_.find(name);
    if (found != types_by_name_.end())
      types_by_name_.try_emplace(std::string(alias), found->second);
  }
}

void Providers::add_functions(const mortise_iface_functions_t& provider) {
  for (uint32_t i = 0; i < provider.functions_count; ++i) {
    listed_functions_.push_back(entry_at(provider.functions, provider.function_stride_bytes, i));
  }
  for (uint32_t i = 0; i < provider.casts_count; ++i) {
    listed_casts_.push_back(entry_at(provider.casts, provider.cast_stride_bytes, i));
  }
}

void Providers::complete_functions() {
  for (const mortise_function_t* f : listed_functions_) {
    if (view_of(f->name).empty()) continue;
    if (!functions_by_oid_.try_emplace(f->oid, 0).second) continue;  // P1
    functions_.push_back(describe(*f));
  }
  for (const std::string_view word : words(kTypeProcedures, " \n")) {
    const std::vector<std::string_view> w = words(word, ":");
    Function f;
    f.oid = number(w[0]);
    f.name = w[1];
    f.result = number(w[2]);
    f.volatility = w[3][0];
    if (w.size() > 4) {
      for (const std::string_view a : words(w[4], ",")) f.arguments.push_back(number(a));
    }
    if (functions_by_oid_.try_emplace(f.oid, 0).second) functions_.push_back(std::move(f));
  }
  std::sort(functions_.begin(), functions_.end(), is_before<Function>);
  for (size_t i = 0; i < functions_.size(); ++i) {
    functions_by_oid_[functions_[i].oid] = i;
    functions_by_name_.emplace(functions_[i].name, i);
  }
}

void Providers::complete_operators() {
  std::map<std::string, uint32_t, std::less<>> ids;  // "symbol left,right"
  std::string_view symbol;
  for (const std::string_view line : words(kOperatorIds, "\n")) {
    std::vector<std::string_view> w = words(line, " ");
    if (!line.starts_with("  ")) {
      symbol = w[0];
      w.erase(w.begin());
    }
    for (const std::string_view pair : w) {
      const size_t colon = pair.find(':');
      std::string key(symbol);
      key.append(" ").append(pair.substr(0, colon));
      ids.emplace(std::move(key), number(pair.substr(colon + 1)));
    }
  }
  std::unordered_map<uint32_t, uint32_t> taken;
  for (const mortise_function_t* f : listed_functions_) {
    if (f->operator_symbol.size_bytes == 0 || f->arguments_count == 0 || f->arguments_count > 2) {
      continue;
    }
    Operator o;
    o.name = view_of(f->operator_symbol);
    o.left = f->arguments_count == 2 ? f->argument_types[0] : 0;
    o.right = f->argument_types[f->arguments_count - 1];
    o.function = function(f->oid);
    o.commutator = view_of(f->commutator);
    o.negator = view_of(f->negator);
    const auto known =
        ids.find(o.name + " " + std::to_string(o.left) + "," + std::to_string(o.right));
    o.oid = known != ids.end() ? known->second
                               : kOperatorIdsOwn + static_cast<uint32_t>(operators_.size());
    if (taken.emplace(o.oid, 0).second) operators_.push_back(std::move(o));
  }
  std::sort(operators_.begin(), operators_.end(), is_before<Operator>);
}

void Providers::complete_casts() {
  struct Known {
    uint32_t oid;
    uint32_t function;
  };
  std::unordered_map<uint64_t, Known> ids;
  for (const std::string_view word : words(kCastIds, " \n")) {
    const std::vector<std::string_view> w = words(word, ":,");
    ids.emplace(pair_key(number(w[0]), number(w[1])), Known{number(w[2]), number(w[3])});
  }
  std::unordered_map<uint64_t, uint32_t> taken;
  for (const mortise_cast_t* listed : listed_casts_) {
    const uint64_t key = pair_key(listed->source_type, listed->target_type);
    if (!taken.emplace(key, 0).second) continue;
    Cast c;
    const auto known = ids.find(key);
    c.oid =
        known != ids.end() ? known->second.oid : kCastIdsOwn + static_cast<uint32_t>(casts_.size());
    c.source = listed->source_type;
    c.target = listed->target_type;
    c.function = known != ids.end() ? known->second.function : 0;
    c.context = listed->context == MORTISE_CAST_IMPLICIT     ? 'i'
                : listed->context == MORTISE_CAST_ASSIGNMENT ? 'a'
                                                             : 'e';
    // As PostgreSQL has it: what needs a function there may be the same bytes here.
    c.method = known != ids.end() ? (c.function != 0 ? 'f' : 'b')
                                  : (listed->is_binary_same != 0 ? 'b' : 'f');
    casts_.push_back(c);
  }
  std::sort(casts_.begin(), casts_.end(), is_before<Cast>);
}

void Providers::add_access_method(std::string_view name, bool is_index) {
  if (access_method(name) != 0) return;
  static constexpr std::pair<std::string_view, uint32_t> kKnown[] = {
      {"heap", 2},   {"btree", 403}, {"hash", 405},   {"gist", 783},
      {"gin", 2742}, {"brin", 3580}, {"spgist", 4000}};
  uint32_t oid = kAccessMethodIdsOwn + static_cast<uint32_t>(access_methods_.size());
  for (const auto& [known, id] : kKnown) {
    if (known == name) oid = id;
  }
  access_methods_.push_back({oid, std::string(name), is_index});
}

uint32_t Providers::access_method(std::string_view name) const {
  for (const AccessMethod& m : access_methods_) {
    if (m.name == name) return m.oid;
  }
  return 0;
}

const Type* Providers::type(uint32_t oid) const {
  const auto found = types_by_oid_.find(oid);
  return found == types_by_oid_.end() ? nullptr : &types_[found->second];
}

const Type* Providers::type(std::string_view name) const {
  const auto found = types_by_name_.find(name);
  return found == types_by_name_.end() ? nullptr : &types_[found->second];
}

const Function* Providers::function(uint32_t oid) const {
  const auto found = functions_by_oid_.find(oid);
  return found == functions_by_oid_.end() ? nullptr : &functions_[found->second];
}

std::vector<const Function*> Providers::functions(std::string_view name) const {
  std::vector<const Function*> found;
  const auto [begin, end] = functions_by_name_.equal_range(name);
  for (auto i = begin; i != end; ++i) found.push_back(&functions_[i->second]);
  return found;
}

uint32_t Providers::operator_class(uint32_t type, uint32_t method) const {
  const uint32_t wanted = type == MORTISE_SQL_VARCHAR ? uint32_t{MORTISE_SQL_TEXT} : type;
  for (const OperatorClass& c : operator_classes_) {
    if (c.input_type == wanted && c.method == method && c.is_default) return c.oid;
  }
  return 0;
}

const mortise_sysview_t* Providers::view(mortise_object_id_t oid) const {
  const auto found = views_by_oid_.find(oid);
  return found == views_by_oid_.end() ? nullptr : found->second;
}

const mortise_sysview_t* Providers::view(std::string_view schema, std::string_view name) const {
  const auto found = views_by_name_.find({std::string(schema), std::string(name)});
  return found == views_by_name_.end() ? nullptr : found->second;
}

}  // namespace mortise::sql_catalog
