// SPDX-License-Identifier: Apache-2.0
#include "text_pool.hpp"

#include <span>
#include <vector>

#include "words.hpp"

namespace mortise::tpch {
namespace {

// A weighted list as a plain one in which a word of weight w stands w times: one draw, no search.
class Urn {
 public:
  explicit Urn(std::span<const Weighted> words) {
    for (const Weighted& w : words) words_.insert(words_.end(), w.weight, w.word);
  }
  std::string_view draw(RowRandom& random) const { return words_[random.index(words_.size())]; }

 private:
  std::vector<std::string_view> words_;
};

// Right-hand sides of the grammar: N noun, J adjective, D adverb, V verb, X auxiliary, P
// preposition, "," a comma after the word; in sentences n, v, p stand for the three phrases.
constexpr Weighted kSentences[] = {{"nv", 3}, {"nvp", 3}, {"nvn", 3}, {"npvn", 1}, {"npvp", 1}};
constexpr Weighted kNounPhrases[] = {{"N", 10}, {"JN", 20}, {"J,JN", 10}, {"DJN", 50}};
constexpr Weighted kVerbPhrases[] = {{"V", 30}, {"XV", 1}, {"VD", 40}, {"XVD", 1}};

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out), random_(Stream::text_pool, 0) {}

  void sentence() {
    for (char phrase : sentences_.draw(random_)) {
      switch (phrase) {
        case 'n':
          expand(noun_phrases_.draw(random_));
          break;
        case 'v':
          expand(verb_phrases_.draw(random_));
          break;
        default:
          word(prepositions_.draw(random_));
          word("the");
          expand(noun_phrases_.draw(random_));
      }
    }
    out_.pop_back();
    word(terminators_.draw(random_));
  }

 private:
  void word(std::string_view text) {
    out_ += text;
    out_ += ' ';
  }

  void expand(std::string_view symbols) {
    for (char symbol : symbols) {
      switch (symbol) {
        case 'N':
          word(nouns_.draw(random_));
          break;
        case 'J':
          word(adjectives_.draw(random_));
          break;
        case 'D':
          word(adverbs_.draw(random_));
          break;
        case 'V':
          word(verbs_.draw(random_));
          break;
        case 'X':
          word(auxiliaries_.draw(random_));
          break;
        default:
          out_.back() = ',';
          out_ += ' ';
      }
    }
  }

  std::string& out_;
  RowRandom random_;
  const Urn sentences_{kSentences};
  const Urn noun_phrases_{kNounPhrases};
  const Urn verb_phrases_{kVerbPhrases};
  const Urn nouns_{kNouns};
  const Urn verbs_{kVerbs};
  const Urn adjectives_{kAdjectives};
  const Urn adverbs_{kAdverbs};
  const Urn prepositions_{kPrepositions};
  const Urn auxiliaries_{kAuxiliaries};
  const Urn terminators_{kTerminators};
};

}  // namespace

TextPool::TextPool() {
  text_.reserve(kPoolBytes + 512);
  Writer writer(text_);
  while (text_.size() < kPoolBytes) writer.sentence();
  text_.resize(kPoolBytes);
}

}  // namespace mortise::tpch
