// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which types, functions, casts and system relations are there, from all plugins?
//
// The lists of mortise.type/1, mortise.functions/1 and mortise.sysview/1, merged in the host's
// order, completed by what PostgreSQL says of types that it numbers (types/type_facts.hpp).
//
// Invariants
//   P1  Of two entries with one object id the first stays.
//   P2  A type is listed if a plugin provides it, if it is the array type of one that is, or if it
//       is a pseudo type.
//
// Threads: filled by the constructor, then [any, concurrent].

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/draft/functions.h"
#include "mortise/iface/draft/sysview.h"
#include "mortise/iface/draft/type.h"

namespace mortise::sql_catalog {

// A row of pg_type.
struct Type {
  uint32_t oid = 0;
  std::string name;     // "int4", "_int4"
  std::string display;  // "integer", "integer[]"
  const mortise_type_info_t* info = nullptr;
  int32_t length_bytes = -1;
  bool is_by_value = false;
  char alignment = 'i';
  char storage = 'x';
  char kind = 'b';
  char category = 'U';
  bool is_preferred = false;
  char delimiter = ',';
  uint32_t element = 0;
  uint32_t array = 0;
  uint32_t collation = 0;
  // Object ids of functions.
  uint32_t input = 0;
  uint32_t output = 0;
  uint32_t receive = 0;
  uint32_t send = 0;
  uint32_t modifier_in = 0;
  uint32_t modifier_out = 0;
  uint32_t subscript = 0;
  uint32_t analyze = 0;

  bool is_array() const { return category == 'A' && element != 0 && name.starts_with('_'); }
};

// A row of pg_proc.
struct Function {
  uint32_t oid = 0;
  std::string name;
  std::vector<uint32_t> arguments;
  uint32_t result = 0;
  char kind = 'f';        // f function, a aggregate, w window
  char volatility = 'i';  // i s v
  bool is_strict = true;
  bool returns_set = false;
  uint32_t variadic = 0;
  uint32_t defaults_count = 0;
  std::vector<std::string> column_names;  // of a set of rows
  std::vector<uint32_t> column_types;
  const mortise_function_t* entry = nullptr;  // null: PostgreSQL's own, named by a type
};

// A row of pg_operator.
struct Operator {
  uint32_t oid = 0;
  std::string name;
  uint32_t left = 0;
  uint32_t right = 0;
  const Function* function = nullptr;
  std::string commutator;
  std::string negator;
};

// A row of pg_cast.
struct Cast {
  uint32_t oid = 0;
  uint32_t source = 0;
  uint32_t target = 0;
  uint32_t function = 0;  // object id; 0 = none
  char context = 'e';     // i a e
  char method = 'f';      // f function, b same bytes, i through text
};

// A row of pg_opclass, with its family's name.
struct OperatorClass {
  uint32_t oid = 0;
  std::string name;
  uint32_t family = 0;
  std::string family_name;
  uint32_t input_type = 0;
  bool is_default = false;
  uint32_t key_type = 0;
  uint32_t method = 0;  // pg_am.oid
};

// A row of pg_am: a table engine or an index method.
struct AccessMethod {
  uint32_t oid = 0;
  std::string name;
  bool is_index = false;
};

class Providers {
 public:
  explicit Providers(const Host& host);
  Providers(const Providers&) = delete;
  Providers& operator=(const Providers&) = delete;

  const std::vector<Type>& types() const { return types_; }  // by object id
  const Type* type(uint32_t oid) const;
  const Type* type(std::string_view name) const;  // catalog or SQL name, without a schema

  const std::vector<Function>& functions() const { return functions_; }  // by object id
  const Function* function(uint32_t oid) const;
  // Those of a name, in the order of object ids.
  std::vector<const Function*> functions(std::string_view name) const;

  const std::vector<Operator>& operators() const { return operators_; }
  const std::vector<Cast>& casts() const { return casts_; }
  const std::vector<OperatorClass>& operator_classes() const { return operator_classes_; }
  // The default class of a type for an access method, or 0.
  uint32_t operator_class(uint32_t type, uint32_t method) const;

  const std::vector<AccessMethod>& access_methods() const { return access_methods_; }
  uint32_t access_method(std::string_view name) const;  // 0 if there is none

  const std::vector<const mortise_sysview_t*>& views() const { return views_; }
  const mortise_sysview_t* view(mortise_object_id_t oid) const;
  const mortise_sysview_t* view(std::string_view schema, std::string_view name) const;

 private:
  void add_types(const mortise_iface_type_t& provider);
  void add_functions(const mortise_iface_functions_t& provider);
  void complete_types();
  void complete_functions();
  void complete_operators();
  void complete_casts();
  void add_access_method(std::string_view name, bool is_index);

  std::vector<Type> types_;
  std::unordered_map<uint32_t, size_t> types_by_oid_;
  std::map<std::string, size_t, std::less<>> types_by_name_;
  std::vector<const mortise_function_t*> listed_functions_;
  std::vector<const mortise_cast_t*> listed_casts_;
  std::vector<Function> functions_;
  std::unordered_map<uint32_t, size_t> functions_by_oid_;
  std::multimap<std::string, size_t, std::less<>> functions_by_name_;
  std::vector<Operator> operators_;
  std::vector<Cast> casts_;
  std::vector<OperatorClass> operator_classes_;
  std::vector<AccessMethod> access_methods_;
  std::vector<const mortise_sysview_t*> views_;
  std::unordered_map<uint32_t, const mortise_sysview_t*> views_by_oid_;
  std::map<std::pair<std::string, std::string>, const mortise_sysview_t*> views_by_name_;
};

}  // namespace mortise::sql_catalog
