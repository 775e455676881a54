// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how is a node added to the caller's tree?
//
// A thin face over mortise_syntax_builder_t, and the place of the first failure: conversion goes on
// after one (it cannot do harm) and the end looks here once, instead of every line.
//
// Invariant
//   D1  After the first failure nothing more is added, and failure() is that first one.
//
// Threads: one conversion, one Tree.

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "mortise/cpp/boundary.hpp"
#include "mortise/syntax.h"

namespace mortise::dialect_postgres {

using Id = mortise_syntax_id_t;

// What a node carries besides kind and children.
struct Facts {
  uint32_t flags = 0;
  uint32_t position_bytes = 0;
  std::string_view text = {};
  int64_t number = 0;
};

class Tree {
 public:
  explicit Tree(const mortise_syntax_builder_t& builder) : builder_(builder) {}

  Id node(uint32_t kind, const Facts& facts, std::span<const Id> children) {
    if (!failure_.is_ok()) return 0;  // D1
    const Id id =
        builder_.node(builder_.context, kind, facts.flags, facts.position_bytes, str_of(facts.text),
                      facts.number, children.data(), static_cast<uint32_t>(children.size()));
    if (id == 0) fail(no_memory("out of memory while reading a statement"));
    return id;
  }
  Id node(uint32_t kind, const Facts& facts = {}, std::initializer_list<Id> children = {}) {
    return node(kind, facts, std::span<const Id>(children.begin(), children.size()));
  }
  Id name(std::string_view text, uint32_t position_bytes = 0) {
    return node(MORTISE_SYNTAX_NAME, {.position_bytes = position_bytes, .text = text});
  }
  // A LIST, or nothing when it would be empty.
  Id list(std::span<const Id> entries) {
    return entries.empty() ? 0 : node(MORTISE_SYNTAX_LIST, {}, entries);
  }
  void statement(Id root, uint32_t begin_bytes, uint32_t end_bytes) {
    if (failure_.is_ok()) builder_.statement(builder_.context, root, begin_bytes, end_bytes);
  }

  // Remembers the first failure.
  Id fail(Status failure) {
    if (failure_.is_ok()) failure_ = std::move(failure);
    return 0;
  }
  Id refuse(std::string_view what, uint32_t position_bytes = 0) {
    refused_position_bytes_ = failure_.is_ok() ? position_bytes : refused_position_bytes_;
    return fail(unsupported(plain_words(what) + " is not supported"));
  }
  const Status& failure() const { return failure_; }
  uint32_t refused_position_bytes() const { return refused_position_bytes_; }

 private:
  // The grammar's own names ("JsonObjectConstructor") as words.
  static std::string plain_words(std::string_view what) {
    const bool is_name = !what.empty() && what[0] >= 'A' && what[0] <= 'Z' &&
                         what.find(' ') == std::string_view::npos &&
                         what.find_first_of("abcdefghijklmnopqrstuvwxyz") != std::string_view::npos;
    if (!is_name) return std::string(what);
    for (const std::string_view tail : {"Stmt", "Expr"}) {
      if (what.size() > tail.size() && what.ends_with(tail)) what.remove_suffix(tail.size());
    }
    std::string words;
    for (const char c : what) {
      const bool is_capital = c >= 'A' && c <= 'Z';
      if (is_capital && !words.empty()) words.push_back(' ');
      words.push_back(static_cast<char>(is_capital ? c + 32 : c));
    }
    return words;
  }

  const mortise_syntax_builder_t& builder_;
  Status failure_;
  uint32_t refused_position_bytes_ = 0;
};

}  // namespace mortise::dialect_postgres
