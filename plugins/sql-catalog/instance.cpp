// SPDX-License-Identifier: Apache-2.0
#include "instance.hpp"

#include "catalog/providers.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_catalog {
namespace {

Instance* g_instance = nullptr;

}  // namespace

Instance::Instance() = default;
Instance::~Instance() = default;

const Providers& Instance::providers() {
  if (const Providers* ready = ready_.load(std::memory_order_acquire)) return *ready;
  Lock lock(mutex_);
  if (providers_ == nullptr) {
    providers_ = std::make_unique<const Providers>(services.host);
    ready_.store(providers_.get(), std::memory_order_release);
  }
  return *providers_;
}

Instance& instance() {
  MORTISE_ASSERT(g_instance != nullptr);
  return *g_instance;
}

void publish(Instance* instance) {
  g_instance = instance;
}

}  // namespace mortise::sql_catalog
