// SPDX-License-Identifier: Apache-2.0
//
// Goal: a plugin that is wrong is refused with the reason, takes its dependants with it and nobody
// else (loader L1, L2, L4); what is right runs (L3).
// Method: real libraries, each wrong in one way, in a runtime without storage.
#include <doctest/doctest.h>

#include <algorithm>

#include "kernel/platform/posix_backend.hpp"
#include "kernel/platform/process.hpp"
#include "kernel/plugin/runtime.hpp"
#include "mortise/cpp/batch.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/iface/draft/functions.h"
#include "mortise/iface/draft/sysview.h"
#include "mortise/iface/settings.h"

namespace mortise::plugin {
namespace {

// A folder of operator's files around the plugins of the build tree.
class Scene {
 public:
  explicit Scene(std::string plugins)
      : io_(platform::make_posix_backend()),
        directory_(std::move(*platform::TemporaryDirectory::create("abi"))) {
    folders.plugins = {std::move(plugins)};
    folders.manifests = directory_.path();
    REQUIRE(io_->create_directory(directory_.path() + "/sets").is_ok());
  }
  void write(const std::string& name, const std::string& text) {
    REQUIRE(platform::replace_whole_file(*io_, directory_.path() + "/" + name,
                                         "manifest_version = 1\n" + text)
                .is_ok());
  }
  void write_set(const std::string& plugins) {
    write("sets/test.toml", "name = \"test\"\nplugins = [" + plugins + "]\n");
  }
  Result<std::unique_ptr<Runtime>> open() {
    RuntimeOptions options;
    options.folders = folders;
    options.set = "test";
    options.settings = {{"log_level", "error"}, {"log_levels", "kernel.plugin=error"}};
    options.logs_to_stderr = true;
    return Runtime::open(*io_, std::move(options));
  }

  Folders folders;

