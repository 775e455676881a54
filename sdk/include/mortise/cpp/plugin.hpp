// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a C++ plugin describe itself in a few lines?
//
//   static constexpr mortise_offer_t kOffers[] = {mortise::offer("mortise.codec/1", "lz4",
//   &table)};
//   MORTISE_PLUGIN("codec-lz4", "0.1.0", {}, kOffers, start, nullptr, stop)
//
// `Host` is the typed face of mortise_host_t: find<T>("mortise.page/1") answers the function table
// or null, need<T>() a failed Status that names what is missing.
//
// Threads: as mortise/host.h.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "mortise/cpp/boundary.hpp"
#include "mortise/entry.h"

namespace mortise {

constexpr mortise_str_t literal(const char* text) {
  return {text, std::char_traits<char>::length(text)};
}

constexpr mortise_offer_t offer(const char* interface_id, const char* slot, const void* table) {
  return {literal(interface_id), literal(slot), table};
}

constexpr mortise_need_t need(const char* interface_id, const char* slot = "",
                              uint16_t minor_min = 0) {
  return {literal(interface_id), literal(slot), minor_min, 0, 0};
}

constexpr mortise_need_t want(const char* interface_id, const char* slot = "") {
  return {literal(interface_id), literal(slot), 0, 1, 0};
}

// The header of a table of type `Table`.
template <typename Table>
constexpr mortise_header_t header_of(uint16_t minor = 0, uint64_t capabilities = 0) {
  return {static_cast<uint32_t>(sizeof(Table)), 1, minor, capabilities};
}

class Host {
 public:
  Host() = default;
  explicit Host(const mortise_host_t* host) : host_(host) {}

  template <typename Table>
  const Table* find(std::string_view interface_id, std::string_view slot = {}) const {
    return static_cast<const Table*>(
        host_->find_interface(host_, str_of(interface_id), str_of(slot)));
  }

  template <typename Table>
  Result<const Table*> need(std::string_view interface_id, std::string_view slot = {}) const {
    const Table* table = find<Table>(interface_id, slot);
    if (table != nullptr) return table;
    std::string text("no provider of ");
    text.append(interface_id);
    if (!slot.empty()) text.append(" in slot ").append(slot);
    return not_found(std::move(text));
  }

  // Calls visit(slot, table) for every provider of an interface, in the host's order.
  template <typename Table, typename Visit>
  void each(std::string_view interface_id, Visit&& visit) const {
    host_->each_provider(
        host_, str_of(interface_id),
        [](void* context, mortise_str_t slot, const void* table) -> int32_t {
          (*static_cast<std::remove_reference_t<Visit>*>(context))(
              view_of(slot), static_cast<const Table*>(table));
          return 0;
        },
        &visit);
  }

  const mortise_host_t* get() const { return host_; }

 private:
  const mortise_host_t* host_ = nullptr;
};

}  // namespace mortise

// Defines the plugin's entry.  `needs` and `offers` are arrays of mortise_need_t and
// mortise_offer_t or {}.  The last three are functions with the signatures of mortise_plugin_t.
#define MORTISE_PLUGIN(name_, version_, needs_, offers_, start_, drain_, stop_)                   \
  extern "C" MORTISE_EXPORT const mortise_plugin_t* MORTISE_CALL mortise_plugin_query_v1(         \
      uint32_t host_abi_minor);                                                                   \
  const mortise_plugin_t* MORTISE_CALL mortise_plugin_query_v1(uint32_t host_abi_minor) {         \
    static constexpr std::span<const mortise_need_t> needs = needs_;                              \
    static constexpr std::span<const mortise_offer_t> offers = offers_;                           \
    static constexpr mortise_plugin_t plugin = {                                                  \
        {sizeof(mortise_plugin_t), 1, 0, 0},                                                      \
        ::mortise::literal(name_),                                                                \
        ::mortise::literal(version_),                                                             \
        ::mortise::literal(MORTISE_SDK_VERSION),                                                  \
        needs.data(),                                                                             \
        static_cast<uint32_t>(needs.size()),                                                      \
        static_cast<uint32_t>(offers.size()),                                                     \
        offers.data(),                                                                            \
        start_,                                                                                   \
        drain_,                                                                                   \
        stop_};                                                                                   \
    return host_abi_minor >= 1 ? &plugin : nullptr;                                               \
  }
