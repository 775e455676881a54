// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do values of the types of catalog columns stand in memory?
//
// The names are those of pg_type.  Object ids and transaction ids are unsigned in PostgreSQL and
// stand as INT64, so that their order is right.  Arrays, vectors and other types without a physical
// form of their own stand as their text; types/catalog_types.cpp makes them known.
//
// Threads: constants and pure functions.

#include <cstdint>
#include <string_view>

#include "mortise/cpp/assert.hpp"
#include "mortise/iface/draft/type.h"

namespace mortise::sql_catalog {

constexpr uint32_t kSqlInt2Vector = 22;
constexpr uint32_t kSqlTid = 27;
constexpr uint32_t kSqlXid = 28;
constexpr uint32_t kSqlCid = 29;
constexpr uint32_t kSqlOidVector = 30;
constexpr uint32_t kSqlNodeTree = 194;
constexpr uint32_t kSqlInet = 869;
constexpr uint32_t kSqlBoolArray = 1000;
constexpr uint32_t kSqlCharArray = 1002;
constexpr uint32_t kSqlNameArray = 1003;
constexpr uint32_t kSqlInt2Array = 1005;
constexpr uint32_t kSqlInt4Array = 1007;
constexpr uint32_t kSqlTextArray = 1009;
constexpr uint32_t kSqlFloat4Array = 1021;
constexpr uint32_t kSqlFloat8Array = 1022;
constexpr uint32_t kSqlOidArray = 1028;
constexpr uint32_t kSqlAclItem = 1033;
constexpr uint32_t kSqlAclItemArray = 1034;
constexpr uint32_t kSqlRegProcedure = 2202;
constexpr uint32_t kSqlRegOper = 2203;
constexpr uint32_t kSqlRegOperator = 2204;
constexpr uint32_t kSqlRegTypeArray = 2211;
constexpr uint32_t kSqlAnyArray = 2277;
constexpr uint32_t kSqlLsn = 3220;
constexpr uint32_t kSqlNDistinct = 3361;
constexpr uint32_t kSqlDependencies = 3402;
constexpr uint32_t kSqlRegConfig = 3734;
constexpr uint32_t kSqlRegDictionary = 3769;
constexpr uint32_t kSqlRegNamespace = 4089;
constexpr uint32_t kSqlRegRole = 4096;
constexpr uint32_t kSqlRegCollation = 4191;
constexpr uint32_t kSqlMcvList = 5017;

struct TypeWord {
  std::string_view name;
  uint32_t sql_type;
  uint16_t physical;
};
inline constexpr TypeWord kTypeWords[] = {
    {"oid", MORTISE_SQL_OID, MORTISE_PHYSICAL_INT64},
    {"name", MORTISE_SQL_NAME, MORTISE_PHYSICAL_TEXT},
    {"bool", MORTISE_SQL_BOOL, MORTISE_PHYSICAL_BOOL},
    {"text", MORTISE_SQL_TEXT, MORTISE_PHYSICAL_TEXT},
    {"varchar", MORTISE_SQL_VARCHAR, MORTISE_PHYSICAL_TEXT},
    {"int2", MORTISE_SQL_INT2, MORTISE_PHYSICAL_INT16},
    {"int4", MORTISE_SQL_INT4, MORTISE_PHYSICAL_INT32},
    {"int8", MORTISE_SQL_INT8, MORTISE_PHYSICAL_INT64},
    {"char", MORTISE_SQL_CHAR, MORTISE_PHYSICAL_TEXT},
    {"regproc", MORTISE_SQL_REGPROC, MORTISE_PHYSICAL_INT64},
    {"regclass", MORTISE_SQL_REGCLASS, MORTISE_PHYSICAL_INT64},
    {"regtype", MORTISE_SQL_REGTYPE, MORTISE_PHYSICAL_INT64},
    {"regprocedure", kSqlRegProcedure, MORTISE_PHYSICAL_INT64},
    {"regoper", kSqlRegOper, MORTISE_PHYSICAL_INT64},
    {"regoperator", kSqlRegOperator, MORTISE_PHYSICAL_INT64},
    {"regnamespace", kSqlRegNamespace, MORTISE_PHYSICAL_INT64},
    {"regrole", kSqlRegRole, MORTISE_PHYSICAL_INT64},
    {"regcollation", kSqlRegCollation, MORTISE_PHYSICAL_INT64},
    {"regconfig", kSqlRegConfig, MORTISE_PHYSICAL_INT64},
    {"regdictionary", kSqlRegDictionary, MORTISE_PHYSICAL_INT64},
    {"float4", MORTISE_SQL_FLOAT4, MORTISE_PHYSICAL_FLOAT32},
    {"float8", MORTISE_SQL_FLOAT8, MORTISE_PHYSICAL_FLOAT64},
    {"numeric", MORTISE_SQL_NUMERIC, MORTISE_PHYSICAL_NUMERIC},
    {"timestamptz", MORTISE_SQL_TIMESTAMPTZ, MORTISE_PHYSICAL_INT64},
    {"interval", MORTISE_SQL_INTERVAL, MORTISE_PHYSICAL_INTERVAL},
    {"bytea", MORTISE_SQL_BYTEA, MORTISE_PHYSICAL_BYTES},
    {"xid", kSqlXid, MORTISE_PHYSICAL_INT64},
    {"cid", kSqlCid, MORTISE_PHYSICAL_INT64},
    {"int2vector", kSqlInt2Vector, MORTISE_PHYSICAL_ORDERED},
    {"oidvector", kSqlOidVector, MORTISE_PHYSICAL_ORDERED},
    {"pg_node_tree", kSqlNodeTree, MORTISE_PHYSICAL_TEXT},
    {"inet", kSqlInet, MORTISE_PHYSICAL_TEXT},
    {"aclitem", kSqlAclItem, MORTISE_PHYSICAL_TEXT},
    {"pg_lsn", kSqlLsn, MORTISE_PHYSICAL_TEXT},
    {"pg_ndistinct", kSqlNDistinct, MORTISE_PHYSICAL_TEXT},
    {"pg_dependencies", kSqlDependencies, MORTISE_PHYSICAL_TEXT},
    {"pg_mcv_list", kSqlMcvList, MORTISE_PHYSICAL_TEXT},
    {"anyarray", kSqlAnyArray, MORTISE_PHYSICAL_TEXT},
    {"_bool", kSqlBoolArray, MORTISE_PHYSICAL_ORDERED},
    {"_char", kSqlCharArray, MORTISE_PHYSICAL_ORDERED},
    {"_name", kSqlNameArray, MORTISE_PHYSICAL_ORDERED},
    {"_int2", kSqlInt2Array, MORTISE_PHYSICAL_ORDERED},
    {"_int4", kSqlInt4Array, MORTISE_PHYSICAL_ORDERED},
    {"_text", kSqlTextArray, MORTISE_PHYSICAL_ORDERED},
    {"_float4", kSqlFloat4Array, MORTISE_PHYSICAL_ORDERED},
    {"_float8", kSqlFloat8Array, MORTISE_PHYSICAL_ORDERED},
    {"_oid", kSqlOidArray, MORTISE_PHYSICAL_ORDERED},
    {"_aclitem", kSqlAclItemArray, MORTISE_PHYSICAL_ORDERED},
    {"_regtype", kSqlRegTypeArray, MORTISE_PHYSICAL_ORDERED},
    {"void", MORTISE_SQL_VOID, MORTISE_PHYSICAL_TEXT},
    {"any", MORTISE_SQL_ANY, MORTISE_PHYSICAL_TEXT},
    {"record", MORTISE_SQL_RECORD, MORTISE_PHYSICAL_TEXT},
};

// Fails to compile for an unknown name.
consteval uint32_t sql_type_named(std::string_view name) {
  for (const TypeWord& w : kTypeWords) {
    if (w.name == name) return w.sql_type;
  }
  MORTISE_UNREACHABLE();  // which is no constant, so the call does not compile
}

constexpr uint16_t physical_of(uint32_t sql_type) {
  for (const TypeWord& w : kTypeWords) {
    if (w.sql_type == sql_type) return w.physical;
  }
  return MORTISE_PHYSICAL_NONE;
}

constexpr mortise_type_t plain_type(uint32_t sql_type) {
  return {sql_type, -1, physical_of(sql_type), 0, 0, 0};
}

}  // namespace mortise::sql_catalog