 private:
  std::unique_ptr<platform::IoBackend> io_;
  platform::TemporaryDirectory directory_;
};

PluginStatus status_of(Runtime& runtime, std::string_view name) {
  for (PluginStatus& s : runtime.loader().statuses()) {
    if (s.name == name) return s;
  }
  return {};
}

void start_all(Runtime& runtime) {
  for (size_t i = 0; i < kPhasesCount; ++i) {
    REQUIRE(runtime.start(static_cast<Phase>(i)).is_ok());
  }
}

TEST_CASE("loader: L1 L2 each bad plugin is refused for its own reason and the good one runs") {
  Scene scene(MORTISE_BAD_PLUGINS);
  scene.write_set(
      R"("example-good", "example-extra-export", "example-missing-symbol", "example-wrong-abi",
         "example-throws", "example-undeclared-need", "example-dependant")");
  auto runtime = scene.open();
  REQUIRE(runtime.has_value());
  start_all(**runtime);

  CHECK(status_of(**runtime, "example-good").state == PluginState::active);
  const auto reason = [&](std::string_view name) {
    const PluginStatus s = status_of(**runtime, name);
    CHECK(s.state == PluginState::failed);
    return s.reason;
  };
  CHECK(reason("example-extra-export").starts_with("it exports mortise_extra;"));
  CHECK(reason("example-missing-symbol").starts_with("it wants the symbol _ZN7mortise13kernel_in"));
  CHECK(reason("example-wrong-abi") == "it was built for ABI 2; this host has 1");
  CHECK(reason("example-throws") ==
        "its start threw an exception across the ABI: thrown on purpose");
  CHECK(reason("example-undeclared-need") ==
        "the library needs mortise.task/1, plugin.toml does not");
  CHECK(reason("example-dependant") ==
        "needs mortise.codec/1:throws of example-throws, which failed");
  CHECK((*runtime)->registry().find("mortise.codec/1", "throws") == nullptr);
}

TEST_CASE("loader: L4 a required plugin that fails ends the start with its name") {
  Scene scene(MORTISE_BAD_PLUGINS);
  scene.write_set(R"("example-good", "example-throws", "example-dependant")");
  scene.write("example-dependant.toml", "plugin = \"example-dependant\"\nrequired = true\n");
  auto runtime = scene.open();
  REQUIRE(runtime.has_value());

  const Status started = (*runtime)->start(Phase::services);

  CHECK(started.message() ==
        "the plugin example-dependant is required, but failed: needs mortise.codec/1:throws of "
        "example-throws, which failed");
}

TEST_CASE("loader: a signature that is enforced refuses the plugin while none can be checked") {
  Scene scene(MORTISE_BAD_PLUGINS);
  scene.write_set(R"("example-good")");
  scene.write("example-good.toml", "plugin = \"example-good\"\nsignature = \"enforce\"\n");
  auto runtime = scene.open();
  REQUIRE(runtime.has_value());
  CHECK(status_of(**runtime, "example-good").state == PluginState::failed);
}

TEST_CASE("loader: a misspelt key of an operator manifest ends the start with file and line") {
  Scene scene(MORTISE_BAD_PLUGINS);
  scene.write_set(R"("example-good")");
  scene.write("example-good.toml", "plugin = \"example-good\"\nrequird = true\n");
  const auto runtime = scene.open();
  REQUIRE_FALSE(runtime.has_value());
  CHECK(runtime.error().message().find(
            "example-good.toml:3: unknown key 'requird' (did you mean 'required'?)") !=
        std::string::npos);
}

TEST_CASE("runtime: U1 a second one in the same process is refused") {
  Scene scene(MORTISE_BAD_PLUGINS);
  scene.write_set("");
  auto first = scene.open();
  REQUIRE(first.has_value());
  CHECK(scene.open().error().code() == Code::busy);
  *first = nullptr;
  CHECK(scene.open().has_value());
}

// What the engine would do: look the function up and call it on a column.
std::vector<std::string> call_hello(Runtime& runtime, const std::vector<std::string>& names) {
  const auto* table = static_cast<const mortise_iface_functions_t*>(
      runtime.registry().find(MORTISE_IFACE_FUNCTIONS, "example-hello"));
  REQUIRE(table != nullptr);
  const mortise_function_t& hello = table->functions[0];
  REQUIRE(view_of(hello.name) == "hello");

  std::vector<mortise_view_t> in(names.size());
  std::vector<mortise_view_t> out(names.size());
  for (size_t i = 0; i < names.size(); ++i) in[i] = view_to(names[i]);
  const mortise_column_t column = {nullptr, in.data(), 0, 0};
  mortise_type_t type{};
  type.physical = MORTISE_PHYSICAL_TEXT;
  mortise_arguments_t arguments = {&column, &type,
                                   1,       static_cast<uint32_t>(names.size()),
                                   nullptr, static_cast<uint32_t>(names.size()),
                                   0};
  uint64_t validity = UINT64_MAX;
  mortise_column_out_t result = {&validity, out.data(), 0, 0};
  std::vector<std::unique_ptr<char[]>> kept;
  mortise_evaluation_t evaluation{};
  evaluation.struct_size_bytes = sizeof(evaluation);
  evaluation.arena = &kept;
  evaluation.allocate = [](void* arena, uint64_t size, mortise_error_t*) -> void* {
    auto& blocks = *static_cast<std::vector<std::unique_ptr<char[]>>*>(arena);
    blocks.push_back(std::make_unique<char[]>(size));
    return blocks.back().get();
  };
  ErrorSlot error;
  REQUIRE(hello.evaluate(&evaluation, nullptr, &arguments, &result, error.get()) == MORTISE_OK);
  std::vector<std::string> texts;
  for (const mortise_view_t& view : out) texts.emplace_back(text_of(view));
  return texts;
}

TEST_CASE("loader: example-hello greets, and the operator chooses the word") {
  Scene scene(MORTISE_PLUGINS);
  scene.write_set(R"("example-hello")");
  {
    auto runtime = scene.open();
    REQUIRE(runtime.has_value());
    start_all(**runtime);
    CHECK(call_hello(**runtime, {"Ann", "somebody with a long name"}) ==
          std::vector<std::string>{"Hello, Ann!", "Hello, somebody with a long name!"});
  }
  scene.write("example-hello.toml",
              "plugin = \"example-hello\"\n[settings]\ngreeting = \"Good evening to you\"\n");
  auto runtime = scene.open();
  REQUIRE(runtime.has_value());
  start_all(**runtime);
  CHECK(call_hello(**runtime, {"Ann"})[0] == "Good evening to you, Ann!");
}

TEST_CASE("sysview: sys.plugins shows what runs") {
  Scene scene(MORTISE_PLUGINS);
  scene.write_set(R"("example-hello")");
  auto runtime = scene.open();
  REQUIRE(runtime.has_value());
  start_all(**runtime);
  const auto* table = static_cast<const mortise_iface_sysview_t*>(
      (*runtime)->registry().find(MORTISE_IFACE_SYSVIEW, "kernel"));
  REQUIRE(table != nullptr);
  const mortise_sysview_t& view = table->views[0];
  REQUIRE(view_of(view.name) == "plugins");

  void* cursor = nullptr;
  const uint32_t wanted[] = {3, 0, 5};  // state, name, start_order
  ErrorSlot error;
  REQUIRE(view.open(view.context, nullptr, nullptr, wanted, 3, nullptr, 0, &cursor, error.get()) ==
          MORTISE_OK);
  mortise_batch_t batch{};
  REQUIRE(view.next(cursor, &batch, error.get()) == MORTISE_OK);
  const Strings states(batch.columns[0]);
  const Strings names(batch.columns[1]);
  const Values<int32_t> orders(batch.columns[2]);
  bool found = false;
  for (uint32_t row = 0; row < batch.rows_count; ++row) {
    if (names[row] != "example-hello") continue;
    found = true;
    CHECK(states[row] == "active");
    CHECK(orders[row] == 1);
  }
  CHECK(found);
  CHECK(view.next(cursor, &batch, error.get()) == MORTISE_END);
  view.close(cursor);
}

}  // namespace
}  // namespace mortise::plugin
