// SPDX-License-Identifier: Apache-2.0
#include "tests/shop.hpp"

#include "mortise/iface/draft/index.h"
#include "types/physical.hpp"

namespace mortise::sql_catalog {
namespace {

using schema::ConstraintDef;
using schema::IndexDef;
using schema::RelationDef;
using schema::RelationKind;

RelationDef shop_table() {
  RelationDef shop;
  shop.id = kShop;
  shop.schema = schema::kSchemaPublic;
  shop.name = "shop";
  shop.columns = {column("id", MORTISE_SQL_INT4),
                  column("title", MORTISE_SQL_VARCHAR, 24),
                  column("price", MORTISE_SQL_NUMERIC, 524294),
                  column("parent", MORTISE_SQL_INT4),
                  column("code", MORTISE_SQL_INT4),
                  column("twice", MORTISE_SQL_INT4)};
  shop.columns[0].is_not_null = shop.columns[0].has_default = true;
  shop.columns[0].sequence = kShopSequence;
  shop.columns[0].default_text = "nextval('shop_id_seq')";
  shop.columns[1].is_not_null = shop.columns[1].has_default = true;
  shop.columns[1].default_text = "'none'";
  shop.columns[4].is_not_null = true;
  shop.columns[4].identity = 'a';
  shop.columns[4].sequence = kCodeSequence;
  shop.columns[5].generated = 's';
  shop.columns[5].default_text = "id * 2";
  shop.indexes = {kShopKey, kShopTitle};
  return shop;
}

RelationDef sequence(mortise_object_id_t id, const char* name, uint32_t column_number) {
  RelationDef s;
  s.id = id;
  s.schema = schema::kSchemaPublic;
  s.name = name;
  s.kind = RelationKind::sequence;
  s.sequence.type = MORTISE_SQL_INT4;
  s.sequence.maximum = INT32_MAX;
  s.sequence.owner_relation = kShop;
  s.sequence.owner_column = column_number;
  return s;
}

void add_indexes(FakeDatabase& database) {
  IndexDef key;
  key.id = kShopKey;
  key.schema = schema::kSchemaPublic;
  key.name = "shop_pkey";
  key.relation = kShop;
  key.is_unique = key.is_primary = true;
  key.columns = {0};
  key.flags = {0};
  database.add(key);
  IndexDef title;
  title.id = kShopTitle;
  title.schema = schema::kSchemaPublic;
  title.name = "shop_title";
  title.relation = kShop;
  title.columns = {1, UINT32_MAX};
  title.flags = {MORTISE_INDEX_DESCENDING | MORTISE_INDEX_NULLS_FIRST, 0};
  title.expressions = {"", "lower(title)"};
  title.types = {plain_type(MORTISE_SQL_VARCHAR), plain_type(MORTISE_SQL_TEXT)};
  title.predicate = "id > 3";
  database.add(title);
}

void add_constraints(FakeDatabase& database) {
  ConstraintDef key;
  key.id = kKeyConstraint;
  key.relation = kShop;
  key.name = "shop_pkey";
  key.kind = 'p';
  key.columns = {0};
  key.index = kShopKey;
  database.add(key);
  ConstraintDef check;
  check.id = kCheckConstraint;
  check.relation = kShop;
  check.name = "shop_price_check";
  check.kind = 'c';
  check.columns = {2};
  check.expression = "price > 0";
  database.add(check);
  ConstraintDef foreign;
  foreign.id = kForeignConstraint;
  foreign.relation = kShop;
  foreign.name = "shop_parent_fkey";
  foreign.kind = 'f';
  foreign.columns = {3};
  foreign.referenced_relation = kShop;
  foreign.referenced_columns = {0};
  foreign.index = kShopKey;
  foreign.on_delete = 'c';
  database.add(foreign);
}

}  // namespace

void open_shop(FakeDatabase& database) {
  database.add(shop_table());
  database.add(sequence(kShopSequence, "shop_id_seq", 1));
  database.add(sequence(kCodeSequence, "shop_code_seq", 5));
  add_indexes(database);
  add_constraints(database);
  RelationDef shown;
  shown.id = kShown;
  shown.schema = schema::kSchemaPublic;
  shown.name = "shown";
  shown.kind = RelationKind::view;
  shown.columns = {column("id", MORTISE_SQL_INT4), column("title", MORTISE_SQL_VARCHAR, 24)};
  shown.query = "SELECT id, title FROM shop";
  shown.depends_on = {kShop};
  database.add(shown);
  schema::SchemaDef other;
  other.id = kOther;
  other.database = schema::kDatabasePostgres;
  other.name = "other";
  database.add(other);
  RelationDef second;
  second.id = kOtherShop;
  second.schema = kOther;
  second.name = "shop";
  second.columns = {column("x", MORTISE_SQL_INT4)};
  database.add(second);
  schema::CommentDef comment;
  comment.id = 16400;
  comment.object = kShop;
  comment.kind = MORTISE_KIND_RELATION;
  comment.text = "things";
  database.add(comment);
  comment.id = 16401;
  comment.attribute = 2;
  comment.text = "its name";
  database.add(comment);
}

}  // namespace mortise::sql_catalog
