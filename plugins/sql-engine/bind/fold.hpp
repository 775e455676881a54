// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does a call or a cast of constants give?
//
// Threads: [worker or loop].

#include "mortise/cpp/result.hpp"
#include "plan/expression.hpp"

namespace mortise::sql_engine {

// `cast` is of kind cast; `value` takes the place of its child.  `view` is for types that look into
// the catalog (regclass); null outside of a statement.
Result<Datum> evaluate_cast(const Expression& cast, const Datum& value,
                            const mortise_session_context_t* session,
                            const mortise_read_view_t* view = nullptr);
// `call` is of kind call, a scalar function, its children constants.
Result<Datum> evaluate_call(const Expression& call, const mortise_session_context_t* session);

// A value from the client's bytes: text form (given as a TEXT value) or binary form.
Result<Datum> read_value(const mortise_type_info_t& info, const mortise_type_t& type,
                         const mortise_type_t& text_type, std::string_view bytes, bool is_binary,
                         const mortise_session_context_t* session);
// A value's text form.
Result<std::string> write_text(const mortise_type_info_t& info, const Datum& value,
                               const mortise_session_context_t* session);

}  // namespace mortise::sql_engine
