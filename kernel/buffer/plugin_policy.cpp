// SPDX-License-Identifier: Apache-2.0
#include "kernel/buffer/plugin_policy.hpp"

#include <algorithm>
#include <cstddef>

#include "mortise/cpp/boundary.hpp"

namespace mortise::buffer {
namespace {

static_assert(static_cast<uint32_t>(AccessHint::scan) == MORTISE_ACCESS_SCAN);
static_assert(static_cast<uint32_t>(AccessHint::maintenance) == MORTISE_ACCESS_MAINTENANCE);
static_assert(static_cast<uint32_t>(AccessHint::index_inner) == MORTISE_ACCESS_INDEX_INNER);
static_assert(static_cast<uint32_t>(AccessHint::undo) == MORTISE_ACCESS_UNDO);
static_assert(raw(kNoPage) == MORTISE_FRAME_NO_PAGE);
static_assert(sizeof(Access) == sizeof(mortise_frame_access_t));
static_assert(offsetof(Access, page_hash) == offsetof(mortise_frame_access_t, page_hash));

class PluginPolicy final : public EvictionPolicy {
 public:
  explicit PluginPolicy(const mortise_iface_evict_t* table) : table_(table) {}
  ~PluginPolicy() override {
    if (evictor_ != nullptr) table_->destroy(evictor_);
  }

  Status start(const FrameView& view) override {
    frames_.struct_size_bytes = sizeof(frames_);
    frames_.frames_count = view.frame_count;
    frames_.frames = reinterpret_cast<const uint8_t*>(view.frames);
    frames_.stride_bytes = sizeof(Frame);
    frames_.page_offset_bytes = offsetof(Frame, page_id);
    frames_.touch_offset_bytes = offsetof(Frame, touch);
    frames_.size_class_offset_bytes = offsetof(Frame, size_class);
    ErrorSlot error;
    return error.status(table_->create(&frames_, &evictor_, error.get()));
  }
  bool wants_accesses() const override { return table_->wants_accesses != 0; }
  void on_accesses(std::span<const Access> accesses) override {
    table_->on_accesses(evictor_, reinterpret_cast<const mortise_frame_access_t*>(accesses.data()),
                        static_cast<uint32_t>(accesses.size()));
  }
  void on_loaded(uint32_t frame_index, PageId page, AccessHint hint) override {
    table_->on_loaded(evictor_, frame_index, raw(page), static_cast<uint32_t>(hint));
  }
  void on_evicted(uint32_t frame_index, PageId page) override {
    table_->on_evicted(evictor_, frame_index, raw(page));
  }
  uint32_t pick(std::span<uint32_t> victims, page::SizeClass size_class) override {
    const uint32_t capacity = static_cast<uint32_t>(victims.size());
    const uint32_t count =
        table_->pick(evictor_, victims.data(), capacity, static_cast<uint32_t>(size_class));
    return std::min(count, capacity);
  }

 private:
  const mortise_iface_evict_t* const table_;
  mortise_frames_t frames_{};
  mortise_evictor_t* evictor_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<EvictionPolicy>> make_plugin_policy(const mortise_iface_evict_t* table) {
  const bool is_whole = MORTISE_HAS(mortise_iface_evict_t, table, create) &&
                        MORTISE_HAS(mortise_iface_evict_t, table, destroy) &&
                        MORTISE_HAS(mortise_iface_evict_t, table, on_accesses) &&
                        MORTISE_HAS(mortise_iface_evict_t, table, on_loaded) &&
                        MORTISE_HAS(mortise_iface_evict_t, table, on_evicted) &&
                        MORTISE_HAS(mortise_iface_evict_t, table, pick);
  if (!is_whole) return unsupported("eviction policy lacks a function of " MORTISE_IFACE_EVICT);
  std::unique_ptr<EvictionPolicy> policy = std::make_unique<PluginPolicy>(table);
  return policy;
}

}  // namespace mortise::buffer
