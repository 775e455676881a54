// SPDX-License-Identifier: Apache-2.0
//
// Longer than 500 lines, because the states of one session belong together.

#include "session/session.hpp"

#include "mortise/cpp/assert.hpp"
#include "session/lock_names.hpp"
#include "session/roles.hpp"
#include "session/statement.hpp"
#include "session/utility.hpp"

namespace mortise::sql_engine {
namespace {

constexpr int64_t kEpochDifferenceUs = 946684800000000;  // 1970 to 2000

Session& of(void* context) {
  return *static_cast<Session*>(context);
}

// Names in the session context, in the order of context_texts_.
enum ContextText { kUserText, kSessionUserText, kDatabaseText, kSchemaText };

}  // namespace

Status with_character_position(Status status, std::string_view text) {
  const uint32_t bytes = status.position_chars();
  if (status.is_ok() || bytes == 0) return status;
  uint32_t chars = 0;
  for (size_t i = 0; i < bytes && i < text.size(); ++i) {
    if ((static_cast<uint8_t>(text[i]) & 0xC0) != 0x80) ++chars;
  }
  Status result(status.code(), status.sqlstate(), std::string(status.message()));
  for (const Status::Field& f : status.fields()) {
    result = std::move(result).with(f.field, f.value);
  }
  return std::move(result).at(chars);
}

Session::Session(const Services& services, const mortise_session_options_t& options,
                 const mortise_session_events_t& events)
    : services_(services),
      options_(options),
      events_(events),
      login_user_(view_of(options.user)),
      user_(login_user_),
      database_(view_of(options.database)),
      client_address_(view_of(options.client_address)),
      transaction_(services),
      names_(services) {
  facts_.session = this;
}

Result<std::unique_ptr<Session>> Session::open(const Services& services,
                                               const mortise_session_options_t& options,
                                               const mortise_session_events_t& events) {
  std::unique_ptr<Session> session(new Session(services, options, events));
  MORTISE_TRY(session->start());
  return session;
}

Status Session::start() {
  MORTISE_TRY(names_.open(nullptr));
  const Catalog catalog = names_.catalog();
  MORTISE_TRY_ASSIGN(auto role, catalog.find<schema::RoleDef>(0, user_));
  if (!role) {
    return Status(Code::invalid, "28000", "role \"" + user_ + "\" does not exist");
  }
  role_ = std::move(role->definition);
  if (!role_.can_login) {
    return Status(Code::invalid, "28000", "role \"" + user_ + "\" is not permitted to log in");
  }
  MORTISE_TRY_ASSIGN(const auto database, catalog.find<schema::DatabaseDef>(0, database_));
  if (!database) {
    return Status(Code::invalid, "3D000", "database \"" + database_ + "\" does not exist");
  }
  if (!database->definition.allows_connections) {
    return Status(Code::invalid, "55000",
                  "database \"" + database_ + "\" is not currently accepting connections");
  }
  names_.set_database(database->definition.id, database_);
  names_.set_user(user_);
  names_.close();
  ErrorSlot error;
  MORTISE_TRY(error.status(
      services_.memory->account_open(nullptr, str_of("session"), 0, &account_, error.get())));
  MORTISE_TRY(settings_.set_initial("application_name", view_of(options_.application_name)));
  MORTISE_TRY(settings_.set_initial("session_authorization", user_));
  MORTISE_TRY(settings_.set_initial("is_superuser", role_.is_superuser ? "on" : "off"));
  const std::vector<std::string>* const lists[] = {&database->definition.settings, &role_.settings};
  for (const auto* list : lists) {
    for (const std::string& entry : *list) {
      const size_t equals = entry.find('=');
      if (equals == std::string::npos) continue;
      MORTISE_TRY(settings_.set_initial(entry.substr(0, equals), entry.substr(equals + 1)));
    }
  }
  settings_.set_listeners(
      [this](const std::string& name, const std::string& value) { setting_changed(name, value); },
      [this](const SettingRule& rule, std::string& value) { return check_setting(rule, value); });
  names_.set_search_path(settings_.value("search_path"));
  refresh_context();
  if (services_.activity != nullptr) {
    mortise_activity_info_t info{};
    info.struct_size_bytes = sizeof info;
    info.process_id = options_.process_id;
    info.user = str_of(user_);
    info.database = str_of(database_);
    info.application_name = options_.application_name;
    info.client_address = options_.client_address;
    info.connected_us = services_.sync->realtime_us();
    info.state_changed_us = info.connected_us;
    MORTISE_TRY(error.status(services_.activity->begin(
        &info, [](void* context) { of(context).cancel(); },
        [](void* context) { of(context).terminate(); }, this, &activity_, error.get())));
  }
  if (events_.parameter != nullptr) {
    for (const SettingRule& rule : setting_rules()) {
      if (!rule.is_reported) continue;
      const std::string& value = settings_.value(rule.name);
      events_.parameter(events_.context, str_of(rule.name), str_of(value));
    }
  }
  return {};
}

Session::~Session() {
  stop_timeout();
  if (services_.activity != nullptr && activity_ != 0) services_.activity->end(activity_);
  close_executions();
  cursors_.clear();
  prepared_.clear();
  transaction_.abort();
  cached_.clear();
  cache_.clear();
  if (account_ != nullptr) services_.memory->account_close(account_);
}

void Session::raise(Interrupt reason) {
  uint32_t known = interrupt_.load(std::memory_order_relaxed);
  const auto wanted = static_cast<uint32_t>(reason);
  while (known < wanted &&
         !interrupt_.compare_exchange_weak(known, wanted, std::memory_order_release)) {
  }
}

uint32_t Session::transaction_state() const {
  if (!transaction_.is_block()) return MORTISE_SESSION_IDLE;
  return transaction_.is_failed() ? MORTISE_SESSION_FAILED : MORTISE_SESSION_IN_TRANSACTION;
}

void Session::notice(uint32_t severity, std::string_view sqlstate, std::string_view message,
                     std::string_view hint) const {
  if (events_.notice == nullptr) return;
  static constexpr std::pair<std::string_view, uint32_t> kLevels[] = {
      {"log", MORTISE_NOTICE_LOG},
      {"info", MORTISE_NOTICE_INFO},
      {"notice", MORTISE_NOTICE_NOTICE},
      {"warning", MORTISE_NOTICE_WARNING},
      {"error", MORTISE_NOTICE_WARNING + 1}};
  const std::string& level = settings_.value("client_min_messages");
  for (const auto& [name, number] : kLevels) {
    if (level == name && severity < number && severity != MORTISE_NOTICE_INFO) return;
  }
  events_.notice(events_.context, severity, str_of(sqlstate), str_of(message), str_of({}),
                 str_of(hint));
}

void Session::setting_changed(const std::string& name, const std::string& value) {
  if (name == "search_path") names_.set_search_path(value);
  if (name == "application_name" && services_.activity != nullptr && activity_ != 0) {
    services_.activity->set_application_name(activity_, str_of(value));
  }
  refresh_context();
  if (events_.parameter == nullptr) return;
  for (const SettingRule& rule : setting_rules()) {
    if (!rule.is_reported || rule.name != name) continue;
    events_.parameter(events_.context, str_of(name), str_of(value));
  }
}

// Time zones are known to the functions only: a zone is good if timezone(zone, now) has a value.
Status Session::check_setting(const SettingRule& rule, std::string& value) {
  if (rule.name == "transaction_isolation" && transaction_.has_run_statements() &&
      value != settings_.value("transaction_isolation")) {
    return Status(Code::invalid, "25001",
                  "SET TRANSACTION ISOLATION LEVEL must be called before any query");
  }
  if (rule.name != "TimeZone") return {};
  const uint32_t types[2] = {MORTISE_SQL_TEXT, MORTISE_SQL_TIMESTAMPTZ};
  const Registry::Choice choice = services_.registry->choose_function("timezone", types);
  if (choice.function == nullptr) return {};
  MORTISE_TRY_ASSIGN(const mortise_type_t text, services_.registry->resolve(MORTISE_SQL_TEXT));
  MORTISE_TRY_ASSIGN(const mortise_type_t time,
                     services_.registry->resolve(MORTISE_SQL_TIMESTAMPTZ));
  MORTISE_TRY_ASSIGN(const mortise_type_t result,
                     services_.registry->resolve(choice.function->return_type));
  MORTISE_TRY_ASSIGN(const bool is_known,
                     is_time_zone(*choice.function, Datum::text(text, value), time, result));
  if (is_known) return {};
  return Status(Code::invalid, "22023",
                "invalid value for parameter \"TimeZone\": \"" + value + "\"");
}

Result<bool> Session::is_time_zone(const mortise_function_t& function, Datum zone,
                                   const mortise_type_t& time, const mortise_type_t& result) {
  Expression call;
  call.kind = ExpressionKind::call;
  call.type = result;
  call.function = &function;
  const int64_t zero = 0;
  call.children.push_back(make_constant(std::move(zone)));
  call.children.push_back(make_constant(Datum::fixed(time, &zero)));
  if (function.bind != nullptr) {
    mortise_bind_argument_t facts[2] = {};
    for (size_t i = 0; i < 2; ++i) {
      facts[i].type = call.children[i]->type;
      facts[i].constant = call.children[i]->constant.data();
    }
    void* state = nullptr;
    ErrorSlot error;
    if (function.bind(facts, 2, &call.type, &state, error.get()) < 0) return false;
    call.state = std::make_shared<BoundState>(state, function.unbind);
  }
  return evaluate_call(call, &facts_.context).has_value();
}

void Session::refresh_context() {
  mortise_session_context_t& c = facts_.context;
  c.struct_size_bytes = sizeof c;
  const std::string& digits = settings_.value("extra_float_digits");
  c.extra_float_digits = static_cast<uint32_t>(std::atoi(digits.c_str()));
  c.time_zone = str_of(settings_.value("timezone"));
  c.date_style = str_of(settings_.value("datestyle"));
  c.interval_style = str_of(settings_.value("intervalstyle"));
  c.bytea_output = str_of(settings_.value("bytea_output"));
  context_texts_[kUserText] = role_.name;
  context_texts_[kSessionUserText] = user_;
  context_texts_[kDatabaseText] = database_;
  c.user = str_of(context_texts_[kUserText]);
  c.session_user = str_of(context_texts_[kSessionUserText]);
  c.database = str_of(context_texts_[kDatabaseText]);
  c.schema = str_of(context_texts_[kSchemaText]);
  c.process_id = options_.process_id;
  c.interrupt = reinterpret_cast<const uint32_t*>(&interrupt_);
  static_assert(sizeof interrupt_ == sizeof(uint32_t));
  c.settings = this;
  c.setting_get = [](void* settings, mortise_str_t name, mortise_str_t* value,
                     mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      Session& session = of(settings);
      MORTISE_TRY_ASSIGN(session.setting_answer_, session.settings_.get(view_of(name)));
      *value = str_of(session.setting_answer_);
      return {};
    });
  };
  c.setting_set = [](void* settings, mortise_str_t name, mortise_str_t value, uint32_t is_local,
                     mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      return of(settings).settings_.set(view_of(name), view_of(value), is_local != 0);
    });
  };
}

