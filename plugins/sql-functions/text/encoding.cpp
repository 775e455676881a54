// SPDX-License-Identifier: Apache-2.0

// Digests (md5, sha2) and the forms of bytes as text (encode, decode), and conversions that UTF-8
// makes trivial.

#include <openssl/evp.h>

#include "evaluate.hpp"
#include "failures.hpp"
#include "mortise/cpp/utf8.hpp"
#include "text/character.hpp"
#include "text/hex.hpp"
#include "text/lists.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

Result<std::string> digest(const EVP_MD* algorithm, std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (algorithm == nullptr ||
      EVP_Digest(bytes.data(), bytes.size(), out, &size, algorithm, nullptr) != 1) {
    return unsupported("the digest is not available in this build of libcrypto");
  }
  return std::string(reinterpret_cast<const char*>(out), size);
}
Result<std::string> md5(std::string_view bytes) {
  MORTISE_TRY_ASSIGN(const std::string raw, digest(EVP_md5(), bytes));
  std::string out;
  append_hex(raw, out);
  return out;
}
Result<std::string> sha224(std::string_view bytes) {
  return digest(EVP_sha224(), bytes);
}
Result<std::string> sha256(std::string_view bytes) {
  return digest(EVP_sha256(), bytes);
}
Result<std::string> sha384(std::string_view bytes) {
  return digest(EVP_sha384(), bytes);
}
Result<std::string> sha512(std::string_view bytes) {
  return digest(EVP_sha512(), bytes);
}

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Lines of 76 characters, as in MIME.
std::string encode_base64(std::string_view bytes) {
  std::string out;
  size_t line = 0;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<uint8_t>(bytes[i + k]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      out.push_back(k <= count ? kBase64[group >> (18 - 6 * k) & 63] : '=');
    }
    line += 4;
    if (line >= 76 && i + 3 < bytes.size()) {
      out.push_back('\n');
      line = 0;
    }
  }
  if (line >= 76) out.push_back('\n');
  return out;
}

int base64_value(char c) {
  for (int i = 0; i < 64; ++i) {
    if (kBase64[i] == c) return i;
  }
  return -1;
}

Result<std::string> decode_base64(std::string_view text) {
  std::string out;
  uint32_t group = 0;
  int position = 0;
  int padding = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') continue;
    int value = 0;
    if (c == '=') {
      if (padding == 0 && position < 2) {
        return invalid("unexpected \"=\" while decoding base64 sequence");
      }
      ++padding;
    } else {
      value = base64_value(c);
      if (value < 0 || padding > 0) {
        return invalid("invalid symbol \"" +
                       std::string(text.substr(i, character_bytes(text.substr(i)))) +
                       "\" found while decoding base64 sequence");
      }
    }
    group = group << 6 | static_cast<uint32_t>(value);
    if (++position == 4) {
      out.push_back(static_cast<char>(group >> 16 & 0xFF));
      if (padding < 2) out.push_back(static_cast<char>(group >> 8 & 0xFF));
      if (padding < 1) out.push_back(static_cast<char>(group & 0xFF));
      group = 0;
      position = 0;
    }
  }
  if (position != 0) {
    return Status(Code::invalid, "22023", "invalid base64 end sequence")
        .with(MORTISE_ERROR_FIELD_HINT,
              "Input data is missing padding, is truncated, or is otherwise corrupted.");
  }
  return out;
}

std::string encode_escape(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte == 0 || byte >= 0x80) {
      out.push_back('\\');
      out.push_back(static_cast<char>('0' + (byte >> 6)));
      out.push_back(static_cast<char>('0' + (byte >> 3 & 7)));
      out.push_back(static_cast<char>('0' + (byte & 7)));
    } else {
      if (c == '\\') out.push_back('\\');
      out.push_back(c);
    }
  }
  return out;
}
Result<std::string> decode_escape(std::string_view text) {
  std::string out;
  const auto octal = [&](size_t i) { return text[i] >= '0' && text[i] <= '7'; };
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out.push_back(text[i++]);
    } else if (i + 3 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '3' && octal(i + 2) &&
               octal(i + 3)) {
      out.push_back(static_cast<char>((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 |
                                      (text[i + 3] - '0')));
      i += 4;
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      out.push_back('\\');
      i += 2;
    } else {
      return Status(Code::invalid, "22P02", "invalid input syntax for type bytea");
    }
  }
  return out;
}

bool is_form(std::string_view name, std::string_view lower_name) {
  if (name.size() != lower_name.size()) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower_name[i]) {
      return false;
    }
  }
  return true;
}
Status unknown_form(std::string_view name) {
  std::string message("unrecognized encoding: \"");
  message.append(name).append("\"");
  return {Code::invalid, "22023", std::move(message)};
}
Result<std::string> encode(std::string_view bytes, std::string_view form) {
  if (is_form(form, "hex")) {
    std::string out;
    append_hex(bytes, out);
    return out;
  }
  if (is_form(form, "base64")) return encode_base64(bytes);
  if (is_form(form, "escape")) return encode_escape(bytes);
  return unknown_form(form);
}
Result<std::string> decode(std::string_view text, std::string_view form) {
  if (is_form(form, "hex")) return decode_hex(text);
  if (is_form(form, "base64")) return decode_base64(text);
  if (is_form(form, "escape")) return decode_escape(text);
  return unknown_form(form);
}

bool is_utf8(std::string_view name) {
  return is_form(name, "utf8") || is_form(name, "utf-8") || is_form(name, "unicode");
}
Status other_encoding(std::string_view name) {
  return unsupported("encoding \"" + std::string(name) + "\" is not supported, only UTF8");
}
Result<std::string_view> convert_from(std::string_view bytes, std::string_view encoding) {
  if (!is_utf8(encoding)) return other_encoding(encoding);
  MORTISE_TRY(check_utf8(bytes));
  return bytes;
}
Result<std::string_view> convert_to(std::string_view text, std::string_view encoding) {
  if (!is_utf8(encoding)) return other_encoding(encoding);
  return text;
}

constexpr mortise_function_t kTable[] = {
    scalar<"text:text">(2311, "md5", row<&md5>),
    scalar<"bytea:text">(2321, "md5", row<&md5>),
    scalar<"bytea:bytea">(3419, "sha224", row<&sha224>),
    scalar<"bytea:bytea">(3420, "sha256", row<&sha256>),
    scalar<"bytea:bytea">(3421, "sha384", row<&sha384>),
    scalar<"bytea:bytea">(3422, "sha512", row<&sha512>),
    scalar<"bytea,text:text">(1946, "encode", row<&encode>),
    scalar<"text,text:bytea">(1947, "decode", row<&decode>),
    scalar<"bytea,name:text">(1714, "convert_from", row<&convert_from>,
                              {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"text,name:bytea">(1717, "convert_to", row<&convert_to>,
                              {.volatility = MORTISE_VOLATILITY_STABLE}),
};

}  // namespace

const FunctionList kEncodingFunctions = kTable;

}  // namespace mortise::sql_functions
