// SPDX-License-Identifier: Apache-2.0

#include "ddl/rewrite.hpp"

#include "ddl/dependents.hpp"
#include "mortise/cpp/assert.hpp"
#include "mortise/cpp/batch.hpp"
#include "syntax/sql_text.hpp"

namespace mortise::sql_engine {
namespace {

struct OneValue {
  Datum value;
  mortise_sink_t sink{};
  OneValue() {
    sink.struct_size_bytes = sizeof sink;
    sink.context = this;
    sink.rows = [](void* context, const mortise_batch_t* batch, mortise_error_t* error) {
      return guard(error, [&]() -> Status {
        if (batch->selected_count == 0) return {};
        const uint32_t row = batch->selection == nullptr ? 0 : batch->selection[0];
        static_cast<OneValue*>(context)->value = Datum::of(batch->types[0], batch->columns[0], row);
        return {};
      });
    };
  }
};

// Copies `old` into storage for `definition`; `convert` gives the expressions that differ from the
// old column.  Indexes are built again.
template <typename Convert>
Status copy_rows(DdlRun& ddl, const RelationPtr& old, Stored<schema::RelationDef> changed,
                 Convert&& convert) {
  schema::RelationDef& definition = changed.definition;
  for (schema::ColumnDef& column : definition.columns) {
    column.has_missing_value = false;
    column.missing_value.clear();
  }
  MORTISE_TRY(ddl.newest_step());
  Binder binder(ddl.session().bind_environment(), {});
  ScopeItem item;
  MORTISE_TRY_ASSIGN(std::unique_ptr<Scan> scan,
                     binder.scan_relation(old, old->name(), MORTISE_MODE_SCHEMA_S, item, false));
  std::vector<ColumnId> row(definition.columns.size(), kNoColumn);
  for (const ScopeColumn& c : item.columns) row[c.attribute - 1] = c.id;
  auto project = std::make_unique<Project>();
  auto insert = std::make_unique<Insert>();
  for (uint32_t i = 0; i < definition.columns.size(); ++i) {
    const schema::ColumnDef& column = definition.columns[i];
    insert->row.push_back(column.is_dropped ? kNoColumn
                                            : binder.plan().columns.add(column.name, column.type));
    insert->source.push_back(kNoColumn);
    if (column.is_dropped) continue;
    MORTISE_TRY_ASSIGN(ExpressionPtr e, convert(binder, row, i));
    if (e == nullptr) e = make_column(row[i], old->columns()[i].type);
    const ColumnId id = binder.plan().columns.add(column.name, column.type);
    insert->source[i] = id;
    project->outputs.push_back(id);
    project->expressions.push_back({id, std::move(e)});
  }
  project->inputs.push_back(std::move(scan));
  const mortise_segment_id_t old_segment = definition.segment;
  const std::vector<mortise_object_id_t> indexes = definition.indexes;
  definition.indexes.clear();
  MORTISE_TRY(create_storage(ddl, definition));
  auto target = std::make_shared<Relation>();
  target->definition = definition;
  target->schema_name = old->schema_name;
  target->engine = old->engine;
  const TableDescription description(definition);
  ErrorSlot error;
  MORTISE_TRY(error.status(target->engine->open(&description.desc, &target->table, error.get())));
  insert->relation = target;
  insert->inputs.push_back(std::move(project));
  LogicalPlan plan = std::move(binder.plan());
  plan.root = std::move(insert);
  plan.kind = StatementKind::insert;
  plan.is_read_only = false;
  MORTISE_TRY(ddl.run_plan(std::move(plan), nullptr));
  MORTISE_TRY(error.status(old->engine->drop(ddl.txn(), old_segment, error.get())));
  definition.indexes = indexes;
  MORTISE_TRY(ddl.put_relation(definition, changed.version));
  for (const mortise_object_id_t index : indexes) {
    MORTISE_TRY(rebuild_index(ddl, index));
  }
  return {};
}

Status check_no_reader(DdlRun& ddl, const Relation& relation, uint32_t column) {
  const std::string& name = relation.columns()[column].name;
  MORTISE_TRY_ASSIGN(const auto views, views_on_column(ddl, relation.id(), column + 1));
  if (!views.empty()) {
    return Status(Code::unsupported, "0A000",
                  "cannot alter type of a column used by a view or rule")
        .with(MORTISE_ERROR_FIELD_DETAIL,
              "rule _RETURN on view " + views[0].name + " depends on column \"" + name + "\"");
  }
  MORTISE_TRY_ASSIGN(const std::vector<uint32_t> generated, generated_on(ddl, relation, column));
  if (generated.empty()) return {};
  return Status(Code::unsupported, "0A000",
                "cannot alter type of a column used by a generated column")
      .with(MORTISE_ERROR_FIELD_DETAIL, "Column \"" + name + "\" is used by generated column \"" +
                                            relation.columns()[generated[0]].name + "\".");
}

// Renames columns in a syntax tree's text by writing it anew.
class Renaming {
 public:
  Renaming(std::string_view old_name, std::string_view new_name)
      : old_name_(old_name), new_name_(new_name) {}

