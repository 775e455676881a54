// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does the engine keep for one client?
//
// Its settings, its transaction, its prepared statements and cursors, and a cache of bound
// statements by their text.  statement.hpp has what a statement and a portal are; utility.hpp what
// happens to statements that are no plan.
//
// Invariants
//   S1  `interrupt_` is the only member that other threads touch; they only raise it.
//   S2  A cached statement is used again only under the catalog epoch and the settings' generation
//       that it was bound under, and never across DDL of the own transaction.
//
// Threads: calls do not overlap; `cancel` and `terminate` from any thread.

#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "bind/binder.hpp"
#include "bind/fold.hpp"
#include "mortise/iface/draft/query.h"
#include "plan/execution.hpp"
#include "session/session_names.hpp"
#include "session/settings.hpp"
#include "session/transaction.hpp"

namespace mortise::sql_engine {

class Portal;
class Statement;
struct BoundStatement;
using BoundStatementPtr = std::shared_ptr<const BoundStatement>;

// Why a statement is to stop.
enum class Interrupt : uint32_t { none, cancel, timeout, terminate };

// The session context with its session: functions of the engine's own find it there.
struct SessionFacts {
  mortise_session_context_t context{};
  class Session* session = nullptr;
};

class Session {
 public:
  static Result<std::unique_ptr<Session>> open(const Services& services,
                                               const mortise_session_options_t& options,
                                               const mortise_session_events_t& events);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Services& services() const { return services_; }
  SessionSettings& settings() { return settings_; }
  Transaction& transaction() { return transaction_; }
  SessionNames& names() { return names_; }
  const mortise_session_context_t* context() const { return &facts_.context; }
  mortise_account_t* account() const { return account_; }
  const schema::RoleDef& role() const { return role_; }
  std::map<std::string, std::shared_ptr<Statement>, std::less<>>& prepared() { return prepared_; }
  std::map<std::string, std::unique_ptr<Portal>, std::less<>>& cursors() { return cursors_; }
  // Sequence values this session has drawn: currval, by relation id.
  std::map<mortise_object_id_t, int64_t>& sequence_values() { return sequence_values_; }
  mortise_object_id_t& last_sequence() { return last_sequence_; }
  // Sequences that this session draws from, while the catalog stays as it is.
  RelationPtr known_sequence(mortise_object_id_t id);
  void remember_sequence(const RelationPtr& sequence);

  uint32_t transaction_state() const;
  void notice(uint32_t severity, std::string_view sqlstate, std::string_view message,
              std::string_view hint = {}) const;

  void cancel() { raise(Interrupt::cancel); }
  void terminate() { raise(Interrupt::terminate); }

  // Puts the session into a transaction if it is in none.
  void enter_transaction();
  void begin_block(const Transaction::Options& options);
  // Portals that may hold an Execution (P1 of statement.hpp).
  void add_portal(Portal* portal) { portals_.insert(portal); }
  void remove_portal(Portal* portal) { portals_.erase(portal); }
  void close_executions();

  // Reads and binds.  `types` are those that the client has fixed (sql_type UNKNOWN = infer).
  Result<BoundStatementPtr> analyze(std::shared_ptr<const Tree> tree, Node root,
                                    const std::vector<mortise_type_t>& types);
  // The values of expressions without columns, computed now.
  Result<std::vector<Datum>> evaluate(const Tree& tree, Node list,
                                      const std::vector<mortise_type_t>& types);
  // By text, through the cache.  Empty texts give a statement that is_empty.
  // `tree` spares reading the text again if it has been read already; may be null.
  Result<BoundStatementPtr> analyze_text(std::string_view text,
                                         const std::vector<mortise_type_t>& types,
                                         std::shared_ptr<const Tree> tree);
  // True if the text is in the cache and good.
  bool has_cached(const std::string& text) const;
  bool is_current(const BoundStatement& bound) const;
  // True if the relations that it was bound to are those of now; asked under their locks.
  Result<bool> has_its_relations(const BoundStatement& bound);
  Result<std::shared_ptr<const Tree>> parse(std::string_view text) const;
  BindEnvironment bind_environment();

