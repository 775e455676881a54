// SPDX-License-Identifier: Apache-2.0
//
// Choosing among overloads and common types: PostgreSQL's manual, chapter 10.  The steps of
// keep_best follow func_select_candidate; differences: no domains, one schema of functions, so that
// no candidate hides another.

#include <algorithm>

#include "bind/registry.hpp"

namespace mortise::sql_engine {

std::vector<Registry::Candidate> Registry::candidates(
    std::span<const mortise_function_t* const> list, size_t arguments_count,
    bool is_operator) const {
  std::vector<Candidate> result;
  for (const mortise_function_t* f : list) {
    const uint32_t* types = f->argument_types;
    const size_t declared = f->arguments_count;
    if (f->variadic_type != 0 && !is_operator) {
      // The last declared argument repeats; it stands in the list as its element type or array.
      const size_t fixed = declared == 0 ? 0 : declared - 1;
      if (arguments_count < fixed) continue;
      if (arguments_count == fixed && f->variadic_type != MORTISE_SQL_ANY) continue;
      Candidate c{f, std::vector<uint32_t>(types, types + fixed), true};
      c.arguments.resize(arguments_count, f->variadic_type);
      result.push_back(std::move(c));
      continue;
    }
    const size_t required = declared - std::min<size_t>(f->defaults_count, declared);
    if (arguments_count > declared || arguments_count < required) continue;
    result.push_back({f, std::vector<uint32_t>(types, types + arguments_count), false});
  }
  return result;
}

Registry::Choice Registry::choose_function(std::string_view name,
                                           std::span<const uint32_t> arguments) const {
  return choose(candidates(functions(name), arguments.size(), false), arguments);
}

Registry::Choice Registry::choose_operator(std::string_view symbol,
                                           std::span<const uint32_t> arguments) const {
  std::vector<Candidate> list = candidates(operators(symbol), arguments.size(), true);
  if (arguments.size() == 2) {
    // An untyped operand is first assumed to be like the other.
    uint32_t both[2] = {arguments[0], arguments[1]};
    if (both[0] == MORTISE_SQL_UNKNOWN) both[0] = both[1];
    if (both[1] == MORTISE_SQL_UNKNOWN) both[1] = both[0];
    for (const Candidate& c : list) {
      if (c.arguments[0] == both[0] && c.arguments[1] == both[1]) {
        Choice choice;
        choice.function = c.function;
        settle(c, both, choice);
        return choice;
      }
    }
  }
  return choose(std::move(list), arguments);
}

Registry::Choice Registry::choose(std::vector<Candidate> list,
                                  std::span<const uint32_t> arguments) const {
  Choice choice;
  for (const Candidate& c : list) {
    if (std::equal(arguments.begin(), arguments.end(), c.arguments.begin())) {
      choice.function = c.function;
      settle(c, arguments, choice);
      return choice;
    }
  }
  std::erase_if(list, [&](const Candidate& c) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (!can_coerce(arguments[i], c.arguments[i], Coercion::implicit)) return true;
    }
    Choice ignored;
    return !settle(c, arguments, ignored);
  });
  if (list.empty()) return choice;
  if (list.size() > 1) keep_best(list, arguments);
  if (list.size() != 1) {
    choice.is_ambiguous = true;
    return choice;
  }
  choice.function = list.front().function;
  settle(list.front(), arguments, choice);
  return choice;
}

void Registry::keep_best(std::vector<Candidate>& list, std::span<const uint32_t> arguments) const {
  const auto keep_most = [&](auto&& score) {
    size_t best = 0;
    for (const Candidate& c : list) best = std::max(best, score(c));
    std::erase_if(list, [&](const Candidate& c) { return score(c) < best; });
  };
  // A variadic candidate yields to one that names its arguments.
  if (std::any_of(list.begin(), list.end(), [](const Candidate& c) { return !c.is_variadic; })) {
    std::vector<Candidate> plain;
    for (const Candidate& c : list) {
      const bool is_hidden =
          c.is_variadic && std::any_of(list.begin(), list.end(), [&](const Candidate& other) {
            return !other.is_variadic && other.arguments == c.arguments;
          });
      if (!is_hidden) plain.push_back(c);
    }
    list = std::move(plain);
    if (list.size() == 1) return;
  }
  keep_most([&](const Candidate& c) {
    size_t exact = 0;
    for (size_t i = 0; i < arguments.size(); ++i) {
      exact += arguments[i] != MORTISE_SQL_UNKNOWN && c.arguments[i] == arguments[i] ? 1 : 0;
    }
    return exact;
  });
  if (list.size() == 1) return;
  keep_most([&](const Candidate& c) {
    size_t fitting = 0;
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (arguments[i] == MORTISE_SQL_UNKNOWN) continue;
      const bool is_preferred_of_category =
          is_preferred(c.arguments[i]) && category(c.arguments[i]) == category(arguments[i]);
      fitting += c.arguments[i] == arguments[i] || is_preferred_of_category ? 1 : 0;
    }
    return fitting;
  });
  if (list.size() == 1) return;
  keep_by_unknowns(list, arguments);
}

