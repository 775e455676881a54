// SPDX-License-Identifier: Apache-2.0
//
// Goal:   no bytes bring down a reader of a type, and what is read and written reads back the same.
// Method: the first byte chooses the type, the second the form (text, binary); the rest goes in.
//         Text that was accepted is written, read and written again: both writings must agree.

#include <cstdlib>

#include "mortise/cpp/utf8.hpp"
#include "tests/expression.hpp"
#include "types/lists.hpp"

using namespace mortise;
using namespace mortise::sql_functions;

namespace {

void try_text(TestSession& session, const std::string& type, const std::string& text) {
  if (!check_utf8(text).is_ok()) return;
  const Outcome first = session.input(type, text);
  if (!first.error.empty() || !first.text) return;
  const Outcome second = session.input(type, first.text);
  if (!second.error.empty() || second.text != first.text) std::abort();
}

void try_binary(TestSession& session, const mortise_type_info_t& info, std::string_view bytes) {
  mortise_type_t type{};
  ErrorSlot slot;
  if (info.resolve(-1, &type, slot.get()) < 0) return;
  TestColumn in({MORTISE_SQL_BYTEA, -1, MORTISE_PHYSICAL_BYTES, 0, 0, 0}, 1);
  static_cast<mortise_view_t*>(in.data())[0] = view_to(bytes);
  TestColumn result(type, 1);
  mortise_column_out_t out = result.out();
  const mortise_column_t column = in.in();
  const mortise_type_t source = in.type();
  const mortise_arguments_t arguments{&column, &source, 1, 1, nullptr, 1, 0};
  if (info.binary_in(session.evaluation(), &type, &arguments, &out, slot.get()) < 0) return;
  if (!session.text_of(result)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  TestSession session;
  const auto& types = registry().types;
  const mortise_type_info_t& info = types[data[0] % types.size()];
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (data[1] % 2 == 0) {
    try_text(session, std::string(view_of(info.name)), std::string(rest));
  } else {
    try_binary(session, info, rest);
  }
  return 0;
}
