// SPDX-License-Identifier: Apache-2.0
//
// x IN (a, b, ...): a hash set where "=" is equality of the physical values and the list is
// constant, else one comparison after the other for the rows that are not decided yet.

#include <algorithm>

#include "execute/expression/nodes.hpp"
#include "execute/vector/value_order.hpp"

namespace mortise::sql_engine {

namespace {

// The values of a list, without nulls, in an open-addressed table.
struct ValueSet {
  explicit ValueSet(size_t count) {
    size_t capacity = 8;
    while (capacity < count * 2) capacity *= 2;
    places.assign(capacity, UINT32_MAX);
  }

  template <typename Order>
  bool contains(const std::vector<typename Order::Value>& held,
                const typename Order::Value& wanted) const {
    const size_t mask = places.size() - 1;
    for (size_t at = Order::hash(wanted) & mask; places[at] != UINT32_MAX; at = (at + 1) & mask) {
      if (Order::equal(held[places[at]], wanted)) return true;
    }
    return false;
  }

  template <typename Order>
  void add(const std::vector<typename Order::Value>& held, uint32_t place) {
    const size_t mask = places.size() - 1;
    size_t at = Order::hash(held[place]) & mask;
    while (places[at] != UINT32_MAX) at = (at + 1) & mask;
    places[at] = place;
  }

  std::vector<uint32_t> places;
  bool has_null = false;
  std::shared_ptr<void> values;  // a vector of the order's values
};

class InSetNode final : public Node {
 public:
  InSetNode(bool is_negated, Children children)
      : is_negated_(is_negated), children_(std::move(children)) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    std::shared_ptr<void>& memory = evaluation.memory_of(*this);
    if (memory == nullptr) MORTISE_TRY(build(evaluation, batch, memory));
    const auto& set = *static_cast<const ValueSet*>(memory.get());
    mortise_column_t needle{};
    MORTISE_TRY(evaluation.evaluate(*children_[0], batch, rows, &needle));
    buffer->reset();
    visit_physical(children_[0]->type.physical, [&](auto order) {
      using Order = decltype(order);
      const OrderedValues<Order> needles(needle);
      const auto& values =
          *static_cast<const std::vector<typename Order::Value>*>(set.values.get());
      for (uint32_t i = 0; i < rows.count; ++i) {
        const uint32_t row = rows.row(i);
        const bool is_valid = needles.is_valid(row);
        const bool is_found = is_valid && set.contains<Order>(values, needles[row]);
        assign_bit(buffer->data<uint64_t>(), row, is_found != is_negated_);
        if (!is_valid || (!is_found && set.has_null)) buffer->set_null(row);
      }
    });
    *result = buffer->column(batch.rows_count);
    return {};
  }

 private:
  Status build(Evaluation& evaluation, const Batch& batch, std::shared_ptr<void>& memory) const {
    auto set = std::make_shared<ValueSet>(children_.size());
    Status failure;
    visit_physical(children_[0]->type.physical, [&](auto order) {
      using Order = decltype(order);
      auto values = std::make_shared<std::vector<typename Order::Value>>();
      for (size_t i = 1; i < children_.size() && failure.is_ok(); ++i) {
        mortise_column_t column{};
        failure = children_[i]->evaluate(evaluation, batch, {nullptr, 1}, &column);
        if (!failure.is_ok()) break;
        const OrderedValues<Order> value(column);
        if (!value.is_valid(0)) {
          set->has_null = true;
        } else if (!set->contains<Order>(*values, value[0])) {
          values->push_back(value[0]);
          set->add<Order>(*values, static_cast<uint32_t>(values->size() - 1));
        }
      }
      set->values = std::move(values);
    });
    memory = std::move(set);
    return failure;
  }

  bool is_negated_;
  Children children_;
};

class InListNode final : public Node {
 public:
  InListNode(const Expression& expression, Children children)
      : expression_(expression), children_(std::move(children)) {}

  Status evaluate(Evaluation& evaluation, const Batch& batch, Selection rows,
                  mortise_column_t* result) const override {
    MORTISE_TRY_ASSIGN(ColumnBuffer * buffer, evaluation.buffer(*this));
    auto& memory = evaluation.memory_of(*this);
    if (memory == nullptr) memory = std::make_shared<ColumnBuffer>();
    auto& equal = *static_cast<ColumnBuffer*>(memory.get());
    if (!equal.is_open()) MORTISE_TRY(equal.open(evaluation.run().memory(), boolean_type()));
    mortise_column_t arguments[2] = {};
    MORTISE_TRY(evaluation.evaluate(*children_[0], batch, rows, &arguments[0]));
    buffer->reset();
    Evaluation::Lease lease(evaluation);
    uint64_t is_unknown[kBatchRows / 64] = {};
    for (uint32_t i = 0; i < rows.count; ++i) {
      assign_bit(buffer->data<uint64_t>(), rows.row(i), expression_.is_negated);
    }
    Selection left = rows;
    for (size_t c = 1; c < children_.size() && left.count != 0; ++c) {
      const mortise_type_t types[2] = {children_[0]->type, children_[c]->type};
      MORTISE_TRY(evaluation.evaluate(*children_[c], batch, left, &arguments[1]));
      MORTISE_TRY(call_equals(evaluation, expression_, batch, left, arguments, types, equal));
      uint32_t count = 0;
      for (uint32_t i = 0; i < left.count; ++i) {
        const auto row = static_cast<uint16_t>(left.row(i));
        const bool is_valid = get_bit(equal.validity(), row);
        const bool is_found = is_valid && get_bit(equal.data<uint64_t>(), row);
        if (!is_valid) set_bit(is_unknown, row);
        if (is_found) assign_bit(buffer->data<uint64_t>(), row, !expression_.is_negated);
        lease.get()[count] = row;
        count += is_found ? 0 : 1;
      }
      left = {lease.get(), count};
    }
    for (uint32_t i = 0; i < left.count; ++i) {
      if (get_bit(is_unknown, left.row(i))) buffer->set_null(left.row(i));
    }
    *result = buffer->column(batch.rows_count);
    return {};
  }

 private:
  const Expression& expression_;
  Children children_;
};

}  // namespace

NodePtr make_in_list_node(const Expression& expression, Children children) {
  bool is_set = true;
  for (size_t i = 1; i < children.size() && is_set; ++i) {
    is_set = children[i]->is_constant_node() &&
             is_physical_comparison(*expression.function, children[0]->type, children[i]->type);
  }
  if (is_set) return std::make_unique<InSetNode>(expression.is_negated, std::move(children));
  return std::make_unique<InListNode>(expression, std::move(children));
}

}  // namespace mortise::sql_engine
