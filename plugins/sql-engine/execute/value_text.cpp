// SPDX-License-Identifier: Apache-2.0
#include "execute/value_text.hpp"

#include "bind/registry.hpp"

namespace mortise::sql_engine {

std::string value_text(Run& run, const mortise_type_t& type, const mortise_column_t& column,
                       uint32_t row) {
  ConstantSlot slot;
  const mortise_column_t one = slot.set(column, row, type.physical);
  if (one.validity != nullptr) return "null";
  if (type.physical == MORTISE_PHYSICAL_TEXT) {
    return std::string(text_of(*static_cast<const mortise_view_t*>(one.data)));
  }
  const Registry* registry = run.services().registry;
  const mortise_type_info_t* info = registry == nullptr ? nullptr : registry->type(type.sql_type);
  if (info == nullptr || info->text_out == nullptr) return "?";
  Arena arena(run.memory());
  mortise_evaluation_t abi{};
  abi.struct_size_bytes = sizeof(abi);
  abi.session = run.context().session;
  abi.view = &run.context().view;
  abi.arena = &arena;
  abi.allocate = Arena::allocate_for_function;
  alignas(64) mortise_view_t view[4] = {};
  alignas(64) uint64_t validity[8] = {~uint64_t{0}};
  mortise_column_out_t out = {validity, view, 0, 0};
  const mortise_arguments_t arguments = {&one, &type, 1, 1, nullptr, 1, 0};
  ErrorSlot error;
  if (info->text_out(&abi, &type, &arguments, &out, error.get()) < 0) return "?";
  return std::string(text_of(view[0]));
}

}  // namespace mortise::sql_engine
