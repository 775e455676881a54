// SPDX-License-Identifier: Apache-2.0
//
// EXPLAIN: the physical plan's lines, with ANALYZE those of a run whose rows go nowhere.

#include "session/utility.hpp"

namespace mortise::sql_engine {
namespace {

struct ExplainOptions {
  bool is_analyzed = false;
  bool is_verbose = false;
  bool has_costs = true;
  bool has_timing = true;
  bool is_logical = false;
};

bool flag_of(Node option) {
  const Node value = option[0];
  if (!value) return true;
  if (value.is(MORTISE_SYNTAX_BOOLEAN) || value.is(MORTISE_SYNTAX_INTEGER)) {
    return value.number() != 0;
  }
  return value.text() != "off" && value.text() != "false" && value.text() != "0";
}

Result<ExplainOptions> read_options(Node list) {
  ExplainOptions options;
  for (const Node option : list) {
    const std::string_view name = option.text();
    if (name == "analyze") {
      options.is_analyzed = flag_of(option);
    } else if (name == "verbose") {
      options.is_verbose = flag_of(option);
    } else if (name == "costs") {
      options.has_costs = flag_of(option);
    } else if (name == "timing") {
      options.has_timing = flag_of(option);
    } else if (name == "logical") {
      options.is_logical = flag_of(option);
    } else if (name == "buffers" || name == "settings" || name == "summary" || name == "wal") {
      continue;  // nothing is known to add
    } else if (name == "format") {
      if (option[0].text() != "text") {
        return unsupported("EXPLAIN format \"" + std::string(option[0].text()) +
                           "\" is not supported");
      }
    } else {
      return Status(Code::invalid, "42601",
                    "unrecognized EXPLAIN option \"" + std::string(name) + "\"")
          .at(option.position());
    }
  }
  return options;
}

void add_lines(std::string_view text, TextRows& rows) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    rows.rows.push_back({std::string(text.substr(0, end))});
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
}

Result<std::vector<std::string>> analyzed_lines(UtilityRun& run, BoundStatementPtr planned,
                                                const ExplainOptions& options) {
  Session& session = run.session;
  MORTISE_TRY(session.start_statement());
  MORTISE_TRY(session.lock_relations(planned->relations, MORTISE_WAIT));
  while (!session.is_current(*planned)) {
    MORTISE_TRY_ASSIGN(planned,
                       session.analyze(planned->tree, planned->root(), planned->requested));
    MORTISE_TRY(session.lock_relations(planned->relations, MORTISE_WAIT));
  }
  const BoundStatement& bound = *planned;
  mortise_read_view_t view{};
  MORTISE_TRY(session.transaction().statement_begin(view));
  ExecutionContext context;
  context.services = &session.services();
  context.txn = session.transaction().txn();
  context.view = view;
  context.isolation = session.transaction().options().isolation;
  context.session = session.context();
  context.account = session.account();
  context.parameters = run.portal.parameters();
  context.is_analyzed = true;
  MORTISE_TRY_ASSIGN(std::unique_ptr<Execution> execution, open(bound.plan, context));
  mortise_sink_t nowhere{};
  nowhere.struct_size_bytes = sizeof nowhere;
  nowhere.rows = [](void*, const mortise_batch_t*, mortise_error_t*) -> mortise_status_t {
    return MORTISE_OK;
  };
  const uint64_t begin_ns = session.services().sync->monotonic_ns();
  MORTISE_TRY(execution->run(nowhere, 0));
  const uint64_t ns = session.services().sync->monotonic_ns() - begin_ns;
  std::vector<std::string> lines =
      execution->explain_analyze(options.is_verbose, options.has_costs, options.has_timing);
  if (options.has_timing) {
    const std::string fraction = std::to_string(ns / 1000 % 1000);
    lines.push_back("Execution Time: " + std::to_string(ns / 1000000) + "." +
                    std::string(3 - fraction.size(), '0') + fraction + " ms");
  }
  return lines;
}

}  // namespace

Result<std::string> run_explain(UtilityRun& run) {
  Session& session = run.session;
  MORTISE_TRY_ASSIGN(const ExplainOptions options, read_options(run.statement[0]));
  Node inner = run.statement[1];
  TextRows& rows = run.portal.text_rows();
  session.enter_transaction();
  std::vector<mortise_type_t> types;
  for (const Datum& value : run.portal.parameters()) types.push_back(value.type());
  if (!is_plan_statement(inner)) {
    return unsupported("EXPLAIN is supported for queries and changes only");
  }
  if (options.is_logical) {
    MORTISE_TRY(session.names().open(session.transaction().txn()));
    Binder binder(session.bind_environment(), types);
    Result<LogicalPlan> plan = binder.bind(inner);
    session.names().close();
    if (!plan) return std::move(plan.error());
    add_lines(to_text(*plan->root, plan->columns), rows);
    return std::string("EXPLAIN");
  }
  MORTISE_TRY_ASSIGN(const BoundStatementPtr bound,
                     session.analyze(run.portal.bound().tree, inner, types));
  std::vector<std::string> lines;
  if (options.is_analyzed) {
    MORTISE_TRY_ASSIGN(lines, analyzed_lines(run, bound, options));
  } else {
    lines = bound->plan->explain(options.is_verbose, options.has_costs);
  }
  for (std::string& line : lines) rows.rows.push_back({std::move(line)});
  return std::string("EXPLAIN");
}

}  // namespace mortise::sql_engine
