// SPDX-License-Identifier: Apache-2.0
//
// From text to bound statement, and the cache of those.

#include <algorithm>

#include "mortise/cpp/assert.hpp"
#include "session/statement.hpp"
#include "session/utility.hpp"

namespace mortise::sql_engine {
namespace {

// The first row that a run yields.
struct FirstRow {
  std::vector<Datum> values;
  mortise_sink_t sink{};

  FirstRow() {
    sink.struct_size_bytes = sizeof sink;
    sink.context = this;
    sink.rows = [](void* context, const mortise_batch_t* batch, mortise_error_t* error) {
      return guard(error, [&]() -> Status {
        auto& own = *static_cast<FirstRow*>(context);
        if (!own.values.empty() || batch->selected_count == 0) return {};
        const uint32_t row = batch->selection == nullptr ? 0 : batch->selection[0];
        for (uint32_t i = 0; i < batch->columns_count; ++i) {
          own.values.push_back(Datum::of(batch->types[i], batch->columns[i], row));
        }
        return {};
      });
    };
  }
};

}  // namespace

BindEnvironment Session::bind_environment() {
  BindEnvironment environment;
  environment.registry = services_.registry;
  environment.names = &names_;
  environment.session = &facts_.context;
  environment.view = names_.view();
  if (transaction_.txn() != nullptr &&
      transaction_.options().isolation != MORTISE_ISOLATION_READ_COMMITTED) {
    mortise_read_view_t view{};
    services_.txn->view(transaction_.txn(), &view);
    if (view.snapshot != 0) environment.oldest_snapshot = view.snapshot;
  }
  const auto dialect = services_.dialects.find("postgres");
  if (dialect != services_.dialects.end()) environment.dialect = dialect->second;
  return environment;
}

Result<std::shared_ptr<const Tree>> Session::parse(std::string_view text) const {
  const auto dialect = services_.dialects.find("postgres");
  if (dialect == services_.dialects.end()) {
    return unsupported("no dialect \"postgres\" is enabled");
  }
  return Tree::parse(*dialect->second, text);
}

// What is nested more deeply than a common stack allows is done again on a large one, of which only
// what is touched costs memory.
Status Session::bind_plan(Node root, const std::vector<mortise_type_t>& types,
                          BoundStatement& bound) {
  Status status = bind_plan_within(root, types, BindEnvironment().stack_bytes_max, bound);
  if (status.sqlstate() != "54001" || services_.sync == nullptr) return status;
  constexpr size_t kLargeStackBytes = size_t{256} << 20;
  struct Job {
    Session& session;
    Node root;
    const std::vector<mortise_type_t>& types;
    BoundStatement& bound;
    Status status;
  } job{*this, root, types, bound, {}};
  ErrorSlot error;
  mortise_thread_t* thread = nullptr;
  MORTISE_TRY(error.status(services_.sync->thread_start(
      str_of("bind"), kLargeStackBytes,
      [](void* context) {
        auto& own = *static_cast<Job*>(context);
        own.status =
            own.session.bind_plan_within(own.root, own.types, kLargeStackBytes / 4, own.bound);
      },
      &job, &thread, error.get())));
  services_.sync->thread_join(thread);
  return std::move(job.status);
}

Status Session::bind_plan_within(Node root, const std::vector<mortise_type_t>& types,
                                 size_t stack_bytes_max, BoundStatement& bound) {
  BindEnvironment environment = bind_environment();
  environment.stack_bytes_max = stack_bytes_max;
  Binder binder(environment, types);
  MORTISE_TRY_ASSIGN(LogicalPlan plan, binder.bind(root));
  bound.oldest_snapshot = environment.oldest_snapshot;
  for (const RelationUse& use : plan.relations) {
    for (const IndexInfo& index : use.relation->indexes) {
      bound.indexes_from = std::max(bound.indexes_from, index.definition.complete_from);
    }
  }
  bound.kind = plan.kind;
  bound.parameters = plan.parameters;
  bound.columns = plan.results;
  bound.relations = plan.relations;
  bound.is_read_only = plan.is_read_only;
  // What does without an index for the sake of an old snapshot is not for others.
  bound.is_cacheable = plan.is_cacheable && bound.indexes_from <= bound.oldest_snapshot;
  bound.returns_rows = plan.kind == StatementKind::select || !plan.results.empty();
  MORTISE_TRY_ASSIGN(bound.plan, prepare(services_, std::move(plan)));
  return {};
}

Result<BoundStatementPtr> Session::analyze(std::shared_ptr<const Tree> tree, Node root,
                                           const std::vector<mortise_type_t>& types) {
  auto bound = std::make_shared<BoundStatement>();
  bound->tree = tree;
  bound->root_id = root.id();
  bound->requested = types;
  bound->settings_generation = settings_.generation();
  MORTISE_TRY(names_.open(transaction_.txn()));
  bound->epoch = names_.epoch();
  bound->catalog_changes = names_.has_own_changes() ? catalog_changes_ : 0;
  Status status;
  if (is_plan_statement(root)) {
    status = bind_plan(root, types, *bound);
  } else {
    Result<UtilityShape> shape = shape_of(*this, root);
    if (shape) {
      bound->columns = std::move(shape->columns);
      bound->returns_rows = shape->returns_rows;
    } else {
      status = std::move(shape.error());
    }
  }
  names_.close();
  if (!status.is_ok()) return with_character_position(std::move(status), tree->text());
  return BoundStatementPtr(std::move(bound));
}

bool Session::is_current(const BoundStatement& bound) const {
  const uint64_t changes = names_.has_own_changes() ? catalog_changes_ : 0;
  return bound.epoch == services_.catalog->epoch() && bound.catalog_changes == changes &&
         bound.settings_generation == settings_.generation();
}

Result<bool> Session::has_its_relations(const BoundStatement& bound) {
  if (bound.settings_generation != settings_.generation()) return false;
  MORTISE_TRY(names_.open(transaction_.txn()));
  bool is_same = true;
  Status status;
  for (const RelationUse& use : bound.relations) {
    auto stored = names_.catalog().get<schema::RelationDef>(use.relation->id());
    status = stored.status();
    if (!status.is_ok()) break;
    is_same = stored->has_value() && (*stored)->version == use.relation->version;
    if (!is_same) break;
  }
  names_.close();
  MORTISE_TRY(status);
  return is_same;
}

bool Session::has_cached(const std::string& text) const {
  const auto known = cached_.find(text);
  return known != cached_.end() && is_current(*known->second->second);
}

Result<BoundStatementPtr> Session::analyze_text(std::string_view text,
                                                const std::vector<mortise_type_t>& types,
                                                std::shared_ptr<const Tree> tree) {
  std::string key(text);
  for (const mortise_type_t& type : types) {
    key.push_back('\0');
    key.append(std::to_string(type.sql_type));
  }
  const auto known = cached_.find(key);
  if (known != cached_.end()) {
    const BoundStatementPtr bound = known->second->second;
    if (is_current(*bound)) {
      cache_.splice(cache_.begin(), cache_, known->second);
      MORTISE_TRY(refuse_if_failed(bound->root()));
      return bound;
    }
    cache_.erase(known->second);
    cached_.erase(known);
  }
  if (tree == nullptr) {
    MORTISE_TRY_ASSIGN(tree, parse(text));
  }
  if (tree->statements().empty()) {
    auto empty = std::make_shared<BoundStatement>();
    empty->tree = std::move(tree);
    empty->is_empty = true;
    return BoundStatementPtr(std::move(empty));
  }
  if (tree->statements().size() > 1) {
    return Status(Code::invalid, "42601",
                  "cannot insert multiple commands into a prepared statement");
  }
  const Node root = tree->root(0);
  MORTISE_TRY(refuse_if_failed(root));
  MORTISE_TRY_ASSIGN(BoundStatementPtr bound, analyze(tree, root, types));
  if (bound->plan != nullptr && bound->is_cacheable && bound->catalog_changes == 0) {
    remember(std::move(key), bound);
  }
  return bound;
}

void Session::remember(std::string key, const BoundStatementPtr& bound) {
  constexpr size_t kTextBytesMax = 16384;
  if (key.size() > kTextBytesMax) return;
  cache_.emplace_front(key, bound);
  cached_[std::move(key)] = cache_.begin();
  if (cache_.size() <= kCachedMax) return;
  cached_.erase(cache_.back().first);
  cache_.pop_back();
}

Result<std::vector<Datum>> Session::evaluate(const Tree& tree, Node list,
                                             const std::vector<mortise_type_t>& types) {
  MORTISE_ASSERT(list.count() == types.size());
  mortise_read_view_t view{};
  MORTISE_TRY(begin_statement(view));
  MORTISE_TRY(names_.open(transaction_.txn()));
  Binder binder(bind_environment(), {});
  Result<LogicalPlan> plan = binder.bind_row(list, types);
  names_.close();
  if (!plan) return with_character_position(std::move(plan.error()), tree.text());
  MORTISE_TRY_ASSIGN(PhysicalPlanPtr physical, prepare(services_, std::move(*plan)));
  ExecutionContext context;
  context.services = &services_;
  context.txn = transaction_.txn();
  context.view = view;
  context.isolation = transaction_.options().isolation;
  context.session = &facts_.context;
  context.account = account_;
  MORTISE_TRY_ASSIGN(std::unique_ptr<Execution> execution,
                     sql_engine::open(std::move(physical), context));
  FirstRow row;
  MORTISE_TRY(execution->run(row.sink, 0));
  return std::move(row.values);
}

}  // namespace mortise::sql_engine