  // Copies a node and all below it into `to`.
  mortise_syntax_id_t copy(Node node, Tree& to) {
    if (!node) return 0;
    std::vector<mortise_syntax_id_t> children;
    const bool is_column = node.is(MORTISE_SYNTAX_COLUMN);
    for (uint32_t i = 0; i < node.count(); ++i) {
      const Node child = node[i];
      const bool is_last_name = is_column && i + 1 == node.count() &&
                                child.is(MORTISE_SYNTAX_NAME) && child.text() == old_name_;
      if (is_last_name) {
        children.push_back(to.add(MORTISE_SYNTAX_NAME, 0, 0, new_name_, 0, nullptr, 0));
      } else {
        children.push_back(copy(child, to));
      }
    }
    return to.add(node.kind(), node.flags(), node.position(), node.text(), node.number(),
                  children.data(), static_cast<uint32_t>(children.size()));
  }

 private:
  std::string_view old_name_;
  std::string_view new_name_;
};

}  // namespace

Result<Datum> value_of(DdlRun& ddl, ExpressionPtr e, Binder& binder) {
  if (e->kind == ExpressionKind::constant) return e->constant;
  LogicalPlan plan = std::move(binder.plan());
  auto values = std::make_unique<Values>();
  const mortise_type_t type = e->type;
  const ColumnId id = plan.columns.add("", type);
  values->outputs.push_back(id);
  values->rows.emplace_back().push_back(std::move(e));
  plan.results.push_back({id, "", type, 0, 0});
  plan.root = std::move(values);
  OneValue one;
  MORTISE_TRY(ddl.run_plan(std::move(plan), &one.sink));
  return std::move(one.value);
}

std::string bytes_of(const Datum& value) {
  if (is_view(value.type().physical)) return std::string(value.as_text());
  const uint32_t width =
      value.type().physical == MORTISE_PHYSICAL_BOOL ? 1 : width_bytes(value.type().physical);
  return std::string(static_cast<const char*>(value.data()), width);
}

Result<std::string> rename_in_text(DdlRun& ddl, const std::string& text, std::string_view old_name,
                                   std::string_view new_name) {
  MORTISE_TRY_ASSIGN(const std::shared_ptr<const Tree> tree, ddl.session().parse("SELECT " + text));
  Tree renamed;
  const mortise_syntax_id_t id = Renaming(old_name, new_name).copy(tree->root(0)[2][0][0], renamed);
  return sql_text(renamed.node(id));
}

Status fill_column(DdlRun& ddl, mortise_object_id_t id, uint32_t column) {
  MORTISE_TRY_ASSIGN(const RelationPtr old, ddl.reload(id));
  MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::RelationDef>(id));
  if (!stored) return internal("a table has vanished while it was being changed");
  const schema::ColumnDef definition = stored->definition.columns[column];
  return copy_rows(
      ddl, old, std::move(*stored),
      [&](Binder& binder, const std::vector<ColumnId>& row, uint32_t i) -> Result<ExpressionPtr> {
        if (i != column) return ExpressionPtr();
        if (definition.generated == 0) return binder.default_of(*old, i);
        MORTISE_TRY_ASSIGN(ExpressionPtr e,
                           binder.bind_text_on_relation(definition.default_text, old.get(), row,
                                                        Clause::generated));
        return binder.coerce_assigned(std::move(e), definition);
      });
}

