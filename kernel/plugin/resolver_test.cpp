// SPDX-License-Identifier: Apache-2.0
//
// Goal: R1..R4 of resolution, and messages that say what is there.
// Method: inventories made of manifest texts.
#include "kernel/plugin/resolver.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "kernel/platform/sim_disk.hpp"

namespace mortise::plugin {
namespace {

class Scene {
 public:
  // `rest` are further lines of plugin.toml.
  void add(const std::string& name, const std::string& rest, bool wanted = true) {
    const std::string text = "manifest_version = 1\nname = \"" + name +
                             "\"\nversion = \"1.0.0\"\nsdk = \">=0.1\"\nlicense = \"x\"\n"
                             "summary = \"x\"\n" +
                             rest;
    auto manifest = parse_author(text, name + "/plugin.toml");
    REQUIRE_MESSAGE(manifest.has_value(), manifest.status().message());
    inventory.authors.emplace(name, std::move(*manifest));
    if (wanted) inventory.wanted.push_back(name);
  }
  void order(const std::string& name, const std::string& rest) {
    auto manifest =
        parse_operator("manifest_version = 1\nplugin = \"" + name + "\"\n" + rest, name + ".toml");
    REQUIRE_MESSAGE(manifest.has_value(), manifest.status().message());
    inventory.operators.emplace(name, std::move(*manifest));
  }
  Plan resolve() const {
    return plugin::resolve(inventory,
                           {{*parse_interface("mortise.log/1"), Phase::boot},
                            {*parse_interface("mortise.page/1"), Phase::storage}},
                           *parse_version("0.1.0"));
  }
  std::string order() const {
    std::string out;
    for (const PlanEntry& e : resolve().entries) {
      out.append(out.empty() ? "" : " ").append(e.author->name);
    }
    return out;
  }
  std::string only_problem() const {
    const Plan plan = resolve();
    REQUIRE(plan.problems.size() == 1);
    return to_text(plan.problems[0]);
  }

