// SPDX-License-Identifier: Apache-2.0

#include "instance.hpp"

namespace mortise::sql_functions {

const KnownTypes* Instance::known_types() {
  if (const KnownTypes* ready = ready_.load(std::memory_order_acquire)) return ready;
  if (host_.get() == nullptr) return nullptr;
  Lock lock(mutex_);
  if (known_types_ == nullptr) {
    known_types_ = std::make_unique<const KnownTypes>(host_);
    ready_.store(known_types_.get(), std::memory_order_release);
  }
  return known_types_.get();
}

std::string_view Instance::product_version() const {
  return host_.get() == nullptr ? std::string_view() : view_of(host_.get()->version);
}

void Instance::forget_host() {
  Lock lock(mutex_);
  ready_.store(nullptr, std::memory_order_release);
  known_types_ = nullptr;
  host_ = Host();
}

Instance& instance() {
  static Instance the_one;
  return the_one;
}

}  // namespace mortise::sql_functions
