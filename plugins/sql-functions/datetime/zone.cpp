// SPDX-License-Identifier: Apache-2.0

#include "datetime/zone.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "datetime/calendar.hpp"

namespace mortise::sql_functions {
namespace {

constexpr const char* kZoneFolder = "/usr/share/zoneinfo";
constexpr size_t kZoneNameBytesMax = 255;
constexpr int64_t kCycleSeconds = 146097LL * 86400;  // 400 years

int64_t read_big_endian(const char* p, size_t bytes) {
  uint64_t value = (static_cast<uint8_t>(p[0]) & 0x80) != 0 ? ~uint64_t{0} : 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<uint8_t>(p[i]);
  return static_cast<int64_t>(value);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// POSIX TZ text: "CET-1CEST,M3.5.0,M10.5.0/3".
struct RuleDay {
  char kind;  // 'M' month.week.day, 'J' julian without leap day, '0' zero-based
  int32_t month;
  int32_t week;
  int32_t day;
  int32_t time_seconds;
};
struct Rule {
  std::string standard_name;
  std::string daylight_name;
  int32_t standard_east = 0;
  int32_t daylight_east = 0;
  RuleDay start{};
  RuleDay end{};
};

class RuleParser {
 public:
  explicit RuleParser(std::string_view text) : rest_(text) {}

  bool parse(Rule* rule) {
    if (!name(&rule->standard_name)) return false;
    int32_t west = 0;
    if (!offset(&west)) return false;
    rule->standard_east = -west;
    if (rest_.empty()) return true;
    if (!name(&rule->daylight_name) || rule->daylight_name.empty()) return false;
    rule->daylight_east = rule->standard_east + 3600;
    if (!rest_.empty() && rest_[0] != ',') {
      if (!offset(&west)) return false;
      rule->daylight_east = -west;
    }
    if (rest_.empty()) rest_ = ",M3.2.0,M11.1.0";
    return day(&rule->start) && day(&rule->end) && rest_.empty();
  }

 private:
  bool name(std::string* out) {
    if (!rest_.empty() && rest_[0] == '<') {
      const size_t end = rest_.find('>');
      if (end == std::string_view::npos) return false;
      *out = rest_.substr(1, end - 1);
      rest_.remove_prefix(end + 1);
      return true;
    }
    size_t length = 0;
    while (length < rest_.size() && std::isalpha(static_cast<unsigned char>(rest_[length])) != 0) {
      ++length;
    }
    *out = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return true;
  }
  bool number(int32_t* out, int32_t max) {
    size_t length = 0;
    int32_t value = 0;
    while (length < rest_.size() && rest_[length] >= '0' && rest_[length] <= '9' && length < 4) {
      value = value * 10 + (rest_[length++] - '0');
    }
    if (length == 0 || value > max) return false;
    rest_.remove_prefix(length);
    *out = value;
    return true;
  }
  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool offset(int32_t* seconds) {
    const bool is_negative = take('-');
    if (!is_negative) take('+');
    int32_t hours = 0;
    int32_t minutes = 0;
    int32_t rest = 0;
    if (!number(&hours, 167)) return false;
    if (take(':') && !number(&minutes, 59)) return false;
    if (take(':') && !number(&rest, 59)) return false;
    const int32_t total = hours * 3600 + minutes * 60 + rest;
    *seconds = is_negative ? -total : total;
    return true;
  }
  bool day(RuleDay* out) {
    if (!take(',')) return false;
    out->time_seconds = 7200;
    if (take('M')) {
      out->kind = 'M';
      if (!number(&out->month, 12) || out->month == 0 || !take('.')) return false;
      if (!number(&out->week, 5) || out->week == 0 || !take('.')) return false;
      if (!number(&out->day, 6)) return false;
    } else {
      out->kind = take('J') ? 'J' : '0';
      if (!number(&out->day, 365)) return false;
    }
    return !take('/') || offset(&out->time_seconds);
  }

  std::string_view rest_;
};

// Seconds since 1970 of the rule's day in a year, by a clock that is `east` of UTC.
int64_t moment_of(const RuleDay& rule, int32_t year, int32_t east) {
  int32_t days = days_of({year, 1, 1});
  if (rule.kind == 'M') {
    const int32_t first = days_of({year, rule.month, 1});
    int32_t day = first + (rule.day - weekday_of(first) + 7) % 7 + (rule.week - 1) * 7;
    while (day >= first + days_in_month(year, rule.month)) day -= 7;
    days = day;
  } else if (rule.kind == 'J') {
    days += rule.day - 1 + (is_leap_year(year) && rule.day >= 60 ? 1 : 0);
  } else {
    days += rule.day;
  }
  return (static_cast<int64_t>(days) - kUnixEpochDays) * 86400 + rule.time_seconds - east;
}

// Finds the file of a zone whatever the case of its name; empty when there is none.
std::string find_file(std::string_view name) {
  namespace fs = std::filesystem;
  if (name.empty() || name.size() > kZoneNameBytesMax || name.find("..") != name.npos) return {};
  if (name.front() == '/' || name.find('\0') != name.npos) return {};
  fs::path folder(kZoneFolder);
  std::error_code failure;
  std::istringstream segments{std::string(name)};
  std::string segment;
  while (std::getline(segments, segment, '/')) {
    const fs::path direct = folder / segment;
    if (fs::exists(direct, failure)) {
      folder = direct;
      continue;
    }
    bool is_found = false;
    const std::string wanted = lower(segment);
    for (fs::directory_iterator it(folder, failure), end; !failure && it != end;
         it.increment(failure)) {
      if (lower(it->path().filename().string()) == wanted) {
        folder = it->path();
        is_found = true;
        break;
      }
    }
    if (!is_found) return {};
  }
  return fs::is_regular_file(folder, failure) ? folder.string() : std::string();
}

std::unique_ptr<Zone> load(std::string_view name) {
  const std::string path = find_file(name);
  if (!path.empty()) {
    std::ifstream file(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const std::string canonical = path.substr(std::char_traits<char>::length(kZoneFolder) + 1);
    if (auto zone = Zone::parse_file(canonical, bytes)) return zone;
  }
  return Zone::parse_posix(name);
}

}  // namespace

uint8_t Zone::add_kind(int32_t seconds_east, bool is_daylight, std::string_view abbreviation) {
  for (size_t i = 0; i < kinds_.size(); ++i) {
    if (kinds_[i].seconds_east == seconds_east && kinds_[i].is_daylight == is_daylight &&
        abbreviation == names_.c_str() + kinds_[i].name_at) {
      return static_cast<uint8_t>(i);
    }
  }
  kinds_.push_back({seconds_east, is_daylight, static_cast<uint16_t>(names_.size())});
  names_.append(abbreviation).push_back('\0');
  return static_cast<uint8_t>(kinds_.size() - 1);
}

bool Zone::read_block(std::string_view bytes, bool is_wide, size_t* used) {
  if (bytes.size() < 44 || bytes.substr(0, 4) != "TZif") return false;
  const auto count = [&](size_t at) {
    return static_cast<size_t>(read_big_endian(bytes.data() + at, 4));
  };
  const size_t utc_count = count(20);
  const size_t standard_count = count(24);
  const size_t leap_count = count(28);
  const size_t change_count = count(32);
  const size_t kind_count = count(36);
  const size_t name_bytes = count(40);
  const size_t width = is_wide ? 8 : 4;
  if (kind_count == 0 || kind_count > 255 || name_bytes > 250 || change_count > 100000 ||
      leap_count > 1000 || utc_count > 255 || standard_count > 255) {
    return false;
  }
  *used = 44 + change_count * (width + 1) + kind_count * 6 + name_bytes + leap_count * (width + 4) +
          standard_count + utc_count;
  if (bytes.size() < *used) return false;
  const char* moments = bytes.data() + 44;
  const char* indexes = moments + change_count * width;
  const char* kinds = indexes + change_count;
  names_.assign(kinds + kind_count * 6, name_bytes);
  names_.push_back('\0');
  kinds_.clear();
  changes_.clear();
  for (size_t i = 0; i < kind_count; ++i) {
    const char* p = kinds + i * 6;
    const uint16_t name_at = static_cast<uint8_t>(p[5]);
    if (name_at > name_bytes) return false;
    kinds_.push_back({static_cast<int32_t>(read_big_endian(p, 4)), p[4] != 0, name_at});
  }
  for (size_t i = 0; i < change_count; ++i) {
    const auto kind = static_cast<uint8_t>(indexes[i]);
    if (kind >= kind_count) return false;
    changes_.push_back({read_big_endian(moments + i * width, width), kind});
  }
  return true;
}

bool Zone::extend_by_rule(std::string_view text) {
  Rule rule;
  if (!RuleParser(text).parse(&rule)) return false;
  const uint8_t standard = add_kind(rule.standard_east, false, rule.standard_name);
  if (rule.daylight_name.empty()) {
    if (changes_.empty()) first_kind_ = standard;
    return true;
  }
  const uint8_t daylight = add_kind(rule.daylight_east, true, rule.daylight_name);
  const int64_t known_until = changes_.empty() ? INT64_MIN : changes_.back().at;
  const int32_t from =
      changes_.empty() ? 1600
                       : civil_of(static_cast<int32_t>(known_until / 86400 + kUnixEpochDays)).year;
  std::vector<Change> added;
  for (int32_t year = from; year <= from + 802; ++year) {
    added.push_back({moment_of(rule.start, year, rule.standard_east), daylight});
    added.push_back({moment_of(rule.end, year, rule.daylight_east), standard});
  }
  std::sort(added.begin(), added.end(),
            [](const Change& a, const Change& b) { return a.at < b.at; });
  for (const Change& change : added) {
    if (change.at > known_until) changes_.push_back(change);
  }
  has_rule_ = true;
  return true;
}

std::unique_ptr<Zone> Zone::parse_file(std::string_view name, std::string_view bytes) {
  auto zone = std::make_unique<Zone>();
  zone->name_ = name;
  size_t used = 0;
  if (!zone->read_block(bytes, false, &used)) return nullptr;
  if (bytes[4] >= '2') {
    bytes.remove_prefix(used);
    if (!zone->read_block(bytes, true, &used)) return nullptr;
    bytes.remove_prefix(used);
  } else {
    bytes = {};
  }
  for (size_t i = 0; i < zone->kinds_.size(); ++i) {
    if (!zone->kinds_[i].is_daylight) {
      zone->first_kind_ = static_cast<uint8_t>(i);
      break;
    }
  }
  if (!zone->kinds_[0].is_daylight) zone->first_kind_ = 0;
  if (bytes.size() > 2 && bytes.front() == '\n') {
    const std::string_view rule = bytes.substr(1, bytes.find('\n', 1) - 1);
    if (!rule.empty()) zone->extend_by_rule(rule);
  }
  return zone;
}

std::unique_ptr<Zone> Zone::parse_posix(std::string_view text) {
  auto zone = std::make_unique<Zone>();
  zone->name_ = text;
  if (text.empty() || !zone->extend_by_rule(text)) return nullptr;
  return zone;
}

int64_t Zone::fold(int64_t unix_seconds) const {
  if (!has_rule_ || changes_.empty()) return unix_seconds;
  const int64_t last = changes_.back().at - 86400 * 366;
  if (unix_seconds <= last) return unix_seconds;
  return unix_seconds - ((unix_seconds - last) / kCycleSeconds + 1) * kCycleSeconds;
}

// Index of the first change after the moment.
size_t Zone::index_at(int64_t unix_seconds) const {
  const auto it = std::upper_bound(changes_.begin(), changes_.end(), unix_seconds,
                                   [](int64_t at, const Change& c) { return at < c.at; });
  return static_cast<size_t>(it - changes_.begin());
}

ZoneOffset Zone::offset_of(uint8_t kind) const {
  const Kind& k = kinds_[kind];
  return {k.seconds_east, k.is_daylight, std::string_view(names_.c_str() + k.name_at)};
}

ZoneOffset Zone::at(int64_t unix_seconds) const {
  const size_t index = index_at(fold(unix_seconds));
  return offset_of(index == 0 ? first_kind_ : changes_[index - 1].kind);
}

ZoneOffset Zone::at_local(int64_t local_seconds) const {
  const int64_t folded = fold(local_seconds);
  const int64_t shift = local_seconds - folded;
  const size_t index = index_at(folded - 86400);
  const ZoneOffset before = offset_of(index == 0 ? first_kind_ : changes_[index - 1].kind);
  if (index == changes_.size()) return before;
  const ZoneOffset after = offset_of(changes_[index].kind);
  const int64_t boundary = changes_[index].at + shift;
  const int64_t by_before = local_seconds - before.seconds_east;
  const int64_t by_after = local_seconds - after.seconds_east;
  if (by_before < boundary && by_after < boundary) return before;
  if (by_before > boundary && by_after >= boundary) return after;
  return by_before > by_after ? before : after;
}

ZoneCache::~ZoneCache() {
  for (auto& slot : slots_) delete slot.load(std::memory_order_relaxed);
}

const Zone* ZoneCache::find(std::string_view name) {
  const std::string key = lower(name);
  const size_t start = std::hash<std::string>()(key) % kSlots;
  std::unique_ptr<Entry> mine;
  for (size_t i = 0; i < 16; ++i) {
    auto& slot = slots_[(start + i) % kSlots];
    const Entry* entry = slot.load(std::memory_order_acquire);
    if (entry == nullptr) {
      if (!mine) mine = std::make_unique<Entry>(Entry{key, load(name)});
      if (mine->zone == nullptr) return nullptr;  // misses are not kept: they would fill the table
      if (slot.compare_exchange_strong(entry, mine.get(), std::memory_order_acq_rel)) {
        return mine.release()->zone.get();
      }
    }
    if (entry->key == key) return entry->zone.get();
  }
  return nullptr;
}

}  // namespace mortise::sql_functions