  Inventory inventory;
};

TEST_CASE("resolver: R2 providers come first, phases before that, names last") {
  Scene s;
  s.add("front-a", "phase = \"edge\"\nneeds = [\"mortise.query/1\"]\n");
  s.add("sql-b", "offers = [\"mortise.query/1\"]\nneeds = [\"mortise.dialect/1\"]\n");
  s.add("dialect-c", "offers = [\"mortise.dialect/1:c\"]\n");
  s.add("index-z", "offers = [\"mortise.index/1:z\"]\n");
  s.add("index-a", "offers = [\"mortise.index/1:a\"]\n");

  CHECK(s.order() == "index-a index-z dialect-c sql-b front-a");
}

TEST_CASE("resolver: R4 the order of the set does not matter") {
  Scene s;
  s.add("ops-a", "after = [\"ops-c\"]\nphase = \"services\"\n");
  s.add("ops-b", "phase = \"services\"\n");
  s.add("ops-c", "before = [\"ops-b\"]\nphase = \"services\"\n");
  const std::string order = s.order();
  CHECK(order == "ops-c ops-a ops-b");
  std::sort(s.inventory.wanted.begin(), s.inventory.wanted.end());
  do {
    CHECK(s.order() == order);
  } while (std::next_permutation(s.inventory.wanted.begin(), s.inventory.wanted.end()));
}

TEST_CASE("resolver: the bindings say who meets each need") {
  Scene s;
  s.add("codec-a", "offers = [\"mortise.codec/1:a\"]\n");
  s.add("store-b",
        "needs = [\"mortise.log/1\", \"mortise.codec/1:a\"]\nwants = [\"mortise.codec/1:q\"]\n");

  const Plan plan = s.resolve();

  REQUIRE(plan.entries.size() == 2);
  REQUIRE(plan.entries[1].bindings.size() == 2);
  CHECK(plan.entries[1].bindings[0].provider == "kernel");
  CHECK(plan.entries[1].bindings[1].provider == "codec-a");
  CHECK(plan.is_startable());
}

TEST_CASE("resolver: a missing need is answered with what is there instead") {
  Scene s;
  s.add("store-b", "needs = [\"mortise.codec/2:zstd\"]\n");
  s.add("codec-a", "offers = [\"mortise.codec/1:lz4\"]\n");
  s.add("codec-z", "offers = [\"mortise.codec/2:zstd\"]\n", false);

  CHECK(s.only_problem() ==
        "store-b needs mortise.codec/2:zstd; codec-a offers mortise.codec/1:lz4; codec-z offers "
        "it, but is not in the set");
  CHECK(s.order() == "codec-a");
}

TEST_CASE("resolver: R3 the core is the root, dependants are listed under it") {
  Scene s;
  s.add("codec-a", "offers = [\"mortise.codec/1:a\"]\nneeds = [\"mortise.crypt/1\"]\n");
  s.add("store-b", "offers = [\"mortise.page_store/1:b\"]\nneeds = [\"mortise.codec/1:a\"]\n");
  s.add("ops-c", "phase = \"services\"\nneeds = [\"mortise.page_store/1\"]\n");
  s.add("ops-d", "phase = \"services\"\n");

  CHECK(s.only_problem() ==
        "codec-a needs mortise.crypt/1; nothing installed offers it (left out with it: ops-c, "
        "store-b)");
  CHECK(s.order() == "ops-d");
}

TEST_CASE("resolver: a second provider keeps a plugin alive") {
  Scene s;
  s.add("codec-a", "offers = [\"mortise.codec/1:a\"]\nneeds = [\"mortise.crypt/1\"]\n");
  s.add("codec-b", "offers = [\"mortise.codec/1:b\"]\n");
  s.add("store-c", "needs = [\"mortise.codec/1\"]\nphase = \"services\"\n");

  CHECK(s.order() == "codec-b store-c");
}

TEST_CASE("resolver: a cycle of needs is named in full") {
  Scene s;
  s.add("ops-a", "offers = [\"mortise.a/1\"]\nneeds = [\"mortise.b/1\"]\n");
  s.add("ops-b", "offers = [\"mortise.b/1\"]\nneeds = [\"mortise.c/1\"]\n");
  s.add("ops-c", "offers = [\"mortise.c/1\"]\nneeds = [\"mortise.a/1\"]\n");
  s.add("ops-d", "offers = [\"mortise.d/1\"]\nneeds = [\"mortise.a/1\"]\n");

  CHECK(s.only_problem() ==
        "ops-a is on a cycle: ops-a needs ops-b needs ops-c needs ops-a (left out with it: ops-b, "
        "ops-c, ops-d)");
}

TEST_CASE("resolver: a cycle with a mere wish in it is cut there") {
  Scene s;
  s.add("ops-a", "offers = [\"mortise.a/1\"]\nneeds = [\"mortise.b/1\"]\n");
  s.add("ops-b", "offers = [\"mortise.b/1\"]\nwants = [\"mortise.a/1\"]\n");
  CHECK(s.order() == "ops-b ops-a");
}

TEST_CASE("resolver: what comes later cannot be needed earlier") {
  Scene s;
  s.add("codec-a", "offers = [\"mortise.codec/1:a\"]\nneeds = [\"mortise.page/1\"]\n");
  CHECK(s.only_problem() ==
        "codec-a needs mortise.page/1; the kernel has it only from the phase storage on, but "
        "codec-a starts in the phase boot");
}

TEST_CASE("resolver: R1 of two offers for one slot the first by name stays") {
  Scene s;
  s.add("codec-b", "offers = [\"mortise.codec/1:x\"]\n");
  s.add("codec-a", "offers = [\"mortise.codec/1:x\"]\n");
  CHECK(s.only_problem() == "codec-b offers mortise.codec/1:x, which codec-a offers already");
  CHECK(s.order() == "codec-a");
}

TEST_CASE("resolver: versions, grants and switches of the operator are obeyed") {
  Scene s;
  s.add("ops-a", "");
  s.add("ops-b", "grants = [\"net.listen\"]\n");
  s.add("ops-c", "");
  s.add("ops-d", "grants = [\"net.listen\"]\n");
  s.order("ops-a", "version = \"<1.0\"\n");
  s.order("ops-c", "enable = false\n");
  s.order("ops-d", "grants = [\"net.listen\"]\nrequired = true\n");

  const Plan plan = s.resolve();

  CHECK(s.order() == "ops-d");
  REQUIRE(plan.problems.size() == 2);
  CHECK(to_text(plan.problems[0]) == "ops-a is version 1.0.0, but ops-a.toml allows <1.0");
  CHECK(to_text(plan.problems[1]) ==
        "ops-b asks for the grant net.listen, which its operator manifest does not give");
  CHECK(plan.disabled == std::vector<std::string>{"ops-c"});
  CHECK(plan.is_startable());
}

TEST_CASE("resolver: a required plugin that cannot run makes the plan unstartable") {
  Scene s;
  s.add("codec-a", "offers = [\"mortise.codec/1:a\"]\nneeds = [\"mortise.crypt/1\"]\n");
  s.add("store-b", "needs = [\"mortise.codec/1:a\"]\n");
  s.order("store-b", "required = true\n");

  const Plan plan = s.resolve();

  CHECK_FALSE(plan.is_startable());
  CHECK(plan.problems.at(0).required == std::vector<std::string>{"store-b"});
}

TEST_CASE("inventory: sets include each other, and leave out") {
  platform::SimDisk disk(1);
  for (const char* folder : {"/p", "/m", "/m/sets"}) {
    REQUIRE(disk.create_directory(folder).is_ok());
  }
  const auto write = [&](const std::string& name, const std::string& rest) {
    REQUIRE(platform::replace_whole_file(disk, "/m/sets/" + name + ".toml",
                                         "manifest_version = 1\nname = \"" + name + "\"\n" + rest)
                .is_ok());
  };
  write("minimal", "plugins = [\"sql-a\", \"front-b\"]\n");
  write("default", "include = [\"minimal\"]\nplugins = [\"ops-c\"]\nwithout = [\"front-b\"]\n");
  write("loop", "include = [\"loop\"]\n");

  const auto inventory = read_inventory(disk, {{"/p"}, "/m"}, "default");
  REQUIRE(inventory.has_value());
  CHECK(inventory->wanted == std::vector<std::string>{"sql-a", "ops-c"});
  CHECK(read_inventory(disk, {{"/p"}, "/m"}, "loop").error().message() ==
        "/m/sets/loop.toml: sets include each other, or too deeply");
  CHECK(read_inventory(disk, {{"/p"}, "/m"}, "defualt").error().message() ==
        "there is no set 'defualt' (did you mean 'default'?); there are: default loop minimal");
}

}  // namespace
}  // namespace mortise::plugin