void Registry::keep_by_unknowns(std::vector<Candidate>& list,
                                std::span<const uint32_t> arguments) const {
  bool has_unknown = false;
  bool is_resolved = true;
  std::vector<char> slots(arguments.size(), 0);
  std::vector<bool> has_preferred(arguments.size(), false);
  for (size_t i = 0; i < arguments.size() && is_resolved; ++i) {
    if (arguments[i] != MORTISE_SQL_UNKNOWN) continue;
    has_unknown = true;
    slots[i] = category(list.front().arguments[i]);
    bool has_conflict = false;
    for (const Candidate& c : list) {
      const char mine = category(c.arguments[i]);
      if (mine == slots[i]) {
        has_preferred[i] = has_preferred[i] || is_preferred(c.arguments[i]);
      } else if (mine == 'S') {
        slots[i] = mine;  // a string is what an untyped literal looks like
        has_preferred[i] = is_preferred(c.arguments[i]);
      } else {
        has_conflict = true;
      }
    }
    if (has_conflict && slots[i] != 'S') is_resolved = false;
  }
  if (!has_unknown) return;
  if (is_resolved) {
    std::vector<Candidate> kept;
    for (const Candidate& c : list) {
      bool fits = true;
      for (size_t i = 0; i < arguments.size() && fits; ++i) {
        if (arguments[i] != MORTISE_SQL_UNKNOWN) continue;
        fits = category(c.arguments[i]) == slots[i] &&
               (!has_preferred[i] || is_preferred(c.arguments[i]));
      }
      if (fits) kept.push_back(c);
    }
    if (!kept.empty()) list = std::move(kept);
    if (list.size() == 1) return;
  }
  // Last resort: untyped arguments are like the known ones, if those are all of one type.
  uint32_t known = MORTISE_SQL_UNKNOWN;
  for (const uint32_t type : arguments) {
    if (type == MORTISE_SQL_UNKNOWN) continue;
    if (known != MORTISE_SQL_UNKNOWN && known != type) return;
    known = type;
  }
  if (known == MORTISE_SQL_UNKNOWN) return;
  std::vector<Candidate> kept;
  for (const Candidate& c : list) {
    bool fits = true;
    for (const uint32_t type : c.arguments) {
      fits = fits && can_coerce(known, type, Coercion::implicit);
    }
    if (fits) kept.push_back(c);
  }
  if (kept.size() == 1) list = std::move(kept);
}

// What the members of a family stand for, from the arguments at their places; 0 if they disagree,
// UNKNOWN if none of them tells.
uint32_t Registry::family_type(AnyFamily family, const Candidate& candidate,
                               std::span<const uint32_t> arguments) const {
  std::vector<uint32_t> types;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const uint32_t declared = candidate.arguments[i];
    if (any_family(declared) != family) continue;
    if (arguments[i] == MORTISE_SQL_UNKNOWN) {
      types.push_back(MORTISE_SQL_UNKNOWN);
    } else if (is_any_array(declared)) {
      types.push_back(element_of(arguments[i]));
      if (types.back() == 0) return 0;
    } else {
      types.push_back(arguments[i]);
    }
  }
  return types.empty() ? static_cast<uint32_t>(MORTISE_SQL_UNKNOWN) : common_type(types, nullptr);
}

bool Registry::settle(const Candidate& candidate, std::span<const uint32_t> arguments,
                      Choice& choice) const {
  choice.arguments = candidate.arguments;
  choice.result = candidate.function->return_type;
  for (const AnyFamily family : {AnyFamily::element, AnyFamily::compatible}) {
    const bool occurs =
        any_family(choice.result) == family ||
        std::any_of(choice.arguments.begin(), choice.arguments.end(),
                    [&](uint32_t declared) { return any_family(declared) == family; });
    if (!occurs) continue;
    uint32_t element = family_type(family, candidate, arguments);
    if (element == 0) return false;
    if (element == MORTISE_SQL_UNKNOWN) element = MORTISE_SQL_TEXT;
    const auto put = [&](uint32_t& declared) {
      if (any_family(declared) != family) return;
      declared = is_any_array(declared) ? array_of(element) : element;
    };
    for (uint32_t& declared : choice.arguments) put(declared);
    put(choice.result);
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (choice.arguments[i] == 0) return false;  // there is no such array type
    if (choice.arguments[i] != MORTISE_SQL_ANY) continue;
    choice.arguments[i] = arguments[i] == MORTISE_SQL_UNKNOWN
                              ? static_cast<uint32_t>(MORTISE_SQL_TEXT)
                              : arguments[i];
  }
  return choice.result != 0;
}

uint32_t Registry::common_type(std::span<const uint32_t> types, size_t* failed_at) const {
  if (types.empty()) return 0;
  uint32_t chosen = types[0];
  for (size_t i = 1; i < types.size(); ++i) {
    const uint32_t next = types[i];
    if (next == chosen || next == MORTISE_SQL_UNKNOWN) continue;
    if (chosen == MORTISE_SQL_UNKNOWN) {
      chosen = next;
      continue;
    }
    if (category(next) != category(chosen)) {
      if (failed_at != nullptr) *failed_at = i;
      return 0;
    }
    if (!is_preferred(chosen) && can_coerce(chosen, next, Coercion::implicit) &&
        !can_coerce(next, chosen, Coercion::implicit)) {
      chosen = next;
    }
  }
  for (size_t i = 0; i < types.size(); ++i) {
    if (!can_coerce(types[i], chosen, Coercion::implicit)) {
      if (failed_at != nullptr) *failed_at = i;
      return 0;
    }
  }
  return chosen;
}

}  // namespace mortise::sql_engine
