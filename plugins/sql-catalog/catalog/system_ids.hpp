// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which object ids do clients expect of things that the catalog does not number?
//
// The catalogs' own numbers as PostgreSQL has them, and numbers for rows that have no object of
// their own here: column defaults.
//
// Threads: constants.

#include <cstdint>

namespace mortise::sql_catalog {

constexpr uint32_t kPgType = 1247;
constexpr uint32_t kPgProc = 1255;
constexpr uint32_t kPgClass = 1259;
constexpr uint32_t kPgAuthid = 1260;
constexpr uint32_t kPgDatabase = 1262;
constexpr uint32_t kPgTablespace = 1213;
constexpr uint32_t kPgAttrdef = 2604;
constexpr uint32_t kPgConstraint = 2606;
constexpr uint32_t kPgNamespace = 2615;
constexpr uint32_t kPgRewrite = 2618;

constexpr uint32_t kTablespaceDefault = 1663;
constexpr uint32_t kTablespaceGlobal = 1664;
constexpr uint32_t kLanguageInternal = 12;
constexpr uint32_t kCollationDefault = 100;
constexpr uint32_t kEncodingUtf8 = 6;

// Made of the relation and the column, above all numbers that are given out.
constexpr uint32_t attrdef_oid(uint32_t relation, uint32_t attribute) {
  return 0x80000000U | (relation << 11 & 0x7FFFFFFFU) | (attribute & 0x7FF);
}

}  // namespace mortise::sql_catalog
