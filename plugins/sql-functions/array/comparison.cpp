// SPDX-License-Identifier: Apache-2.0

// Order and containment of arrays.
//
// The order is that of the keys, by their bytes.  Containment compares elements: null is equal to
// nothing, dimensions and repetitions do not count.

#include <unordered_set>

#include "array/element.hpp"
#include "array/lists.hpp"
#include "relation.hpp"
#include "vector_loop.hpp"

namespace mortise::sql_functions {
namespace {

std::string_view key_of(std::string_view value) {
  return value.substr(0, ordered_key_bytes(value));
}

template <Relation kRelation>
Status compare(Call& call) {
  const Strings left(call.column(0));
  const Strings right(call.column(1));
  return fill_predicate(
      call, [&](uint32_t row) { return holds<kRelation>(key_of(left[row]), key_of(right[row])); });
}
int32_t three_way(std::string_view a, std::string_view b) {
  const int order = key_of(a).compare(key_of(b));
  return order < 0 ? -1 : (order > 0 ? 1 : 0);
}

using Elements = std::vector<std::optional<std::string_view>>;

Result<Elements> elements_of(std::string_view value) {
  MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(value));
  return key_elements(value, array);
}

// Elements to look up: a scan while they are few.
class ElementSet {
 public:
  explicit ElementSet(Elements elements) : elements_(std::move(elements)) {
    if (elements_.size() <= kScannedMax) return;
    for (const auto& element : elements_) {
      if (element) hashed_.insert(*element);
    }
  }
  bool contains(std::string_view element) const {
    if (!hashed_.empty()) return hashed_.contains(element);
    for (const auto& known : elements_) {
      if (known && *known == element) return true;
    }
    return false;
  }

 private:
  static constexpr size_t kScannedMax = 16;
  Elements elements_;
  std::unordered_set<std::string_view> hashed_;
};

Result<bool> contains(std::string_view whole, std::string_view part) {
  MORTISE_TRY_ASSIGN(Elements all, elements_of(whole));
  MORTISE_TRY_ASSIGN(const Elements wanted, elements_of(part));
  const ElementSet set(std::move(all));
  for (const auto& element : wanted) {
    if (!element || !set.contains(*element)) return false;
  }
  return true;
}
Result<bool> is_contained(std::string_view part, std::string_view whole) {
  return contains(whole, part);
}
Result<bool> overlaps(std::string_view a, std::string_view b) {
  MORTISE_TRY_ASSIGN(Elements all, elements_of(a));
  MORTISE_TRY_ASSIGN(const Elements wanted, elements_of(b));
  const ElementSet set(std::move(all));
  for (const auto& element : wanted) {
    if (element && set.contains(*element)) return true;
  }
  return false;
}

template <bool kIsMax>
std::string_view extreme(std::string_view a, std::string_view b) {
  const int order = key_of(a).compare(key_of(b));
  return (kIsMax ? order >= 0 : order <= 0) ? a : b;
}

constexpr mortise_function_t kTable[] = {
    scalar<"anyarray,anyarray:bool">(744, "array_eq", batch<&compare<Relation::equal>>,
                                     {.symbol = "=", .commutator = "=", .negator = "<>"}),
    scalar<"anyarray,anyarray:bool">(390, "array_ne", batch<&compare<Relation::not_equal>>,
                                     {.symbol = "<>", .commutator = "<>", .negator = "="}),
    scalar<"anyarray,anyarray:bool">(391, "array_lt", batch<&compare<Relation::less>>,
                                     {.symbol = "<", .commutator = ">", .negator = ">="}),
    scalar<"anyarray,anyarray:bool">(392, "array_gt", batch<&compare<Relation::greater>>,
                                     {.symbol = ">", .commutator = "<", .negator = "<="}),
    scalar<"anyarray,anyarray:bool">(393, "array_le", batch<&compare<Relation::less_equal>>,
                                     {.symbol = "<=", .commutator = ">=", .negator = ">"}),
    scalar<"anyarray,anyarray:bool">(396, "array_ge", batch<&compare<Relation::greater_equal>>,
                                     {.symbol = ">=", .commutator = "<=", .negator = "<"}),
    scalar<"anyarray,anyarray:int4">(382, "btarraycmp", row<&three_way>),
    scalar<"anyarray,anyarray:anyarray">(515, "array_larger", row<&extreme<true>>),
    scalar<"anyarray,anyarray:anyarray">(516, "array_smaller", row<&extreme<false>>),
    scalar<"anyarray,anyarray:bool">(2748, "arraycontains", row<&contains>,
                                     {.symbol = "@>", .commutator = "<@"}),
    scalar<"anyarray,anyarray:bool">(2749, "arraycontained", row<&is_contained>,
                                     {.symbol = "<@", .commutator = "@>"}),
    scalar<"anyarray,anyarray:bool">(2747, "arrayoverlap", row<&overlaps>,
                                     {.symbol = "&&", .commutator = "&&"}),
};

}  // namespace

const FunctionList kArrayComparisons = kTable;

}  // namespace mortise::sql_functions
