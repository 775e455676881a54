// SPDX-License-Identifier: Apache-2.0

#include "session/lock_names.hpp"

namespace mortise::sql_engine {
namespace {

constexpr std::string_view kTable = "table ";
constexpr std::string_view kRow = "row ";
constexpr std::string_view kOfSegment = " of segment ";

// The digits at `at`, and past them.
uint64_t number_at(std::string_view text, size_t& at) {
  uint64_t number = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    number = number * 10 + static_cast<uint64_t>(text[at] - '0');
  }
  return number;
}

bool is_digit_at(std::string_view text, size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

template <typename Test>
const schema::RelationDef* find(const std::vector<Stored<schema::RelationDef>>& relations,
                                Test&& test) {
  for (const auto& stored : relations) {
    if (test(stored.definition)) return &stored.definition;
  }
  return nullptr;
}

// What stands at `at` in other words, and how long it was; empty: nothing to say better.
std::string better(const std::vector<Stored<schema::RelationDef>>& relations, std::string_view text,
                   size_t at, size_t& end) {
  const std::string_view rest = text.substr(at);
  if (rest.starts_with(kTable) && is_digit_at(rest, kTable.size())) {
    size_t digits = kTable.size();
    const uint64_t id = number_at(rest, digits);
    end = at + digits;
    const schema::RelationDef* found =
        find(relations, [&](const schema::RelationDef& d) { return d.id == id; });
    return found == nullptr ? std::string() : "table \"" + found->name + "\"";
  }
  if (!rest.starts_with(kRow) || !is_digit_at(rest, kRow.size())) return {};
  const size_t segment = rest.find(kOfSegment);
  if (segment == std::string_view::npos || segment > kRow.size() + 40) return {};
  size_t digits = segment + kOfSegment.size();
  const uint64_t number = number_at(rest, digits);
  end = at + digits;
  const schema::RelationDef* found = find(
      relations, [&](const schema::RelationDef& d) { return d.segment == number && number != 0; });
  return found == nullptr ? std::string() : "a row of table \"" + found->name + "\"";
}

}  // namespace

std::string named_locks(const std::vector<Stored<schema::RelationDef>>& relations,
                        std::string_view text) {
  std::string result;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    const bool is_word_begin = at == 0 || text[at - 1] == ' ' || text[at - 1] == '\n';
    const std::string named = is_word_begin ? better(relations, text, at, end) : std::string();
    if (named.empty()) {
      result.push_back(text[at++]);
      continue;
    }
    result.append(named);
    at = end;
  }
  return result;
}

Status with_lock_names(const Services& services, Status status) {
  if (status.sqlstate() != "55P03" && status.sqlstate() != "40P01") return status;
  mortise_read_view_t view{};
  ErrorSlot error;
  if (!error.status(services.txn->read_open(0, &view, error.get())).is_ok()) return status;
  const Catalog catalog(*services.catalog, view, nullptr);
  const auto relations = catalog.list<schema::RelationDef>(0);
  services.txn->read_close(&view);
  if (!relations) return status;
  Status result(status.code(), status.sqlstate(), named_locks(*relations, status.message()));
  for (const Status::Field& f : status.fields()) {
    result = std::move(result).with(f.field, named_locks(*relations, f.value));
  }
  if (status.position_chars() == 0) return result;
  return std::move(result).at(status.position_chars());
}

}  // namespace mortise::sql_engine
