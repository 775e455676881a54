// SPDX-License-Identifier: Apache-2.0
//
// regclass and its kin, xid, cid, the types that stand as their text (pg_node_tree, aclitem), and
// the arrays of all of them.
#include <charconv>
#include <cstring>

#include "function/call.hpp"
#include "mortise/cpp/array_type.hpp"
#include "types/lists.hpp"
#include "types/object_name.hpp"
#include "types/physical.hpp"

namespace mortise::sql_catalog {
namespace {

using Conversion = decltype(mortise_type_info_t::text_in);

// Calls body(row) for the rows that are selected and not null.
template <typename Body>
Status each_value(const mortise_arguments_t& arguments, mortise_column_out_t& out, Body&& body) {
  const mortise_column_t& column = arguments.columns[0];
  const bool is_same_for_all = is_constant(column);
  const bool is_dense = arguments.selection == nullptr;
  const uint32_t count = is_dense ? arguments.rows_count : arguments.selected_count;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t row = is_dense ? i : arguments.selection[i];
    if (column.validity != nullptr && !get_bit(column.validity, is_same_for_all ? 0 : row)) {
      clear_bit(out.validity, row);
      continue;
    }
    MORTISE_TRY(body(row));
  }
  return {};
}

template <uint32_t RegType>
mortise_status_t MORTISE_CALL object_in(const mortise_evaluation_t* evaluation,
                                        const mortise_type_t*, const mortise_arguments_t* arguments,
                                        mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    Call call(evaluation);
    const Strings texts(arguments->columns[0]);
    return each_value(*arguments, *result, [&](uint32_t row) -> Status {
      MORTISE_TRY_ASSIGN(const uint32_t oid, resolve_named(call.objects(), RegType, texts[row]));
      data_of<int64_t>(*result)[row] = oid;
      return {};
    });
  });
}

template <uint32_t RegType>
mortise_status_t MORTISE_CALL object_out(const mortise_evaluation_t* evaluation,
                                         const mortise_type_t*,
                                         const mortise_arguments_t* arguments,
                                         mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    Call call(evaluation);
    const Values<int64_t> oids(arguments->columns[0]);
    return each_value(*arguments, *result, [&](uint32_t row) -> Status {
      MORTISE_TRY_ASSIGN(const std::string name,
                         name_of_object(call.objects(), RegType, static_cast<uint32_t>(oids[row])));
      MORTISE_TRY_ASSIGN(const std::string_view kept, call.keep(name));
      data_of<mortise_view_t>(*result)[row] = view_to(kept);
      return {};
    });
  });
}

mortise_status_t MORTISE_CALL number_in(const mortise_evaluation_t*, const mortise_type_t* type,
                                        const mortise_arguments_t* arguments,
                                        mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const Strings texts(arguments->columns[0]);
    return each_value(*arguments, *result, [&](uint32_t row) -> Status {
      const std::string_view text = texts[row];
      uint32_t value = 0;
      const char* const end = text.data() + text.size();
      const auto [rest, failure] = std::from_chars(text.data(), end, value);
      if (failure != std::errc() || rest != end) {
        return {Code::invalid, "22P02",
                std::string("invalid input syntax for type ") +
                    (type->sql_type == kSqlXid ? "xid" : "cid") + ": \"" + std::string(text) +
                    "\""};
      }
      data_of<int64_t>(*result)[row] = value;
      return {};
    });
  });
}

mortise_status_t MORTISE_CALL number_out(const mortise_evaluation_t*, const mortise_type_t*,
                                         const mortise_arguments_t* arguments,
                                         mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const Values<int64_t> values(arguments->columns[0]);
    return each_value(*arguments, *result, [&](uint32_t row) -> Status {
      // Ten digits at most: they stand in place.
      data_of<mortise_view_t>(*result)[row] =
          view_to(std::to_string(static_cast<uint32_t>(values[row])));
      return {};
    });
  });
}

// Four bytes, most significant first.
mortise_status_t MORTISE_CALL object_receive(const mortise_evaluation_t*, const mortise_type_t*,
                                             const mortise_arguments_t* arguments,
                                             mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const Strings values(arguments->columns[0]);
    return each_value(*arguments, *result, [&](uint32_t row) -> Status {
      const std::string_view bytes = values[row];
      if (bytes.size() != 4) {
        return {Code::invalid, "22P03", "incorrect binary data format in bind parameter"};
      }
      uint32_t value = 0;
      for (const char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
      data_of<int64_t>(*result)[row] = value;
      return {};
    });
  });
}

mortise_status_t MORTISE_CALL object_send(const mortise_evaluation_t*, const mortise_type_t*,
                                          const mortise_arguments_t* arguments,
                                          mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const Values<int64_t> values(arguments->columns[0]);
    return each_value(*arguments, *result, [&](uint32_t row) -> Status {
      const auto value = static_cast<uint32_t>(values[row]);
      char bytes[4];
      for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(value >> (24 - 8 * i));
      data_of<mortise_view_t>(*result)[row] = view_to({bytes, 4});
      return {};
    });
  });
}

