// SPDX-License-Identifier: Apache-2.0
//
// The door: the only file that sees the C ABI.  From top to bottom: the state that `start` makes,
// the function as the engine calls it, the list of functions, start and stop, the description.
#include <memory>
#include <string>

#include "greeting.hpp"
#include "mortise/cpp/batch.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/draft/functions.h"
#include "mortise/iface/draft/type.h"
#include "mortise/iface/log.h"
#include "mortise/iface/settings.h"

namespace mortise::example_hello {
namespace {

// Set by `start`, read by evaluations, gone after `stop`.  The functions of mortise.functions/1 get
// no instance, so this is the plugin's one global (plugin.h, P3).
struct Instance {
  const mortise_iface_settings_t* settings;
};
Instance* g_instance = nullptr;

constexpr mortise_str_t kGreeting = literal("example-hello.greeting");

// Texts are as long as the caller's buffer allows; ask again with a larger one.
Status read_greeting(std::string* word) {
  word->resize(32);
  for (;;) {
    uint64_t size_bytes = 0;
    ErrorSlot error;
    MORTISE_TRY(error.status(g_instance->settings->get_text(kGreeting, word->data(), word->size(),
                                                            &size_bytes, error.get())));
    const bool is_whole = size_bytes <= word->size();
    word->resize(size_bytes);
    if (is_whole) return {};
  }
}

// hello(name): a whole column in, a whole column out.  Strict (F3), so selected rows have a name.
mortise_status_t MORTISE_CALL evaluate_hello(const mortise_evaluation_t* evaluation, const void*,
                                             const mortise_arguments_t* arguments,
                                             mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> mortise_status_t {
    std::string word;
    if (const Status read = read_greeting(&word); !read.is_ok()) return report(read, error);
    const Strings names(arguments->columns[0]);
    mortise_view_t* const out = data_of<mortise_view_t>(*result);
    mortise_status_t status = MORTISE_OK;
    for_each_selected(
        arguments->rows_count, arguments->selection, arguments->selected_count, [&](uint32_t row) {
          if (status != MORTISE_OK) return;
          const uint64_t size = greeting_size_bytes(word, names[row]);
          auto* text = static_cast<char*>(evaluation->allocate(evaluation->arena, size, error));
          if (text == nullptr) {
            status = MORTISE_E_NO_MEMORY;
            return;
          }
          write_greeting(word, names[row], text);
          out[row] = view_to({text, size});
        });
    return status;
  });
}

constexpr uint32_t kHelloArguments[] = {MORTISE_SQL_TEXT};

constexpr mortise_function_t hello_function() {
  mortise_function_t f{};
  f.oid = 10'000'000;
  f.kind = MORTISE_FUNCTION_SCALAR;
  f.name = literal("hello");
  f.argument_types = kHelloArguments;
  f.arguments_count = 1;
  f.return_type = MORTISE_SQL_TEXT;
  f.volatility = MORTISE_VOLATILITY_STABLE;  // the setting may change between statements
  f.is_strict = 1;
  f.evaluate = evaluate_hello;
  f.help = literal("Greets somebody by name.");
  return f;
}

constexpr mortise_function_t kFunctions[] = {hello_function()};

constexpr mortise_iface_functions_t kTable = {header_of<mortise_iface_functions_t>(),
                                              kFunctions,
                                              1,
                                              sizeof(mortise_function_t),
                                              nullptr,
                                              0,
                                              sizeof(mortise_cast_t)};

mortise_status_t MORTISE_CALL start(const mortise_host_t* host, void** instance,
                                    mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const Host services(host);
    auto made = std::make_unique<Instance>();
    MORTISE_TRY_ASSIGN(made->settings,
                       services.need<mortise_iface_settings_t>(MORTISE_IFACE_SETTINGS));
    MORTISE_TRY_ASSIGN(const auto* log, services.need<mortise_iface_log_t>(MORTISE_IFACE_LOG));
    log->write(literal("example-hello"), MORTISE_LOG_DEBUG, literal("ready"), nullptr, 0);
    g_instance = made.release();
    *instance = g_instance;
    return {};
  });
}

void MORTISE_CALL stop(void* instance) {
  g_instance = nullptr;
  delete static_cast<Instance*>(instance);
}

constexpr mortise_need_t kNeeds[] = {need(MORTISE_IFACE_LOG), need(MORTISE_IFACE_SETTINGS)};
constexpr mortise_offer_t kOffers[] = {offer(MORTISE_IFACE_FUNCTIONS, "example-hello", &kTable)};

}  // namespace
}  // namespace mortise::example_hello

MORTISE_PLUGIN("example-hello", "0.1.0", mortise::example_hello::kNeeds,
               mortise::example_hello::kOffers, mortise::example_hello::start, nullptr,
               mortise::example_hello::stop)
