// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does a call or a cast of constants give?
//
// Threads: [worker or loop].

#include "mortise/cpp/result.hpp"
#include "plan/expression.hpp"

namespace mortise::sql_engine {

// `cast` is of kind cast; `value` takes the place of its child.
Result<Datum> evaluate_cast(const Expression& cast, const Datum& value,
                            const mortise_session_context_t* session);
// `call` is of kind call, a scalar function, its children constants.
Result<Datum> evaluate_call(const Expression& call, const mortise_session_context_t* session);

}  // namespace mortise::sql_engine
