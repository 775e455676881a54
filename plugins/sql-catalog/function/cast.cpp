// SPDX-License-Identifier: Apache-2.0
//
// Casts among object-identifier types, integers and text, and the table of all functions.
#include <array>
#include <vector>

#include "function/lists.hpp"
#include "types/object_name.hpp"

namespace mortise::sql_catalog {
namespace {

int64_t from_int2(Call&, int16_t value) {
  return static_cast<uint32_t>(int32_t{value});
}
int64_t from_int4(Call&, int32_t value) {
  return static_cast<uint32_t>(value);
}
Result<int64_t> from_int8(Call&, int64_t value) {
  if (value < 0 || value > int64_t{UINT32_MAX}) {
    return Status(Code::invalid, "22003", "OID out of range");
  }
  return value;
}
int32_t to_int4(Call&, int64_t oid) {
  return static_cast<int32_t>(static_cast<uint32_t>(oid));
}
Result<int64_t> class_from_text(Call& call, std::string_view text) {
  MORTISE_TRY_ASSIGN(const uint32_t oid, resolve_named(call.objects(), MORTISE_SQL_REGCLASS, text));
  return int64_t{oid};
}

template <auto Function>
constexpr mortise_cast_t cast(uint32_t source, uint32_t target, uint32_t context) {
  return {source, target, context, 0, nullptr, nullptr, &RowLoop<Function>::evaluate};
}
constexpr mortise_cast_t relabel(uint32_t source, uint32_t target, uint32_t context) {
  return {source, target, context, 1, nullptr, nullptr, nullptr};
}

constexpr uint32_t kRegTypes[] = {MORTISE_SQL_REGCLASS, MORTISE_SQL_REGTYPE, MORTISE_SQL_REGPROC,
                                  kSqlRegProcedure,     kSqlRegOper,         kSqlRegOperator,
                                  kSqlRegNamespace,     kSqlRegRole,         kSqlRegCollation,
                                  kSqlRegConfig,        kSqlRegDictionary};
constexpr size_t kPerType = 7;
constexpr size_t kOthers = 8;

consteval std::array<mortise_cast_t, std::size(kRegTypes) * kPerType + kOthers> casts() {
  std::array<mortise_cast_t, std::size(kRegTypes) * kPerType + kOthers> list{};
  size_t at = 0;
  for (const uint32_t type : kRegTypes) {
    list[at++] = relabel(MORTISE_SQL_OID, type, MORTISE_CAST_IMPLICIT);
    list[at++] = relabel(type, MORTISE_SQL_OID, MORTISE_CAST_IMPLICIT);
    list[at++] = cast<&from_int2>(MORTISE_SQL_INT2, type, MORTISE_CAST_IMPLICIT);
    list[at++] = cast<&from_int4>(MORTISE_SQL_INT4, type, MORTISE_CAST_IMPLICIT);
    list[at++] = cast<&from_int8>(MORTISE_SQL_INT8, type, MORTISE_CAST_IMPLICIT);
    list[at++] = cast<&to_int4>(type, MORTISE_SQL_INT4, MORTISE_CAST_ASSIGNMENT);
    list[at++] = relabel(type, MORTISE_SQL_INT8, MORTISE_CAST_ASSIGNMENT);
  }
  list[at++] = relabel(MORTISE_SQL_REGPROC, kSqlRegProcedure, MORTISE_CAST_IMPLICIT);
  list[at++] = relabel(kSqlRegProcedure, MORTISE_SQL_REGPROC, MORTISE_CAST_IMPLICIT);
  list[at++] = relabel(kSqlRegOper, kSqlRegOperator, MORTISE_CAST_IMPLICIT);
  list[at++] = relabel(kSqlRegOperator, kSqlRegOper, MORTISE_CAST_IMPLICIT);
  list[at++] =
      cast<&class_from_text>(MORTISE_SQL_TEXT, MORTISE_SQL_REGCLASS, MORTISE_CAST_IMPLICIT);
  list[at++] =
      cast<&class_from_text>(MORTISE_SQL_VARCHAR, MORTISE_SQL_REGCLASS, MORTISE_CAST_IMPLICIT);
  list[at++] = relabel(kSqlNodeTree, MORTISE_SQL_TEXT, MORTISE_CAST_IMPLICIT);
  list[at++] = relabel(kSqlInt2Vector, kSqlInt2Array, MORTISE_CAST_EXPLICIT);
  return list;
}

constexpr auto kCasts = casts();

// Put together once, when the library is loaded, from constants of other files.
struct Everything {
  Everything() {
    for (const FunctionList list : {kVisibilityFunctions, kNameFunctions, kDefinitionFunctions,
                                    kRoutineFunctions, kPrivilegeFunctions, kSizeFunctions,
                                    kServerFunctions, kStatisticFunctions, kArrayFunctions}) {
      functions.insert(functions.end(), list.begin(), list.end());
    }
  }
  std::vector<mortise_function_t> functions;
};
const Everything kEverything;

}  // namespace

const mortise_iface_functions_t kFunctionTable = {
    header_of<mortise_iface_functions_t>(),
    kEverything.functions.data(),
    static_cast<uint32_t>(kEverything.functions.size()),
    sizeof(mortise_function_t),
    kCasts.data(),
    static_cast<uint32_t>(kCasts.size()),
    sizeof(mortise_cast_t)};

}  // namespace mortise::sql_catalog