  // Before the work on a client's message: a cancel that came while nothing ran is of no concern.
  void begin_message();
  // What every run of a statement begins and ends with.  `start_statement` takes no snapshot yet:
  // one that is to see what the statement waited for is taken after its locks.
  Status start_statement();
  Status begin_statement(mortise_read_view_t& view);
  void end_statement();
  // Marks the transaction failed and says the right thing about interrupts.
  Status failed(Status status);
  Status refuse_if_failed(Node statement) const;
  Status lock_relations(const std::vector<RelationUse>& relations, uint32_t wait);

  Status commit();
  void abort();
  Status prepare_transaction(std::string_view global_id);
  // SET ROLE and SET SESSION AUTHORIZATION; "" = back to what the session began with.
  Status set_role(std::string_view name);
  Status set_session_user(std::string_view name);
  Status set_transaction_setting(std::string_view name, std::string_view value);
  void forget_plans() {
    cached_.clear();
    cache_.clear();
  }
  // Ends an implicit transaction.  PENDING as in mortise.query/1.
  mortise_status_t sync(mortise_sync_done_t done, void* context, mortise_error_t* error);
  void note_catalog_change() {
    names_.note_change();
    ++catalog_changes_;
  }
  uint64_t catalog_changes() const { return catalog_changes_; }
  Transaction::Options default_options() const;
  uint32_t lock_timeout_ms() const;
  void set_activity(uint32_t state, std::string_view text);
  void apply_transaction_options();
  uint32_t durability() const;

 private:
  Session(const Services& services, const mortise_session_options_t& options,
          const mortise_session_events_t& events);
  Status start();
  void raise(Interrupt reason);
  void setting_changed(const std::string& name, const std::string& value);
  Status check_setting(const SettingRule& rule, std::string& value);
  Result<bool> is_time_zone(const mortise_function_t& function, Datum zone,
                            const mortise_type_t& time, const mortise_type_t& result);
  Result<bool> may_become(mortise_object_id_t role);
  void refresh_context();
  void transaction_ended(bool is_committed);
  Status bind_plan(Node root, const std::vector<mortise_type_t>& types, BoundStatement& bound);
  Status bind_plan_within(Node root, const std::vector<mortise_type_t>& types,
                          size_t stack_bytes_max, BoundStatement& bound);
  void undo_failed_work();
  void remember(std::string key, const BoundStatementPtr& bound);
  void start_timeout();
  void stop_timeout();

  static constexpr size_t kCachedMax = 512;
  using CacheList = std::list<std::pair<std::string, BoundStatementPtr>>;

  const Services& services_;
  mortise_session_options_t options_{};
  mortise_session_events_t events_{};
  const std::string login_user_;
  std::string user_;
  std::string database_;
  std::string client_address_;
  SessionSettings settings_;
  Transaction transaction_;
  SessionNames names_;
  SessionFacts facts_;
  schema::RoleDef role_;
  mortise_account_t* account_ = nullptr;
  mortise_activity_t activity_ = 0;
  mortise_timer_t timeout_ = 0;
  uint64_t catalog_changes_ = 0;
  std::map<std::string, std::shared_ptr<Statement>, std::less<>> prepared_;
  std::map<std::string, std::unique_ptr<Portal>, std::less<>> cursors_;
  std::set<Portal*> portals_;
  std::map<mortise_object_id_t, int64_t> sequence_values_;
  mortise_object_id_t last_sequence_ = 0;
  std::map<mortise_object_id_t, RelationPtr> sequences_;
  uint64_t sequences_epoch_ = 0;
  uint64_t sequences_changes_ = 0;
  CacheList cache_;  // newest first
  std::unordered_map<std::string, CacheList::iterator> cached_;
  std::string setting_answer_;  // what setting_get has answered last
  std::string context_texts_[8];
  std::atomic<uint32_t> interrupt_{0};  // S1
};

// A failure's byte position as characters of the text it belongs to.
Status with_character_position(Status status, std::string_view text);

}  // namespace mortise::sql_engine
