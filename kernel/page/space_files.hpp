// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where in which file does a page stand?
//
// A space is the file `spaces/NNNN.space` (hexadecimal number).  This layer moves bytes between
// pages and files and knows nothing of checksums, allocation or the log.
//
// Invariants
//   F1  A file grows before anything refers to its new pages: `extend` returns after the zeros and
//       the new size are durable.
//   F2  A failed sync is never repeated: the failure stays, and every later call on that space
//       gives it again (the operating system may have dropped the dirty bytes).
//
// Threads: create, open_all and drop are [control]; the rest is [any, concurrent].

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernel/page/format.hpp"
#include "kernel/platform/io.hpp"
#include "kernel/platform/mutex.hpp"

namespace mortise::page {

class SpaceFiles {
 public:
  static constexpr uint32_t kSpacesMax = 4095;

  // `directory` exists.
  SpaceFiles(platform::IoBackend& io, std::string directory);
  ~SpaceFiles();
  SpaceFiles(const SpaceFiles&) = delete;
  SpaceFiles& operator=(const SpaceFiles&) = delete;

  // Opens every *.space file of the directory.  [control]
  Status open_all();
  // Makes and opens an empty file, durable with its name.  `duplicate` if there is one.  [control]
  Status create(SpaceId space);
  // Removes the file.  No page of it may be in use.  [control]
  Status drop(SpaceId space);

  bool has(SpaceId space) const;
  std::vector<SpaceId> list() const;
  uint64_t size_units(SpaceId space) const;

  // Reads or writes one whole page (or several adjoining ones).  A read past the end is `corrupt`:
  // somebody refers to a page that was never there.
  Status read(PageId first, std::span<std::byte> bytes);
  Status write(PageId first, std::span<const std::byte> bytes);
  // For requests in flight: the space's file, after the same check as read().
  Result<platform::File*> file_for_read(PageId first, uint64_t units) const;
  // Grows the file to at least `size_units`, durably (F1).  Does nothing when it is large enough.
  Status extend(SpaceId space, uint64_t size_units);
  Status sync(SpaceId space);
  Status sync_all();

 private:
  struct Space;
  Result<Space*> find(SpaceId space) const;
  std::string path_of(SpaceId space) const;

  platform::IoBackend& io_;
  const std::string directory_;
  std::vector<std::atomic<Space*>> spaces_;  // by SpaceId; owned
};

}  // namespace mortise::page
