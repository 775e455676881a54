// SPDX-License-Identifier: Apache-2.0
#include "kernel/log/segments.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "kernel/log/block.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::log {
namespace {
constexpr platform::OpenOptions kExisting{.access = platform::OpenOptions::Access::read_write,
                                          .direct = true};
constexpr platform::OpenOptions kNew{
    .access = platform::OpenOptions::Access::read_write, .create = true, .direct = true};
}  // namespace

Segments::Segments(platform::IoBackend& io, std::string directory, uint32_t segment_bytes)
    : io_(io), directory_(std::move(directory)), segment_bytes_(segment_bytes) {}

std::string Segments::path_of(uint64_t index) const {
  return directory_ + "/" + segment_file_name(index);
}

Status Segments::open(uint64_t first_needed, uint64_t next) {
  platform::Lock lock(mutex_);
  MORTISE_TRY_ASSIGN(const std::vector<std::string> names, io_.list_directory(directory_));
  for (const std::string& name : names) {
    const auto index = parse_segment_file_name(name);
    if (!index) continue;
    if (*index < first_needed) {
      free_.push_back(*index);
      continue;
    }
    if (*index >= next) {
      MORTISE_TRY_ASSIGN(auto file, io_.open(path_of(*index), kExisting));
      MORTISE_TRY_ASSIGN(const uint64_t size, file->size_bytes());
      if (size != segment_bytes_) {
        MORTISE_TRY(io_.remove(path_of(*index)));
        continue;
      }
    }
    live_.push_back(*index);
  }
  std::sort(live_.begin(), live_.end());
  return {};
}

// The file of a segment that is not there: an old one under a new name, or a new one with zeros.
Result<std::unique_ptr<platform::File>> Segments::make(uint64_t index,
                                                       std::optional<uint64_t> reuse) {
  std::unique_ptr<platform::File> file;
  if (reuse.has_value()) {
    const std::string old_path = path_of(*reuse);
    MORTISE_TRY_ASSIGN(file, io_.open(old_path, kExisting));
    MORTISE_TRY_ASSIGN(const uint64_t size, file->size_bytes());
    file.reset();
    if (size == segment_bytes_) {
      MORTISE_TRY(io_.rename(old_path, path_of(index)));
      MORTISE_TRY_ASSIGN(file, io_.open(path_of(index), kExisting));
    } else {
      MORTISE_TRY(io_.remove(old_path));
    }
  }
  if (file == nullptr) {
    MORTISE_TRY_ASSIGN(file, io_.open(path_of(index), kNew));
    Status filled = file->preallocate(0, segment_bytes_);
    if (filled) filled = file->sync();
    if (!filled) {
      file.reset();
      // What is left of it helps nobody; if the removal fails too, open() removes it.
      (void)io_.remove(path_of(index)).is_ok();
      return filled;
    }
  }
  MORTISE_TRY(io_.sync_directory(directory_));
  return file;
}

// Makes it without holding the mutex: the flusher goes on in the current segment meanwhile.
Status Segments::ensure(uint64_t index) {
  std::optional<uint64_t> reuse;
  {
    platform::Lock lock(mutex_);
    while (is_making_) made_.wait(mutex_);
    if (std::binary_search(live_.begin(), live_.end(), index)) return {};
    is_making_ = true;
    if (!free_.empty()) {
      reuse = free_.back();
      free_.pop_back();
    }
  }
  auto file = make(index, reuse);
  platform::Lock lock(mutex_);
  is_making_ = false;
  made_.notify_all();
  if (!file) return std::move(file.error());
  live_.insert(std::upper_bound(live_.begin(), live_.end(), index), index);
  open_[index] = std::move(*file);
  return {};
}

Result<platform::File*> Segments::writable(uint64_t index) {
  for (;;) {
    {
      platform::Lock lock(mutex_);
      if (auto found = open_.find(index); found != open_.end()) return found->second.get();
      if (std::binary_search(live_.begin(), live_.end(), index)) {
        MORTISE_TRY_ASSIGN(open_[index], io_.open(path_of(index), kExisting));
        return open_[index].get();
      }
    }
    MORTISE_TRY(ensure(index));
  }
}

bool Segments::is_prepared(uint64_t index) const {
  platform::Lock lock(mutex_);
  return std::binary_search(live_.begin(), live_.end(), index);
}

Status Segments::prepare(uint64_t index) {
  return ensure(index);
}

void Segments::close_before(uint64_t index) {
  platform::Lock lock(mutex_);
  open_.erase(open_.begin(), open_.lower_bound(index));
}

uint32_t Segments::add_pin(Lsn from) {
  platform::Lock lock(mutex_);
  for (uint32_t i = 0; i < pins_.size(); ++i) {
    if (pins_[i].in_use) continue;
    pins_[i] = {.from = from, .in_use = true, .is_valid = true};
    return i;
  }
  pins_.push_back({.from = from, .in_use = true, .is_valid = true});
  return static_cast<uint32_t>(pins_.size() - 1);
}

void Segments::move_pin(uint32_t pin, Lsn from) {
  platform::Lock lock(mutex_);
  MORTISE_ASSERT(pin < pins_.size());
  MORTISE_ASSERT(pins_[pin].in_use);
  if (from > pins_[pin].from) pins_[pin].from = from;
}

bool Segments::is_pin_valid(uint32_t pin) const {
  platform::Lock lock(mutex_);
  return pin < pins_.size() && pins_[pin].is_valid;
}

void Segments::drop_pin(uint32_t pin) {
  platform::Lock lock(mutex_);
  MORTISE_ASSERT(pin < pins_.size());
  pins_[pin] = {};
}

Status Segments::release_before(Lsn lsn) {
  platform::Lock lock(mutex_);
  for (const PinEntry& pin : pins_) {
    if (pin.in_use && pin.is_valid) lsn = std::min(lsn, pin.from);
  }
  const uint64_t first_kept = raw(lsn) / segment_bytes_;
  while (!live_.empty() && live_.front() < first_kept) {
    const uint64_t index = live_.front();
    if (archiver_ && !archiver_(path_of(index), Lsn{index * segment_bytes_},
                                Lsn{(index + 1) * segment_bytes_})) {
      break;
    }
    open_.erase(index);
    if (free_.size() < kRecycledMax) {
      free_.push_back(index);
    } else {
      MORTISE_TRY(io_.remove(path_of(index)));
    }
    live_.erase(live_.begin());
  }
  return {};
}

void Segments::set_archiver(UniqueFunction<bool(const std::string&, Lsn, Lsn)> take) {
  platform::Lock lock(mutex_);
  archiver_ = std::move(take);
}

}  // namespace mortise::log
