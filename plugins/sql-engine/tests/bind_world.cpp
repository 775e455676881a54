// SPDX-License-Identifier: Apache-2.0
#include "tests/bind_world.hpp"

#include <cstring>

#include "bind/decimal_literal.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_engine::testing {
namespace {

mortise_str_t text(const char* s) { return {s, std::strlen(s)}; }

template <uint32_t kType, uint16_t kPhysical>
mortise_status_t MORTISE_CALL resolve(int32_t modifier, mortise_type_t* type, mortise_error_t*) {
  *type = {};
  type->sql_type = kType;
  type->modifier = modifier;
  type->physical = kPhysical;
  if (kType == MORTISE_SQL_NUMERIC && modifier >= 0) {
    const uint32_t precision = static_cast<uint32_t>(modifier - 4) >> 16;
    const uint32_t scale = static_cast<uint32_t>(modifier - 4) & 0xFFFF;
    *type = decimal_type(precision, scale);
    type->modifier = modifier;
  }
  return MORTISE_OK;
}

// Reads whole numbers and leaves other texts as they are.
mortise_status_t MORTISE_CALL read_text(const mortise_evaluation_t*, const mortise_type_t* type,
                                        const mortise_arguments_t* arguments,
                                        mortise_column_out_t* result, mortise_error_t* error) {
  const std::string given(Strings(arguments->columns[0])[0]);
  char* end = nullptr;
  const long long value = std::strtoll(given.c_str(), &end, 10);
  const bool is_whole = !given.empty() && *end == '\0';
  if (!is_view(type->physical) && !is_whole) {
    const std::string message = "invalid input syntax for type integer: \"" + given + "\"";
    error->set(error, "22P02", str_of(message));
    return MORTISE_E_INVALID;
  }
  std::memcpy(result->data, &value, sizeof value);
  return MORTISE_OK;
}

template <uint32_t kType, uint16_t kPhysical>
mortise_type_info_t type(const char* name, const char* display, char category,
                         bool is_preferred = false) {
  mortise_type_info_t info{};
  info.sql_type = kType;
  info.name = text(name);
  info.display = text(display);
  info.category = static_cast<uint32_t>(category);
  info.is_preferred = is_preferred ? 1 : 0;
  info.takes_modifier = kType == MORTISE_SQL_NUMERIC ? 1 : 0;
  info.resolve = resolve<kType, kPhysical>;
  info.text_in = read_text;
  return info;
}

const std::vector<mortise_type_info_t>& types() {
  static const std::vector<mortise_type_info_t> list = {
      type<MORTISE_SQL_BOOL, MORTISE_PHYSICAL_BOOL>("bool", "boolean", 'B', true),
      type<MORTISE_SQL_INT2, MORTISE_PHYSICAL_INT16>("int2", "smallint", 'N'),
      type<MORTISE_SQL_INT4, MORTISE_PHYSICAL_INT32>("int4", "integer", 'N'),
      type<MORTISE_SQL_INT8, MORTISE_PHYSICAL_INT64>("int8", "bigint", 'N'),
      type<MORTISE_SQL_FLOAT8, MORTISE_PHYSICAL_FLOAT64>("float8", "double precision", 'N', true),
      type<MORTISE_SQL_NUMERIC, MORTISE_PHYSICAL_NUMERIC>("numeric", "numeric", 'N'),
      type<MORTISE_SQL_TEXT, MORTISE_PHYSICAL_TEXT>("text", "text", 'S', true),
      type<MORTISE_SQL_VARCHAR, MORTISE_PHYSICAL_TEXT>("varchar", "character varying", 'S'),
      type<MORTISE_SQL_DATE, MORTISE_PHYSICAL_INT32>("date", "date", 'D'),
      type<MORTISE_SQL_TIMESTAMP, MORTISE_PHYSICAL_INT64>("timestamp",
                                                          "timestamp without time zone", 'D'),
      type<MORTISE_SQL_TIMESTAMPTZ, MORTISE_PHYSICAL_INT64>(
          "timestamptz", "timestamp with time zone", 'D', true),
      type<MORTISE_SQL_INTERVAL, MORTISE_PHYSICAL_INTERVAL>("interval", "interval", 'T', true),
  };
  return list;
}

// Signatures alone: never evaluated, so volatile, that nothing is folded.
struct Signature {
  const char* name;
  const char* symbol;
  std::vector<uint32_t> arguments;
  uint32_t result;
  uint32_t kind = MORTISE_FUNCTION_SCALAR;
  uint32_t variadic = 0;
};

const std::vector<Signature>& signature_list() {
  constexpr uint32_t kBool = MORTISE_SQL_BOOL;
  static const std::vector<Signature> list = [] {
    std::vector<Signature> s;
    const uint32_t numbers[] = {MORTISE_SQL_INT2, MORTISE_SQL_INT4, MORTISE_SQL_INT8,
                                MORTISE_SQL_NUMERIC, MORTISE_SQL_FLOAT8};
    for (const uint32_t n : numbers) {
      for (const char* symbol : {"+", "-", "*", "/"}) s.push_back({"", symbol, {n, n}, n});
      s.push_back({"abs", "@", {n}, n});
    }
    const uint32_t compared[] = {kBool,
                                 MORTISE_SQL_INT2,
                                 MORTISE_SQL_INT4,
                                 MORTISE_SQL_INT8,
                                 MORTISE_SQL_NUMERIC,
                                 MORTISE_SQL_FLOAT8,
                                 MORTISE_SQL_TEXT,
                                 MORTISE_SQL_DATE,
                                 MORTISE_SQL_TIMESTAMP,
                                 MORTISE_SQL_TIMESTAMPTZ};
    for (const uint32_t c : compared) {
      for (const char* symbol : {"=", "<>", "<", "<=", ">", ">="}) {
        s.push_back({"", symbol, {c, c}, kBool});
      }
    }
    s.push_back({"", "=", {MORTISE_SQL_INT4, MORTISE_SQL_INT8}, kBool});
    s.push_back({"", "-", {MORTISE_SQL_DATE, MORTISE_SQL_DATE}, MORTISE_SQL_INT4});
    s.push_back({"", "+", {MORTISE_SQL_DATE, MORTISE_SQL_INT4}, MORTISE_SQL_DATE});
    s.push_back({"", "+", {MORTISE_SQL_DATE, MORTISE_SQL_INTERVAL}, MORTISE_SQL_TIMESTAMP});
    s.push_back({"", "||", {MORTISE_SQL_TEXT, MORTISE_SQL_TEXT}, MORTISE_SQL_TEXT});
    s.push_back({"upper", "", {MORTISE_SQL_TEXT}, MORTISE_SQL_TEXT});
    s.push_back({"round", "", {MORTISE_SQL_FLOAT8}, MORTISE_SQL_FLOAT8});
    s.push_back({"round", "", {MORTISE_SQL_NUMERIC}, MORTISE_SQL_NUMERIC});
    s.push_back({"concat", "", {MORTISE_SQL_ANY}, MORTISE_SQL_TEXT, MORTISE_FUNCTION_SCALAR,
                 MORTISE_SQL_ANY});
    s.push_back({"count", "", {}, MORTISE_SQL_INT8, MORTISE_FUNCTION_AGGREGATE});
    s.push_back({"count", "", {MORTISE_SQL_ANY}, MORTISE_SQL_INT8, MORTISE_FUNCTION_AGGREGATE});
    s.push_back({"sum", "", {MORTISE_SQL_INT4}, MORTISE_SQL_INT8, MORTISE_FUNCTION_AGGREGATE});
    s.push_back(
        {"sum", "", {MORTISE_SQL_NUMERIC}, MORTISE_SQL_NUMERIC, MORTISE_FUNCTION_AGGREGATE});
    s.push_back({"rank", "", {}, MORTISE_SQL_INT8, MORTISE_FUNCTION_WINDOW});
    s.push_back({"same", "", {MORTISE_SQL_ANYELEMENT, MORTISE_SQL_ANYELEMENT},
                 MORTISE_SQL_ANYELEMENT});
    return s;
  }();
  return list;
}

const std::vector<mortise_cast_t>& casts() {
  static const std::vector<mortise_cast_t> list = [] {
    std::vector<mortise_cast_t> c;
    const auto add = [&](uint32_t from, uint32_t to, uint32_t context, bool is_same = false) {
      mortise_cast_t cast{};
      cast.source_type = from;
      cast.target_type = to;
      cast.context = context;
      cast.is_binary_same = is_same ? 1 : 0;
      c.push_back(cast);
    };
    const uint32_t order[] = {MORTISE_SQL_INT2, MORTISE_SQL_INT4, MORTISE_SQL_INT8,
                              MORTISE_SQL_NUMERIC, MORTISE_SQL_FLOAT8};
    for (size_t i = 0; i < 5; ++i) {
      for (size_t j = 0; j < 5; ++j) {
        if (i == j) continue;
        add(order[i], order[j], i < j ? MORTISE_CAST_IMPLICIT : MORTISE_CAST_ASSIGNMENT);
      }
    }
    add(MORTISE_SQL_VARCHAR, MORTISE_SQL_TEXT, MORTISE_CAST_IMPLICIT, true);
    add(MORTISE_SQL_TEXT, MORTISE_SQL_VARCHAR, MORTISE_CAST_IMPLICIT, true);
    add(MORTISE_SQL_DATE, MORTISE_SQL_TIMESTAMP, MORTISE_CAST_IMPLICIT);
    add(MORTISE_SQL_DATE, MORTISE_SQL_TIMESTAMPTZ, MORTISE_CAST_IMPLICIT);
    add(MORTISE_SQL_TIMESTAMP, MORTISE_SQL_TIMESTAMPTZ, MORTISE_CAST_IMPLICIT);
    add(MORTISE_SQL_INT4, MORTISE_SQL_BOOL, MORTISE_CAST_EXPLICIT);
    return c;
  }();
  return list;
}

mortise_type_t resolved(uint32_t oid, int32_t modifier = -1) {
  return *signatures().resolve(oid, modifier);
}

RelationPtr relation(mortise_object_id_t id, std::string name,
                     std::vector<std::pair<std::string, mortise_type_t>> columns) {
  auto made = std::make_shared<Relation>();
  made->definition.id = id;
  made->definition.name = std::move(name);
  made->schema_name = "public";
  for (auto& [column, column_type] : columns) {
    schema::ColumnDef c;
    c.name = column;
    c.type = column_type;
    made->definition.columns.push_back(std::move(c));
  }
  IndexInfo key;
  key.definition.is_primary = true;
  key.definition.is_unique = true;
  key.definition.columns = {0};
  made->indexes.push_back(key);
  return made;
}

}  // namespace

