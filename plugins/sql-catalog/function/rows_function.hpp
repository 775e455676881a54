// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a function that fills rows become a set-returning one?
//
//   Status unnest(Call& call, const mortise_arguments_t& arguments, Rows& rows);
//   constexpr mortise_sysview_column_t kColumns[] = {{literal("unnest"), MORTISE_SQL_TEXT, 0}};
//   rows_function<"_text:text", &unnest, kColumns>(2331, "unnest")
//
// All rows are made when it is opened.
//
// Threads: [worker, concurrent].

#include "function/call.hpp"
#include "relation/rows.hpp"

namespace mortise::sql_catalog {

template <auto Function, const auto& Columns>
struct RowsTable {
  static constexpr uint32_t kCount = static_cast<uint32_t>(std::size(Columns));

  static mortise_status_t MORTISE_CALL open(const mortise_evaluation_t* evaluation, const void*,
                                            const mortise_arguments_t* arguments, void** cursor,
                                            mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      uint32_t wanted[kCount];
      for (uint32_t i = 0; i < kCount; ++i) wanted[i] = i;
      auto rows = std::make_unique<Rows>(Columns, wanted);
      Call call(evaluation);
      MORTISE_TRY(Function(call, *arguments, *rows));
      *cursor = rows.release();
      return {};
    });
  }
  static mortise_status_t MORTISE_CALL next(void* cursor, const mortise_evaluation_t*,
                                            mortise_batch_t* batch, mortise_error_t* error) {
    return guard(error, [&]() -> mortise_status_t {
      return static_cast<Rows*>(cursor)->next(*batch) ? MORTISE_OK : MORTISE_END;
    });
  }
  static void MORTISE_CALL close(void* cursor) { delete static_cast<Rows*>(cursor); }

  static consteval std::array<mortise_str_t, kCount> names() {
    std::array<mortise_str_t, kCount> list{};
    for (uint32_t i = 0; i < kCount; ++i) list[i] = Columns[i].name;
    return list;
  }
  static consteval std::array<uint32_t, kCount> types() {
    std::array<uint32_t, kCount> list{};
    for (uint32_t i = 0; i < kCount; ++i) list[i] = Columns[i].sql_type;
    return list;
  }
  static constexpr std::array<mortise_str_t, kCount> kNames = names();
  static constexpr std::array<uint32_t, kCount> kTypes = types();
  static constexpr mortise_table_function_t kTable = {
      sizeof(mortise_table_function_t), kCount, kNames.data(), kTypes.data(), open, next, close};
};

template <FixedString Text, auto Function, const auto& Columns>
constexpr mortise_function_t rows_function(uint32_t oid, const char* name,
                                           const Traits& traits = {}) {
  using S = Signature<Text>;
  mortise_function_t f{};
  f.oid = oid;
  f.kind = MORTISE_FUNCTION_TABLE;
  f.name = literal(name);
  f.operator_symbol = literal("");
  f.commutator = literal("");
  f.negator = literal("");
  f.argument_types = S::kArguments.data();
  f.arguments_count = S::kCount;
  f.return_type = S::kResult;
  f.volatility = traits.volatility;
  f.is_strict = 1;
  f.returns_set = 1;
  f.table = &RowsTable<Function, Columns>::kTable;
  f.help = literal(traits.help);
  return f;
}

}  // namespace mortise::sql_catalog
