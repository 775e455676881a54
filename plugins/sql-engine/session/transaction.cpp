// SPDX-License-Identifier: Apache-2.0

#include "session/transaction.hpp"

#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {

void Transaction::enter(const Options& defaults) {
  if (state_ != State::idle) return;
  state_ = State::implicit;
  options_ = defaults;
}

void Transaction::begin_block(const Options& options) {
  if (state_ == State::idle) options_ = options;
  state_ = State::block;
}

Status Transaction::ensure_begun(uint32_t lock_timeout_ms, const uint32_t* interrupt) {
  MORTISE_ASSERT(state_ != State::idle);
  if (txn_ != nullptr) return {};
  mortise_txn_options_t options{};
  options.struct_size_bytes = sizeof options;
  options.isolation = options_.isolation;
  options.is_read_only = options_.is_read_only ? 1 : 0;
  options.lock_timeout_ms = lock_timeout_ms;
  options.interrupt = interrupt;
  ErrorSlot error;
  return error.status(services_.txn->begin(&options, &txn_, error.get()));
}

Status Transaction::statement_begin(mortise_read_view_t& view) {
  MORTISE_ASSERT(txn_ != nullptr);
  has_run_statements_ = true;
  ErrorSlot error;
  return error.status(services_.txn->statement_begin(txn_, &view, error.get()));
}

Status Transaction::savepoint(std::string_view name, size_t settings_mark) {
  Savepoint made;
  made.name.assign(name);
  made.settings_mark = settings_mark;
  if (txn_ != nullptr) {
    ErrorSlot error;
    MORTISE_TRY(error.status(services_.txn->savepoint(txn_, &made.id, error.get())));
    made.has_id = true;
  }
  savepoints_.push_back(std::move(made));
  return {};
}

int64_t Transaction::find_savepoint(std::string_view name) const {
  for (size_t i = savepoints_.size(); i-- > 0;) {
    if (savepoints_[i].name == name) return static_cast<int64_t>(i);
  }
  return -1;
}

Status Transaction::roll_back_to(size_t position) {
  MORTISE_ASSERT(position < savepoints_.size());
  const Savepoint& target = savepoints_[position];
  if (txn_ != nullptr && target.has_id) {
    ErrorSlot error;
    MORTISE_TRY(error.status(services_.txn->rollback_to(txn_, target.id, error.get())));
  } else if (txn_ != nullptr) {
    // Everything that the kernel knows of came after the savepoint.
    services_.txn->abort(txn_);
    txn_ = nullptr;
  }
  savepoints_.resize(position + 1);
  is_failed_ = false;
  return {};
}

void Transaction::release(size_t position) {
  MORTISE_ASSERT(position < savepoints_.size());
  savepoints_.resize(position);
}

Status Transaction::commit(uint32_t durability, mortise_commit_done_t done, void* context,
                           bool* is_pending) {
  MORTISE_ASSERT(!is_failed_);
  mortise_txn_t* const ending = txn_;
  txn_ = nullptr;
  become_idle();
  if (ending == nullptr) return {};
  ErrorSlot error;
  const mortise_status_t status =
      services_.txn->commit(ending, durability, done, context, error.get());
  if (is_pending != nullptr) *is_pending = status == MORTISE_PENDING;
  return error.status(status);
}

void Transaction::abort() {
  if (txn_ != nullptr) services_.txn->abort(txn_);
  txn_ = nullptr;
  become_idle();
}

void Transaction::abandon_work() {
  if (txn_ != nullptr) services_.txn->abort(txn_);
  txn_ = nullptr;
}

Status Transaction::prepare(std::string_view global_id) {
  mortise_txn_t* const ending = txn_;
  txn_ = nullptr;
  become_idle();
  if (ending == nullptr) return {};
  ErrorSlot error;
  return error.status(services_.txn->prepare(ending, str_of(global_id), error.get()));
}

void Transaction::become_idle() {
  state_ = State::idle;
  is_failed_ = false;
  has_run_statements_ = false;
  savepoints_.clear();
  options_ = {};
}

}  // namespace mortise::sql_engine