const Registry& signatures() {
  static const Registry& registry = [&]() -> Registry& {
    static Registry made;
    static std::vector<mortise_function_t> functions;
    for (const Signature& s : signature_list()) {
      mortise_function_t f{};
      f.kind = s.kind;
      f.name = text(s.name);
      f.operator_symbol = text(s.symbol);
      f.argument_types = s.arguments.data();
      f.arguments_count = static_cast<uint32_t>(s.arguments.size());
      f.variadic_type = s.variadic;
      f.return_type = s.result;
      f.volatility = MORTISE_VOLATILITY_VOLATILE;
      f.is_strict = 1;
      functions.push_back(f);
    }
    mortise_iface_type_t type_table{};
    type_table.types = types().data();
    type_table.types_count = static_cast<uint32_t>(types().size());
    type_table.type_stride_bytes = sizeof(mortise_type_info_t);
    made.add(type_table);
    mortise_iface_functions_t function_table{};
    function_table.functions = functions.data();
    function_table.functions_count = static_cast<uint32_t>(functions.size());
    function_table.function_stride_bytes = sizeof(mortise_function_t);
    function_table.casts = casts().data();
    function_table.casts_count = static_cast<uint32_t>(casts().size());
    function_table.cast_stride_bytes = sizeof(mortise_cast_t);
    made.add(function_table);
    made.seal();
    return made;
  }();
  return registry;
}

