// SPDX-License-Identifier: Apache-2.0

#include "ddl/dependents.hpp"

#include <algorithm>

#include "mortise/cpp/assert.hpp"
#include "syntax/sql_text.hpp"
#include "syntax/tokens.hpp"

namespace mortise::sql_engine {
namespace {

constexpr std::string_view kSelect = "SELECT ";

struct Edit {
  size_t begin = 0;
  size_t end = 0;
  std::string text;
};

std::string edited(const std::string& text, std::vector<Edit> edits) {
  std::sort(edits.begin(), edits.end(),
            [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
  std::string result;
  size_t at = 0;
  for (const Edit& edit : edits) {
    if (edit.begin < at) continue;  // the same place, noted twice
    result.append(text, at, edit.begin - at).append(edit.text);
    at = edit.end;
  }
  return result.append(text, at);
}

// The names from `position` on that dots join: where they begin, end, and where the last begins.
struct Chain {
  size_t begin = 0;
  size_t last = 0;
  size_t end = 0;
};
Chain chain_at(std::string_view text, uint32_t position) {
  const size_t begin = position - 1;
  Tokens tokens(text.substr(begin));
  Tokens::Token token;
  Chain chain{begin, begin, begin};
  while (tokens.next(token)) {
    chain.last = begin + token.begin;
    chain.end = begin + token.end;
    Tokens ahead = tokens;
    if (!ahead.next(token) || token.word != ".") break;
    tokens = ahead;
  }
  return chain;
}

bool is_in_text(const Reference& reference, const std::string& text) {
  return reference.position_bytes != 0 && reference.position_bytes <= text.size();
}

Result<std::pair<std::string, std::string>> name_of_relation(DdlRun& ddl, mortise_object_id_t id) {
  MORTISE_TRY_ASSIGN(const auto relation, ddl.catalog().get<schema::RelationDef>(id));
  if (!relation) return internal("a relation has vanished while it was named");
  MORTISE_TRY_ASSIGN(const auto schema,
                     ddl.catalog().get<schema::SchemaDef>(relation->definition.schema));
  return std::make_pair(schema ? schema->definition.name : std::string(),
                        relation->definition.name);
}

std::string full_name(std::string_view schema, std::string_view name) {
  return quoted_identifier(schema) + "." + quoted_identifier(name);
}

// 's' as PostgreSQL shows it in nextval('s'::regclass), its schema said if need be.
std::string regclass_literal(const std::string& text, const Chain& chain,
                             const Reference& reference,
                             const std::pair<std::string, std::string>& name) {
  std::string literal = reference.is_qualified
                            ? text.substr(chain.begin, chain.end - chain.begin)
                            : quoted_literal(shown_name(name.first, name.second));
  const bool is_cast = std::string_view(text).substr(chain.end).starts_with("::");
  if (!is_cast) literal.append("::regclass");
  return literal;
}

void add_edit(const std::string& text, const Reference& reference, const Renames& renames,
              std::vector<Edit>& edits) {
  if (!is_in_text(reference, text)) return;
  const Chain chain = chain_at(text, reference.position_bytes);
  if (reference.kind == Reference::Kind::column) {
    const bool is_renamed =
        reference.relation == renames.column_of && reference.attribute == renames.attribute;
    if (!is_renamed) return;
    std::string name = quoted_identifier(renames.column);
    if (reference.is_target) name.append(" AS ").append(quoted_identifier(renames.old_column));
    edits.push_back({chain.last, chain.end, std::move(name)});
    return;
  }
  const auto found = renames.relations.find(reference.relation);
  if (found == renames.relations.end() || reference.kind == Reference::Kind::star) return;
  const Renames::Name& to = found->second;
  if (reference.kind == Reference::Kind::literal) {
    edits.push_back({chain.begin, chain.end, quoted_literal(shown_name(to.schema, to.name))});
    return;
  }
  std::string name = full_name(to.schema, to.name);
  if (!reference.has_alias && to.name != to.old_name) {
    name.append(" AS ").append(quoted_identifier(to.old_name));
  }
  edits.push_back({chain.begin, chain.end, std::move(name)});
}

std::string renamed(const std::string& text, const std::vector<Reference>& references,
                    const Renames& renames) {
  std::vector<Edit> edits;
  for (const Reference& reference : references) add_edit(text, reference, renames, edits);
  return edited(text, std::move(edits));
}

bool names_any(const std::vector<mortise_object_id_t>& ids, const Renames& renames) {
  return std::any_of(ids.begin(), ids.end(), [&](mortise_object_id_t id) {
    return renames.relations.contains(id) || id == renames.column_of;
  });
}

// The view's text is bound and gives the columns that the view has.
bool is_sound(DdlRun& ddl, const schema::RelationDef& view) {
  std::vector<Reference> references;
  const Result<LogicalPlan> plan = read_query(ddl, view.query, true, references);
  if (!plan || plan->results.size() != view.columns.size()) return false;
  for (size_t i = 0; i < view.columns.size(); ++i) {
    if (plan->results[i].type.sql_type != view.columns[i].type.sql_type) return false;
    if (plan->results[i].type.modifier != view.columns[i].type.modifier) return false;
  }
  return true;
}

}  // namespace

std::string shown_name(std::string_view schema, std::string_view name) {
  return schema == "public" ? quoted_identifier(name) : full_name(schema, name);
}

Result<LogicalPlan> read_query(DdlRun& ddl, const std::string& text, bool is_stored,
                               std::vector<Reference>& references) {
  MORTISE_TRY_ASSIGN(const std::shared_ptr<const Tree> tree, ddl.session().parse(text));
  if (tree->statements().size() != 1) return corrupt("a view does not hold one query");
  BindEnvironment environment = ddl.session().bind_environment();
  environment.is_stored_text = is_stored;
  Binder binder(environment, {});
  binder.note_references(&references);
  return binder.bind_query_alone(tree->root(0));
}

Result<std::vector<Reference>> read_expression(DdlRun& ddl, const std::string& text,
                                               const Relation* relation, Clause clause,
                                               bool is_stored) {
  MORTISE_TRY_ASSIGN(const std::shared_ptr<const Tree> tree,
                     ddl.session().parse(std::string(kSelect) + text));
  BindEnvironment environment = ddl.session().bind_environment();
  environment.is_stored_text = is_stored;
  Binder binder(environment, {});
  std::vector<Reference> references;
  binder.note_references(&references);
  std::vector<ColumnId> row;
  if (relation != nullptr) {
    for (const schema::ColumnDef& c : relation->columns()) {
      row.push_back(c.is_dropped ? kNoColumn : binder.plan().columns.add(c.name, c.type));
    }
  }
  MORTISE_TRY(binder.bind_on_relation(tree->root(0)[2][0][0], relation, row, clause));
  for (Reference& reference : references) {
    const bool has_place = reference.position_bytes > kSelect.size();
    reference.position_bytes =
        has_place ? reference.position_bytes - static_cast<uint32_t>(kSelect.size()) : 0;
  }
  return references;
}

Result<std::string> resolved_text(DdlRun& ddl, const std::string& text,
                                  const std::vector<Reference>& references) {
  std::vector<Edit> edits;
  for (const Reference& reference : references) {
    if (!is_in_text(reference, text) || reference.kind == Reference::Kind::column) continue;
    const Chain chain = chain_at(text, reference.position_bytes);
    if (reference.kind == Reference::Kind::star) {
      edits.push_back({chain.begin, chain.end, reference.text});
      continue;
    }
    MORTISE_TRY_ASSIGN(const auto name, name_of_relation(ddl, reference.relation));
    if (reference.kind == Reference::Kind::literal) {
      edits.push_back({chain.begin, chain.end, regclass_literal(text, chain, reference, name)});
      continue;
    }
    if (reference.is_qualified || name.first == "public") continue;
    edits.push_back({chain.begin, chain.end, full_name(name.first, name.second)});
  }
  return edited(text, std::move(edits));
}

Result<std::string> resolved_expression(DdlRun& ddl, const std::string& text,
                                        const Relation* relation, Clause clause) {
  MORTISE_TRY_ASSIGN(const std::vector<Reference> references,
                     read_expression(ddl, text, relation, clause, false));
  return resolved_text(ddl, text, references);
}

std::vector<mortise_object_id_t> relations_of(const std::vector<Reference>& references) {
  std::vector<mortise_object_id_t> ids;
  for (const Reference& reference : references) {
    if (reference.relation != 0) ids.push_back(reference.relation);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

Result<Followers> Followers::find(DdlRun& ddl, const Renames& renames) {
  Followers found;
  MORTISE_TRY_ASSIGN(const auto all, ddl.catalog().list<schema::RelationDef>(0));
  for (const auto& listed : all) {
    if (listed.definition.kind == schema::RelationKind::view) {
      if (!names_any(listed.definition.depends_on, renames)) continue;
      const mortise_object_id_t id = listed.definition.id;
      MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, id, MORTISE_MODE_SCHEMA_X));
      MORTISE_TRY_ASSIGN(const auto view, ddl.catalog().get<schema::RelationDef>(id));
      if (!view) continue;
      std::vector<Reference> references;
      MORTISE_TRY(read_query(ddl, view->definition.query, true, references));
      found.views_.push_back({id, renamed(view->definition.query, references, renames)});
      continue;
    }
    for (uint32_t i = 0; i < listed.definition.columns.size(); ++i) {
      const schema::ColumnDef& column = listed.definition.columns[i];
      const bool may_name = column.has_default && column.generated == 0 &&
                            column.default_text.find("regclass") != std::string::npos;
      if (!may_name || renames.relations.empty()) continue;
      MORTISE_TRY_ASSIGN(
          const std::vector<Reference> references,
          read_expression(ddl, column.default_text, nullptr, Clause::default_value, true));
      std::string text = renamed(column.default_text, references, renames);
      if (text == column.default_text) continue;
      found.defaults_.push_back({listed.definition.id, i, std::move(text)});
    }
  }
  return found;
}

Status Followers::store(DdlRun& ddl) {
  for (const Default& one : defaults_) {
    MORTISE_TRY(ddl.lock(MORTISE_LOCK_TABLE, one.table, MORTISE_MODE_SCHEMA_X));
    MORTISE_TRY_ASSIGN(auto table, ddl.catalog().get<schema::RelationDef>(one.table));
    if (!table) continue;
    table->definition.columns[one.column].default_text = one.text;
    MORTISE_TRY(ddl.put_relation(table->definition, table->version));
  }
  for (const View& one : views_) {
    MORTISE_TRY_ASSIGN(auto view, ddl.catalog().get<schema::RelationDef>(one.id));
    if (!view) continue;
    view->definition.query = one.query;
    MORTISE_TRY(ddl.put_relation(view->definition, view->version));
  }
  for (const View& one : views_) {
    MORTISE_TRY_ASSIGN(const auto view, ddl.catalog().get<schema::RelationDef>(one.id));
    if (!view || is_sound(ddl, view->definition)) continue;
    return Status(Code::unsupported, "0A000",
                  "cannot rename what view " + view->definition.name + " uses: its query \"" +
                      view->definition.query + "\" would not mean the same");
  }
  return {};
}

Result<std::vector<schema::RelationDef>> views_on(DdlRun& ddl, mortise_object_id_t relation) {
  MORTISE_TRY_ASSIGN(auto all, ddl.catalog().list<schema::RelationDef>(0));
  std::vector<schema::RelationDef> result;
  for (auto& stored : all) {
    const auto& on = stored.definition.depends_on;
    if (std::find(on.begin(), on.end(), relation) != on.end()) {
      result.push_back(std::move(stored.definition));
    }
  }
  return result;
}

Result<std::vector<schema::RelationDef>> views_on_column(DdlRun& ddl, mortise_object_id_t relation,
                                                         uint32_t attribute) {
  MORTISE_TRY_ASSIGN(std::vector<schema::RelationDef> views, views_on(ddl, relation));
  std::vector<schema::RelationDef> result;
  for (schema::RelationDef& view : views) {
    std::vector<Reference> references;
    MORTISE_TRY(read_query(ddl, view.query, true, references));
    const bool names_it =
        std::any_of(references.begin(), references.end(), [&](const Reference& reference) {
          return reference.kind == Reference::Kind::column && reference.relation == relation &&
                 reference.attribute == attribute;
        });
    if (names_it) result.push_back(std::move(view));
  }
  return result;
}

Result<std::string> first_broken_view(DdlRun& ddl, mortise_object_id_t relation) {
  MORTISE_TRY_ASSIGN(const std::vector<schema::RelationDef> views, views_on(ddl, relation));
  for (const schema::RelationDef& view : views) {
    if (!is_sound(ddl, view)) return view.name;
  }
  return std::string();
}

Result<std::vector<DefaultUse>> defaults_on(DdlRun& ddl, mortise_object_id_t sequence,
                                            std::string_view sequence_name) {
  std::vector<DefaultUse> uses;
  MORTISE_TRY_ASSIGN(const auto all, ddl.catalog().list<schema::RelationDef>(0));
  for (const auto& stored : all) {
    const schema::RelationDef& table = stored.definition;
    for (uint32_t i = 0; i < table.columns.size(); ++i) {
      const schema::ColumnDef& column = table.columns[i];
      const bool may_name = column.has_default && column.generated == 0 && !column.is_dropped &&
                            column.default_text.find(sequence_name) != std::string::npos;
      if (!may_name) continue;
      const Result<std::vector<Reference>> references =
          read_expression(ddl, column.default_text, nullptr, Clause::default_value, true);
      if (!references) continue;  // it names nothing that is there
      const std::vector<mortise_object_id_t> ids = relations_of(*references);
      if (std::find(ids.begin(), ids.end(), sequence) == ids.end()) continue;
      uses.push_back({table.id, i, table.name, column.name});
    }
  }
  return uses;
}

Result<std::vector<uint32_t>> generated_on(DdlRun& ddl, const Relation& relation, uint32_t column) {
  std::vector<uint32_t> result;
  for (uint32_t i = 0; i < relation.columns_count(); ++i) {
    const schema::ColumnDef& c = relation.columns()[i];
    if (c.generated == 0 || c.is_dropped) continue;
    MORTISE_TRY_ASSIGN(const std::vector<Reference> references,
                       read_expression(ddl, c.default_text, &relation, Clause::generated, true));
    const bool reads_it =
        std::any_of(references.begin(), references.end(), [&](const Reference& reference) {
          return reference.kind == Reference::Kind::column && reference.attribute == column + 1;
        });
    if (reads_it) result.push_back(i);
  }
  return result;
}

}  // namespace mortise::sql_engine