void Session::set_activity(uint32_t state, std::string_view text) {
  if (services_.activity == nullptr || activity_ == 0) return;
  const mortise_str_t statement = text.data() == nullptr ? mortise_str_t{nullptr, 0} : str_of(text);
  services_.activity->set_state(activity_, state, 0, statement);
}

Transaction::Options Session::default_options() const {
  Transaction::Options options;
  const std::string& level = settings_.value("default_transaction_isolation");
  if (level == "repeatable read") options.isolation = MORTISE_ISOLATION_REPEATABLE_READ;
  if (level == "serializable") options.isolation = MORTISE_ISOLATION_SERIALIZABLE;
  options.is_read_only = settings_.value("default_transaction_read_only") == "on";
  options.is_deferrable = settings_.value("default_transaction_deferrable") == "on";
  return options;
}

// Shows the transaction's options as settings.
void Session::apply_transaction_options() {
  const Transaction::Options& o = transaction_.options();
  const std::string_view level = o.isolation == MORTISE_ISOLATION_SERIALIZABLE ? "serializable"
                                 : o.isolation == MORTISE_ISOLATION_REPEATABLE_READ
                                     ? "repeatable read"
                                     : "read committed";
  (void)settings_.set_initial("transaction_isolation", level);
  (void)settings_.set_initial("transaction_read_only", o.is_read_only ? "on" : "off");
  (void)settings_.set_initial("transaction_deferrable", o.is_deferrable ? "on" : "off");
}

