// SPDX-License-Identifier: Apache-2.0
//
// Goal: C1..C4 of the settings registry.
// Method: a registry over a simulated disk.
#include "kernel/config/settings.hpp"

#include <doctest/doctest.h>

#include "kernel/config/kernel_settings.hpp"
#include "kernel/platform/sim_disk.hpp"

namespace mortise::config {
namespace {

SettingSpec number(std::string name, bool needs_restart = false) {
  SettingSpec spec;
  spec.name = std::move(name);
  spec.type = SettingType::integer;
  spec.default_text = "1";
  spec.minimum = "0";
  spec.maximum = "100";
  spec.needs_restart = needs_restart;
  return spec;
}

struct Fixture {
  Fixture() { declare(settings); }
  static void declare(Settings& settings) {
    REQUIRE(settings.declare(number("limit")).is_ok());
    REQUIRE(settings.declare(number("threads", true)).is_ok());
    REQUIRE(settings.declare(number("front-pgwire.port")).is_ok());
  }
  platform::SimDisk disk{1};
  Settings settings;
};

TEST_CASE("settings: a later source wins and the source is told") {
  Fixture f;
  REQUIRE(
      f.settings.load_text("limit = 2\n[front-pgwire]\nport = 7\n", "m.toml", SettingSource::file)
          .is_ok());
  REQUIRE(f.settings.set("limit", "5", SettingSource::command_line).is_ok());
  REQUIRE(f.settings.set("limit", "3", SettingSource::manifest).is_ok());

  CHECK(f.settings.integer("limit") == 5);
  CHECK(f.settings.integer("front-pgwire.port") == 7);
  CHECK(name_of(f.settings.find("limit")->source) == "command line");
  CHECK(name_of(f.settings.find("threads")->source) == "default");
}

TEST_CASE("settings: C2 an unknown key is refused with file, line and the nearest key") {
  Fixture f;

  const Status status = f.settings.load_text("limit = 2\n\n[front-pgwire]\nprot = 7\n", "m.toml",
                                             SettingSource::file);

  CHECK(status.message() ==
        "m.toml:4: unknown setting 'front-pgwire.prot' (did you mean 'front-pgwire.port'?)");
}

TEST_CASE("settings: C1 a bad value is refused with file, line and range") {
  Fixture f;

  const Status status = f.settings.load_text("\nlimit = 101\n", "m.toml", SettingSource::file);

  CHECK(status.message() ==
        "m.toml:2: 'limit' is '101', but has to be an integer, between 0 and 100");
  CHECK(f.settings.integer("limit") == 1);
}

TEST_CASE("settings: C3 what ALTER SYSTEM says is there after the next start") {
  Fixture f;
  REQUIRE(f.disk.create_directory("/d").is_ok());
  REQUIRE(f.disk.sync_directory("/").is_ok());
  REQUIRE(f.settings.load(f.disk, "/d").is_ok());

  REQUIRE(f.settings.set_system("front-pgwire.port", "9").is_ok());
  REQUIRE(f.settings.set_system("limit", "8").is_ok());
  f.disk.crash(7);

  Settings next;
  Fixture::declare(next);
  REQUIRE(next.load(f.disk, "/d").is_ok());
  CHECK(next.integer("front-pgwire.port") == 9);
  CHECK(next.integer("limit") == 8);
  REQUIRE(next.reset_system("limit").is_ok());
  CHECK(next.integer("limit") == 1);
}

TEST_CASE("settings: C3 a value that cannot be written is not in force") {
  Fixture f;
  REQUIRE(f.disk.create_directory("/d").is_ok());
  REQUIRE(f.disk.sync_directory("/").is_ok());
  REQUIRE(f.settings.load(f.disk, "/d").is_ok());
  f.disk.set_capacity_bytes(0);

  CHECK_FALSE(f.settings.set_system("limit", "8").is_ok());
  CHECK(f.settings.integer("limit") == 1);
}

TEST_CASE("settings: C2 a stranger in system.toml survives a change") {
  Fixture f;
  REQUIRE(f.disk.create_directory("/d").is_ok());
  REQUIRE(f.disk.sync_directory("/").is_ok());
  REQUIRE(
      platform::replace_whole_file(f.disk, "/d/system.toml", "[gone-away]\nx = \"4\"\n").is_ok());
  REQUIRE(f.settings.load(f.disk, "/d").is_ok());

  REQUIRE(f.settings.set_system("limit", "8").is_ok());

  const auto text = platform::read_whole_file(f.disk, "/d/system.toml");
  REQUIRE(text.has_value());
  CHECK(text->find("[gone-away]\nx = \"4\"") != std::string::npos);
}

TEST_CASE("settings: C4 a setting that needs a restart keeps its value until then") {
  Fixture f;
  REQUIRE(f.disk.create_directory("/d").is_ok());
  REQUIRE(f.disk.sync_directory("/").is_ok());
  REQUIRE(f.settings.load(f.disk, "/d").is_ok());
  f.settings.seal();

  REQUIRE(f.settings.set_system("threads", "8").is_ok());

  CHECK(f.settings.integer("threads") == 1);
  CHECK(f.settings.find("threads")->pending == "8");
}

TEST_CASE("settings: a watcher hears of a change that is in force") {
  Fixture f;
  REQUIRE(f.disk.create_directory("/d").is_ok());
  REQUIRE(f.disk.sync_directory("/").is_ok());
  REQUIRE(f.settings.load(f.disk, "/d").is_ok());
  int64_t heard = 0;
  f.settings.watch("limit", [&](const SettingValue& value) { heard = value.integer; });

  REQUIRE(f.settings.set_system("limit", "8").is_ok());

  CHECK(heard == 8);
}

TEST_CASE("settings: every setting of the kernel is right in itself and explained") {
  Settings settings;
  REQUIRE(declare_kernel_settings(settings).is_ok());
  for (const SettingState& s : settings.all()) {
    CHECK_FALSE(s.spec.help.empty());
  }
  CHECK(settings.load_text(settings_template(settings), "t", SettingSource::file).is_ok());
  CHECK(settings_page(settings).find("`buffer_pool_size`") != std::string::npos);
}

}  // namespace
}  // namespace mortise::config
