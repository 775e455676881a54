// SPDX-License-Identifier: Apache-2.0

#include "syntax/tree.hpp"

#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_engine {
namespace {

mortise_syntax_id_t MORTISE_CALL build_node(void* context, uint32_t kind, uint32_t flags,
                                            uint32_t position_bytes, mortise_str_t text,
                                            int64_t number, const mortise_syntax_id_t* children,
                                            uint32_t children_count) {
  mortise_syntax_id_t id = 0;
  // The dialect reads 0 as "out of memory".
  (void)guard(nullptr, [&]() -> Status {
    id = static_cast<Tree*>(context)->add(kind, flags, position_bytes, view_of(text), number,
                                          children, children_count);
    return {};
  });
  return id;
}

void MORTISE_CALL build_statement(void* context, mortise_syntax_id_t root, uint32_t begin_bytes,
                                  uint32_t end_bytes) {
  static_cast<Tree*>(context)->add_statement(root, begin_bytes, end_bytes);
}

}  // namespace

uint32_t Node::kind() const {
  return id_ == 0 ? 0 : tree_->nodes_[id_].kind;
}
uint32_t Node::flags() const {
  return id_ == 0 ? 0 : tree_->nodes_[id_].flags;
}
uint32_t Node::position() const {
  return id_ == 0 ? 0 : tree_->nodes_[id_].position_bytes;
}
std::string_view Node::text() const {
  return id_ == 0 ? std::string_view() : tree_->nodes_[id_].text;
}
int64_t Node::number() const {
  return id_ == 0 ? 0 : tree_->nodes_[id_].number;
}
uint32_t Node::count() const {
  return id_ == 0 ? 0 : tree_->nodes_[id_].children_count;
}

Node Node::operator[](uint32_t index) const {
  if (index >= count()) return {};
  return {tree_, tree_->children_[tree_->nodes_[id_].children_begin + index]};
}

Node::Iterator::Iterator(const Node* node, uint32_t index)
    : tree_(node->tree_), id_(node->id_), index_(index) {}

Node Node::Iterator::operator*() const {
  return Node(tree_, id_)[index_];
}

Tree::Tree() {
  nodes_.push_back({});
}

mortise_syntax_id_t Tree::add(uint32_t kind, uint32_t flags, uint32_t position_bytes,
                              std::string_view text, int64_t number,
                              const mortise_syntax_id_t* children, uint32_t children_count) {
  for (uint32_t i = 0; i < children_count; ++i) {
    if (children[i] >= nodes_.size()) return 0;  // T1
  }
  Stored node{};
  node.kind = kind;
  node.flags = flags;
  node.position_bytes = position_bytes;
  node.children_begin = static_cast<uint32_t>(children_.size());
  node.children_count = children_count;
  node.number = number;
  if (!text.empty()) node.text = texts_.emplace_back(text);
  children_.insert(children_.end(), children, children + children_count);
  nodes_.push_back(node);
  return static_cast<mortise_syntax_id_t>(nodes_.size() - 1);
}

void Tree::add_statement(mortise_syntax_id_t root, uint32_t begin_bytes, uint32_t end_bytes) {
  if (root == 0 || root >= nodes_.size()) return;
  statements_.push_back({root, begin_bytes, end_bytes});
}

mortise_syntax_builder_t Tree::builder() {
  mortise_syntax_builder_t b{};
  b.struct_size_bytes = sizeof b;
  b.context = this;
  b.node = build_node;
  b.statement = build_statement;
  return b;
}

Result<std::shared_ptr<const Tree>> Tree::parse(const mortise_iface_dialect_t& dialect,
                                                std::string_view text) {
  auto tree = std::make_shared<Tree>();
  tree->set_text(text);
  const mortise_syntax_builder_t builder = tree->builder();
  ErrorSlot error;
  MORTISE_TRY(error.status(dialect.parse(str_of(tree->text()), &builder, error.get())));
  return std::shared_ptr<const Tree>(std::move(tree));
}

}  // namespace mortise::sql_engine
