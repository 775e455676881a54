// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: who provides interface X?
//
// Behind mortise_host_t: the kernel's services and the plugins' offers, found by id and slot.  An
// offer is answered from the moment its plugin is active until it stops, so nobody reaches a table
// whose owner does not serve.  Resolution has ordered the starts, hence whatever a plugin needs is
// answered during its `start`; what it merely wants of a later phase has to be asked for again.
//
// Invariants
//   G1  An id and slot has one provider.
//   G2  each_provider visits in the order of `order`, that is, in start order.
//   G3  No lock is held while a visitor runs.
//
// Threads: [any, concurrent]

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/platform/mutex.hpp"
#include "mortise/cpp/result.hpp"
#include "mortise/host.h"

namespace mortise::plugin {

struct Offer {
  std::string interface_id;  // "mortise.index/1"
  std::string slot;          // "" where there can be only one
  const void* table = nullptr;
  std::string provider;  // a plugin's name, or "kernel"
};

class Registry {
 public:
  static constexpr std::string_view kKernel = "kernel";

  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Adds an offer, not answered before activate(provider).  `duplicate` by G1.
  Status add(Offer offer);
  // Starts and ends answering all offers of a provider.
  void activate(std::string_view provider);
  void deactivate(std::string_view provider);
  // Forgets them.
  void remove(std::string_view provider);

  // An empty slot finds the first in start order.  Null: absence is an answer.
  const void* find(std::string_view interface_id, std::string_view slot) const;
  // Active ones, in start order.
  std::vector<Offer> providers(std::string_view interface_id) const;
  // All offers, active or not.
  std::vector<Offer> all() const;

  // The face that plugins see.  Lives as long as the registry.
  const mortise_host_t* host() const;

 private:
  struct Entry {
    Offer offer;
    bool is_active = false;
  };
  struct Face;

  mutable platform::SharedMutex mutex_{platform::LockRank::plugin_registry};
  std::vector<Entry> entries_ MORTISE_GUARDED_BY(mutex_);  // in the order of add, R: start order
  std::unique_ptr<Face> face_;
};

}  // namespace mortise::plugin
