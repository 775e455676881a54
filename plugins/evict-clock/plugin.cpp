// SPDX-License-Identifier: Apache-2.0
//
// The door: an evictor is a ClockPolicy.
#include <memory>

#include "clock_policy.hpp"
#include "mortise/cpp/plugin.hpp"

namespace mortise::evict_clock {
namespace {

ClockPolicy& of(mortise_evictor_t* evictor) {
  return *reinterpret_cast<ClockPolicy*>(evictor);
}

mortise_status_t MORTISE_CALL create(const mortise_frames_t* frames, mortise_evictor_t** evictor,
                                     mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    if (frames->frames_count == 0) return invalid("a pool without frames has nothing to evict");
    *evictor = reinterpret_cast<mortise_evictor_t*>(new ClockPolicy(*frames));
    return {};
  });
}

void MORTISE_CALL destroy(mortise_evictor_t* evictor) {
  delete &of(evictor);
}

void MORTISE_CALL on_accesses(mortise_evictor_t*, const mortise_frame_access_t*, uint32_t) {}

// Without memory for a queue entry the frame is found by nobody until it is loaded anew.
void MORTISE_CALL on_loaded(mortise_evictor_t* evictor, uint32_t frame, mortise_page_id_t page,
                            uint32_t access) {
  (void)guard(nullptr, [&]() -> Status {
    of(evictor).on_loaded(frame, page, access);
    return {};
  });
}

void MORTISE_CALL on_evicted(mortise_evictor_t* evictor, uint32_t frame, mortise_page_id_t page) {
  (void)guard(nullptr, [&]() -> Status {
    of(evictor).on_evicted(frame, page);
    return {};
  });
}

uint32_t MORTISE_CALL pick(mortise_evictor_t* evictor, uint32_t* victims, uint32_t capacity,
                           uint32_t size_class) {
  uint32_t count = 0;
  (void)guard(nullptr, [&]() -> Status {
    count = of(evictor).pick({victims, capacity}, size_class);
    return {};
  });
  return count;
}

constexpr mortise_iface_evict_t kTable = {header_of<mortise_iface_evict_t>(),
                                          0,
                                          0,
                                          create,
                                          destroy,
                                          on_accesses,
                                          on_loaded,
                                          on_evicted,
                                          pick};

mortise_status_t MORTISE_CALL start(const mortise_host_t*, void** instance, mortise_error_t*) {
  *instance = nullptr;
  return MORTISE_OK;
}

void MORTISE_CALL stop(void*) {}

constexpr mortise_offer_t kOffers[] = {offer(MORTISE_IFACE_EVICT, "clock", &kTable)};

}  // namespace
}  // namespace mortise::evict_clock

MORTISE_PLUGIN("evict-clock", "0.1.0", {}, mortise::evict_clock::kOffers,
               mortise::evict_clock::start, nullptr, mortise::evict_clock::stop)
