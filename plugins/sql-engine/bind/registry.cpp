// SPDX-License-Identifier: Apache-2.0

#include "bind/registry.hpp"

#include <algorithm>

#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_engine {
namespace {

uint64_t cast_key(uint32_t source, uint32_t target) {
  return static_cast<uint64_t>(source) << 32 | target;
}

bool has_same_arguments(const mortise_function_t& a, const mortise_function_t& b) {
  return a.arguments_count == b.arguments_count && a.variadic_type == b.variadic_type &&
         std::equal(a.argument_types, a.argument_types + a.arguments_count, b.argument_types);
}

void add_once(std::vector<const mortise_function_t*>& list, const mortise_function_t* function) {
  for (const mortise_function_t* f : list) {
    if (has_same_arguments(*f, *function)) return;  // G1
  }
  list.push_back(function);
}

// Names of types that no provider lists, for messages.
std::string_view fallback_name(uint32_t oid) {
  switch (oid) {
    case MORTISE_SQL_UNKNOWN:
      return "unknown";
    case MORTISE_SQL_RECORD:
      return "record";
    case MORTISE_SQL_ANY:
      return "\"any\"";
    case MORTISE_SQL_ANYELEMENT:
      return "anyelement";
    case MORTISE_SQL_VOID:
      return "void";
    default:
      return {};
  }
}

}  // namespace

AnyFamily any_family(uint32_t type) {
  switch (type) {
    case MORTISE_SQL_ANYELEMENT:
    case MORTISE_SQL_ANYNONARRAY:
    case MORTISE_SQL_ANYARRAY:
      return AnyFamily::element;
    case MORTISE_SQL_ANYCOMPATIBLE:
    case MORTISE_SQL_ANYCOMPATIBLENONARRAY:
    case MORTISE_SQL_ANYCOMPATIBLEARRAY:
      return AnyFamily::compatible;
    default:
      return AnyFamily::none;
  }
}

bool is_any_array(uint32_t type) {
  return type == MORTISE_SQL_ANYARRAY || type == MORTISE_SQL_ANYCOMPATIBLEARRAY;
}

bool is_polymorphic(uint32_t type) {
  return type == MORTISE_SQL_ANY || any_family(type) != AnyFamily::none;
}

void Registry::add(const mortise_iface_type_t& provider) {
  const auto* base = reinterpret_cast<const uint8_t*>(provider.types);
  for (uint32_t i = 0; i < provider.types_count; ++i) {
    const auto* info = reinterpret_cast<const mortise_type_info_t*>(
        base + static_cast<size_t>(i) * provider.type_stride_bytes);
    if (!types_.try_emplace(info->sql_type, info).second) continue;
    type_list_.push_back(info);
    types_by_name_.try_emplace(std::string(view_of(info->name)), info);
  }
}

void Registry::add(const mortise_iface_functions_t& provider) {
  const auto* base = reinterpret_cast<const uint8_t*>(provider.functions);
  for (uint32_t i = 0; i < provider.functions_count; ++i) {
    const auto* f = reinterpret_cast<const mortise_function_t*>(
        base + static_cast<size_t>(i) * provider.function_stride_bytes);
    const std::string_view name = view_of(f->name);
    if (!name.empty()) add_once(functions_[std::string(name)], f);
    const std::string_view symbol = view_of(f->operator_symbol);
    if (!symbol.empty()) add_once(operators_[std::string(symbol)], f);
  }
  base = reinterpret_cast<const uint8_t*>(provider.casts);
  for (uint32_t i = 0; i < provider.casts_count; ++i) {
    const auto* cast = reinterpret_cast<const mortise_cast_t*>(
        base + static_cast<size_t>(i) * provider.cast_stride_bytes);
    casts_.try_emplace(cast_key(cast->source_type, cast->target_type), cast);
  }
}

void Registry::seal() {
  for (const mortise_type_info_t* info : type_list_) {
    types_by_name_.try_emplace(std::string(view_of(info->display)), info);
  }
  // Spellings of the grammar that reach us when a dialect does not translate them.
  static constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
      {"decimal", "numeric"}, {"dec", "numeric"}, {"int", "int4"},        {"float", "float8"},
      {"string", "text"},     {"char", "bpchar"}, {"character", "bpchar"}};
  for (const auto& [alias, name] : kAliases) {
    const auto found = types_by_name_.find(name);
    if (found != types_by_name_.end() && types_by_name_.find(alias) == types_by_name_.end()) {
      types_by_name_.emplace(std::string(alias), found->second);
    }
  }
}

const mortise_type_info_t* Registry::type(uint32_t oid) const {
  const auto found = types_.find(oid);
  return found == types_.end() ? nullptr : found->second;
}

const mortise_type_info_t* Registry::type(std::string_view name) const {
  const auto found = types_by_name_.find(name);
  return found == types_by_name_.end() ? nullptr : found->second;
}

uint32_t Registry::element_of(uint32_t array_oid) const {
  const mortise_type_info_t* info = type(array_oid);
  return info == nullptr ? 0 : info->element_type;
}

uint32_t Registry::array_of(uint32_t element_oid) const {
  const mortise_type_info_t* info = type(element_oid);
  return info == nullptr || type(info->array_type) == nullptr ? 0 : info->array_type;
}