FakeNames::FakeNames() {
  relations_["t"] =
      relation(16384, "t",
               {{"a", resolved(MORTISE_SQL_INT4)},
                {"b", resolved(MORTISE_SQL_TEXT)},
                {"c", resolved(MORTISE_SQL_NUMERIC, (12 << 16 | 2) + 4)}});
  relations_["u"] = relation(
      16385, "u", {{"a", resolved(MORTISE_SQL_INT4)}, {"d", resolved(MORTISE_SQL_DATE)}});
}

Result<Names::Found> FakeNames::find_relation(std::string_view schema, std::string_view name) {
  Found found;
  if (!schema.empty() && schema != "public") return found;
  const auto known = relations_.find(name);
  if (known != relations_.end()) found.relation = known->second;
  return found;
}

Result<LogicalPlan> bind_statement(Maker& maker, Id statement,
                                   std::vector<mortise_type_t> parameters) {
  FakeNames names;
  BindEnvironment environment;
  environment.registry = &signatures();
  environment.names = &names;
  Binder binder(environment, std::move(parameters));
  return binder.bind(maker.tree.node(statement));
}

std::string bound_text(Maker& maker, Id statement) {
  const Result<LogicalPlan> plan = bind_statement(maker, statement);
  if (plan) return to_text(*plan->root, plan->columns);
  const Status& failure = plan.error();
  std::string out(failure.sqlstate());
  out.append(" ").append(failure.message());
  if (failure.position_chars() != 0) {
    out.append(" @").append(std::to_string(failure.position_chars()));
  }
  const std::string_view hint = failure.field(MORTISE_ERROR_FIELD_HINT);
  if (!hint.empty()) out.append(" HINT ").append(hint);
  return out;
}

}  // namespace mortise::sql_engine::testing
