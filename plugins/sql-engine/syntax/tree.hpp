// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where does the tree that a dialect has read stand, and how is it walked?
//
// `Tree` is the receiving side of mortise_syntax_builder_t: nodes in one array, texts in chunks.
// `Node` is a cheap handle; an absent child is an empty Node, whose kind is 0 and whose lists are
// empty, so that readers need not test before every step.
//
// Invariants
//   T1  Children come before their parents, so a tree has no cycle; the builder refuses others.
//   T2  Texts and nodes stay where they are as long as the Tree lives.
//
// Threads: built by one thread, then read-only, [any].

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"
#include "mortise/iface/draft/dialect.h"
#include "mortise/syntax.h"

namespace mortise::sql_engine {

class Tree;

class Node {
 public:
  Node() = default;
  Node(const Tree* tree, mortise_syntax_id_t id) : tree_(tree), id_(id) {}

  explicit operator bool() const { return id_ != 0; }
  uint32_t kind() const;
  bool is(uint32_t wanted) const { return kind() == wanted; }
  bool has(uint32_t flag) const { return (flags() & flag) != 0; }
  uint32_t flags() const;
  uint32_t position() const;  // bytes, 1-based; 0 = unknown
  std::string_view text() const;
  int64_t number() const;
  uint32_t count() const;
  // Child `index`, or an empty Node.
  Node operator[](uint32_t index) const;
  mortise_syntax_id_t id() const { return id_; }

  class Iterator {
   public:
    Iterator(const Node* node, uint32_t index);
    Node operator*() const;
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    const Tree* tree_;
    mortise_syntax_id_t id_;
    uint32_t index_;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, count()}; }

 private:
  const Tree* tree_ = nullptr;
  mortise_syntax_id_t id_ = 0;
};

class Tree {
 public:
  struct Statement {
    mortise_syntax_id_t root = 0;
    uint32_t begin_bytes = 0;
    uint32_t end_bytes = 0;
  };

  Tree();
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  // Reads `text` through a dialect.
  static Result<std::shared_ptr<const Tree>> parse(const mortise_iface_dialect_t& dialect,
                                                   std::string_view text);

  // What a dialect writes to; valid as long as the Tree.
  mortise_syntax_builder_t builder();
  mortise_syntax_id_t add(uint32_t kind, uint32_t flags, uint32_t position_bytes,
                          std::string_view text, int64_t number,
                          const mortise_syntax_id_t* children, uint32_t children_count);
  void add_statement(mortise_syntax_id_t root, uint32_t begin_bytes, uint32_t end_bytes);

  const std::vector<Statement>& statements() const { return statements_; }
  Node root(size_t statement) const { return {this, statements_[statement].root}; }
  Node node(mortise_syntax_id_t id) const { return {this, id}; }
  // The text that was read.
  const std::string& text() const { return text_; }
  void set_text(std::string_view text) { text_.assign(text); }

 private:
  friend class Node;
  struct Stored {
    uint32_t kind;
    uint32_t flags;
    uint32_t position_bytes;
    uint32_t children_begin;
    uint32_t children_count;
    std::string_view text;
    int64_t number;
  };

  std::vector<Stored> nodes_;
  std::vector<mortise_syntax_id_t> children_;
  std::deque<std::string> texts_;
  std::vector<Statement> statements_;
  std::string text_;
};

}  // namespace mortise::sql_engine
