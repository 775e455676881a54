// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/service/evict.hpp"

#include <cstddef>
#include <vector>

#include "mortise/cpp/boundary.hpp"

namespace mortise::plugin {

namespace {

using buffer::AccessHint;
using buffer::Frame;

static_assert(static_cast<uint32_t>(AccessHint::random) == MORTISE_ACCESS_RANDOM);
static_assert(static_cast<uint32_t>(AccessHint::scan) == MORTISE_ACCESS_SCAN);
static_assert(static_cast<uint32_t>(AccessHint::maintenance) == MORTISE_ACCESS_MAINTENANCE);
static_assert(static_cast<uint32_t>(AccessHint::index_inner) == MORTISE_ACCESS_INDEX_INNER);
static_assert(static_cast<uint32_t>(AccessHint::undo) == MORTISE_ACCESS_UNDO);
static_assert(raw(kNoPage) == MORTISE_FRAME_NO_PAGE);
static_assert(sizeof(Frame::touch) == 2 && sizeof(Frame::size_class) == 1);

class PluginPolicy final : public buffer::EvictionPolicy {
 public:
  explicit PluginPolicy(const mortise_iface_evict_t* table) : table_(table) {}
  ~PluginPolicy() override {
    if (evictor_ != nullptr) table_->destroy(evictor_);
  }

  Status start(const buffer::FrameView& view) override {
    const mortise_frames_t frames = {sizeof(mortise_frames_t),
                                     view.frame_count,
                                     reinterpret_cast<const uint8_t*>(view.frames),
                                     sizeof(Frame),
                                     offsetof(Frame, page_id),
                                     offsetof(Frame, touch),
                                     offsetof(Frame, size_class)};
    ErrorSlot error;
    return error.status(table_->create(&frames, &evictor_, error.get()));
  }
  bool wants_accesses() const override { return table_->wants_accesses != 0; }
  void on_accesses(std::span<const buffer::Access> accesses) override {
    converted_.clear();
    for (const buffer::Access& a : accesses) converted_.push_back({a.frame_index, 0, a.page_hash});
    table_->on_accesses(evictor_, converted_.data(), static_cast<uint32_t>(converted_.size()));
  }
  void on_loaded(uint32_t frame_index, PageId page, AccessHint hint) override {
    table_->on_loaded(evictor_, frame_index, raw(page), static_cast<uint32_t>(hint));
  }
  void on_evicted(uint32_t frame_index, PageId page) override {
    table_->on_evicted(evictor_, frame_index, raw(page));
  }
  uint32_t pick(std::span<uint32_t> victims, page::SizeClass size_class) override {
    const auto capacity = static_cast<uint32_t>(victims.size());
    return std::min(capacity, table_->pick(evictor_, victims.data(), capacity,
                                           static_cast<uint32_t>(size_class)));
  }

 private:
  const mortise_iface_evict_t* const table_;
  mortise_evictor_t* evictor_ = nullptr;
  std::vector<mortise_frame_access_t> converted_;  // under the pool's eviction lock, as all calls
};

}  // namespace

std::unique_ptr<buffer::EvictionPolicy> make_plugin_policy(const mortise_iface_evict_t* table) {
  return std::make_unique<PluginPolicy>(table);
}

}  // namespace mortise::plugin
