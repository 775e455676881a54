// SPDX-License-Identifier: Apache-2.0
//
// BEGIN to ROLLBACK, SET and SHOW, DISCARD.

#include "session/utility.hpp"

namespace mortise::sql_engine {
namespace {

// The option's value as a word or a number.
std::string option_text(Node option) {
  const Node value = option[0];
  if (value.is(MORTISE_SYNTAX_INTEGER) || value.is(MORTISE_SYNTAX_BOOLEAN)) {
    return value.number() != 0 ? "on" : "off";
  }
  return std::string(value.text());
}

uint32_t isolation_of(std::string_view level) {
  if (level == "serializable") return MORTISE_ISOLATION_SERIALIZABLE;
  if (level == "repeatable read") return MORTISE_ISOLATION_REPEATABLE_READ;
  return MORTISE_ISOLATION_READ_COMMITTED;
}

// Applies BEGIN's or SET TRANSACTION's options.
Status apply_options(Node list, Transaction::Options& options) {
  for (const Node option : list) {
    const std::string value = option_text(option);
    const std::string_view name = option.text();
    if (name == "transaction_isolation" || name == "isolation_level") {
      options.isolation = isolation_of(value);
    } else if (name == "transaction_read_only" || name == "read_only") {
      options.is_read_only = value == "on";
    } else if (name == "transaction_deferrable" || name == "deferrable") {
      options.is_deferrable = value == "on";
    } else {
      return unsupported("transaction option \"" + std::string(name) + "\" is not supported");
    }
  }
  return {};
}

Status needs_block(const Transaction& transaction, std::string_view what) {
  if (transaction.is_block()) return {};
  return Status(Code::invalid, "25P01",
                std::string(what) + " can only be used in transaction blocks");
}

Result<std::string> begin(UtilityRun& run) {
  Session& session = run.session;
  const std::string tag(run.statement.has(MORTISE_SYNTAX_FLAG_B) ? "START TRANSACTION" : "BEGIN");
  if (session.transaction().is_block()) {
    session.notice(MORTISE_NOTICE_WARNING, "25001", "there is already a transaction in progress");
    return tag;
  }
  Transaction::Options options = session.default_options();
  MORTISE_TRY(apply_options(run.statement[0], options));
  session.begin_block(options);
  return tag;
}

Result<std::string> finish(UtilityRun& run, bool commits) {
  Session& session = run.session;
  Transaction& transaction = session.transaction();
  if (!transaction.is_block()) {
    session.notice(MORTISE_NOTICE_WARNING, "25P01", "there is no transaction in progress");
  }
  const Transaction::Options options = transaction.options();
  const bool chains = run.statement.has(MORTISE_SYNTAX_FLAG_A);
  const bool rolls_back = !commits || transaction.is_failed();
  if (chains && !transaction.is_block()) {
    return Status(Code::invalid, "25P01",
                  std::string(commits ? "COMMIT" : "ROLLBACK") +
                      " AND CHAIN can only be used in transaction blocks");
  }
  if (rolls_back) {
    session.abort();
  } else {
    MORTISE_TRY(session.commit());
  }
  if (chains) session.begin_block(options);
  return std::string(rolls_back ? "ROLLBACK" : "COMMIT");
}

Result<std::string> savepoint(UtilityRun& run) {
  Session& session = run.session;
  Transaction& transaction = session.transaction();
  const std::string name(run.statement.text());
  const auto missing = [&] {
    return Status(Code::not_found, "3B001", "savepoint \"" + name + "\" does not exist");
  };
  switch (run.statement.number()) {
    case MORTISE_TRANSACTION_SAVEPOINT: {
      MORTISE_TRY(needs_block(transaction, "SAVEPOINT"));
      MORTISE_TRY(transaction.savepoint(name, session.settings().mark()));
      return std::string("SAVEPOINT");
    }
    case MORTISE_TRANSACTION_RELEASE: {
      MORTISE_TRY(needs_block(transaction, "RELEASE SAVEPOINT"));
      const int64_t position = transaction.find_savepoint(name);
      if (position < 0) return missing();
      transaction.release(static_cast<size_t>(position));
      return std::string("RELEASE");
    }
    default: {
      MORTISE_TRY(needs_block(transaction, "ROLLBACK TO SAVEPOINT"));
      const int64_t position = transaction.find_savepoint(name);
      if (position < 0) return missing();
      const auto at = static_cast<size_t>(position);
      session.close_executions();
      session.settings().roll_back_to(transaction.savepoints()[at].settings_mark);
      MORTISE_TRY(transaction.roll_back_to(at));
      session.note_catalog_change();
      return std::string("ROLLBACK");
    }
  }
}

Result<std::string> two_phase(UtilityRun& run) {
  Session& session = run.session;
  const Services& services = session.services();
  const mortise_str_t id = str_of(run.statement.text());
  if (run.statement.number() == MORTISE_TRANSACTION_PREPARE) {
    if (!session.transaction().is_block()) {
      session.notice(MORTISE_NOTICE_WARNING, "25P01", "there is no transaction in progress");
      return std::string("ROLLBACK");
    }
    if (session.transaction().is_failed()) {
      session.abort();
      return std::string("ROLLBACK");
    }
    session.close_executions();
    MORTISE_TRY(session.prepare_transaction(run.statement.text()));
    return std::string("PREPARE TRANSACTION");
  }
  const bool commits = run.statement.number() == MORTISE_TRANSACTION_COMMIT_PREPARED;
  if (session.transaction().is_block()) {
    return Status(Code::invalid, "25001",
                  std::string(commits ? "COMMIT" : "ROLLBACK") +
                      " PREPARED cannot run inside a transaction block");
  }
  ErrorSlot error;
  MORTISE_TRY(error.status(commits ? services.txn->commit_prepared(id, error.get())
                                   : services.txn->abort_prepared(id, error.get())));
  return std::string(commits ? "COMMIT PREPARED" : "ROLLBACK PREPARED");
}

std::string quoted_if_needed(std::string_view name) {
  bool is_plain = !name.empty();
  for (const char c : name) {
    is_plain =
        is_plain && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$');
  }
  if (is_plain && (name[0] < '0' || name[0] > '9')) return std::string(name);
  std::string out("\"");
  for (const char c : name) out.append(c == '"' ? "\"\"" : std::string(1, c));
  return out + "\"";
}

Status set_transaction(UtilityRun& run) {
  Session& session = run.session;
  Transaction& transaction = session.transaction();
  if (!transaction.is_block()) {
    session.notice(MORTISE_NOTICE_WARNING, "25P01",
                   "SET TRANSACTION can only be used in transaction blocks");
    return {};
  }
  Transaction::Options wanted = transaction.options();
  MORTISE_TRY(apply_options(run.statement[0], wanted));
  if (transaction.has_run_statements()) {
    if (wanted.isolation != transaction.options().isolation) {
      return Status(Code::invalid, "25001",
                    "SET TRANSACTION ISOLATION LEVEL must be called before any query");
    }
    if (!wanted.is_read_only && transaction.options().is_read_only) {
      return Status(Code::invalid, "25001",
                    "transaction read-write mode must be set before any query");
    }
  }
  transaction.options() = wanted;
  session.apply_transaction_options();
  return {};
}

Status set_characteristics(UtilityRun& run) {
  SessionSettings& settings = run.session.settings();
  for (const Node option : run.statement[0]) {
    const std::string value = option_text(option);
    std::string name(option.text());
    if (!name.starts_with("transaction_")) name.insert(0, "transaction_");
    MORTISE_TRY(settings.set("default_" + name, value, false));
  }
  return {};
}

Status set_role(UtilityRun& run, const std::string& value) {
  if (value == "none" || value == "default") return run.session.set_role("");
  return run.session.set_role(value);
}

}  // namespace

Result<std::string> setting_text(std::string_view name, Node values) {
  const bool is_list = name == "search_path" || name == "temp_tablespaces" || name == "datestyle";
  std::string text;
  if (values.count() > 1 && !is_list) {
    return Status(Code::invalid, "22023", "SET " + std::string(name) + " takes only one argument");
  }
  for (const Node value : values) {
    if (!text.empty()) text.append(", ");
    switch (value.kind()) {
      case MORTISE_SYNTAX_INTEGER:
        text.append(std::to_string(value.number()));
        break;
      case MORTISE_SYNTAX_BOOLEAN:
        text.append(value.number() != 0 ? "on" : "off");
        break;
      case MORTISE_SYNTAX_CAST:
        text.append(value[0].text());  // SET TIME ZONE INTERVAL '...'
        break;
      case MORTISE_SYNTAX_OPERATOR:
        // A signed number.
        text.append(value.text());
        text.append(value[1].is(MORTISE_SYNTAX_INTEGER) ? std::to_string(value[1].number())
                                                        : std::string(value[1].text()));
        break;
      default:
        text.append(is_list && name != "datestyle" ? quoted_if_needed(value.text())
                                                   : std::string(value.text()));
        break;
    }
  }
  return text;
}

Result<std::string> run_transaction(UtilityRun& run) {
  switch (run.statement.number()) {
    case MORTISE_TRANSACTION_BEGIN:
      return begin(run);
    case MORTISE_TRANSACTION_COMMIT:
      return finish(run, true);
    case MORTISE_TRANSACTION_ROLLBACK:
      return finish(run, false);
    case MORTISE_TRANSACTION_SAVEPOINT:
    case MORTISE_TRANSACTION_RELEASE:
    case MORTISE_TRANSACTION_ROLLBACK_TO:
      return savepoint(run);
    default:
      return two_phase(run);
  }
}

Result<std::string> run_set(UtilityRun& run) {
  Session& session = run.session;
  session.enter_transaction();
  SessionSettings& settings = session.settings();
  const Node node = run.statement;
  if (node.is(MORTISE_SYNTAX_RESET)) {
    if (node.text().empty() || node.text() == "all") {
      settings.reset_all();
    } else if (node.text() == "role") {
      MORTISE_TRY(session.set_role(""));
    } else if (node.text() == "session_authorization") {
      MORTISE_TRY(session.set_session_user(""));
    } else {
      MORTISE_TRY(settings.reset(node.text()));
    }
    return std::string("RESET");
  }
  if (node.number() == 3) {
    MORTISE_TRY(set_transaction(run));
    return std::string("SET");
  }
  if (node.number() == 4) {
    MORTISE_TRY(set_characteristics(run));
    return std::string("SET");
  }
  const bool is_local = node.has(MORTISE_SYNTAX_FLAG_A);
  if (is_local && !session.transaction().is_block()) {
    session.notice(MORTISE_NOTICE_WARNING, "25P01",
                   "SET LOCAL can only be used in transaction blocks");
  }
  std::string name(node.text());
  if (node.number() == 1) {
    if (name == "role" || name == "session_authorization") {
      MORTISE_TRY(name == "role" ? session.set_role("") : session.set_session_user(""));
    } else {
      MORTISE_TRY(settings.reset(name));
    }
    return std::string("SET");
  }
  if (node.number() == 2) return std::string("SET");  // FROM CURRENT: it is what it is
  MORTISE_TRY_ASSIGN(std::string value, setting_text(name, node[0]));
  if (name == "role") {
    MORTISE_TRY(set_role(run, value));
  } else if (name == "session_authorization") {
    MORTISE_TRY(session.set_session_user(value));
  } else if (name == "transaction_isolation" || name == "transaction_read_only") {
    MORTISE_TRY(session.set_transaction_setting(name, value));
  } else {
    MORTISE_TRY(settings.set(name, value, is_local));
  }
  return std::string("SET");
}

Result<std::string> run_show(UtilityRun& run) {
  TextRows& rows = run.portal.text_rows();
  if (run.statement.text() == "all") {
    rows.rows = run.session.settings().all();
  } else {
    MORTISE_TRY_ASSIGN(std::string value, run.session.settings().get(run.statement.text()));
    rows.rows.push_back({std::move(value)});
  }
  return std::string("SHOW");
}

Result<std::string> run_discard(UtilityRun& run) {
  Session& session = run.session;
  const int64_t what = run.statement.number();
  if (what == 1) {
    if (session.transaction().is_block()) {
      return Status(Code::invalid, "25001", "DISCARD ALL cannot run inside a transaction block");
    }
    session.cursors().clear();
    MORTISE_TRY(session.set_session_user(""));
    session.settings().reset_all();
    session.prepared().clear();
  }
  if (what == 1 || what == 2) session.forget_plans();
  if (what == 1 || what == 3) {
    session.sequence_values().clear();
    session.last_sequence() = 0;
  }
  static constexpr std::string_view kTags[] = {"DISCARD", "DISCARD ALL", "DISCARD PLANS",
                                               "DISCARD SEQUENCES", "DISCARD TEMP"};
  return std::string(kTags[what >= 1 && what <= 4 ? what : 0]);
}

}  // namespace mortise::sql_engine
