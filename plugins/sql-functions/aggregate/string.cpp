// SPDX-License-Identifier: Apache-2.0

// string_agg over text and bytea.
//
// The first delimiter is remembered but not shown, so that two states can be joined; a null
// delimiter is empty.

#include "aggregate/aggregate.hpp"
#include "aggregate/lists.hpp"

namespace mortise::sql_functions {
namespace {

struct StringReducer {
  using Inputs = sql_functions::Inputs<std::string_view, std::optional<std::string_view>>;
  struct State {
    ArenaBytes joined;  // begins with the first delimiter
    uint32_t first_delimiter_bytes;
    uint32_t has_value;
  };
  static Status add(Scope& scope, State& state, std::string_view value,
                    std::optional<std::string_view> delimiter) {
    const std::string_view mark = delimiter.value_or(std::string_view());
    if (state.has_value == 0) {
      state.first_delimiter_bytes = static_cast<uint32_t>(mark.size());
      state.has_value = 1;
    }
    MORTISE_TRY(state.joined.append(scope, mark));
    return state.joined.append(scope, value);
  }
  static Status merge(Scope& scope, State& into, const State& from) {
    if (from.has_value == 0) return {};
    if (into.has_value == 0) {
      into.has_value = 1;
      into.first_delimiter_bytes = from.first_delimiter_bytes;
    }
    return into.joined.append(scope, from.joined.view());
  }
  static Status finish(Call& call, uint32_t row, const State& state) {
    if (state.has_value == 0) {
      call.set_null(row);
      return {};
    }
    return call.set_copy(row, state.joined.view().substr(state.first_delimiter_bytes));
  }
};

constexpr mortise_function_t kTable[] = {
    aggregate<"text,text:text">(3538, "string_agg", reduce<StringReducer>, {.is_strict = false}),
    aggregate<"bytea,bytea:bytea">(3545, "string_agg", reduce<StringReducer>, {.is_strict = false}),
};

}  // namespace

const FunctionList kStringAggregates = kTable;

}  // namespace mortise::sql_functions
