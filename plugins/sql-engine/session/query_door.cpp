// SPDX-License-Identifier: Apache-2.0
//
// mortise.query/1 over Session, Statement, Portal and Script.

#include "session/query_door.hpp"

#include "session/statement.hpp"
#include "session/utility.hpp"

namespace mortise::sql_engine {
namespace {

const Services* g_services = nullptr;  // plugin.h, P3

// A text of statements, prepared one after the other as they are asked for.
struct Script {
  Session& session;
  std::string text;
  std::shared_ptr<const Tree> tree;
  size_t next = 0;
  std::unique_ptr<Portal> portal;
  InfoStorage storage;
};

// What a front holds of a prepared statement.
struct StatementHandle {
  std::shared_ptr<Statement> statement;
};

Session& of(mortise_session_t* s) {
  return *reinterpret_cast<Session*>(s);
}
const Session& of(const mortise_session_t* s) {
  return *reinterpret_cast<const Session*>(s);
}
Script& of(mortise_script_t* s) {
  return *reinterpret_cast<Script*>(s);
}
StatementHandle& of(mortise_statement_t* s) {
  return *reinterpret_cast<StatementHandle*>(s);
}
Portal& of(mortise_portal_t* p) {
  return *reinterpret_cast<Portal*>(p);
}

// Reports a failure and marks the transaction.
mortise_status_t fail(Session& session, Status status, mortise_error_t* error) {
  return report(session.failed(std::move(status)), error);
}

mortise_status_t MORTISE_CALL session_open(const mortise_session_options_t* options,
                                           const mortise_session_events_t* events,
                                           mortise_session_t** session, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    if (g_services == nullptr) return unsupported("the query engine is not running");
    mortise_session_events_t own{};
    if (events != nullptr) own = *events;
    MORTISE_TRY_ASSIGN(std::unique_ptr<Session> made, Session::open(*g_services, *options, own));
    *session = reinterpret_cast<mortise_session_t*>(made.release());
    return {};
  });
}

void MORTISE_CALL session_close(mortise_session_t* session) {
  delete &of(session);
}

mortise_status_t MORTISE_CALL setting_set(mortise_session_t* session, mortise_str_t name,
                                          mortise_str_t value, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    // From the start packet: what RESET returns to.
    return of(session).settings().set_initial(view_of(name), view_of(value));
  });
}

uint32_t MORTISE_CALL transaction_state(const mortise_session_t* session) {
  return of(session).transaction_state();
}

void MORTISE_CALL cancel(mortise_session_t* session) {
  of(session).cancel();
}

const mortise_session_context_t* MORTISE_CALL context(mortise_session_t* session) {
  return of(session).context();
}

mortise_status_t MORTISE_CALL script_open(mortise_session_t* session, mortise_str_t text,
                                          mortise_script_t** script, mortise_error_t* error) {
  return guard(error, [&]() -> mortise_status_t {
    Session& own = of(session);
    own.begin_message();
    auto made = std::make_unique<Script>(Script{own, std::string(view_of(text)), {}, 0, {}, {}});
    if (own.has_cached(made->text)) {
      *script = reinterpret_cast<mortise_script_t*>(made.release());
      return MORTISE_OK;
    }
    Result<std::shared_ptr<const Tree>> tree = own.parse(made->text);
    if (!tree) return fail(own, std::move(tree.error()), error);
    made->tree = std::move(*tree);
    *script = reinterpret_cast<mortise_script_t*>(made.release());
    return MORTISE_OK;
  });
}

Result<BoundStatementPtr> next_statement(Script& script) {
  Session& session = script.session;
  // A text of one statement goes through the cache of bound ones.
  if (script.tree == nullptr || (script.next == 0 && script.tree->statements().size() == 1)) {
    ++script.next;
    return session.analyze_text(script.text, {}, script.tree);
  }
  const Node root = script.tree->root(script.next++);
  MORTISE_TRY(session.refuse_if_failed(root));
  return session.analyze(script.tree, root, {});
}

// A script has no values for parameters.
Node first_parameter(Node node) {
  if (node.is(MORTISE_SYNTAX_PARAMETER)) return node;
  for (const Node child : node) {
    if (const Node found = first_parameter(child)) return found;
  }
  return {};
}

mortise_status_t MORTISE_CALL script_next(mortise_script_t* script, mortise_portal_t** portal,
                                          mortise_statement_info_t* info, mortise_error_t* error) {
  return guard(error, [&]() -> mortise_status_t {
    Script& own = of(script);
    own.portal.reset();
    const bool is_over =
        own.tree == nullptr ? own.next > 0 : own.next >= own.tree->statements().size();
    if (is_over) return MORTISE_END;
    Result<BoundStatementPtr> bound = next_statement(own);
    if (!bound) return fail(own.session, std::move(bound.error()), error);
    if (!(*bound)->parameters.empty()) {
      const Node parameter = first_parameter((*bound)->root());
      Status refused(Code::invalid, "42P02",
                     "there is no parameter $" + std::to_string(parameter.number()));
      if (parameter.position() > 0) refused = std::move(refused).at(parameter.position());
      return fail(own.session, with_character_position(std::move(refused), (*bound)->tree->text()),
                  error);
    }
    own.portal = std::make_unique<Portal>(own.session, std::move(*bound), std::vector<Datum>());
    own.portal->is_of_script = true;
    // What is told of its columns now has to hold when it runs.
    Status settled = own.portal->settle();
    if (!settled.is_ok()) return fail(own.session, std::move(settled), error);
    own.storage.fill(own.portal->bound(), info);
    *portal = reinterpret_cast<mortise_portal_t*>(own.portal.get());
    return MORTISE_OK;
  });
}