uint32_t Session::lock_timeout_ms() const {
  return static_cast<uint32_t>(std::atoi(settings_.value("lock_timeout").c_str()));
}

uint32_t Session::durability() const {
  return settings_.value("synchronous_commit") == "off" ? MORTISE_DURABILITY_LAZY
                                                        : MORTISE_DURABILITY_DURABLE;
}

void Session::enter_transaction() {
  if (!transaction_.is_idle()) return;
  transaction_.enter(default_options());
  apply_transaction_options();
  settings_.begin_transaction();
  facts_.context.transaction_time_us = services_.sync->realtime_us() - kEpochDifferenceUs;
}

void Session::begin_block(const Transaction::Options& options) {
  const bool was_idle = transaction_.is_idle();
  transaction_.begin_block(options);
  if (!was_idle) return;
  apply_transaction_options();
  settings_.begin_transaction();
  facts_.context.transaction_time_us = services_.sync->realtime_us() - kEpochDifferenceUs;
}

void Session::begin_message() {
  uint32_t known = interrupt_.load(std::memory_order_relaxed);
  while (known != 0 && known < static_cast<uint32_t>(Interrupt::terminate) &&
         !interrupt_.compare_exchange_weak(known, 0, std::memory_order_relaxed)) {
  }
}

Status Session::start_statement() {
  enter_transaction();
  start_timeout();
  facts_.context.statement_time_us = services_.sync->realtime_us() - kEpochDifferenceUs;
  return transaction_.ensure_begun(lock_timeout_ms(), facts_.context.interrupt);
}

