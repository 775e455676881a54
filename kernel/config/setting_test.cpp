// SPDX-License-Identifier: Apache-2.0
//
// Goal: C1, every value in force satisfies its specification.
// Method: texts of each type at and past their bounds.
#include "kernel/config/setting.hpp"

#include <doctest/doctest.h>

namespace mortise::config {
namespace {

SettingSpec make(SettingType type, std::string minimum = "", std::string maximum = "") {
  SettingSpec spec;
  spec.name = "x";
  spec.type = type;
  spec.minimum = std::move(minimum);
  spec.maximum = std::move(maximum);
  return spec;
}

int64_t number(SettingType type, std::string_view text) {
  const auto value = parse_setting(make(type), text);
  return value ? value->integer : -1;
}

TEST_CASE("setting: sizes are powers of 1024 under both spellings") {
  CHECK(number(SettingType::bytes, "128MiB") == 128LL << 20);
  CHECK(number(SettingType::bytes, "128 MB") == 128LL << 20);
  CHECK(number(SettingType::bytes, "1.5GiB") == 1536LL << 20);
  CHECK(number(SettingType::bytes, "8192") == 8192);
  CHECK(number(SettingType::bytes, "8 parsecs") == -1);
  CHECK(number(SettingType::bytes, "99999999999TiB") == -1);
  CHECK(number(SettingType::bytes, "") == -1);
}

TEST_CASE("setting: durations count in milliseconds") {
  CHECK(number(SettingType::duration, "250ms") == 250);
  CHECK(number(SettingType::duration, "0.5s") == 500);
  CHECK(number(SettingType::duration, "2min") == 120'000);
}

TEST_CASE("setting: the canonical text means the same value") {
  for (std::string_view text : {"1B", "1023B", "64KiB", "1536KiB", "3TiB", "0"}) {
    const auto value = parse_setting(make(SettingType::bytes), text);
    REQUIRE(value.has_value());
    CHECK(number(SettingType::bytes, value->text) == value->integer);
  }
}

TEST_CASE("setting: C1 a value out of range is answered with the range") {
  const SettingSpec spec = make(SettingType::bytes, "1MiB", "1GiB");

  CHECK(parse_setting(spec, "1MiB").has_value());
  CHECK(parse_setting(spec, "1GiB").has_value());
  const auto value = parse_setting(spec, "1kB");

  REQUIRE_FALSE(value.has_value());
  CHECK(value.error().message() ==
        "'x' is '1kB', but has to be a size such as 64MiB, between 1MiB and 1GiB");
}

TEST_CASE("setting: an enum answers a near miss with the choice that was meant") {
  SettingSpec spec = make(SettingType::choice);
  spec.choices = {"text", "json"};

  CHECK(parse_setting(spec, "json")->integer == 1);
  CHECK(parse_setting(spec, "jsno").error().message() ==
        "'x' is 'jsno', but has to be one of text, json (did you mean 'json'?)");
}

TEST_CASE("setting: a specification that contradicts itself is refused") {
  SettingSpec spec = make(SettingType::integer, "1", "10");
  spec.default_text = "11";
  CHECK_FALSE(check_setting(spec).is_ok());
  CHECK_FALSE(check_setting(make(SettingType::choice)).is_ok());
}

}  // namespace
}  // namespace mortise::config
