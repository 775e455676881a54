// SPDX-License-Identifier: Apache-2.0
#include "kernel/base/nearest_name.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace mortise {
namespace {

// Longer names are cut: nobody mistypes a name of this length into another.
constexpr size_t kNameBytesMax = 128;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

template <typename Name>
std::string_view nearest_of(std::string_view wanted, std::span<const Name> known) {
  std::string_view best;
  size_t best_distance = SIZE_MAX;
  for (const Name& candidate : known) {
    const std::string_view name = candidate;
    const size_t longer = std::max(name.size(), wanted.size());
    const size_t allowed = std::max<size_t>(1, longer / 3);
    const size_t shorter = std::min(name.size(), wanted.size());
    if (name.empty() || longer - shorter > allowed) continue;
    const size_t distance = edit_distance(wanted, name);
    if (distance <= allowed && distance < longer && distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

std::string phrase(std::string_view name) {
  if (name.empty()) return {};
  return " (did you mean '" + std::string(name) + "'?)";
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, kNameBytesMax);
  b = b.substr(0, kNameBytesMax);
  // Three rows of the table: two back for swaps, one back, the current one.
  std::vector<size_t> older(b.size() + 1);
  std::vector<size_t> previous(b.size() + 1);
  std::vector<size_t> current(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      size_t best = std::min(previous[j], current[j - 1]) + 1;
      best = std::min(best, previous[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        best = std::min(best, older[j - 2] + 1);
      }
      current[j] = best;
    }
    std::swap(older, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

std::string_view nearest_name(std::string_view wanted, std::span<const std::string_view> known) {
  return nearest_of(wanted, known);
}
std::string_view nearest_name(std::string_view wanted, std::span<const std::string> known) {
  return nearest_of(wanted, known);
}
std::string did_you_mean(std::string_view wanted, std::span<const std::string_view> known) {
  return phrase(nearest_of(wanted, known));
}
std::string did_you_mean(std::string_view wanted, std::span<const std::string> known) {
  return phrase(nearest_of(wanted, known));
}

}  // namespace mortise
