// SPDX-License-Identifier: Apache-2.0
//
// The door of libmortise: handles of mortise_embed.h over Instance, Session and Script.
#include "hosts/embed/include/mortise_embed.h"

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "hosts/embed/connection.hpp"
#include "kernel/base/version.hpp"
#include "kernel/platform/posix_backend.hpp"
#include "kernel/plugin/instance.hpp"
#include "kernel/plugin/layout.hpp"

namespace embed = mortise::embed;
using mortise::ErrorSlot;
using mortise::Status;

struct mortise_embed {
  std::atomic<uint32_t> sessions_count{0};
  std::unique_ptr<mortise::platform::IoBackend> io;
  std::unique_ptr<mortise::Instance> instance;
};

struct mortise_embed_session {
  explicit mortise_embed_session(mortise_embed& owner) : db(owner) { ++db.sessions_count; }
  ~mortise_embed_session() {
    session.reset();
    --db.sessions_count;
  }

  mortise_embed& db;
  std::unique_ptr<embed::Session> session;
};

struct mortise_embed_result {
  std::unique_ptr<embed::Script> script;
  const embed::TextTable* texts = nullptr;  // of the current batch, once asked for
  std::vector<std::string> cells;           // terminated copies, row by row
  std::vector<bool> has_cell;
  std::string tag;
};

namespace {

template <size_t kBytes>
void copy_text(std::string_view text, char (&into)[kBytes]) {
  const size_t size = std::min(text.size(), kBytes - 1);
  std::memcpy(into, text.data(), size);
  into[size] = 0;
}

void explain(const Status& status, mortise_embed_failure_t* failure) {
  if (failure == nullptr || failure->struct_size_bytes < sizeof(mortise_embed_failure_t)) return;
  copy_text(status.sqlstate(), failure->sqlstate);
  copy_text(status.message(), failure->message);
  copy_text(status.field(MORTISE_ERROR_FIELD_DETAIL), failure->detail);
  copy_text(status.field(MORTISE_ERROR_FIELD_HINT), failure->hint);
  failure->position_chars = status.position_chars();
}

// Runs `body` (a Status) so that nothing is thrown into a C program.
template <typename Body>
int answer(mortise_embed_failure_t* failure, Body&& body) {
  ErrorSlot slot;
  const mortise_status_t status = mortise::guard(slot.get(), [&]() -> Status { return body(); });
  if (status >= 0) return 0;
  explain(slot.status(status), failure);
  return -1;
}

// The installation that this library stands in.
mortise::Result<mortise::plugin::Folders> own_folders(mortise::platform::IoBackend& io) {
  Dl_info info{};
  const auto* here = reinterpret_cast<const void*>(&own_folders);
  if (::dladdr(here, &info) != 0 && info.dli_fname != nullptr) {
    return mortise::plugin::find_folders(io, info.dli_fname);
  }
  return mortise::plugin::find_folders(io);
}

mortise::Result<mortise::InstanceOptions> read_options(mortise::platform::IoBackend& io,
                                                       const char* directory,
                                                       const mortise_embed_options_t* given) {
  mortise::InstanceOptions out;
  out.directory = directory;
  out.last_phase = mortise::plugin::Phase::services;
  MORTISE_TRY_ASSIGN(out.folders, own_folders(io));
  if (given == nullptr) return out;
  if (given->set != nullptr) out.set = given->set;
  if (given->plugins != nullptr) {
    out.folders.plugins =
        mortise::plugin::plugin_folders(given->plugins, out.folders.plugins.back());
  }
  if (given->manifests != nullptr) out.folders.manifests = given->manifests;
  const char* const* pair = given->settings;
  for (; pair != nullptr && pair[0] != nullptr && pair[1] != nullptr; pair += 2) {
    out.settings.emplace_back(pair[0], pair[1]);
  }
  return out;
}

}  // namespace