Status Session::begin_statement(mortise_read_view_t& view) {
  MORTISE_TRY(start_statement());
  return transaction_.statement_begin(view);
}

void Session::end_statement() {
  stop_timeout();
}

void Session::start_timeout() {
  stop_timeout();
  const int64_t timeout_ms = std::atoll(settings_.value("statement_timeout").c_str());
  if (timeout_ms <= 0 || services_.task == nullptr) return;
  ErrorSlot error;
  (void)services_.task->timer_start(
      static_cast<uint64_t>(timeout_ms) * 1000000, 0,
      [](void* context) { of(context).raise(Interrupt::timeout); }, this, &timeout_, error.get());
}

void Session::stop_timeout() {
  if (timeout_ != 0) services_.task->timer_stop(timeout_);
  timeout_ = 0;
}

void Session::close_executions() {
  for (Portal* portal : portals_) portal->close_execution();
}

// As PostgreSQL does, a failure undoes at once what it may: all, or what came after the newest
// savepoint.  The block itself waits for ROLLBACK.
void Session::undo_failed_work() {
  if (transaction_.txn() == nullptr) return;
  close_executions();
  names_.close();
  const auto& savepoints = transaction_.savepoints();
  if (savepoints.empty()) {
    transaction_.abandon_work();
  } else if (savepoints.back().has_id) {
    if (!transaction_.roll_back_to(savepoints.size() - 1).is_ok()) transaction_.abandon_work();
  }
  names_.note_change();
}

Status Session::failed(Status status) {
  stop_timeout();
  if (status.is_ok()) return status;
  undo_failed_work();
  transaction_.fail();
  if (status.code() != Code::cancelled) return with_lock_names(services_, std::move(status));
  switch (static_cast<Interrupt>(interrupt_.load(std::memory_order_acquire))) {
    case Interrupt::timeout:
      return Status(Code::cancelled, "57014", "canceling statement due to statement timeout");
    case Interrupt::terminate:
      return Status(Code::cancelled, "57P01",
                    "terminating connection due to administrator command");
    default:
      return Status(Code::cancelled, "57014", "canceling statement due to user request");
  }
}

Status Session::refuse_if_failed(Node statement) const {
  if (!transaction_.is_failed() || ends_or_mends_transaction(statement)) return {};
  return Status(Code::invalid, "25P02",
                "current transaction is aborted, commands ignored until end of transaction block");
}

Status Session::lock_relations(const std::vector<RelationUse>& relations, uint32_t wait) {
  for (const RelationUse& use : relations) {
    ErrorSlot error;
    MORTISE_TRY(error.status(services_.txn->lock(transaction_.txn(), MORTISE_LOCK_TABLE,
                                                 use.relation->id(), use.mode, wait, error.get())));
  }
  return {};
}

void Session::transaction_ended(bool is_committed) {
  settings_.end_transaction(is_committed);
  names_.end_transaction();
  std::erase_if(cursors_, [](const auto& entry) { return !entry.second->is_held; });
}

Status Session::commit() {
  close_executions();
  names_.close();
  Status status = transaction_.commit(durability(), nullptr, nullptr, nullptr);
  transaction_ended(status.is_ok());
  return status;
}

void Session::abort() {
  close_executions();
  names_.close();
  transaction_.abort();
  transaction_ended(false);
}

RelationPtr Session::known_sequence(mortise_object_id_t id) {
  const uint64_t epoch = services_.catalog->epoch();
  if (epoch != sequences_epoch_ || catalog_changes_ != sequences_changes_) {
    sequences_.clear();
    sequences_epoch_ = epoch;
    sequences_changes_ = catalog_changes_;
  }
  const auto found = sequences_.find(id);
  return found == sequences_.end() ? nullptr : found->second;
}

