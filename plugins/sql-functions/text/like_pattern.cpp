// SPDX-License-Identifier: Apache-2.0

#include "text/like_pattern.hpp"
#include "text/character.hpp"

#include <cstring>

namespace mortise::sql_functions {
namespace {

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool LikePattern::is_same(char a, char b) const {
  return folds_case_ ? to_lower(a) == b : a == b;
}

LikePattern LikePattern::compile(std::string_view pattern, bool folds_case) {
  LikePattern out;
  out.folds_case_ = folds_case;
  Piece piece;
  bool has_content = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    if (c == '%') {
      if (has_content) {
        out.pieces_.push_back(std::move(piece));
        piece = Piece();
        has_content = false;
      } else if (out.pieces_.empty()) {
        out.starts_open_ = true;
      }
      out.ends_open_ = true;
      continue;
    }
    if (c == '_') {
      piece.places.push_back(static_cast<uint32_t>(piece.bytes.size()));
    } else if (c == '\\') {
      if (++i == pattern.size()) {
        // Matches, for `matches` to fail, where at least one more character follows.
        piece.places.push_back(static_cast<uint32_t>(piece.bytes.size()));
        piece.bytes.push_back('_');
        out.pieces_.push_back(std::move(piece));
        out.ends_open_ = true;
        out.is_cut_ = true;
        return out;
      }
      c = pattern[i];
    }
    piece.bytes.push_back(folds_case ? to_lower(c) : c);
    has_content = true;
    out.ends_open_ = false;
  }
  if (has_content) out.pieces_.push_back(std::move(piece));
  return out;
}

size_t LikePattern::fit(const Piece& piece, std::string_view text) const {
  if (piece.places.empty() && !folds_case_) {
    return text.starts_with(piece.bytes) ? piece.bytes.size() : std::string_view::npos;
  }
  size_t at = 0;
  size_t next_place = 0;
  for (size_t i = 0; i < piece.bytes.size(); ++i) {
    if (at >= text.size()) return std::string_view::npos;
    if (next_place < piece.places.size() && piece.places[next_place] == i) {
      ++next_place;
      at += character_bytes(text.substr(at));
    } else {
      if (!is_same(text[at], piece.bytes[i])) return std::string_view::npos;
      ++at;
    }
  }
  return at;
}

size_t LikePattern::find(const Piece& piece, std::string_view text, size_t* covered) const {
  if (piece.places.empty() && !folds_case_) {
    *covered = piece.bytes.size();
    if (text.size() < piece.bytes.size()) return std::string_view::npos;
    const void* found = memmem(text.data(), text.size(), piece.bytes.data(), piece.bytes.size());
    if (found == nullptr) return std::string_view::npos;
    return static_cast<size_t>(static_cast<const char*>(found) - text.data());
  }
  for (size_t at = 0; at < text.size(); at += character_bytes(text.substr(at))) {
    *covered = fit(piece, text.substr(at));
    if (*covered != std::string_view::npos) return at;
  }
  return std::string_view::npos;
}

bool LikePattern::fits_end(const Piece& piece, std::string_view text) const {
  if (piece.places.empty() && !folds_case_) return text.ends_with(piece.bytes);
  // As many characters from the end as the piece has.
  size_t characters = 0;
  for (size_t i = 0; i < piece.bytes.size(); ++i) {
    characters += (static_cast<unsigned char>(piece.bytes[i]) & 0xC0) != 0x80 ? 1 : 0;
  }
  size_t start = text.size();
  while (characters > 0 && start > 0) {
    --start;
    if ((static_cast<unsigned char>(text[start]) & 0xC0) != 0x80) --characters;
  }
  return characters == 0 && fit(piece, text.substr(start)) == text.size() - start;
}

Result<bool> LikePattern::matches(std::string_view text) const {
  const bool is_match = covers(text);
  if (!is_cut_) return is_match;
  if (!is_match) return false;
  return Status(Code::invalid, "22025", "LIKE pattern must not end with escape character");
}

bool LikePattern::covers(std::string_view text) const {
  if (pieces_.empty()) return ends_open_ || text.empty();
  size_t first = 0;
  size_t last = pieces_.size();
  if (!starts_open_) {
    const size_t covered = fit(pieces_[0], text);
    if (covered == std::string_view::npos) return false;
    text.remove_prefix(covered);
    first = 1;
    if (last == 1) return ends_open_ || text.empty();
  }
  if (!ends_open_) --last;
  for (size_t i = first; i < last; ++i) {
    size_t covered = 0;
    const size_t at = find(pieces_[i], text, &covered);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + covered);
  }
  return ends_open_ || fits_end(pieces_[last], text);
}

}  // namespace mortise::sql_functions
