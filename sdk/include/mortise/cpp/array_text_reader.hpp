// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what do the characters of '{1,"b c",{NULL}}' mean?
//
// PostgreSQL's rules and words: braces nest, elements stand between commas, quotes and backslashes
// take the meaning from what follows, an unquoted NULL is null, blanks around elements do not
// count, and "[2:3]=" in front gives bounds.
//
// Invariant
//   AT2  What `ArrayTextReader::read` accepts is rectangular: the lengths of the dimensions
//        multiply to the number of elements.
//
// Threads: a reader is used once, by one thread.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/array_bounds.hpp"

namespace mortise {

// Elements as texts, of as many arrays as were read into it.
struct ArrayTextElements {
  struct Element {
    size_t begin;
    uint32_t size_bytes;
    bool is_null;
  };
  std::string bytes;
  std::vector<Element> list;
  std::string_view text(const Element& e) const {
    return std::string_view(bytes).substr(e.begin, e.size_bytes);
  }
};

// Reads one array's text.
class ArrayTextReader {
 public:
  explicit ArrayTextReader(std::string_view text) : text_(text), origin_(text) {}

  // Appends the elements and gives the dimensions.  22P02 for what is malformed.
  Result<ArrayShape> read(ArrayTextElements& out) {
    out_ = &out;
    ArrayShape given;
    MORTISE_TRY(read_array_bounds(text_, at_, given));
    const bool has_bounds = given.dimensions_count != 0;
    if (has_bounds) {
      if (peek() != '=') return malformed("Missing \"=\" after array dimensions.");
      ++at_;
      skip_spaces();
    }
    if (peek() != '{') {
      return malformed(has_bounds ? "Array contents must start with \"{\"."
                                  : "Array value must start with \"{\" or dimension information.");
    }
    origin_ = text_.substr(at_);
    ArrayShape shape;
    MORTISE_TRY(read_braces(shape));
    origin_ = text_;
    if (has_bounds) {
      bool is_same = given.dimensions_count == shape.dimensions_count;
      for (uint8_t i = 0; is_same && i < given.dimensions_count; ++i) {
        is_same = given.dimensions[i].length == shape.dimensions[i].length;
      }
      if (!is_same) {
        return malformed("Specified array dimensions do not match array contents.");
      }
      shape = given;
    }
    MORTISE_TRY(count_array_elements(shape.span()));
    return shape;
  }

 private:
  enum class State : uint8_t {
    nothing,
    level_started,
    element_started,
    quotes_ended,
    element_delimited,
    level_ended,
    level_delimited,
  };

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_spaces() {
    while (at_ < text_.size() && is_array_space(text_[at_])) ++at_;
  }
  Status malformed(std::string detail) const { return malformed_array(origin_, std::move(detail)); }
  Status unexpected(char c) const {
    return malformed(std::string("Unexpected \"") + c + "\" character.");
  }
  Status unexpected_element() const { return malformed("Unexpected array element."); }
  Status unexpected_end() const { return malformed("Unexpected end of input."); }
  Status ragged() const {
    return malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
  }

  Status read_braces(ArrayShape& shape) {
    do {
      if (at_ == text_.size()) return unexpected_end();
      const char c = text_[at_++];
      if (c == '{') {
        MORTISE_TRY(open_level());
      } else if (c == '}') {
        MORTISE_TRY(close_level());
      } else if (c == ',') {
        MORTISE_TRY(delimit());
      } else if (c == '"') {
        MORTISE_TRY(read_quoted());
      } else if (!is_array_space(c)) {
        MORTISE_TRY(read_plain(c));
      } else if (state_ == State::element_started) {
        out_->bytes.push_back(c);
      }
    } while (depth_ > 0);
    for (skip_spaces(); at_ < text_.size();) return malformed("Junk after closing right brace.");
    shape.dimensions_count = leaf_depth_;
    for (uint8_t i = 0; i < leaf_depth_; ++i) shape.dimensions[i] = {lengths_[i], 1};
    return {};
  }
  Status open_level() {
    if (state_ != State::nothing && state_ != State::level_started &&
        state_ != State::level_delimited) {
      return unexpected('{');
    }
    if (depth_ == kArrayDimensionsMax) return too_many_dimensions(kArrayDimensionsMax + 1);
    counts_[depth_++] = 0;
    state_ = State::level_started;
    return {};
  }
  Status close_level() {
    const bool is_empty = depth_ == 1 && state_ == State::level_started;
    if (state_ == State::element_started || state_ == State::quotes_ended) {
      MORTISE_TRY(end_element());
    } else if (state_ != State::level_ended && !is_empty) {
      return unexpected('}');
    }
    --depth_;
    if (lengths_[depth_] != 0 && lengths_[depth_] != counts_[depth_]) return ragged();
    lengths_[depth_] = counts_[depth_];
    if (depth_ > 0) ++counts_[depth_ - 1];
    state_ = State::level_ended;
    return {};
  }
  Status delimit() {
    if (state_ == State::level_ended) {
      state_ = State::level_delimited;
      return {};
    }
    if (state_ != State::element_started && state_ != State::quotes_ended) return unexpected(',');
    MORTISE_TRY(end_element());
    state_ = State::element_delimited;
    return {};
  }
  Status begin_element() {
    begin_ = out_->bytes.size();
    is_quoted_ = false;
    state_ = State::element_started;
    return {};
  }
  Status read_plain(char c) {
    if (state_ == State::level_started || state_ == State::element_delimited) {
      MORTISE_TRY(begin_element());
    } else if (state_ != State::element_started) {
      return c == '\\' ? unexpected(c) : unexpected_element();
    }
    if (c == '\\') {
      if (at_ == text_.size()) return unexpected_end();
      c = text_[at_++];
      is_quoted_ = true;
    }
    out_->bytes.push_back(c);
    end_ = out_->bytes.size();
    return {};
  }
  Status read_quoted() {
    if (state_ != State::level_started && state_ != State::element_delimited) {
      return unexpected_element();
    }
    MORTISE_TRY(begin_element());
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && ++at_ == text_.size()) break;
      out_->bytes.push_back(text_[at_++]);
    }
    if (at_ == text_.size()) return unexpected_end();
    ++at_;
    is_quoted_ = true;
    end_ = out_->bytes.size();
    state_ = State::quotes_ended;
    return {};
  }
  Status end_element() {
    out_->bytes.resize(end_);
    const std::string_view text = std::string_view(out_->bytes).substr(begin_);
    if (leaf_depth_ != 0 && leaf_depth_ != depth_) return ragged();
    leaf_depth_ = depth_;
    ++counts_[depth_ - 1];
    const bool is_null = !is_quoted_ && is_array_null(text);
    out_->list.push_back({begin_, static_cast<uint32_t>(text.size()), is_null});
    return {};
  }

  std::string_view text_;
  std::string_view origin_;  // what messages show
  size_t at_ = 0;
  ArrayTextElements* out_ = nullptr;
  State state_ = State::nothing;
  uint8_t depth_ = 0;
  uint8_t leaf_depth_ = 0;  // 0 before the first element
  int32_t counts_[kArrayDimensionsMax] = {};
  int32_t lengths_[kArrayDimensionsMax] = {};  // 0 before the first level of that depth has ended
  bool is_quoted_ = false;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace mortise
