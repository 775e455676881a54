// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what must be known before the first page can be read?
//
// A small SQLite file: who this instance is, which formats it has, which numbers page types and
// kinds of plugins got, which plugins it was last started with and which of them crashed.  It
// changes rarely and never together with user data, so it needs no place in our log.
//
//   instance      one row: id (UUIDv7 text), storage_id, format, created_us, product
//   space         number, name
//   page_type     number 64..255, name, format
//   kind          number from 1000, name
//   plugin_lock   plugin, version, hash, interfaces, changed_us
//   plugin_crash  plugin, at_us, reason
//
// Invariants
//   B1  A number once given to a name stays with it.
//   B2  A change is durable when its call has answered (synchronous = FULL).
//
// Threads: [any, concurrent]; one at a time inside.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/platform/mutex.hpp"
#include "mortise/cpp/result.hpp"

struct sqlite3;

namespace mortise::catalog {

inline constexpr uint32_t kBootstrapFormat = 1;
inline constexpr uint32_t kPluginKindMin = 1000;

struct PluginLock {
  std::string plugin;
  std::string version;
  std::string hash;
  std::string interfaces;
};

struct PluginCrash {
  std::string plugin;
  int64_t at_us = 0;
  std::string reason;
};

class Bootstrap {
 public:
  // Makes the file with a new instance id when it is not there.  `storage_id` (hex text) must be
  // the one it was made with: `invalid` otherwise.  `unsupported` for a newer format.
  static Result<std::unique_ptr<Bootstrap>> open(const std::string& path,
                                                 const std::string& storage_id);
  ~Bootstrap();
  Bootstrap(const Bootstrap&) = delete;
  Bootstrap& operator=(const Bootstrap&) = delete;

  const std::string& instance_id() const { return instance_id_; }

  // B1.  `limit` when the numbers are used up.
  Result<uint8_t> register_page_type(std::string_view name, uint32_t format);
  Result<uint32_t> register_kind(std::string_view name);

  Result<std::vector<PluginLock>> plugin_locks();
  // Replaces all of them.
  Status set_plugin_locks(const std::vector<PluginLock>& locks);
  Status add_plugin_crash(const PluginCrash& crash);
  Result<std::vector<PluginCrash>> plugin_crashes();

 private:
  explicit Bootstrap(sqlite3* connection) : connection_(connection) {}
  Status prepare(const std::string& storage_id);
  Result<int64_t> number_of(std::string_view table, std::string_view name, int64_t format,
                            int64_t least, int64_t greatest) MORTISE_REQUIRES(mutex_);

  platform::Mutex mutex_{platform::LockRank::catalog_store};
  sqlite3* const connection_;
  std::string instance_id_;
};

}  // namespace mortise::catalog
