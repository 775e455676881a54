// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "execute/expression/nodes.hpp"

namespace mortise::sql_engine {

namespace {

class ColumnNode final : public Node {
 public:
  explicit ColumnNode(uint32_t place) : place_(place) {}
  Status evaluate(Evaluation&, const Batch& batch, Selection,
                  mortise_column_t* result) const override {
    MORTISE_ASSERT(place_ < batch.columns.size());
    *result = batch.columns[place_];
    return {};
  }
  uint32_t place() const { return place_; }

 private:
  uint32_t place_;
};

class OuterNode final : public Node {
 public:
  explicit OuterNode(uint32_t place) : place_(place) {}
  Status evaluate(Evaluation& evaluation, const Batch&, Selection,
                  mortise_column_t* result) const override {
    *result = evaluation.run().outer(place_);
    return {};
  }

 private:
  uint32_t place_;
};

class ConstantNode final : public Node {
 public:
  explicit ConstantNode(const Datum& value) : value_(value) {}
  Status evaluate(Evaluation&, const Batch&, Selection, mortise_column_t* result) const override {
    *result = value_.column();
    return {};
  }
  bool is_constant_node() const override { return true; }

 private:
  Datum value_;
};

class ParameterNode final : public Node {
 public:
  explicit ParameterNode(uint32_t index) : index_(index) {}
  Status evaluate(Evaluation& evaluation, const Batch&, Selection,
                  mortise_column_t* result) const override {
    const std::span<const Datum> values = evaluation.run().context().parameters;
    if (index_ >= values.size()) {
      return {Code::invalid, "42P02", "there is no parameter $" + std::to_string(index_ + 1)};
    }
    *result = values[index_].column();
    return {};
  }
  bool is_constant_node() const override { return true; }

 private:
  uint32_t index_;
};

}  // namespace

NodePtr make_column_node(uint32_t place) {
  return std::make_unique<ColumnNode>(place);
}
NodePtr make_outer_node(uint32_t slot) {
  return std::make_unique<OuterNode>(slot);
}
NodePtr make_constant_node(const Datum& value) {
  return std::make_unique<ConstantNode>(value);
}
NodePtr make_parameter_node(uint32_t index) {
  return std::make_unique<ParameterNode>(index);
}

int32_t Program::plain_column(uint32_t index) const {
  const auto* column = dynamic_cast<const ColumnNode*>(roots_[index]);
  return column == nullptr ? -1 : static_cast<int32_t>(column->place());
}

}  // namespace mortise::sql_engine
