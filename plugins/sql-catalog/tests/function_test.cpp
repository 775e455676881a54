// SPDX-License-Identifier: Apache-2.0
//
// Goal:   catalog functions answer PostgreSQL's texts, nulls and failures.
// Method: a catalog in memory (shop.hpp), called through the plugin's own mortise.functions/1
// table.
//         Expectations were taken from PostgreSQL 15 with the same definitions.

#include <doctest/doctest.h>

#include "tests/shop.hpp"
#include "types/physical.hpp"

namespace mortise::sql_catalog {
namespace {

constexpr uint32_t kOid = MORTISE_SQL_OID;
constexpr uint32_t kText = MORTISE_SQL_TEXT;
constexpr uint32_t kName = MORTISE_SQL_NAME;
constexpr uint32_t kInt4 = MORTISE_SQL_INT4;
constexpr uint32_t kBool = MORTISE_SQL_BOOL;

struct Shop : FakeDatabase {
  Shop() { open_shop(*this); }
};

Value oid(int64_t value) {
  return value;
}
Value text(const char* value) {
  return std::string(value);
}
const Value kNothing = std::monostate();

TEST_CASE("format_type: names of the grammar, modifiers and arrays") {
  Shop shop;
  const auto format = [&](int64_t type, Value modifier) {
    return shop.call("format_type", {kOid, kInt4}, {type, std::move(modifier)});
  };
  CHECK(format(23, kNothing) == "integer");
  CHECK(format(1043, oid(24)) == "character varying(20)");
  CHECK(format(1700, oid(524294)) == "numeric(8,2)");
  CHECK(format(1042, kNothing) == "character");
  CHECK(format(1042, oid(-1)) == "bpchar");
  CHECK(format(1042, oid(7)) == "character(3)");
  CHECK(format(1114, oid(3)) == "timestamp(3) without time zone");
  CHECK(format(1015, oid(24)) == "character varying(20)[]");
  CHECK(format(1009, kNothing) == "text[]");
  CHECK(format(18, kNothing) == "\"char\"");
  CHECK(format(1034, kNothing) == "aclitem[]");
  CHECK(format(2276, kNothing) == "\"any\"");
  CHECK(format(0, kNothing) == "-");
  CHECK(format(99999, kNothing) == "???");
  CHECK(shop.call("format_type", {kOid, kInt4}, {kNothing, kNothing}) == "NULL");
}

TEST_CASE("pg_get_indexdef: whole, by column, and without the visible schema") {
  Shop shop;
  CHECK(shop.call("pg_get_indexdef", {kOid}, {oid(kShopTitle)}) ==
        "CREATE INDEX shop_title ON public.shop USING btree (title DESC, lower(title))"
        " WHERE (id > 3)");
  CHECK(shop.call("pg_get_indexdef", {kOid, kInt4, kBool}, {oid(kShopTitle), oid(0), oid(1)}) ==
        "CREATE INDEX shop_title ON shop USING btree (title DESC, lower(title)) WHERE id > 3");
  CHECK(shop.call("pg_get_indexdef", {kOid, kInt4, kBool}, {oid(kShopTitle), oid(1), oid(0)}) ==
        "title");
  CHECK(shop.call("pg_get_indexdef", {kOid, kInt4, kBool}, {oid(kShopTitle), oid(2), oid(0)}) ==
        "lower(title)");
  CHECK(shop.call("pg_get_indexdef", {kOid, kInt4, kBool}, {oid(kShopTitle), oid(3), oid(0)}) ==
        "");
  CHECK(shop.call("pg_get_indexdef", {kOid}, {oid(kShop)}) == "NULL");
}

TEST_CASE("pg_get_constraintdef: as drivers take it apart") {
  Shop shop;
  const auto definition = [&](int64_t id) {
    return shop.call("pg_get_constraintdef", {kOid}, {id});
  };
  CHECK(definition(kKeyConstraint) == "PRIMARY KEY (id)");
  CHECK(definition(kCheckConstraint) == "CHECK ((price > 0))");
  CHECK(definition(kForeignConstraint) ==
        "FOREIGN KEY (parent) REFERENCES shop(id) ON DELETE CASCADE");
  CHECK(definition(1) == "NULL");
  CHECK(shop.call("pg_get_constraintdef", {kOid, kBool}, {oid(kCheckConstraint), oid(1)}) ==
        "CHECK (price > 0)");
  shop.search_path = "other";
  CHECK(definition(kForeignConstraint) ==
        "FOREIGN KEY (parent) REFERENCES public.shop(id) ON DELETE CASCADE");
}

TEST_CASE("pg_get_viewdef, pg_get_expr and pg_get_serial_sequence") {
  Shop shop;
  CHECK(shop.call("pg_get_viewdef", {kOid}, {oid(kShown)}) == " SELECT id, title FROM shop;");
  CHECK(shop.call("pg_get_viewdef", {kText}, {text("shown")}) == " SELECT id, title FROM shop;");
  CHECK(shop.call("pg_get_expr", {kSqlNodeTree, kOid, kBool}, {text("(id > 3)"), oid(1), oid(1)}) ==
        "id > 3");
  CHECK(shop.call("pg_get_serial_sequence", {kText, kText}, {text("shop"), text("id")}) ==
        "public.shop_id_seq");
  CHECK(shop.call("pg_get_serial_sequence", {kText, kText}, {text("shop"), text("title")}) ==
        "NULL");
  CHECK(shop.call("pg_get_serial_sequence", {kText, kText}, {text("shop"), text("nope")}) ==
        "42703 column \"nope\" of relation \"shop\" does not exist");
  CHECK(shop.call("pg_get_serial_sequence", {kText, kText}, {text("nope"), text("id")}) ==
        "42P01 relation \"nope\" does not exist");
}

TEST_CASE("visibility follows the search path, with pg_catalog first") {
  Shop shop;
  const auto is_visible = [&](int64_t id) {
    return shop.call("pg_table_is_visible", {kOid}, {id});
  };
  CHECK(is_visible(kShop) == "t");
  CHECK(is_visible(kOtherShop) == "f");
  CHECK(is_visible(kShopKey) == "t");
  CHECK(is_visible(1259) == "t");
  CHECK(is_visible(13425) == "f");  // information_schema.tables
  CHECK(is_visible(99999) == "NULL");
  shop.search_path = "other, public";
  CHECK(is_visible(kShop) == "f");
  CHECK(is_visible(kOtherShop) == "t");
  shop.search_path = "";
  CHECK(is_visible(kShop) == "f");
}

TEST_CASE("regclass: names and numbers in, visible names bare, others qualified") {
  Shop shop;
  const auto regclass = [&](const char* value) {
    return shop.text_in(MORTISE_SQL_REGCLASS, value);
  };
  CHECK(regclass("shop") == "shop");
  CHECK(regclass("Public.SHOP") == "shop");
  CHECK(regclass("other.shop") == "other.shop");
  CHECK(regclass("16393") == "other.shop");
  CHECK(regclass("pg_class") == "pg_class");
  CHECK(regclass("pg_catalog.pg_class") == "pg_class");
  CHECK(regclass("information_schema.tables") == "information_schema.tables");
  CHECK(regclass("99999") == "99999");
  CHECK(regclass("-") == "-");
  CHECK(regclass("nope") == "42P01 relation \"nope\" does not exist");
  CHECK(regclass("\"Shop\"") == "42P01 relation \"Shop\" does not exist");
  CHECK(regclass("Other.NOPE") == "42P01 relation \"other.nope\" does not exist");
  CHECK(regclass("nope.shop") == "3F000 schema \"nope\" does not exist");
  CHECK(regclass("a.b.c.d") == "42601 improper relation name (too many dotted names): a.b.c.d");
  CHECK(shop.call("to_regclass", {kText}, {text("nope")}) == "NULL");
  CHECK(shop.call("to_regclass", {kText}, {text("shop")}) == "16384");
}

TEST_CASE("regtype, regproc, regnamespace and regrole") {
  Shop shop;
  CHECK(shop.text_in(MORTISE_SQL_REGTYPE, "int4") == "integer");
  CHECK(shop.text_in(MORTISE_SQL_REGTYPE, "character varying(20)") == "character varying");
  CHECK(shop.text_in(MORTISE_SQL_REGTYPE, "pg_catalog.int4[]") == "integer[]");
  CHECK(shop.text_in(MORTISE_SQL_REGTYPE, "timestamp") == "timestamp without time zone");
  CHECK(shop.text_in(MORTISE_SQL_REGTYPE, "nope") == "42704 type \"nope\" does not exist");
  CHECK(shop.text_in(MORTISE_SQL_REGPROC, "pg_catalog.array_in") == "array_in");
  CHECK(shop.text_in(MORTISE_SQL_REGPROC, "pg_get_indexdef") ==
        "42725 more than one function named \"pg_get_indexdef\"");
  CHECK(shop.text_in(kSqlRegProcedure, "format_type(oid, integer)") == "format_type(oid,integer)");
  CHECK(shop.text_in(kSqlRegNamespace, "public") == "public");
  CHECK(shop.text_in(kSqlRegNamespace, "nope") == "3F000 schema \"nope\" does not exist");
  CHECK(shop.text_in(kSqlRegRole, "postgres") == "postgres");
  CHECK(shop.text_in(kSqlRegRole, "nope") == "42704 role \"nope\" does not exist");
  CHECK(shop.call("to_regtype", {kText}, {text("nope")}) == "NULL");
}

TEST_CASE("descriptions and names of roles") {
  Shop shop;
  CHECK(shop.call("obj_description", {kOid, kName}, {oid(kShop), text("pg_class")}) == "things");
  CHECK(shop.call("obj_description", {kOid}, {oid(kShop)}) == "things");
  CHECK(shop.call("obj_description", {kOid, kName}, {oid(kShown), text("pg_class")}) == "NULL");
  CHECK(shop.call("col_description", {kOid, kInt4}, {oid(kShop), oid(2)}) == "its name");
  CHECK(shop.call("col_description", {kOid, kInt4}, {oid(kShop), oid(0)}) == "NULL");
  CHECK(shop.call("pg_get_userbyid", {kOid}, {oid(10)}) == "postgres");
  CHECK(shop.call("pg_get_userbyid", {kOid}, {oid(77)}) == "unknown (OID=77)");
}

TEST_CASE("privileges: names are checked, and what exists is allowed") {
  Shop shop;
  CHECK(shop.call("has_table_privilege", {kName, kText, kText},
                  {text("postgres"), text("shop"), text("SELECT, insert")}) == "t");
  CHECK(shop.call("has_table_privilege", {kText, kText}, {text("shop"), text("fly")}) ==
        "22023 unrecognized privilege type: \"fly\"");
  CHECK(shop.call("has_table_privilege", {kName, kOid, kText},
                  {text("nobody"), oid(kShop), text("select")}) ==
        "42704 role \"nobody\" does not exist");
  CHECK(shop.call("has_table_privilege", {kOid, kText}, {oid(99999), text("select")}) == "NULL");
  CHECK(shop.call("has_schema_privilege", {kText, kText}, {text("nope"), text("usage")}) ==
        "3F000 schema \"nope\" does not exist");
  CHECK(shop.call("has_database_privilege", {kText, kText}, {text("postgres"), text("connect")}) ==
        "t");
  CHECK(shop.call("has_column_privilege", {kText, kText, kText},
                  {text("shop"), text("nope"), text("select")}) ==
        "42703 column \"nope\" of relation \"shop\" does not exist");
  CHECK(shop.call("pg_has_role", {kName, kText}, {text("postgres"), text("usage")}) == "t");
}

TEST_CASE("sizes: read from text, null for what is not there") {
  Shop shop;
  CHECK(shop.call("pg_size_bytes", {kText}, {text("1.5 MB")}) == "1572864");
  CHECK(shop.call("pg_size_bytes", {kText}, {text("x")}) == "22023 invalid size: \"x\"");
  CHECK(shop.call("pg_table_size", {MORTISE_SQL_REGCLASS}, {oid(kShop)}) == "0");
  CHECK(shop.call("pg_table_size", {MORTISE_SQL_REGCLASS}, {oid(99999)}) == "NULL");
}

TEST_CASE("the server: recovery, cancelling") {
  Shop shop;
  CHECK(shop.call("pg_is_in_recovery", {}, {}) == "f");
  CHECK(shop.call("pg_cancel_backend", {kInt4}, {oid(42)}) == "t");
  CHECK(shop.call("pg_terminate_backend", {kInt4}, {oid(43)}) == "f");
  CHECK(shop.call("txid_current_if_assigned", {}, {}) == "NULL");
  CHECK(shop.call("pg_stat_get_numscans", {kOid}, {oid(kShop)}) == "0");
  CHECK(shop.call("pg_get_function_arguments", {kOid}, {oid(1081)}) == "oid, integer");
  CHECK(shop.call("pg_get_function_result", {kOid}, {oid(3425)}) == "SETOF regclass");
}

TEST_CASE("arrays and vectors of catalog columns can be taken apart") {
  Shop shop;
  CHECK(joined(shop.call_rows("_pg_expandarray", {kSqlInt2Vector}, {text("7 9")})) == "7|1\n9|2");
  CHECK(joined(shop.call_rows("pg_options_to_table", {kSqlTextArray},
                              {text("{fillfactor=70,plain}")})) == "fillfactor|70\nplain|NULL");
}

}  // namespace
}  // namespace mortise::sql_catalog
