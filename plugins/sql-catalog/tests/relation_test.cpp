// SPDX-License-Identifier: Apache-2.0
//
// Goal:   system relations show what the catalog holds, with every column, under any projection.
// Method: a catalog in memory (shop.hpp), read through the plugin's own mortise.sysview/1 table.
//         Columns and types against PostgreSQL are tests/columns_check.py's business.

#include "relation/scan.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/shop.hpp"

namespace mortise::sql_catalog {
namespace {

struct Shop : FakeDatabase {
  Shop() { open_shop(*this); }
  std::string catalog(std::string_view relation, std::vector<std::string_view> columns,
                      std::vector<Hint> hints = {}) {
    return joined(read("pg_catalog", relation, std::move(columns), std::move(hints)));
  }
  std::string standard(std::string_view relation, std::vector<std::string_view> columns) {
    return joined(read("information_schema", relation, std::move(columns)));
  }
};

// Rows whose first value is `key`, without it.
std::string only(const std::vector<TextRow>& rows, std::string_view key) {
  std::vector<TextRow> found;
  for (const TextRow& row : rows) {
    if (row[0] == key) found.emplace_back(row.begin() + 1, row.end());
  }
  return joined(found);
}

TEST_CASE("relations: each can be read whole, and is empty or has all its columns") {
  Shop shop;
  for (uint32_t i = 0; i < kViewTable.views_count; ++i) {
    const mortise_sysview_t& v = kViewTable.views[i];
    const std::string_view name = view_of(v.name);
    CAPTURE(name);
    for (const TextRow& row : shop.read(view_of(v.schema), name, {})) {
      REQUIRE(row.size() == v.columns_count);
    }
  }
}

TEST_CASE("relations: object ids are unique and below those of users") {
  std::set<mortise_object_id_t> ids;
  for (uint32_t i = 0; i < kViewTable.views_count; ++i) {
    const mortise_sysview_t& v = kViewTable.views[i];
    CHECK(v.object < MORTISE_OBJECT_ID_USER_MIN);
    CHECK(ids.insert(v.object).second);
  }
  CHECK(kViewTable.views_count == 208);
}

TEST_CASE("relations: a column may be asked for twice, in any order") {
  Shop shop;
  CHECK(shop.catalog("pg_namespace", {"nspname", "oid", "nspname"}, {}) ==
        "pg_catalog|11|pg_catalog\npublic|2200|public\ninformation_schema|13000|information_schema"
        "\nsys|13001|sys\nother|16392|other");
}

TEST_CASE("relations: rows come in batches of 2,048") {
  Shop shop;
  schema::RelationDef wide;
  wide.id = 17000;
  wide.schema = schema::kSchemaPublic;
  wide.name = "wide";
  for (int i = 0; i < 1000; ++i) wide.columns.push_back(column("c", MORTISE_SQL_INT4));
  shop.add(wide);
  const auto rows = shop.read("pg_catalog", "pg_attribute", {"attrelid", "attnum"});
  CHECK(rows.size() > 2048);
  CHECK(only(rows, "17000").ends_with("\n999\n1000"));
  CHECK(only(rows, "16384") == "1\n2\n3\n4\n5\n6");
}

TEST_CASE("pg_class: tables, views, sequences and indexes with their marks") {
  Shop shop;
  const auto rows = shop.read("pg_catalog", "pg_class",
                              {"relname", "relkind", "relnamespace", "relam", "relnatts",
                               "relchecks", "relhasindex", "relhasrules", "relhastriggers"});
  CHECK(only(rows, "shop") == "r|2200|2|6|1|t|f|t\nr|16392|2|1|0|f|f|f");
  CHECK(only(rows, "shop_pkey") == "i|2200|403|1|0|f|f|f");
  CHECK(only(rows, "shown") == "v|2200|0|2|0|f|t|f");
  CHECK(only(rows, "shop_id_seq") == "S|2200|0|3|0|f|f|f");
  CHECK(only(rows, "pg_class") == "r|11|2|33|0|f|f|f");
}

TEST_CASE("pg_class: hints on oid and relname leave the rows that equal them") {
  Shop shop;
  CHECK(shop.catalog("pg_class", {"relname"}, {{"oid", int64_t{kShop}}}) == "shop");
  CHECK(shop.catalog("pg_class", {"relname"}, {{"oid", int64_t{1259}}}) == "pg_class");
  CHECK(shop.catalog("pg_class", {"relname"}, {{"oid", int64_t{99999}}}) == "");
  CHECK(shop.catalog("pg_class", {"oid"}, {{"relname", std::string("shop")}}) == "16384\n16393");
  CHECK(shop.catalog("pg_class", {"relhasindex", "relchecks"}, {{"oid", int64_t{kShop}}}) == "t|1");
}

TEST_CASE("pg_attribute: columns of tables, indexes and system relations") {
  Shop shop;
  CHECK(shop.catalog("pg_attribute",
                     {"attname", "atttypid", "atttypmod", "attnotnull", "atthasdef", "attidentity",
                      "attgenerated", "attcollation"},
                     {{"attrelid", int64_t{kShop}}}) ==
        "id|23|-1|t|t|||0\n"
        "title|1043|24|t|t|||100\n"
        "price|1700|524294|f|f|||0\n"
        "parent|23|-1|f|f|||0\n"
        "code|23|-1|t|f|a||0\n"
        "twice|23|-1|f|t||s|0");
  CHECK(shop.catalog("pg_attribute", {"attname", "atttypid", "attnum"},
                     {{"attrelid", int64_t{kShopTitle}}}) == "title|1043|1\nlower|25|2");
  CHECK(shop.catalog("pg_attribute", {"attname", "atttypid", "attlen", "attbyval"},
                     {{"attrelid", int64_t{2615}}}) ==
        "oid|26|4|t\nnspname|19|64|f\nnspowner|26|4|t\nnspacl|1034|-1|f");
}

TEST_CASE("pg_attrdef: defaults and generation expressions, not identities") {
  Shop shop;
  CHECK(shop.catalog("pg_attrdef", {"adnum", "adbin"}, {{"adrelid", int64_t{kShop}}}) ==
        "1|nextval('shop_id_seq'::regclass)\n2|'none'::character varying\n6|(id * 2)");
}

TEST_CASE("pg_index: keys, order and predicate") {
  Shop shop;
  CHECK(shop.catalog("pg_index",
                     {"indexrelid", "indnatts", "indisunique", "indisprimary", "indkey", "indclass",
                      "indcollation", "indoption", "indexprs", "indpred"},
                     {{"indrelid", int64_t{kShop}}}) ==
        "16386|1|t|t|1|1978|0|0|NULL|NULL\n"
        "16387|2|f|f|2 0|3126 3126|100 100|3 0|lower(title)|(id > 3)");
}

TEST_CASE("pg_constraint: keys, checks and foreign keys") {
  Shop shop;
  CHECK(shop.catalog("pg_constraint",
                     {"conname", "contype", "conkey", "confrelid", "confkey", "confdeltype",
                      "conindid", "conbin"},
                     {{"conrelid", int64_t{kShop}}}) ==
        "shop_pkey|p|{1}|0|NULL| |16386|NULL\n"
        "shop_price_check|c|{3}|0|NULL| |0|(price > 0)\n"
        "shop_parent_fkey|f|{4}|16384|{1}|c|16386|NULL");
}

TEST_CASE("pg_depend: sequences belong to columns") {
  Shop shop;
  const auto rows =
      shop.read("pg_catalog", "pg_depend",
                {"objid", "classid", "refclassid", "refobjid", "refobjsubid", "deptype"});
  CHECK(only(rows, "16385") == "1259|1259|16384|1|a\n1259|2615|2200|0|n");
  CHECK(only(rows, "16394") == "1259|1259|16384|5|i\n1259|2615|2200|0|n");
  CHECK(only(rows, "16386") == "1259|2606|16389|0|i");
}

TEST_CASE("pg_type: provided types, their arrays and pseudo types") {
  Shop shop;
  const auto rows = shop.read("pg_catalog", "pg_type",
                              {"typname", "oid", "typlen", "typtype", "typcategory", "typelem",
                               "typarray", "typinput", "typdelim", "typcollation"});
  CHECK(only(rows, "int4") == "23|4|b|N|0|1007|42|,|0");
  CHECK(only(rows, "_int4") == "1007|-1|b|A|23|0|750|,|0");
  CHECK(only(rows, "text") == "25|-1|b|S|0|1009|46|,|100");
  CHECK(only(rows, "name") == "19|64|b|S|18|1003|34|,|950");
  CHECK(only(rows, "regclass") == "2205|4|b|N|0|2210|2218|,|0");
  CHECK(only(rows, "void") == "2278|4|p|P|0|0|2298|,|0");
  CHECK(only(rows, "json") == "");  // nobody provides it here
}

TEST_CASE("pg_proc: functions of all providers and those that types name") {
  Shop shop;
  CHECK(shop.catalog("pg_proc", {"oid", "prokind", "proargtypes", "prorettype", "proretset"},
                     {{"proname", std::string("format_type")}}) == "1081|f|26 23|25|f");
  CHECK(shop.catalog("pg_proc", {"proname"}, {{"oid", int64_t{750}}}) == "array_in");
  const auto rows = shop.read("pg_catalog", "pg_proc", {"oid"});
  std::set<std::string> ids;
  for (const TextRow& row : rows) CHECK(ids.insert(row[0]).second);
}

TEST_CASE("pg_cast carries PostgreSQL's numbers where it has them") {
  Shop shop;
  const auto casts =
      shop.read("pg_catalog", "pg_cast", {"castsource", "casttarget", "castcontext", "castmethod"});
  CHECK(only(casts, "2205") == "26|i|b\n20|a|f\n23|a|b");
  CHECK(shop.catalog("pg_attribute", {"attname", "attnotnull"}, {{"attrelid", int64_t{2610}}})
            .ends_with("indkey|t\nindcollation|t\nindclass|t\nindoption|t\nindexprs|f\nindpred|f"));
}

TEST_CASE("pg_database, pg_roles, pg_am: what is there") {
  Shop shop;
  CHECK(shop.catalog("pg_database", {"oid", "datname", "datdba", "encoding", "datallowconn"}) ==
        "5|postgres|10|6|t");
  CHECK(shop.catalog("pg_roles", {"rolname", "rolsuper", "rolcanlogin", "rolconnlimit", "oid",
                                  "rolvaliduntil"}) == "postgres|t|t|-1|10|NULL");
  CHECK(shop.catalog("pg_am", {"oid", "amname", "amtype"}) == "2|heap|t\n403|btree|i");
  CHECK(shop.catalog("pg_stat_activity",
                     {"pid", "usename", "client_addr", "client_port", "state", "query"}) ==
        "42|postgres|127.0.0.1|50000|active|select 1");
  CHECK(shop.catalog("pg_settings", {"name", "setting", "vartype", "unit"}) ==
        "search_path|\"$user\", "
        "public|string|NULL\nserver_version|15.0|string|NULL\nbuffer_pool_size|67108864|integer|B");
}

TEST_CASE("pg_description: comments on tables and columns") {
  Shop shop;
  CHECK(shop.catalog("pg_description", {"objoid", "classoid", "objsubid", "description"}) ==
        "16384|1259|0|things\n16384|1259|2|its name");
}

TEST_CASE("pg_tables, pg_views, pg_indexes and pg_sequences show names") {
  Shop shop;
  CHECK(only(shop.read("pg_catalog", "pg_tables",
                       {"schemaname", "tablename", "tableowner", "hasindexes"}),
             "public") == "shop|postgres|t");
  CHECK(only(shop.read("pg_catalog", "pg_views", {"schemaname", "viewname", "definition"}),
             "public") == "shown| SELECT id, title FROM shop;");
  CHECK(only(shop.read("pg_catalog", "pg_indexes", {"indexname", "tablename", "indexdef"}),
             "shop_pkey") == "shop|CREATE UNIQUE INDEX shop_pkey ON public.shop USING btree (id)");
  CHECK(shop.catalog("pg_sequences", {"sequencename", "data_type", "max_value"}) ==
        "shop_id_seq|23|2147483647\nshop_code_seq|23|2147483647");
}

TEST_CASE("information_schema.columns: types are described as the standard asks") {
  Shop shop;
  const auto rows =
      shop.read("information_schema", "columns",
                {"table_schema", "table_name", "column_name", "data_type",
                 "character_maximum_length", "character_octet_length", "numeric_precision",
                 "numeric_scale", "is_nullable", "column_default", "is_identity",
                 "identity_generation", "is_generated", "generation_expression", "udt_name"});
  CHECK(
      only(rows, "public") ==
      "shop|id|integer|NULL|NULL|32|0|NO|nextval('shop_id_seq'::regclass)|NO|NULL|NEVER|NULL|int4\n"
      "shop|title|character varying|20|80|NULL|NULL|NO|'none'::character varying|NO|NULL|NEVER"
      "|NULL|varchar\n"
      "shop|price|numeric|NULL|NULL|8|2|YES|NULL|NO|NULL|NEVER|NULL|numeric\n"
      "shop|parent|integer|NULL|NULL|32|0|YES|NULL|NO|NULL|NEVER|NULL|int4\n"
      "shop|code|integer|NULL|NULL|32|0|NO|NULL|YES|ALWAYS|NEVER|NULL|int4\n"
      "shop|twice|integer|NULL|NULL|32|0|YES|NULL|NO|NULL|ALWAYS|(id * 2)|int4\n"
      "shown|id|integer|NULL|NULL|32|0|YES|NULL|NO|NULL|NEVER|NULL|int4\n"
      "shown|title|character varying|20|80|NULL|NULL|YES|NULL|NO|NULL|NEVER|NULL|varchar");
}

TEST_CASE("information_schema: tables, constraints and key columns") {
  Shop shop;
  CHECK(
      only(shop.read("information_schema", "tables", {"table_schema", "table_name", "table_type"}),
           "public") == "shop|BASE TABLE\nshown|VIEW");
  CHECK(shop.standard("key_column_usage", {"constraint_name", "column_name", "ordinal_position",
                                           "position_in_unique_constraint"}) ==
        "shop_pkey|id|1|NULL\nshop_parent_fkey|parent|1|1");
  CHECK(shop.standard("referential_constraints", {"constraint_name", "unique_constraint_name",
                                                  "match_option", "update_rule", "delete_rule"}) ==
        "shop_parent_fkey|shop_pkey|NONE|NO ACTION|CASCADE");
  CHECK(shop.standard("constraint_column_usage", {"constraint_name", "column_name"}) ==
        "shop_pkey|id\nshop_price_check|price\nshop_parent_fkey|id");
  CHECK(shop.standard("check_constraints", {"constraint_name", "check_clause"}) ==
        "shop_price_check|((price > 0))\n2200_16384_1_not_null|id IS NOT NULL\n"
        "2200_16384_2_not_null|title IS NOT NULL\n2200_16384_5_not_null|code IS NOT NULL");
}

}  // namespace
}  // namespace mortise::sql_catalog
