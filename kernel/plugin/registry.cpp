// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/registry.hpp"

#include "kernel/base/version.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::plugin {

// The table that plugins hold, and the way back from it.
struct Registry::Face {
  mortise_host_t host;
  const Registry* registry;
};

namespace {

template <typename Face>
const Registry& registry_of(const mortise_host_t* host) {
  return *reinterpret_cast<const Face*>(host)->registry;
}

}  // namespace

Registry::Registry() : face_(std::make_unique<Face>()) {
  mortise_host_t& host = face_->host;
  host.header = {sizeof(mortise_host_t), 1, 0, 0};
  host.product = str_of("mortise");
  host.version = str_of(mortise::version());
  host.find_interface = [](const mortise_host_t* h, mortise_str_t id,
                           mortise_str_t slot) -> const void* {
    return registry_of<Face>(h).find(view_of(id), view_of(slot));
  };
  host.each_provider = [](const mortise_host_t* h, mortise_str_t id,
                          int32_t(MORTISE_CALL * visit)(void*, mortise_str_t, const void*),
                          void* context) {
    for (const Offer& offer : registry_of<Face>(h).providers(view_of(id))) {
      if (visit(context, str_of(offer.slot), offer.table) != 0) return;
    }
  };
  face_->registry = this;
}

Registry::~Registry() = default;

Status Registry::add(Offer offer) {
  platform::ExclusiveLock lock(mutex_);
  for (const Entry& e : entries_) {
    if (e.offer.interface_id == offer.interface_id && e.offer.slot == offer.slot) {
      std::string text = offer.interface_id;
      if (!offer.slot.empty()) text.append(":").append(offer.slot);
      return duplicate(text + " is already offered by " + e.offer.provider);
    }
  }
  entries_.push_back({std::move(offer), false});
  return {};
}

void Registry::activate(std::string_view provider) {
  platform::ExclusiveLock lock(mutex_);
  for (Entry& e : entries_) {
    if (e.offer.provider == provider) e.is_active = true;
  }
}

void Registry::deactivate(std::string_view provider) {
  platform::ExclusiveLock lock(mutex_);
  for (Entry& e : entries_) {
    if (e.offer.provider == provider) e.is_active = false;
  }
}

void Registry::remove(std::string_view provider) {
  platform::ExclusiveLock lock(mutex_);
  std::erase_if(entries_, [&](const Entry& e) { return e.offer.provider == provider; });
}

const void* Registry::find(std::string_view interface_id, std::string_view slot) const {
  platform::SharedLock lock(mutex_);
  for (const Entry& e : entries_) {
    if (e.is_active && e.offer.interface_id == interface_id &&
        (slot.empty() || e.offer.slot == slot)) {
      return e.offer.table;
    }
  }
  return nullptr;
}

std::vector<Offer> Registry::providers(std::string_view interface_id) const {
  platform::SharedLock lock(mutex_);
  std::vector<Offer> out;
  for (const Entry& e : entries_) {
    if (e.is_active && e.offer.interface_id == interface_id) out.push_back(e.offer);
  }
  return out;
}

std::vector<Offer> Registry::all() const {
  platform::SharedLock lock(mutex_);
  std::vector<Offer> out;
  for (const Entry& e : entries_) out.push_back(e.offer);
  return out;
}

const mortise_host_t* Registry::host() const {
  return &face_->host;
}

}  // namespace mortise::plugin