extern "C" {

const char* mortise_embed_version(void) {
  static const std::string text(mortise::version());
  return text.c_str();
}

int mortise_embed_open(const char* directory, const mortise_embed_options_t* options,
                       mortise_embed_t** db, mortise_embed_failure_t* failure) {
  return answer(failure, [&]() -> Status {
    auto made = std::make_unique<mortise_embed>();
    made->io = mortise::platform::make_posix_backend();
    MORTISE_TRY_ASSIGN(mortise::InstanceOptions given, read_options(*made->io, directory, options));
    if (options != nullptr && options->create != 0) {
      MORTISE_TRY_ASSIGN(const bool exists, made->io->exists(given.directory + "/mortise.toml"));
      if (!exists) {
        MORTISE_TRY_ASSIGN(made->instance,
                           mortise::Instance::create(*made->io, std::move(given),
                                                     [](mortise::Instance&) { return Status(); }));
        *db = made.release();
        return {};
      }
    }
    MORTISE_TRY_ASSIGN(made->instance, mortise::Instance::open(*made->io, std::move(given)));
    *db = made.release();
    return {};
  });
}

int mortise_embed_close(mortise_embed_t* db, mortise_embed_failure_t* failure) {
  if (db == nullptr) return 0;
  return answer(failure, [&]() -> Status {
    const uint32_t open = db->sessions_count.load();
    if (open > 0) {
      return Status(mortise::Code::busy, "55006",
                    "the database cannot be closed while sessions use it")
          .with(MORTISE_ERROR_FIELD_DETAIL, std::to_string(open) + " sessions are open");
    }
    const std::unique_ptr<mortise_embed> owned(db);
    return owned->instance->close();
  });
}

int mortise_embed_session_open(mortise_embed_t* db, const char* user, const char* database,
                               mortise_embed_session_t** session,
                               mortise_embed_failure_t* failure) {
  return answer(failure, [&]() -> Status {
    embed::SessionOptions options;
    if (user != nullptr) options.user = user;
    if (database != nullptr) options.database = database;
    auto made = std::make_unique<mortise_embed_session>(*db);
    MORTISE_TRY_ASSIGN(made->session, embed::Session::open(db->instance->host(), options));
    *session = made.release();
    return {};
  });
}

void mortise_embed_session_close(mortise_embed_session_t* session) {
  delete session;
}

void mortise_embed_copy_source(mortise_embed_session_t* session,
                               size_t (*read)(void* context, char* buffer, size_t capacity_bytes),
                               void* context) {
  session->session->set_copy_source([read, context]() -> std::optional<std::string> {
    std::string piece(size_t{64} << 10, '\0');
    piece.resize(std::min(read(context, piece.data(), piece.size()), piece.size()));
    if (piece.empty()) return std::nullopt;
    return piece;
  });
}

void mortise_embed_copy_target(mortise_embed_session_t* session,
                               void (*write)(void* context, const char* bytes, size_t size_bytes),
                               void* context) {
  session->session->set_copy_target(
      [write, context](std::string_view bytes) { write(context, bytes.data(), bytes.size()); });
}

int mortise_embed_run(mortise_embed_session_t* session, const char* sql,
                      mortise_embed_result_t** result, mortise_embed_failure_t* failure) {
  return answer(failure, [&]() -> Status {
    auto made = std::make_unique<mortise_embed_result>();
    MORTISE_TRY_ASSIGN(made->script, session->session->run(sql));
    *result = made.release();
    return {};
  });
}

int mortise_embed_execute(mortise_embed_session_t* session, const char* sql,
                          mortise_embed_failure_t* failure) {
  return answer(failure, [&] { return session->session->execute(sql); });
}

void mortise_embed_cancel(mortise_embed_session_t* session) {
  session->session->cancel();
}

int mortise_embed_next_statement(mortise_embed_result_t* result, mortise_embed_failure_t* failure) {
  bool has_one = false;
  result->texts = nullptr;
  const int done = answer(failure, [&]() -> Status {
    MORTISE_TRY_ASSIGN(has_one, result->script->next_statement());
    return {};
  });
  return done < 0 ? done : (has_one ? 1 : 0);
}

int mortise_embed_next_batch(mortise_embed_result_t* result, mortise_embed_failure_t* failure) {
  bool has_one = false;
  result->texts = nullptr;
  const int done = answer(failure, [&]() -> Status {
    MORTISE_TRY_ASSIGN(has_one, result->script->next_batch());
    if (!has_one) return {};
    MORTISE_TRY_ASSIGN(result->texts, result->script->texts());
    const size_t cells =
        size_t{result->script->batch().rows_count} * result->script->columns().size();
    result->cells.assign(cells, {});
    result->has_cell.assign(cells, false);
    return {};
  });
  return done < 0 ? done : (has_one ? 1 : 0);
}

const char* mortise_embed_tag(const mortise_embed_result_t* result) {
  // A view of a terminated text.
  return result->script->tag().empty() ? "" : result->script->tag().data();
}

uint32_t mortise_embed_columns_count(const mortise_embed_result_t* result) {
  return static_cast<uint32_t>(result->script->columns().size());
}

const char* mortise_embed_column_name(const mortise_embed_result_t* result, uint32_t column) {
  if (column >= result->script->columns().size()) return nullptr;
  return result->script->column_name(column).data();
}

uint32_t mortise_embed_column_type(const mortise_embed_result_t* result, uint32_t column) {
  if (column >= result->script->columns().size()) return 0;
  return result->script->columns()[column].type.sql_type;
}

uint32_t mortise_embed_rows_count(const mortise_embed_result_t* result) {
  return result->texts == nullptr ? 0 : result->script->batch().rows_count;
}

const char* mortise_embed_text(mortise_embed_result_t* result, uint32_t row, uint32_t column,
                               size_t* size_bytes) {
  if (size_bytes != nullptr) *size_bytes = 0;
  const size_t columns = result->script->columns().size();
  if (result->texts == nullptr || row >= result->script->batch().rows_count || column >= columns ||
      result->texts->is_null(row, column)) {
    return nullptr;
  }
  const size_t at = size_t{row} * columns + column;
  if (!result->has_cell[at]) {
    uint64_t size = 0;
    const char* text = result->texts->text(row, column, &size);
    const int copied = answer(nullptr, [&]() -> Status {
      result->cells[at].assign(text, size);
      return {};
    });
    if (copied < 0) return nullptr;
    result->has_cell[at] = true;
  }
  if (size_bytes != nullptr) *size_bytes = result->cells[at].size();
  return result->cells[at].c_str();
}

const void* mortise_embed_batch(const mortise_embed_result_t* result) {
  return &result->script->batch();
}

int mortise_embed_result_close(mortise_embed_result_t* result, mortise_embed_failure_t* failure) {
  const std::unique_ptr<mortise_embed_result> owned(result);
  if (owned == nullptr) return 0;
  return answer(failure, [&] { return owned->script->close(); });
}

}  // extern "C"
