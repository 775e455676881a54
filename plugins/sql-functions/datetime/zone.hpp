// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how far from UTC is a place at a moment, and which moment is a local time?
//
// Zones come from the system's IANA files (/usr/share/zoneinfo, TZif version 2 and later); past the
// last recorded change their POSIX rule goes on, in cycles of 400 years.  A name may also be an
// offset in POSIX form ("<+02>-02", "EST5EDT", "-8").
//
// Invariants
//   Z1  A loaded zone is never changed and never freed before the plugin stops.
//   Z2  A local time that does not exist counts as if the change had not happened yet; one that
//       occurs twice is the later one (standard time).  Both as PostgreSQL.
//
// Threads: [any, concurrent]; the cache is a fixed table of atomic pointers, losers of a race to
// load the same zone drop theirs.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::sql_functions {

struct ZoneOffset {
  int32_t seconds_east;
  bool is_daylight;
  std::string_view abbreviation;  // lives as long as the zone
};

class Zone {
 public:
  // Null when the bytes are no TZif file.
  static std::unique_ptr<Zone> parse_file(std::string_view name, std::string_view bytes);
  // Null when the text is no POSIX zone.
  static std::unique_ptr<Zone> parse_posix(std::string_view text);

  // At a moment, in seconds since 1970-01-01 UTC.
  ZoneOffset at(int64_t unix_seconds) const;
  // For a local time, in seconds since 1970-01-01 as the clock on the wall shows them (Z2).
  ZoneOffset at_local(int64_t local_seconds) const;
  const std::string& name() const { return name_; }

 private:
  struct Kind {
    int32_t seconds_east;
    bool is_daylight;
    uint16_t name_at;
  };
  struct Change {
    int64_t at;  // unix seconds
    uint8_t kind;
  };

  bool read_block(std::string_view bytes, bool is_wide, size_t* used);
  bool extend_by_rule(std::string_view rule);
  uint8_t add_kind(int32_t seconds_east, bool is_daylight, std::string_view abbreviation);
  int64_t fold(int64_t unix_seconds) const;
  size_t index_at(int64_t unix_seconds) const;
  ZoneOffset offset_of(uint8_t kind) const;

  std::string name_;
  std::string names_;  // abbreviations, zero-terminated
  std::vector<Kind> kinds_;
  std::vector<Change> changes_;
  uint8_t first_kind_ = 0;
  bool has_rule_ = false;
};

class ZoneCache {
 public:
  ZoneCache() = default;
  ZoneCache(const ZoneCache&) = delete;
  ZoneCache& operator=(const ZoneCache&) = delete;
  ~ZoneCache();

  // The zone of that name, whatever its case; null when there is none.
  const Zone* find(std::string_view name);

 private:
  static constexpr size_t kSlots = 2048;
  struct Entry {
    std::string key;
    std::unique_ptr<Zone> zone;  // null: known not to exist
  };
  std::array<std::atomic<const Entry*>, kSlots> slots_{};
};

// A time-zone abbreviation ("est", in lower case) of PostgreSQL's default set.
struct ZoneAbbreviation {
  std::string_view name;
  int32_t seconds_east;
  bool is_daylight;
};
const ZoneAbbreviation* find_abbreviation(std::string_view lower_name);

}  // namespace mortise::sql_functions