std::string Registry::type_name(uint32_t oid, int32_t modifier) const {
  const mortise_type_info_t* info = type(oid);
  if (info == nullptr) {
    const std::string_view known = fallback_name(oid);
    return known.empty() ? std::to_string(oid) : std::string(known);
  }
  // "character varying(3)[]": the modifier is the element's.
  const bool is_array = info->element_type != 0 && info->category == 'A' &&
                        view_of(info->display).ends_with("[]");
  if (is_array && modifier >= 0) return type_name(info->element_type, modifier) + "[]";
  std::string name(view_of(info->display));
  if (modifier < 0 || info->takes_modifier == 0 || info->modifier_out == nullptr) return name;
  char buffer[64];
  const uint32_t size_bytes = info->modifier_out(modifier, buffer, sizeof buffer);
  const std::string_view text(buffer, std::min<size_t>(size_bytes, sizeof buffer));
  // "timestamp(3) without time zone": the modifier stands before what follows.
  const size_t with = name.find(" with");
  if (with != std::string::npos) return name.insert(with, text);
  return name.append(text);
}

char Registry::category(uint32_t oid) const {
  if (oid == MORTISE_SQL_UNKNOWN) return 'X';
  const mortise_type_info_t* info = type(oid);
  if (info != nullptr) return static_cast<char>(info->category);
  return 'P';
}

bool Registry::is_preferred(uint32_t oid) const {
  const mortise_type_info_t* info = type(oid);
  return info != nullptr && info->is_preferred != 0;
}

Result<mortise_type_t> Registry::resolve(uint32_t oid, int32_t modifier) const {
  mortise_type_t result{};
  result.sql_type = oid;
  result.modifier = modifier;
  if (oid == MORTISE_SQL_UNKNOWN) {
    result.physical = MORTISE_PHYSICAL_TEXT;
    return result;
  }
  const mortise_type_info_t* info = type(oid);
  if (info == nullptr) {
    return unsupported("type " + type_name(oid) + " is not supported");
  }
  ErrorSlot error;
  MORTISE_TRY(error.status(info->resolve(modifier, &result, error.get())));
  return result;
}

CastPath Registry::cast_path(uint32_t source, uint32_t target, Coercion context) const {
  if (source == target) return {CastPath::Kind::same, nullptr};
  if (source == MORTISE_SQL_UNKNOWN) return {CastPath::Kind::text_in, nullptr};
  const auto found = casts_.find(cast_key(source, target));
  if (found != casts_.end() && found->second->context <= static_cast<uint32_t>(context)) {
    const mortise_cast_t* cast = found->second;
    const bool is_same = cast->is_binary_same != 0;
    return {is_same ? CastPath::Kind::same_bytes : CastPath::Kind::function, cast};
  }
  if (found != casts_.end()) return {};
  if (element_of(source) != 0 && element_of(target) != 0) {
    const CastPath inner = cast_path(element_of(source), element_of(target), context);
    return {inner.kind == CastPath::Kind::none ? inner.kind : CastPath::Kind::elements, nullptr};
  }
  // PostgreSQL's automatic conversions through text: to a string by assignment, from one only if
  // the user asks for it.
  const bool source_has_text = type(source) != nullptr;
  if (category(target) == 'S' && context >= Coercion::assignment && source_has_text &&
      target != MORTISE_SQL_CHAR) {
    return {CastPath::Kind::text_out, nullptr};
  }
  if (category(source) == 'S' && context == Coercion::explicit_ && type(target) != nullptr) {
    return {CastPath::Kind::text_in, nullptr};
  }
  return {};
}

const mortise_cast_t* Registry::length_cast(uint32_t oid) const {
  const auto found = casts_.find(cast_key(oid, oid));
  return found == casts_.end() ? nullptr : found->second;
}

bool Registry::can_coerce(uint32_t source, uint32_t target, Coercion context) const {
  if (is_any_array(target)) return source == MORTISE_SQL_UNKNOWN || element_of(source) != 0;
  const bool is_non_array =
      target == MORTISE_SQL_ANYNONARRAY || target == MORTISE_SQL_ANYCOMPATIBLENONARRAY;
  if (is_non_array) return element_of(source) == 0;
  if (is_polymorphic(target)) return true;
  return cast_path(source, target, context).kind != CastPath::Kind::none;
}

bool Registry::is_binary_coercible(uint32_t source, uint32_t target) const {
  if (source == target) return true;
  if (is_polymorphic(target)) return can_coerce(source, target, Coercion::implicit);
  const auto found = casts_.find(cast_key(source, target));
  return found != casts_.end() && found->second->is_binary_same != 0 &&
         found->second->context == MORTISE_CAST_IMPLICIT;
}

std::span<const mortise_function_t* const> Registry::functions(std::string_view name) const {
  const auto found = functions_.find(name);
  if (found == functions_.end()) return {};
  return found->second;
}

std::span<const mortise_function_t* const> Registry::operators(std::string_view symbol) const {
  const auto found = operators_.find(symbol);
  if (found == operators_.end()) return {};
  return found->second;
}

}  // namespace mortise::sql_engine
