// SPDX-License-Identifier: Apache-2.0
#include "greeting.hpp"

#include <algorithm>

namespace mortise::example_hello {

uint64_t greeting_size_bytes(std::string_view word, std::string_view name) {
  return word.size() + 2 + name.size() + 1;
}

void write_greeting(std::string_view word, std::string_view name, char* into) {
  for (const std::string_view part : {word, std::string_view(", "), name, std::string_view("!")}) {
    into = std::copy(part.begin(), part.end(), into);
  }
}

}  // namespace mortise::example_hello
