// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: is this version in that range?
//
// Versions are SemVer 2.0 without build metadata.  A range is a comma-separated list of bounds that
// all have to hold: ">=0.1, <0.2", "=1.2.3", "~2.3" (2.3.x), "^1.2" (1.2 and later 1.x), "*".
// Missing parts of a version in a range are zero.
//
// Threads: values.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::plugin {

struct Version {
  uint32_t major = 0;
  uint32_t minor = 0;
  uint32_t patch = 0;
  std::string prerelease;  // "rc.1"; a version with one comes before the same without

  friend bool operator==(const Version&, const Version&) = default;
};

std::strong_ordering operator<=>(const Version& a, const Version& b);

// "1.2.3", "1.2.3-rc.1".  `invalid` otherwise.
Result<Version> parse_version(std::string_view text);
std::string to_text(const Version& version);

class VersionRange {
 public:
  // Everything.
  VersionRange() = default;
  static Result<VersionRange> parse(std::string_view text);

  bool contains(const Version& version) const;
  // As it was written; "*" for everything.
  const std::string& text() const { return text_; }

 private:
  enum class Relation : uint8_t { less, less_equal, equal, greater_equal, greater };
  struct Bound {
    Relation relation;
    Version version;
  };
  Status add_bound(std::string_view part);

  std::vector<Bound> bounds_;
  std::string text_ = "*";
};

}  // namespace mortise::plugin
