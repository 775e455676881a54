// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which types, functions, operators and casts exist, and which one does a call mean?
//
// The lists of all providers of mortise.type/1 and mortise.functions/1, merged by name.  Overloads
// are chosen by PostgreSQL's rules (its manual, chapter 10; func_select_candidate in its source).
//
// Invariants
//   G1  The first provider of an equal signature wins; providers come in the host's order.
//   G2  Entries point into the providers' tables and live as long as the process.
//
// Threads: filled once, then [any].

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mortise/cpp/result.hpp"
#include "mortise/iface/draft/functions.h"
#include "mortise/iface/draft/type.h"

namespace mortise::sql_engine {

// How a value of one type may become one of another.
enum class Coercion : uint8_t { implicit = 1, assignment = 2, explicit_ = 3 };

struct CastPath {
  enum class Kind : uint8_t {
    none,
    same,
    function,
    same_bytes,
    text_in,
    text_out,
    elements,  // of arrays, one by one
  };
  Kind kind = Kind::none;
  const mortise_cast_t* cast = nullptr;
};

// The pseudo types of signatures: members of one family settle on one type.  ANYELEMENT and its kin
// on equal ones, ANYCOMPATIBLE and its kin on a common one.
enum class AnyFamily : uint8_t { none, element, compatible };

class Registry {
 public:
  void add(const mortise_iface_type_t& provider);
  void add(const mortise_iface_functions_t& provider);
  // Sorts out what depends on all lists.  Call once after the last add.
  void seal();

  // Null if there is no such type.
  const mortise_type_info_t* type(uint32_t oid) const;
  // By catalog name ("int4") or SQL name ("integer").
  const mortise_type_info_t* type(std::string_view name) const;
  // The element type of an array type, the array type of a type; 0 if there is none.
  uint32_t element_of(uint32_t array_oid) const;
  uint32_t array_of(uint32_t element_oid) const;

  // "integer", "numeric(10,2)", "unknown"; for error texts and format_type.
  std::string type_name(uint32_t oid, int32_t modifier = -1) const;
  char category(uint32_t oid) const;
  bool is_preferred(uint32_t oid) const;

  // The physical form of a type with a modifier.
  Result<mortise_type_t> resolve(uint32_t oid, int32_t modifier = -1) const;

  // How `source` becomes `target` where `context` is allowed; Kind::none if it cannot.
  CastPath cast_path(uint32_t source, uint32_t target, Coercion context) const;
  // The cast of a type to itself that applies a modifier, or null.
  const mortise_cast_t* length_cast(uint32_t type) const;
  bool can_coerce(uint32_t source, uint32_t target, Coercion context) const;
  bool is_binary_coercible(uint32_t source, uint32_t target) const;

  std::span<const mortise_function_t* const> functions(std::string_view name) const;
  std::span<const mortise_function_t* const> operators(std::string_view symbol) const;

  struct Choice {
    const mortise_function_t* function = nullptr;  // null: see `is_ambiguous`
    bool is_ambiguous = false;
    std::vector<uint32_t> arguments;  // types that the arguments are to be coerced to
    uint32_t result = 0;              // polymorphic ones settled
  };
  // Chooses an overload for arguments of these types (UNKNOWN for untyped literals and parameters).
  Choice choose_function(std::string_view name, std::span<const uint32_t> arguments) const;
  Choice choose_operator(std::string_view symbol, std::span<const uint32_t> arguments) const;

  // The type that values of all these types can share (UNION, CASE, COALESCE, VALUES); 0 if none.
  // On failure `failed_at` is the index of the first one that does not fit.
  uint32_t common_type(std::span<const uint32_t> types, size_t* failed_at) const;

  const std::vector<const mortise_type_info_t*>& types() const { return type_list_; }
  template <typename Visit>
  void each_function(Visit&& visit) const {
    for (const auto& [name, list] : functions_) {
      for (const mortise_function_t* f : list) visit(*f);
    }
  }

 private:
  struct Candidate {
    const mortise_function_t* function;
    std::vector<uint32_t> arguments;  // as declared, variadic ones repeated, defaults left out
    bool is_variadic;
  };

  std::vector<Candidate> candidates(std::span<const mortise_function_t* const> list,
                                    size_t arguments_count, bool is_operator) const;
  Choice choose(std::vector<Candidate> list, std::span<const uint32_t> arguments) const;
  // Keeps the candidates that PostgreSQL's rules leave, in place.
  void keep_best(std::vector<Candidate>& list, std::span<const uint32_t> arguments) const;
  void keep_by_unknowns(std::vector<Candidate>& list, std::span<const uint32_t> arguments) const;
  uint32_t family_type(AnyFamily family, const Candidate& candidate,
                       std::span<const uint32_t> arguments) const;
  bool settle(const Candidate& candidate, std::span<const uint32_t> arguments,
              Choice& choice) const;

  using FunctionList = std::vector<const mortise_function_t*>;
  std::unordered_map<uint32_t, const mortise_type_info_t*> types_;
  std::map<std::string, const mortise_type_info_t*, std::less<>> types_by_name_;
  std::vector<const mortise_type_info_t*> type_list_;
  std::map<std::string, FunctionList, std::less<>> functions_;
  std::map<std::string, FunctionList, std::less<>> operators_;
  std::unordered_map<uint64_t, const mortise_cast_t*> casts_;
};

// Types that stand for others in signatures.
bool is_polymorphic(uint32_t type);
// Of those: is it an array of what the others of its family are?
bool is_any_array(uint32_t type);
AnyFamily any_family(uint32_t type);

}  // namespace mortise::sql_engine
