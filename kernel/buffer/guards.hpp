// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a reader hold on to a page?
//
// Three ways, from cheap to strong: OptimisticRead writes nothing and asks afterwards whether it
// saw a true state, SharedGuard keeps writers out, Pin keeps the page in memory and nothing more.
// Writers use log/mtr.hpp.
//
// Threads: a guard belongs to one thread.

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernel/base/ids.hpp"
#include "kernel/buffer/frame.hpp"

namespace mortise::buffer {

class Pool;

// ThreadSanitizer cannot see that validate() makes a racy read harmless.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool kOptimisticReadsLatch = true;
#else
inline constexpr bool kOptimisticReadsLatch = false;
#endif

// A page that cannot change while this lives.  Movable; released at the end of its life.
class SharedGuard {
 public:
  SharedGuard() = default;
  SharedGuard(SharedGuard&& other) noexcept { take(other); }
  SharedGuard& operator=(SharedGuard&& other) noexcept {
    if (this != &other) {
      release();
      take(other);
    }
    return *this;
  }
  ~SharedGuard() { release(); }

  explicit operator bool() const { return frame_ != nullptr; }
  PageId id() const { return PageId{frame_->page_id.load(std::memory_order_relaxed)}; }
  const std::byte* data() const { return data_; }
  uint32_t size_bytes() const {
    return page::kUnitBytes << frame_->size_class.load(std::memory_order_relaxed);
  }
  std::span<const std::byte> bytes() const { return {data_, size_bytes()}; }
  void release() {
    if (frame_ != nullptr) {
      frame_->latch.unlock_shared();
      frame_ = nullptr;
    }
  }
  // Hands the latch over as a bare pointer (the C ABI's page), and takes it back.
  Frame* detach() {
    Frame* frame = frame_;
    frame_ = nullptr;
    return frame;
  }
  static SharedGuard attach(Frame* frame, const std::byte* data) { return {frame, data}; }

 private:
  friend class Pool;
  SharedGuard(Frame* frame, const std::byte* data) : frame_(frame), data_(data) {}
  void take(SharedGuard& other) {
    frame_ = other.frame_;
    data_ = other.data_;
    other.frame_ = nullptr;
  }
  Frame* frame_ = nullptr;
  const std::byte* data_ = nullptr;
};

// A page that may change under the reader.  Every offset or length read from it is untrusted until
// validate() has said true: bound it before use.  Data must be copied out before validate().
// Under ThreadSanitizer it holds a shared latch and validate() always says true.
class OptimisticRead {
 public:
  OptimisticRead() = default;
  OptimisticRead(OptimisticRead&& other) noexcept { take(other); }
  OptimisticRead& operator=(OptimisticRead&& other) noexcept {
    if (this != &other) {
      release();
      take(other);
    }
    return *this;
  }
  ~OptimisticRead() { release(); }

  PageId id() const { return page_; }
  const std::byte* data() const { return data_; }
  uint32_t size_bytes() const { return size_bytes_; }
  std::span<const std::byte> bytes() const { return {data_, size_bytes_}; }
  // Is what was read so far one consistent state of the page?  Ask as often as needed.
  [[nodiscard]] bool validate() const {
    return frame_->latch.validate(version_) &&
           frame_->page_id.load(std::memory_order_relaxed) == raw(page_);
  }
  // Grows with every change of the page, and when it comes back into memory.
  uint64_t version() const { return version_; }
  void release() {
    if constexpr (kOptimisticReadsLatch) {
      if (frame_ != nullptr) frame_->latch.unlock_shared();
    }
    frame_ = nullptr;
  }
  // As SharedGuard's.
  Frame* detach() {
    Frame* frame = frame_;
    frame_ = nullptr;
    return frame;
  }
  static OptimisticRead attach(Frame* frame, const std::byte* data, uint64_t version, PageId page,
                               uint32_t size_bytes) {
    OptimisticRead read;
    read.frame_ = frame;
    read.data_ = data;
    read.version_ = version;
    read.page_ = page;
    read.size_bytes_ = size_bytes;
    return read;
  }

 private:
  friend class Pool;
  void take(OptimisticRead& other) {
    frame_ = other.frame_;
    data_ = other.data_;
    version_ = other.version_;
    page_ = other.page_;
    size_bytes_ = other.size_bytes_;
    other.frame_ = nullptr;
  }
  Frame* frame_ = nullptr;
  const std::byte* data_ = nullptr;
  uint64_t version_ = 0;
  PageId page_ = kNoPage;
  uint32_t size_bytes_ = 0;
};

// Keeps a page in memory without a latch: a cursor that hands out addresses, I/O under way.
class Pin {
 public:
  Pin() = default;
  Pin(Pin&& other) noexcept : frame_(other.frame_) { other.frame_ = nullptr; }
  Pin& operator=(Pin&& other) noexcept {
    if (this != &other) {
      release();
      frame_ = other.frame_;
      other.frame_ = nullptr;
    }
    return *this;
  }
  ~Pin() { release(); }
  void release() {
    if (frame_ != nullptr) frame_->pins.fetch_sub(1, std::memory_order_release);
    frame_ = nullptr;
  }

 private:
  friend class Pool;
  explicit Pin(Frame* frame) : frame_(frame) {}
  Frame* frame_ = nullptr;
};

}  // namespace mortise::buffer
