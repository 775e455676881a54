// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which system relations have rows, and whose code makes them?
//
// Relations that are described but not listed here are always empty.
//
// Threads: constants.

#include "relation/scan.hpp"

namespace mortise::sql_catalog {

struct NamedFill {
  std::string_view relation;
  Fill fill;
};

// relation/class.cpp
Status fill_pg_class(Scan& scan);
Status fill_pg_attribute(Scan& scan);
Status fill_pg_attrdef(Scan& scan);
Status fill_pg_index(Scan& scan);
Status fill_pg_sequence(Scan& scan);
// relation/constraint.cpp
Status fill_pg_constraint(Scan& scan);
Status fill_pg_depend(Scan& scan);
Status fill_pg_rewrite(Scan& scan);
Status fill_pg_description(Scan& scan);
Status fill_pg_shdescription(Scan& scan);
// relation/type.cpp
Status fill_pg_type(Scan& scan);
Status fill_pg_collation(Scan& scan);
Status fill_pg_opclass(Scan& scan);
Status fill_pg_opfamily(Scan& scan);
Status fill_pg_am(Scan& scan);
Status fill_pg_language(Scan& scan);
// relation/function.cpp
Status fill_pg_proc(Scan& scan);
Status fill_pg_operator(Scan& scan);
Status fill_pg_cast(Scan& scan);
Status fill_pg_aggregate(Scan& scan);
// relation/cluster.cpp: what all databases share
Status fill_pg_database(Scan& scan);
Status fill_pg_namespace(Scan& scan);
Status fill_pg_tablespace(Scan& scan);
Status fill_pg_authid(Scan& scan);
Status fill_pg_auth_members(Scan& scan);
Status fill_pg_db_role_setting(Scan& scan);
Status fill_pg_roles(Scan& scan);
Status fill_pg_shadow(Scan& scan);
Status fill_pg_user(Scan& scan);
Status fill_pg_group(Scan& scan);
// relation/listing.cpp: pg_tables and its kin
Status fill_pg_tables(Scan& scan);
Status fill_pg_views(Scan& scan);
Status fill_pg_matviews(Scan& scan);
Status fill_pg_indexes(Scan& scan);
Status fill_pg_sequences(Scan& scan);
Status fill_pg_stat_all_tables(Scan& scan);
Status fill_pg_stat_sys_tables(Scan& scan);
Status fill_pg_stat_user_tables(Scan& scan);
Status fill_pg_stat_all_indexes(Scan& scan);
Status fill_pg_stat_user_indexes(Scan& scan);
// relation/server.cpp: the running server
Status fill_pg_settings(Scan& scan);
Status fill_pg_stat_activity(Scan& scan);
Status fill_pg_stat_database(Scan& scan);
Status fill_pg_prepared_xacts(Scan& scan);
// relation/standard_tables.cpp and standard_constraints.cpp: information_schema
Status fill_schemata(Scan& scan);
Status fill_tables(Scan& scan);
Status fill_columns(Scan& scan);
Status fill_views(Scan& scan);
Status fill_sequences(Scan& scan);
Status fill_routines(Scan& scan);
Status fill_parameters(Scan& scan);
Status fill_catalog_name(Scan& scan);
Status fill_collations(Scan& scan);
Status fill_character_sets(Scan& scan);
Status fill_enabled_roles(Scan& scan);
Status fill_table_privileges(Scan& scan);
Status fill_column_privileges(Scan& scan);
Status fill_table_constraints(Scan& scan);
Status fill_key_column_usage(Scan& scan);
Status fill_referential_constraints(Scan& scan);
Status fill_constraint_column_usage(Scan& scan);
Status fill_constraint_table_usage(Scan& scan);
Status fill_check_constraints(Scan& scan);

inline constexpr NamedFill kCatalogFills[] = {
    {"pg_class", fill_pg_class},
    {"pg_attribute", fill_pg_attribute},
    {"pg_attrdef", fill_pg_attrdef},
    {"pg_index", fill_pg_index},
    {"pg_sequence", fill_pg_sequence},
    {"pg_constraint", fill_pg_constraint},
    {"pg_depend", fill_pg_depend},
    {"pg_rewrite", fill_pg_rewrite},
    {"pg_description", fill_pg_description},
    {"pg_shdescription", fill_pg_shdescription},
    {"pg_type", fill_pg_type},
    {"pg_collation", fill_pg_collation},
    {"pg_opclass", fill_pg_opclass},
    {"pg_opfamily", fill_pg_opfamily},
    {"pg_am", fill_pg_am},
    {"pg_language", fill_pg_language},
    {"pg_proc", fill_pg_proc},
    {"pg_operator", fill_pg_operator},
    {"pg_cast", fill_pg_cast},
    {"pg_aggregate", fill_pg_aggregate},
    {"pg_database", fill_pg_database},
    {"pg_namespace", fill_pg_namespace},
    {"pg_tablespace", fill_pg_tablespace},
    {"pg_authid", fill_pg_authid},
    {"pg_auth_members", fill_pg_auth_members},
    {"pg_db_role_setting", fill_pg_db_role_setting},
    {"pg_roles", fill_pg_roles},
    {"pg_shadow", fill_pg_shadow},
    {"pg_user", fill_pg_user},
    {"pg_group", fill_pg_group},
    {"pg_tables", fill_pg_tables},
    {"pg_views", fill_pg_views},
    {"pg_matviews", fill_pg_matviews},
    {"pg_indexes", fill_pg_indexes},
    {"pg_sequences", fill_pg_sequences},
    {"pg_stat_all_tables", fill_pg_stat_all_tables},
    {"pg_stat_sys_tables", fill_pg_stat_sys_tables},
    {"pg_stat_user_tables", fill_pg_stat_user_tables},
    {"pg_stat_all_indexes", fill_pg_stat_all_indexes},
    {"pg_stat_user_indexes", fill_pg_stat_user_indexes},
    {"pg_settings", fill_pg_settings},
    {"pg_stat_activity", fill_pg_stat_activity},
    {"pg_stat_database", fill_pg_stat_database},
    {"pg_prepared_xacts", fill_pg_prepared_xacts},
};

inline constexpr NamedFill kInformationSchemaFills[] = {
    {"schemata", fill_schemata},
    {"tables", fill_tables},
    {"columns", fill_columns},
    {"views", fill_views},
    {"sequences", fill_sequences},
    {"routines", fill_routines},
    {"parameters", fill_parameters},
    {"information_schema_catalog_name", fill_catalog_name},
    {"collations", fill_collations},
    {"character_sets", fill_character_sets},
    {"enabled_roles", fill_enabled_roles},
    {"table_privileges", fill_table_privileges},
    {"column_privileges", fill_column_privileges},
    {"table_constraints", fill_table_constraints},
    {"key_column_usage", fill_key_column_usage},
    {"referential_constraints", fill_referential_constraints},
    {"constraint_column_usage", fill_constraint_column_usage},
    {"constraint_table_usage", fill_constraint_table_usage},
    {"check_constraints", fill_check_constraints},
};

}  // namespace mortise::sql_catalog
