// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: in which order do the rows of a table enter a new index?
//
// Entries are collected in large chunks and sorted by an array of (first eight bytes, pointer);
// most comparisons end in the eight bytes.
//
// Threads: one thread.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "btree.hpp"

namespace mortise::index_btree {

class SortedEntries : public BTree::Source {
 public:
  void add(std::string_view entry);
  void sort();
  bool next(std::string_view* entry) override;

  // Calls body(a, b) for neighbours whose keys (entries without row ids) are equal.
  template <typename Body>
  void each_equal_pair(Body&& body) const {
    for (size_t i = 1; i < entries_.size(); ++i) {
      const std::string_view a = text(entries_[i - 1]);
      const std::string_view b = text(entries_[i]);
      if (a.size() == b.size() && a.substr(0, a.size() - 8) == b.substr(0, b.size() - 8)) {
        body(a, b);
      }
    }
  }

 private:
  struct Entry {
    uint64_t head;
    const char* bytes;
    uint32_t size_bytes;
  };
  static std::string_view text(const Entry& e) { return {e.bytes, e.size_bytes}; }

  static constexpr size_t kChunkBytes = 1 << 20;
  std::vector<std::unique_ptr<char[]>> chunks_;
  size_t used_bytes_ = kChunkBytes;
  std::vector<Entry> entries_;
  size_t position_ = 0;
};

}  // namespace mortise::index_btree
