// SPDX-License-Identifier: Apache-2.0
//
// Goal: F1 and F2 of manifests, versions and interface references.
// Method: texts that are right, and texts with one thing wrong and the message for it.
#include "kernel/plugin/manifest.hpp"

#include <doctest/doctest.h>

namespace mortise::plugin {
namespace {

constexpr std::string_view kHead =
    "manifest_version = 1\nname = \"index-x\"\nversion = \"1.2.3\"\nsdk = \">=0.1\"\n"
    "license = \"Apache-2.0\"\nsummary = \"x\"\n";

std::string author_error(const std::string& rest) {
  const auto manifest = parse_author(std::string(kHead) + rest, "p/plugin.toml");
  return manifest ? std::string("none") : std::string(manifest.error().message());
}

bool is_in(std::string_view range, std::string_view version) {
  const auto parsed = VersionRange::parse(range);
  REQUIRE(parsed.has_value());
  return parsed->contains(*parse_version(version));
}

TEST_CASE("version: order is SemVer's") {
  const std::vector<std::string> ascending = {"0.9.0",        "1.0.0-alpha",   "1.0.0-alpha.1",
                                              "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
                                              "1.0.0",        "1.0.1",         "1.10.0"};
  for (size_t i = 0; i + 1 < ascending.size(); ++i) {
    CAPTURE(ascending[i]);
    CHECK(*parse_version(ascending[i]) < *parse_version(ascending[i + 1]));
  }
  CHECK_FALSE(parse_version("1.0").has_value());
  CHECK_FALSE(parse_version("1.0.0.0").has_value());
  CHECK_FALSE(parse_version("1.0.x").has_value());
  CHECK_FALSE(parse_version("").has_value());
}

TEST_CASE("version: a range is the and of its bounds") {
  CHECK(is_in(">=0.1, <0.2", "0.1.7"));
  CHECK_FALSE(is_in(">=0.1, <0.2", "0.2.0"));
  CHECK(is_in("~2.3", "2.3.9"));
  CHECK_FALSE(is_in("~2.3", "2.4.0"));
  CHECK(is_in("^1.2", "1.9.0"));
  CHECK_FALSE(is_in("^0.2", "0.3.0"));
  CHECK(is_in("*", "9.9.9"));
  CHECK(is_in("=1.2.3", "1.2.3"));
  CHECK_FALSE(VersionRange::parse("newest").has_value());
  CHECK_FALSE(VersionRange::parse("").has_value());
}

TEST_CASE("manifest: an interface reference says major, least minor and slot") {
  const auto ref = parse_interface("mortise.index/1.2:btree");
  REQUIRE(ref.has_value());
  CHECK(ref->id() == "mortise.index/1");
  CHECK(ref->minor == 2);
  CHECK(ref->slot == "btree");
  CHECK(to_text(*ref) == "mortise.index/1.2:btree");
  for (std::string_view bad : {"mortise.index", "mortise.index/", "mortise.index/1:", "/1",
                               "mortise.index/x", "mortise.index/1.2.3", "A/1", "a/99999"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_interface(bad).has_value());
  }
}

TEST_CASE("manifest: meeting a need takes name, major, minor and slot") {
  const auto meets_text = [](std::string_view offer, std::string_view need) {
    return meets(*parse_interface(offer), *parse_interface(need));
  };
  CHECK(meets_text("mortise.index/1.3:btree", "mortise.index/1.2"));
  CHECK_FALSE(meets_text("mortise.index/1.1:btree", "mortise.index/1.2"));
  CHECK_FALSE(meets_text("mortise.index/2:btree", "mortise.index/1"));
  CHECK_FALSE(meets_text("mortise.index/1:btree", "mortise.index/1:hash"));
}

TEST_CASE("manifest: F2 the phase is that of what is offered, unless it is given") {
  const auto phase_of = [](const std::string& rest) {
    return parse_author(std::string(kHead) + rest, "p/plugin.toml")->phase;
  };
  CHECK(phase_of("offers = [\"mortise.index/1:x\"]\n") == Phase::storage);
  CHECK(phase_of("offers = [\"mortise.index/1:x\", \"mortise.codec/1:x\"]\n") == Phase::boot);
  CHECK(phase_of("offers = [\"mortise.audit/1:x\"]\n") == Phase::services);
  CHECK(phase_of("") == Phase::edge);
  CHECK(phase_of("phase = \"services\"\n") == Phase::services);
}

TEST_CASE("manifest: F1 failures say file, line and what was meant") {
  CHECK(author_error("needz = []\n") ==
        "p/plugin.toml:7: unknown key 'needz' (did you mean 'needs'?)");
  CHECK(author_error("phase = \"lunch\"\n") ==
        "p/plugin.toml:7: 'phase' is 'lunch', but has to be one of boot storage query services "
        "edge");
  CHECK(author_error("grants = [\"net.lisen\"]\n") ==
        "p/plugin.toml:7: unknown grant 'net.lisen' (did you mean 'net.listen'?)");
  CHECK(author_error("needs = [\"mortise.page\"]\n") ==
        "p/plugin.toml:7: 'mortise.page' is not an interface such as mortise.page/1 or "
        "mortise.index/1:btree");
  CHECK(author_error("[settings.x]\ntype = \"int\"\ndefault = 5\nmax = 4\nhelp = \"h\"\n") ==
        "p/plugin.toml:7: 'index-x.x' is '5', but has to be an integer, at most 4");
  CHECK(author_error("") == "none");
}

TEST_CASE("manifest: a name outside the families is refused with the families") {
  CHECK(check_plugin_name("index-btree").is_ok());
  CHECK(check_plugin_name("widget-x").message().find("the families are front dialect") !=
        std::string::npos);
  CHECK_FALSE(check_plugin_name("index").is_ok());
  CHECK_FALSE(check_plugin_name("index-B").is_ok());
  CHECK_FALSE(check_plugin_name("index-../x").is_ok());
}

TEST_CASE("manifest: an operator's manifest is called like its plugin") {
  const auto manifest =
      parse_operator("manifest_version = 1\nplugin = \"index-y\"\n", "d/index-x.toml");
  REQUIRE_FALSE(manifest.has_value());
  CHECK(manifest.error().message() ==
        "d/index-x.toml:2: 'plugin' is 'index-y', but the file is called index-x.toml");
}

TEST_CASE("manifest: an operator's limits and settings are read") {
  const auto manifest = parse_operator(
      "manifest_version = 1\nplugin = \"index-x\"\ngrants = [\"threads\"]\n"
      "[settings]\nfill = 90\n[limits]\nmemory = \"1MiB\"\n",
      "d/index-x.toml");
  REQUIRE(manifest.has_value());
  CHECK(manifest->settings.at(0).name == "index-x.fill");
  CHECK(manifest->settings.at(0).text == "90");
  CHECK(manifest->memory_bytes == 1U << 20);
}

}  // namespace
}  // namespace mortise::plugin