void Session::remember_sequence(const RelationPtr& sequence) {
  sequences_[sequence->id()] = sequence;
}

Status Session::prepare_transaction(std::string_view global_id) {
  names_.close();
  Status status = transaction_.prepare(global_id);
  transaction_ended(status.is_ok());
  return status;
}

// SET ROLE goes by the session's user, whatever the role is just now.
Result<bool> Session::may_become(mortise_object_id_t role) {
  MORTISE_TRY_ASSIGN(const auto user, names_.catalog().find<schema::RoleDef>(0, user_));
  if (!user) return false;
  return has_role(names_.catalog(), user->definition, role);
}

Status Session::set_role(std::string_view name) {
  const std::string wanted(name.empty() ? std::string_view(user_) : name);
  MORTISE_TRY(names_.open(transaction_.txn()));
  Result<std::optional<Stored<schema::RoleDef>>> found =
      names_.catalog().find<schema::RoleDef>(0, wanted);
  bool is_member = true;
  if (found && found->has_value()) {
    Result<bool> answer = may_become((*found)->definition.id);
    if (!answer) found = std::move(answer.error());
    if (answer) is_member = *answer;
  }
  names_.close();
  if (!found) return std::move(found.error());
  if (!is_member) {
    return Status(Code::invalid, "42501", "permission denied to set role \"" + wanted + "\"");
  }
  if (!found->has_value()) {
    return Status(Code::invalid, "22023", "role \"" + wanted + "\" does not exist");
  }
  role_ = std::move((*found)->definition);
  names_.set_user(role_.name);
  refresh_context();
  MORTISE_TRY(settings_.set_initial("role", name.empty() ? "none" : name));
  return settings_.set_initial("is_superuser", role_.is_superuser ? "on" : "off");
}

Status Session::set_session_user(std::string_view name) {
  if (!name.empty() && name != login_user_) {
    MORTISE_TRY(names_.open(transaction_.txn()));
    auto login = names_.catalog().find<schema::RoleDef>(0, login_user_);
    names_.close();
    if (!login) return std::move(login.error());
    if (!login->has_value() || !(*login)->definition.is_superuser) {
      return Status(Code::invalid, "42501", "permission denied to set session authorization");
    }
  }
  const std::string before = user_;
  user_.assign(name.empty() ? std::string_view(login_user_) : name);
  if (Status status = set_role(""); !status.is_ok()) {
    user_ = before;
    return status;
  }
  return settings_.set_initial("session_authorization", user_);
}

// SET transaction_isolation and SET transaction_read_only are SET TRANSACTION in other words.
Status Session::set_transaction_setting(std::string_view name, std::string_view value) {
  MORTISE_TRY(settings_.set(name, value, true));
  Transaction::Options& options = transaction_.options();
  if (name == "transaction_read_only") {
    const bool is_read_only = settings_.value(name) == "on";
    if (!is_read_only && options.is_read_only && transaction_.has_run_statements()) {
      return Status(Code::invalid, "25001",
                    "transaction read-write mode must be set before any query");
    }
    options.is_read_only = is_read_only;
    return {};
  }
  const std::string& level = settings_.value(name);
  options.isolation = level == "serializable"      ? MORTISE_ISOLATION_SERIALIZABLE
                      : level == "repeatable read" ? MORTISE_ISOLATION_REPEATABLE_READ
                                                   : MORTISE_ISOLATION_READ_COMMITTED;
  return {};
}

mortise_status_t Session::sync(mortise_sync_done_t done, void* context, mortise_error_t* error) {
  const bool is_block = transaction_.is_block();
  mortise_status_t result = MORTISE_OK;
  if (!is_block && !transaction_.is_idle()) {
    if (transaction_.is_failed()) {
      abort();
    } else {
      close_executions();
      names_.close();
      bool is_pending = false;
      const Status status = transaction_.commit(durability(), done, context, &is_pending);
      transaction_ended(status.is_ok());
      result = is_pending ? MORTISE_PENDING : report(status, error);
    }
  }
  set_activity(is_block ? (transaction_.is_failed() ? MORTISE_ACTIVITY_FAILED_IN_TRANSACTION
                                                    : MORTISE_ACTIVITY_IDLE_IN_TRANSACTION)
                        : MORTISE_ACTIVITY_IDLE,
               {});
  return result;
}

}  // namespace mortise::sql_engine
