// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/version.hpp"

#include <algorithm>
#include <charconv>

namespace mortise::plugin {

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Status bad(std::string_view text) {
  return invalid(std::string("'").append(text).append("' is not a version such as 1.2.3"));
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_prerelease(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.';
  });
}

// 1 to 3 numbers; answers how many.
Result<int> parse_parts(std::string_view text, Version* out) {
  const std::string_view whole = text;
  const size_t dash = text.find('-');
  if (dash != std::string_view::npos) {
    if (!is_prerelease(text.substr(dash + 1))) return bad(whole);
    out->prerelease = text.substr(dash + 1);
    text = text.substr(0, dash);
  }
  uint32_t* const parts[] = {&out->major, &out->minor, &out->patch};
  for (int i = 0; i < 3; ++i) {
    const size_t point = std::min(text.find('.'), text.size());
    const std::string_view number = text.substr(0, point);
    const auto end = std::from_chars(number.data(), number.data() + number.size(), *parts[i]);
    if (end.ec != std::errc() || end.ptr != number.data() + number.size()) return bad(whole);
    if (point == text.size()) return i + 1;
    text.remove_prefix(point + 1);
  }
  return bad(whole);
}

// SemVer rule 11: numbers before words, number by value, word by bytes, fewer parts first.
std::strong_ordering compare_prerelease(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return b.size() <=> a.size();
  while (!a.empty() && !b.empty()) {
    const std::string_view x = a.substr(0, std::min(a.find('.'), a.size()));
    const std::string_view y = b.substr(0, std::min(b.find('.'), b.size()));
    a.remove_prefix(std::min(x.size() + 1, a.size()));
    b.remove_prefix(std::min(y.size() + 1, b.size()));
    if (x == y) continue;
    if (is_number(x) != is_number(y)) {
      return is_number(x) ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    if (is_number(x) && x.size() != y.size()) return x.size() <=> y.size();
    return x.compare(y) <=> 0;
  }
  return a.size() <=> b.size();
}

}  // namespace

std::strong_ordering operator<=>(const Version& a, const Version& b) {
  if (const auto c = a.major <=> b.major; c != 0) return c;
  if (const auto c = a.minor <=> b.minor; c != 0) return c;
  if (const auto c = a.patch <=> b.patch; c != 0) return c;
  return compare_prerelease(a.prerelease, b.prerelease);
}

Result<Version> parse_version(std::string_view text) {
  Version version;
  MORTISE_TRY_ASSIGN(const int parts, parse_parts(text, &version));
  if (parts != 3) return bad(text);
  return version;
}

std::string to_text(const Version& v) {
  std::string out = std::to_string(v.major).append(".").append(std::to_string(v.minor));
  out.append(".").append(std::to_string(v.patch));
  if (!v.prerelease.empty()) out.append("-").append(v.prerelease);
  return out;
}

Result<VersionRange> VersionRange::parse(std::string_view text) {
  VersionRange range;
  range.text_ = trimmed(text);
  if (range.text_ == "*") return range;
  std::string_view rest = range.text_;
  if (rest.empty()) return invalid("a version range is empty");
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    MORTISE_TRY(range.add_bound(trimmed(rest.substr(0, comma))));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return range;
}

Status VersionRange::add_bound(std::string_view part) {
  struct Sign {
    std::string_view text;
    Relation relation;
  };
  static constexpr Sign kSigns[] = {{"<=", Relation::less_equal},
                                    {">=", Relation::greater_equal},
                                    {"<", Relation::less},
                                    {">", Relation::greater},
                                    {"=", Relation::equal}};
  Version version;
  if (part.starts_with("~") || part.starts_with("^")) {
    MORTISE_TRY(parse_parts(trimmed(part.substr(1)), &version));
    bounds_.push_back({Relation::greater_equal, version});
    Version next;
    next.major = version.major;
    // Below 1.0 a minor may break: "^0.2" is 0.2.x.
    if (part[0] == '~' || version.major == 0) {
      next.minor = version.minor + 1;
    } else {
      next.major = version.major + 1;
    }
    bounds_.push_back({Relation::less, next});
    return {};
  }
  for (const Sign& sign : kSigns) {
    if (!part.starts_with(sign.text)) continue;
    MORTISE_TRY(parse_parts(trimmed(part.substr(sign.text.size())), &version));
    bounds_.push_back({sign.relation, version});
    return {};
  }
  return invalid(std::string("'").append(part).append(
      "' is not a version bound such as >=0.1, <0.2, =1.0, ~1.2 or ^1.2"));
}

bool VersionRange::contains(const Version& version) const {
  return std::all_of(bounds_.begin(), bounds_.end(), [&](const Bound& b) {
    const auto order = version <=> b.version;
    switch (b.relation) {
      case Relation::less:
        return order < 0;
      case Relation::less_equal:
        return order <= 0;
      case Relation::equal:
        return order == 0;
      case Relation::greater_equal:
        return order >= 0;
      case Relation::greater:
        break;
    }
    return order > 0;
  });
}

}  // namespace mortise::plugin