// The value is its text, in and out.
mortise_status_t MORTISE_CALL same_text(const mortise_evaluation_t* evaluation,
                                        const mortise_type_t*, const mortise_arguments_t* arguments,
                                        mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    Call call(evaluation);
    const Strings texts(arguments->columns[0]);
    return each_value(*arguments, *result, [&](uint32_t row) -> Status {
      MORTISE_TRY_ASSIGN(const std::string_view kept, call.keep(texts[row]));
      data_of<mortise_view_t>(*result)[row] = view_to(kept);
      return {};
    });
  });
}

mortise_status_t MORTISE_CALL no_binary(const mortise_evaluation_t*, const mortise_type_t* type,
                                        const mortise_arguments_t*, mortise_column_out_t*,
                                        mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    return unsupported("type " + std::to_string(type->sql_type) + " has no binary form yet");
  });
}

template <uint32_t SqlType>
mortise_status_t MORTISE_CALL resolve(int32_t modifier, mortise_type_t* type, mortise_error_t*) {
  *type = {SqlType, modifier, physical_of(SqlType), 0, 0, 0};
  return MORTISE_OK;
}

template <uint32_t SqlType>
constexpr mortise_type_info_t base(const char* name, uint32_t array, int32_t length_bytes,
                                   char category, const char* display = nullptr) {
  mortise_type_info_t info{};
  info.sql_type = SqlType;
  info.array_type = array;
  info.name = literal(name);
  info.display = literal(display == nullptr ? name : display);
  info.length_bytes = length_bytes;
  info.category = static_cast<uint32_t>(category);
  info.resolve = resolve<SqlType>;
  return info;
}

template <uint32_t SqlType>
constexpr mortise_type_info_t reg(const char* name, uint32_t array) {
  mortise_type_info_t info = base<SqlType>(name, array, 4, 'N');
  info.text_in = object_in<SqlType>;
  info.text_out = object_out<SqlType>;
  info.binary_in = object_receive;
  info.binary_out = object_send;
  return info;
}

template <uint32_t SqlType>
constexpr mortise_type_info_t counter(const char* name, uint32_t array) {
  mortise_type_info_t info = base<SqlType>(name, array, 4, 'U');
  info.text_in = number_in;
  info.text_out = number_out;
  info.binary_in = object_receive;
  info.binary_out = object_send;
  return info;
}

template <uint32_t SqlType>
constexpr mortise_type_info_t as_text(const char* name, uint32_t array, char category,
                                      Conversion binary = same_text) {
  mortise_type_info_t info = base<SqlType>(name, array, -1, category);
  info.text_in = same_text;
  info.text_out = same_text;
  info.binary_in = binary;
  info.binary_out = binary;
  return info;
}

constexpr mortise_type_info_t kOwn[] = {
    reg<MORTISE_SQL_REGCLASS>("regclass", 2210),
    reg<MORTISE_SQL_REGTYPE>("regtype", 2211),
    reg<MORTISE_SQL_REGPROC>("regproc", 1008),
    reg<kSqlRegProcedure>("regprocedure", 2207),
    reg<kSqlRegOper>("regoper", 2208),
    reg<kSqlRegOperator>("regoperator", 2209),
    reg<kSqlRegNamespace>("regnamespace", 4090),
    reg<kSqlRegRole>("regrole", 4097),
    reg<kSqlRegCollation>("regcollation", 4192),
    reg<kSqlRegConfig>("regconfig", 3735),
    reg<kSqlRegDictionary>("regdictionary", 3770),
    counter<kSqlXid>("xid", 1011),
    counter<kSqlCid>("cid", 1012),
    as_text<kSqlNodeTree>("pg_node_tree", 0, 'Z'),
    as_text<kSqlAclItem>("aclitem", kSqlAclItemArray, 'U', no_binary),
    as_text<kSqlInet>("inet", 1041, 'I', no_binary),
    as_text<kSqlLsn>("pg_lsn", 3221, 'U', no_binary),
    as_text<kSqlNDistinct>("pg_ndistinct", 0, 'Z', no_binary),
    as_text<kSqlDependencies>("pg_dependencies", 0, 'Z', no_binary),
    as_text<kSqlMcvList>("pg_mcv_list", 0, 'Z', no_binary),
    as_text<kSqlAnyArray>("anyarray", 0, 'P', no_binary),
};
constexpr auto kTypes = with_array_types<kOwn>();

}  // namespace

const mortise_iface_type_t kTypeTable = {header_of<mortise_iface_type_t>(), kTypes.data(),
                                         static_cast<uint32_t>(kTypes.size()),
                                         sizeof(mortise_type_info_t)};

}  // namespace mortise::sql_catalog