void MORTISE_CALL script_close(mortise_script_t* script) {
  delete &of(script);
}

mortise_status_t MORTISE_CALL prepare_statement(mortise_session_t* session, mortise_str_t name,
                                                mortise_str_t text, const uint32_t* parameter_types,
                                                uint32_t parameter_types_count,
                                                mortise_statement_t** statement,
                                                mortise_error_t* error) {
  return guard(error, [&]() -> mortise_status_t {
    Session& own = of(session);
    own.begin_message();
    const std::string wanted(view_of(name));
    if (!wanted.empty() && own.prepared().contains(wanted)) {
      return fail(
          own,
          Status(Code::duplicate, "42P05", "prepared statement \"" + wanted + "\" already exists"),
          error);
    }
    std::vector<mortise_type_t> types;
    for (uint32_t i = 0; i < parameter_types_count; ++i) {
      const uint32_t oid = parameter_types[i];
      Result<mortise_type_t> type =
          own.services().registry->resolve(oid == 0 ? MORTISE_SQL_UNKNOWN : oid);
      if (!type) return fail(own, std::move(type.error()), error);
      types.push_back(*type);
    }
    Result<BoundStatementPtr> bound = own.analyze_text(view_of(text), types, nullptr);
    if (!bound) return fail(own, std::move(bound.error()), error);
    auto made = std::make_shared<Statement>(own, wanted, std::move(*bound));
    if (!wanted.empty()) own.prepared()[wanted] = made;
    *statement = reinterpret_cast<mortise_statement_t*>(new StatementHandle{std::move(made)});
    return MORTISE_OK;
  });
}

mortise_status_t MORTISE_CALL describe(mortise_statement_t* statement,
                                       mortise_statement_info_t* info, mortise_error_t* error) {
  return guard(error, [&]() -> mortise_status_t {
    Statement& own = *of(statement).statement;
    Status status = own.describe(info);
    if (!status.is_ok()) return fail(own.session(), std::move(status), error);
    return MORTISE_OK;
  });
}

void MORTISE_CALL statement_close(mortise_statement_t* statement) {
  StatementHandle& handle = of(statement);
  auto& prepared = handle.statement->session().prepared();
  const auto known = prepared.find(handle.statement->name());
  if (known != prepared.end() && known->second == handle.statement) prepared.erase(known);
  delete &handle;
}

mortise_status_t MORTISE_CALL portal_open(mortise_session_t* session,
                                          mortise_statement_t* statement,
                                          const mortise_parameter_t* parameters,
                                          uint32_t parameters_count, mortise_portal_t** portal,
                                          mortise_error_t* error) {
  return guard(error, [&]() -> mortise_status_t {
    Session& own = of(session);
    own.begin_message();
    Statement& named = *of(statement).statement;
    mortise_statement_info_t info{};
    Status status = named.describe(&info);
    if (!status.is_ok()) return fail(own, std::move(status), error);
    const BoundStatementPtr bound = named.bound();
    if (!bound->is_empty) status = own.refuse_if_failed(bound->root());
    if (!status.is_ok()) return fail(own, std::move(status), error);
    Result<std::vector<Datum>> values = read_parameters(own, *bound, parameters, parameters_count);
    if (!values) return fail(own, std::move(values.error()), error);
    auto made = std::make_unique<Portal>(own, bound, std::move(*values));
    made->keep_row();
    *portal = reinterpret_cast<mortise_portal_t*>(made.release());
    return MORTISE_OK;
  });
}

void MORTISE_CALL portal_close(mortise_portal_t* portal) {
  delete &of(portal);
}

mortise_status_t MORTISE_CALL execute(mortise_portal_t* portal, uint64_t rows_max, uint32_t flags,
                                      const mortise_sink_t* sink, mortise_completion_t* completion,
                                      mortise_error_t* error) {
  return guard(error, [&]() -> mortise_status_t {
    // A script's portal goes on with the message that the script began.
    if (!of(portal).is_of_script) of(portal).session().begin_message();
    return of(portal).execute(rows_max, flags, *sink, *completion, error);
  });
}

mortise_status_t MORTISE_CALL sync(mortise_session_t* session, mortise_sync_done_t done,
                                   void* done_context, mortise_error_t* error) {
  return guard(error,
               [&]() -> mortise_status_t { return of(session).sync(done, done_context, error); });
}

void MORTISE_CALL fail_session(mortise_session_t* session) {
  Session& own = of(session);
  (void)own.failed(Status(Code::invalid, "XX000", "reported by the front"));
}

void MORTISE_CALL terminate(mortise_session_t* session) {
  of(session).terminate();
}

}  // namespace

void use_services(const Services* services) {
  g_services = services;
}

const mortise_iface_query_t kQuery = {header_of<mortise_iface_query_t>(),
                                      session_open,
                                      session_close,
                                      setting_set,
                                      transaction_state,
                                      cancel,
                                      context,
                                      script_open,
                                      script_next,
                                      script_close,
                                      prepare_statement,
                                      describe,
                                      statement_close,
                                      portal_open,
                                      portal_close,
                                      execute,
                                      sync,
                                      fail_session,
                                      terminate};

}  // namespace mortise::sql_engine
