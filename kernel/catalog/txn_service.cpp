// SPDX-License-Identifier: Apache-2.0

// mortise.txn/1 over TxnManager: translation, nothing else.

#include <cstring>

#include "kernel/catalog/database.hpp"
#include "kernel/catalog/database_services.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::catalog {
namespace {

using txn::Transaction;

txn::TxnManager& txns() {
  return Database::current().txns();
}

Result<txn::TxnOptions> options_of(const mortise_txn_options_t* from) {
  txn::TxnOptions options;
  if (from == nullptr) return options;
  if (from->isolation > MORTISE_ISOLATION_SERIALIZABLE) return invalid("unknown isolation level");
  if (from->isolation != 0) options.isolation = static_cast<txn::Isolation>(from->isolation);
  options.is_read_only = from->is_read_only != 0;
  options.lock_timeout_ms = from->lock_timeout_ms;
  options.as_of = Scn{from->as_of};
  options.interrupt = from->interrupt;
  return options;
}

mortise_status_t begin(const mortise_txn_options_t* options, mortise_txn_t** txn,
                       mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(const txn::TxnOptions wanted, options_of(options));
    MORTISE_TRY_ASSIGN(Transaction* const made, txns().begin(wanted));
    *txn = made;
    return {};
  });
}

mortise_status_t statement_begin(mortise_txn_t* txn, mortise_read_view_t* view,
                                 mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(*view, txns().statement_begin(Transaction::of(txn)));
    return {};
  });
}

void view_of_txn(const mortise_txn_t* txn, mortise_read_view_t* view) {
  *view = Transaction::of(txn).view();
}

mortise_txid_t id(mortise_txn_t* txn) {
  Transaction& transaction = Transaction::of(txn);
  // A read-only or failed one has none: 0 says so.
  static_cast<void>(txns().start_writing(transaction));
  return raw(transaction.id());
}

mortise_status_t savepoint(mortise_txn_t* txn, uint64_t* made, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(*made, txns().savepoint(Transaction::of(txn)));
    return {};
  });
}

mortise_status_t rollback_to(mortise_txn_t* txn, uint64_t to, mortise_error_t* error) {
  return guard(error, [&] { return txns().rollback_to(Transaction::of(txn), to); });
}

// Tells the C callback; the error object lives as long as the call.
void tell(mortise_commit_done_t done, void* context, const Status& status) {
  ErrorSlot reason;
  const mortise_status_t code = report(status, reason.get());
  done(context, code, status.is_ok() ? nullptr : reason.get());
}

mortise_status_t commit(mortise_txn_t* txn, uint32_t durability, mortise_commit_done_t done,
                        void* context, mortise_error_t* error) {
  return guard(error, [&]() -> mortise_status_t {
    const txn::Durability kind =
        durability == MORTISE_DURABILITY_LAZY ? txn::Durability::lazy : txn::Durability::durable;
    UniqueFunction<void(const Status&)> told;
    if (done != nullptr) {
      told = [done, context](const Status& status) { tell(done, context, status); };
    }
    Result<bool> pending = txns().commit_then(&Transaction::of(txn), kind, std::move(told));
    if (!pending) return report(pending.error(), error);
    return *pending ? MORTISE_PENDING : MORTISE_OK;
  });
}

void abort(mortise_txn_t* txn) {
  txns().abort(&Transaction::of(txn));
}

void interrupt(mortise_txn_t* txn) {
  txns().interrupt(Transaction::of(txn));
}

mortise_status_t lock(mortise_txn_t* txn, uint32_t lock_class, uint64_t key, uint32_t mode,
                      uint32_t wait, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    if (lock_class < MORTISE_LOCK_TABLE || lock_class > MORTISE_LOCK_PAGE) {
      return invalid("unknown lock class: " + std::to_string(lock_class));
    }
    if (mode < MORTISE_MODE_IS || mode > MORTISE_MODE_SCHEMA_X) {
      return invalid("unknown lock mode: " + std::to_string(mode));
    }
    return txns().lock(Transaction::of(txn), {lock_class, 0, key},
                       static_cast<txn::LockMode>(mode), wait);
  });
}

uint32_t unlock_advisory(mortise_txn_t* txn, uint64_t key, uint32_t mode) {
  if (mode < MORTISE_MODE_IS || mode > MORTISE_MODE_SCHEMA_X) return 0;
  return txns().locks().release_one(Transaction::of(txn).locks(),
                                    {MORTISE_LOCK_ADVISORY, 0, key},
                                    static_cast<txn::LockMode>(mode))
             ? 1
             : 0;
}

mortise_status_t read_open(mortise_scn_t as_of, mortise_read_view_t* view,
                           mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(*view, txns().read_open(Scn{as_of}));
    return {};
  });
}

void each(int32_t (*visit)(void* context, const mortise_txn_info_t* info), void* context) {
  txns().each([&](const mortise_txn_info_t& info) { return visit(context, &info) == 0; });
}

constexpr mortise_iface_txn_t kService = {
    {sizeof(mortise_iface_txn_t), 1, 0, 0},
    begin,
    statement_begin,
    view_of_txn,
    id,
    savepoint,
    rollback_to,
    commit,
    abort,
    interrupt,
    // Two-phase commit.
    [](mortise_txn_t* txn, mortise_str_t global_id, mortise_error_t* error) {
      return guard(error, [&] {
        return txns().prepare(&Transaction::of(txn), std::string(view_of(global_id)));
      });
    },
    [](mortise_str_t global_id, mortise_error_t* error) {
      return guard(error, [&] { return txns().commit_prepared(view_of(global_id)); });
    },
    [](mortise_str_t global_id, mortise_error_t* error) {
      return guard(error, [&] { return txns().abort_prepared(view_of(global_id)); });
    },
    lock,
    unlock_advisory,
    // Levels below SERIALIZABLE remember nothing, and SERIALIZABLE cannot begin yet.
    [](mortise_txn_t*, mortise_object_id_t, const mortise_filter_t*, uint32_t,
       mortise_error_t*) -> mortise_status_t { return MORTISE_OK; },
    read_open,
    [](const mortise_read_view_t* view) { txns().read_close(*view); },
    []() -> mortise_scn_t { return raw(txns().visible_scn()); },
    [](int64_t time_us) -> mortise_scn_t { return raw(txn::last_scn_of(time_us)); },
    [](mortise_scn_t scn) -> int64_t { return txn::time_of(Scn{scn}); },
    each,
};

}  // namespace

const mortise_iface_txn_t* txn_service() {
  return &kService;
}

}  // namespace mortise::catalog
