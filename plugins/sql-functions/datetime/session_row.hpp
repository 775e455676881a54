// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a function over single values see the session's zone and styles?
//
// `session_row<&f>` is `row<&f>` for functions that take a const TimeSession& first; the session is
// built once per column.
//
// Threads: [worker, concurrent].

#include "datetime/session.hpp"
#include "evaluate.hpp"

namespace mortise::sql_functions {

template <auto Function, typename Signature = decltype(Function)>
struct SessionLoop;
template <auto Function, typename R, typename... A>
struct SessionLoop<Function, R (*)(const TimeSession&, A...)> {
  static Status run(Call& call) { return walk(call, std::index_sequence_for<A...>()); }
  template <size_t... I>
  static Status walk(Call& call, std::index_sequence<I...>) {
    const TimeSession session(call.session());
    std::tuple<Reader<std::remove_cvref_t<A>>...> readers{
        Reader<std::remove_cvref_t<A>>(call, static_cast<uint32_t>(I))...};
    return call.each([&](uint32_t at) -> Status {
      return Writer<R>::write(call, at, Function(session, std::get<I>(readers)[at]...));
    });
  }
};
template <auto Function>
constexpr mortise_function_evaluate_t session_row = &batch<&SessionLoop<Function>::run>;

}  // namespace mortise::sql_functions