Status change_column_type(DdlRun& ddl, mortise_object_id_t id, Node command) {
  MORTISE_TRY_ASSIGN(const RelationPtr old, ddl.reload(id));
  MORTISE_TRY_ASSIGN(auto stored, ddl.catalog().get<schema::RelationDef>(id));
  if (!stored) return internal("a table has vanished while it was being changed");
  const std::string name(command.text());
  const int32_t position = old->find_column(name);
  if (position < 0) {
    return Status(Code::not_found, "42703",
                  "column \"" + name + "\" of relation \"" + old->name() + "\" does not exist");
  }
  const auto column = static_cast<uint32_t>(position);
  MORTISE_TRY(check_no_reader(ddl, *old, column));
  Binder type_binder(ddl.session().bind_environment(), {});
  MORTISE_TRY_ASSIGN(const mortise_type_t type, type_binder.bind_type(command[0][0]));
  schema::ColumnDef& changed = stored->definition.columns[column];
  const mortise_type_t before = changed.type;
  changed.type = type;
  const Registry& registry = *ddl.services().registry;
  if (changed.has_default && changed.generated == 0) {
    MORTISE_TRY_ASSIGN(ExpressionPtr e,
                       type_binder.bind_text_on_relation(changed.default_text, nullptr, {},
                                                         Clause::default_value));
    if (!type_binder.coerce_assigned(std::move(e), changed)) {
      return Status(Code::invalid, "42804",
                    "default for column \"" + name + "\" cannot be cast automatically to type " +
                        registry.type_name(type.sql_type, type.modifier));
    }
  }
  const schema::ColumnDef wanted = changed;
  MORTISE_TRY(retype_indexes(ddl, *old, column, type));
  MORTISE_TRY_ASSIGN(auto fresh, ddl.catalog().get<schema::RelationDef>(id));
  stored->version = fresh->version;
  return copy_rows(
      ddl, old, std::move(*stored),
      [&](Binder& binder, const std::vector<ColumnId>& row, uint32_t i) -> Result<ExpressionPtr> {
        if (i != column) return ExpressionPtr();
        ExpressionPtr e;
        if (command[1]) {
          MORTISE_TRY_ASSIGN(
              e, binder.bind_on_relation(command[1], old.get(), row, Clause::using_type));
        } else {
          e = make_column(row[i], before);
        }
        Result<ExpressionPtr> coerced = binder.coerce_assigned(std::move(e), wanted);
        if (coerced) return coerced;
        if (coerced.error().sqlstate() != "42804") return coerced;
        if (command[1]) {
          return Status(Code::invalid, "42804",
                        "result of USING clause for column \"" + name +
                            "\" cannot be cast automatically to type " +
                            registry.type_name(type.sql_type, type.modifier))
              .with(MORTISE_ERROR_FIELD_HINT, "You might need to add an explicit cast.");
        }
        return Status(Code::invalid, "42804",
                      "column \"" + name + "\" cannot be cast automatically to type " +
                          registry.type_name(type.sql_type, type.modifier))
            .with(MORTISE_ERROR_FIELD_HINT,
                  "You might need to specify \"USING " + quoted_identifier(name) +
                      "::" + registry.type_name(type.sql_type, type.modifier) + "\".");
      });
}

}  // namespace mortise::sql_engine
