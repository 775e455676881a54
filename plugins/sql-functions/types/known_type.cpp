// SPDX-License-Identifier: Apache-2.0

#include "types/known_type.hpp"

#include "instance.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {

KnownTypes::KnownTypes(const Host& host) {
  host.each<mortise_iface_type_t>(
      MORTISE_IFACE_TYPE, [&](std::string_view, const mortise_iface_type_t* provider) {
        const auto* base = reinterpret_cast<const uint8_t*>(provider->types);
        for (uint32_t i = 0; i < provider->types_count; ++i) {
          const auto* info = reinterpret_cast<const mortise_type_info_t*>(
              base + size_t{i} * provider->type_stride_bytes);
          types_.try_emplace(info->sql_type, info);
        }
      });
}

const mortise_type_info_t* KnownTypes::find(uint32_t sql_type) const {
  const auto found = types_.find(sql_type);
  return found == types_.end() ? nullptr : found->second;
}

const mortise_type_info_t* known_type(uint32_t sql_type) {
  const KnownTypes* all = instance().known_types();
  return all == nullptr ? find_type(sql_type) : all->find(sql_type);
}

Result<const mortise_type_info_t*> known_element_type(uint32_t array_type) {
  const mortise_type_info_t* array = known_type(array_type);
  const mortise_type_info_t* element = array == nullptr ? nullptr : known_type(array->element_type);
  if (element != nullptr) return element;
  return unsupported("no array type " + std::to_string(array_type));
}

}  // namespace mortise::sql_functions
