/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: what did the user write, in words that belong to no dialect?
 *
 * A syntax tree is an array of nodes.  A node has a kind, a text, a number, flags, a position and
 * children; what they mean stands beside each kind below.  Notation of children:
 *   [a, b?, c*]   a always; b or 0; c a LIST node or 0
 *   {x...}        any number of children of that kind, without a LIST around them
 * Child number 0 is "nothing": node 0 of a tree is never used.
 *
 * A dialect builds the tree through mortise_syntax_builder_t; names arrive folded as the dialect
 * folds them (dialect-postgres: lower case unless quoted).  Everything that a dialect spells in a
 * way of its own arrives in this vocabulary; a kind that no dialect shares is fine too.
 *
 * Numbers of kinds are never reused; a reader that meets an unknown one reports 0A000.
 *
 * Longer than 250 lines, because a vocabulary is looked things up in, not read: one page of words
 * beats five.
 */

#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t mortise_syntax_id_t; /* index of a node; 0 = nothing */

typedef struct mortise_syntax_node {
  uint32_t kind;  /* MORTISE_SYNTAX_* */
  uint32_t flags; /* of the kind */
  uint32_t position_bytes; /* 1-based offset into the text, 0 = unknown */
  uint32_t children_count;
  const mortise_syntax_id_t *children;
  mortise_str_t text;
  int64_t number;
} mortise_syntax_node_t; /* frozen: 48 bytes */

/* A whole text: nodes and, per statement, its root and the bytes it came from. */
typedef struct mortise_syntax_statement {
  mortise_syntax_id_t root;
  uint32_t begin_bytes; /* 0-based, half open */
  uint32_t end_bytes;
  uint32_t reserved;
} mortise_syntax_statement_t; /* frozen */

/* Where a dialect puts what it has read.  The builder copies texts and children. */
typedef struct mortise_syntax_builder {
  uint32_t struct_size_bytes;
  uint32_t reserved;
  void *context;
  /* Adds a node; 0 when out of memory, which the dialect passes on as MORTISE_E_NO_MEMORY.
   * [worker or loop] */
  mortise_syntax_id_t(MORTISE_CALL *node)(void *context, uint32_t kind, uint32_t flags,
                                          uint32_t position_bytes, mortise_str_t text,
                                          int64_t number, const mortise_syntax_id_t *children,
                                          uint32_t children_count);
  /* Ends a statement.  [worker or loop] */
  void(MORTISE_CALL *statement)(void *context, mortise_syntax_id_t root, uint32_t begin_bytes,
                                uint32_t end_bytes);
} mortise_syntax_builder_t;

/* Flags that mean the same wherever they occur. */
#define MORTISE_SYNTAX_NOT 0x1u
#define MORTISE_SYNTAX_ALL 0x2u
#define MORTISE_SYNTAX_DISTINCT 0x4u
#define MORTISE_SYNTAX_IF_EXISTS 0x8u     /* also IF NOT EXISTS, MISSING OK */
#define MORTISE_SYNTAX_OR_REPLACE 0x10u
#define MORTISE_SYNTAX_CASCADE 0x20u
#define MORTISE_SYNTAX_TEMPORARY 0x40u
#define MORTISE_SYNTAX_LATERAL 0x80u
#define MORTISE_SYNTAX_DESCENDING 0x100u
#define MORTISE_SYNTAX_NULLS_FIRST 0x200u
#define MORTISE_SYNTAX_NULLS_LAST 0x400u
#define MORTISE_SYNTAX_WITH_TIES 0x800u
#define MORTISE_SYNTAX_UNIQUE 0x1000u
#define MORTISE_SYNTAX_CONCURRENTLY 0x2000u
#define MORTISE_SYNTAX_NOWAIT 0x4000u
#define MORTISE_SYNTAX_SKIP_LOCKED 0x8000u
/* The remaining bits belong to the kind. */
#define MORTISE_SYNTAX_FLAG_A 0x10000u
#define MORTISE_SYNTAX_FLAG_B 0x20000u
#define MORTISE_SYNTAX_FLAG_C 0x40000u
#define MORTISE_SYNTAX_FLAG_D 0x80000u

/* Building blocks */
#define MORTISE_SYNTAX_LIST 1u   /* {anything...} */
#define MORTISE_SYNTAX_NAME 2u   /* text = one identifier */
#define MORTISE_SYNTAX_STAR 3u   /* `*` */
#define MORTISE_SYNTAX_OPTION 4u /* text = name, [value?]; number = 0 set, 1 add, 2 drop */
#define MORTISE_SYNTAX_TYPE 5u   /* [name*, modifiers*, array bounds*]; A: SETOF, B: %TYPE */

/* Expressions */
#define MORTISE_SYNTAX_NULL 20u
#define MORTISE_SYNTAX_BOOLEAN 21u    /* number = 0, 1 */
#define MORTISE_SYNTAX_INTEGER 22u    /* number; fits 32 bits */
#define MORTISE_SYNTAX_NUMERIC 23u    /* text = digits as written; also integers past 32 bits */
#define MORTISE_SYNTAX_STRING 24u     /* text */
#define MORTISE_SYNTAX_BIT_STRING 25u /* text = "b0101" or "x1f" */
#define MORTISE_SYNTAX_PARAMETER 26u  /* number from 1 */
#define MORTISE_SYNTAX_COLUMN 27u     /* {NAME... STAR?}: a.b.c, a.* */
#define MORTISE_SYNTAX_OPERATOR 28u   /* text = symbol, [left?, right, schema*] */
#define MORTISE_SYNTAX_QUANTIFIED 29u /* text = symbol, [left, array]; ALL: all, else any */
#define MORTISE_SYNTAX_AND 30u        /* {expression...} */
#define MORTISE_SYNTAX_OR 31u         /* {expression...} */
#define MORTISE_SYNTAX_NEGATION 32u   /* [expression]: NOT x */
#define MORTISE_SYNTAX_IS_NULL 33u    /* [expression]; NOT */
#define MORTISE_SYNTAX_IS_BOOLEAN 34u /* [expression]; number 0 false 1 true 2 unknown; NOT */
#define MORTISE_SYNTAX_DISTINCT_FROM 35u /* [left, right]; NOT */
#define MORTISE_SYNTAX_NULLIF 36u        /* [left, right] */
#define MORTISE_SYNTAX_IN_LIST 37u       /* [left, values*]; NOT */
/* [left, pattern, escape?]; NOT; A: ILIKE, B: SIMILAR TO */
#define MORTISE_SYNTAX_LIKE 38u
#define MORTISE_SYNTAX_BETWEEN 39u       /* [x, low, high]; NOT; A: SYMMETRIC */
#define MORTISE_SYNTAX_CASE 40u          /* [operand?, WHEN*, else?] */
#define MORTISE_SYNTAX_WHEN 41u          /* [condition, result] */
#define MORTISE_SYNTAX_COALESCE 42u      /* {expression...} */
#define MORTISE_SYNTAX_GREATEST 43u      /* {expression...} */
#define MORTISE_SYNTAX_LEAST 44u         /* {expression...} */
/* [name*, arguments*, order SORT*, filter?, WINDOW?]; DISTINCT; A: f(*), B: last is VARIADIC,
 * C: WITHIN GROUP */
#define MORTISE_SYNTAX_CALL 45u
#define MORTISE_SYNTAX_NAMED_ARGUMENT 46u /* text = name, [value] */
#define MORTISE_SYNTAX_SQL_VALUE 47u /* text = "current_date", ...; number = precision or -1 */
#define MORTISE_SYNTAX_CAST 48u      /* [value, TYPE] */
#define MORTISE_SYNTAX_COLLATE 49u   /* [value, name*] */
#define MORTISE_SYNTAX_SUBSCRIPT 50u /* [value, lower?, upper]; A: slice */
#define MORTISE_SYNTAX_FIELD 51u     /* [value, NAME or STAR]: (x).y */
#define MORTISE_SYNTAX_ARRAY 52u     /* {element...} */
#define MORTISE_SYNTAX_ROW 53u       /* {element...}; A: written ROW(...) */
#define MORTISE_SYNTAX_SUBQUERY 54u  /* [query]: its one value */
#define MORTISE_SYNTAX_EXISTS 55u    /* [query] */
#define MORTISE_SYNTAX_QUANTIFIED_QUERY 56u /* text = symbol, [left, query]; ALL */
#define MORTISE_SYNTAX_ARRAY_QUERY 57u      /* [query] */
#define MORTISE_SYNTAX_GROUPING 58u         /* {expression...} */
#define MORTISE_SYNTAX_DEFAULT 59u
#define MORTISE_SYNTAX_CURRENT_OF 60u /* text = cursor */
#define MORTISE_SYNTAX_AT_TIME_ZONE 61u /* [value, zone] */

/* Queries */
/* [WITH?, distinct*, TARGET*, from*, where?, group*, having?, WINDOW*, SORT*, limit?, offset?,
 * LOCKING*, into?]; DISTINCT without a list: plain DISTINCT; ALL: GROUP BY DISTINCT is A;
 * WITH_TIES */
#define MORTISE_SYNTAX_SELECT 100u
/* [WITH?, left, right, SORT*, limit?, offset?, LOCKING*]; number = 1 union 2 intersect 3 except;
 * ALL;
 * WITH_TIES */
#define MORTISE_SYNTAX_SET_OPERATION 101u
#define MORTISE_SYNTAX_VALUES 102u /* [WITH?, LIST of LIST, SORT*, limit?, offset?, LOCKING*] */
#define MORTISE_SYNTAX_WITH 103u   /* {COMMON_TABLE...}; A: RECURSIVE */
/* text = name, [column NAME*, query]; A: MATERIALIZED, B: NOT */
#define MORTISE_SYNTAX_COMMON_TABLE 104u
#define MORTISE_SYNTAX_TARGET 105u       /* text = alias or "", [expression] */
#define MORTISE_SYNTAX_SORT 106u /* [expression]; text = USING operator; DESCENDING, NULLS_* */
/* text = name, [partition*, SORT*, start offset?, end offset?, base NAME?]; number = 0 no frame 1
 * range
 * 2 rows 3 groups; flags: MORTISE_SYNTAX_FRAME_* */
#define MORTISE_SYNTAX_WINDOW 107u
/* {NAME...}; number = MORTISE_ROW_LOCK_*; NOWAIT, SKIP_LOCKED */
#define MORTISE_SYNTAX_LOCKING 108u
#define MORTISE_SYNTAX_TABLE 109u   /* text = alias, [name*, alias columns*, SAMPLE?]; A: ONLY */
/* text = alias, [left, right, on?, using NAME*, alias columns*]; number = 1 inner 2 left 3 right 4
 * full
 * 5 cross; A: NATURAL */
#define MORTISE_SYNTAX_JOIN 110u
#define MORTISE_SYNTAX_DERIVED 111u /* text = alias, [query, alias columns*]; LATERAL */
/* text = alias, [calls*, alias columns*, COLUMN_DEF*]; LATERAL; A: ORDINALITY, B: ROWS FROM */
#define MORTISE_SYNTAX_FUNCTION_TABLE 112u
/* {...}; number = 1 empty 2 simple 3 rollup 4 cube 5 sets */
#define MORTISE_SYNTAX_GROUPING_SET 113u
#define MORTISE_SYNTAX_SAMPLE 114u       /* text = method, [arguments*, repeatable?] */

#define MORTISE_SYNTAX_FRAME_START_UNBOUNDED 0x10000u
#define MORTISE_SYNTAX_FRAME_START_CURRENT 0x20000u
#define MORTISE_SYNTAX_FRAME_START_PRECEDING 0x40000u
#define MORTISE_SYNTAX_FRAME_START_FOLLOWING 0x80000u
#define MORTISE_SYNTAX_FRAME_END_UNBOUNDED 0x100000u
#define MORTISE_SYNTAX_FRAME_END_CURRENT 0x200000u
#define MORTISE_SYNTAX_FRAME_END_PRECEDING 0x400000u
#define MORTISE_SYNTAX_FRAME_END_FOLLOWING 0x800000u
#define MORTISE_SYNTAX_FRAME_EXCLUDE_CURRENT 0x1000000u
#define MORTISE_SYNTAX_FRAME_EXCLUDE_GROUP 0x2000000u
#define MORTISE_SYNTAX_FRAME_EXCLUDE_TIES 0x4000000u

/* Changes */
/* [WITH?, TABLE, TARGET*, query? (0 = DEFAULT VALUES), ON_CONFLICT?, returning TARGET*];
 * number = 0, 1 overriding user value, 2 overriding system value */
#define MORTISE_SYNTAX_INSERT 140u
/* number = 1 nothing 2 update; text = constraint; [elements INDEX_ELEMENT*, element where?,
 * ASSIGN*,
 * where?] */
#define MORTISE_SYNTAX_ON_CONFLICT 141u
#define MORTISE_SYNTAX_UPDATE 142u /* [WITH?, TABLE, ASSIGN*, from*, where?, returning TARGET*] */
#define MORTISE_SYNTAX_ASSIGN 143u /* [column NAME or LIST of NAME, expression] */
#define MORTISE_SYNTAX_DELETE 144u /* [WITH?, TABLE, using*, where?, returning TARGET*] */
#define MORTISE_SYNTAX_MERGE 145u  /* [WITH?, TABLE, source, on, MERGE_WHEN*] */
/* number = 1 nothing 2 update 3 delete 4 insert; [condition?, ASSIGN* or TARGET*, values*]; A:
 * MATCHED */
#define MORTISE_SYNTAX_MERGE_WHEN 146u
/* text = file or "" (the client), [TABLE?, query?, column NAME*, OPTION*, where?]; A: FROM, B:
 * PROGRAM */
#define MORTISE_SYNTAX_COPY 147u
#define MORTISE_SYNTAX_TRUNCATE 148u /* {TABLE...}; CASCADE; A: RESTART IDENTITY */

/* Definitions.  Objects that a statement is about: */
#define MORTISE_OBJECT_TABLE 1
#define MORTISE_OBJECT_VIEW 2
#define MORTISE_OBJECT_MATERIALIZED_VIEW 3
#define MORTISE_OBJECT_INDEX 4
#define MORTISE_OBJECT_SEQUENCE 5
#define MORTISE_OBJECT_SCHEMA 6
#define MORTISE_OBJECT_DATABASE 7
#define MORTISE_OBJECT_ROLE 8
#define MORTISE_OBJECT_TYPE 9
#define MORTISE_OBJECT_DOMAIN 10
#define MORTISE_OBJECT_FUNCTION 11
#define MORTISE_OBJECT_PROCEDURE 12
#define MORTISE_OBJECT_TRIGGER 13
#define MORTISE_OBJECT_EXTENSION 14
#define MORTISE_OBJECT_COLUMN 15
#define MORTISE_OBJECT_CONSTRAINT 16
#define MORTISE_OBJECT_AGGREGATE 17
#define MORTISE_OBJECT_ATTRIBUTE 18
#define MORTISE_OBJECT_OTHER 99

/* [TABLE, elements (COLUMN_DEF, CONSTRAINT, LIKE)*, inherits TABLE*, OPTION*]; IF_EXISTS;
 * TEMPORARY;
 * A: UNLOGGED; number = on commit: 0 default 1 preserve 2 delete 3 drop */
#define MORTISE_SYNTAX_CREATE_TABLE 170u
#define MORTISE_SYNTAX_COLUMN_DEF 171u /* text = name, [TYPE?, CONSTRAINT*, collation name*] */
/* number = MORTISE_CONSTRAINT_*, text = name or "", [expression?, columns NAME*, TABLE?, its
 * columns
 * NAME*, include NAME*, OPTION*]; A: DEFERRABLE, B: INITIALLY DEFERRED, C: NOT VALID, D: NO
 * INHERIT;
 * ALL: identity ALWAYS (else BY DEFAULT); UNIQUE + NOT: NULLS NOT DISTINCT.  Foreign keys carry
 * OPTIONs "match", "on_update", "on_delete" with a STRING: "cascade", "set null", ... */
#define MORTISE_SYNTAX_CONSTRAINT 172u
#define MORTISE_CONSTRAINT_NOT_NULL 1
#define MORTISE_CONSTRAINT_NULL 2
#define MORTISE_CONSTRAINT_DEFAULT 3
#define MORTISE_CONSTRAINT_CHECK 4
#define MORTISE_CONSTRAINT_PRIMARY_KEY 5
#define MORTISE_CONSTRAINT_UNIQUE 6
#define MORTISE_CONSTRAINT_FOREIGN_KEY 7
#define MORTISE_CONSTRAINT_EXCLUSION 8
#define MORTISE_CONSTRAINT_IDENTITY 9
#define MORTISE_CONSTRAINT_GENERATED 10
#define MORTISE_SYNTAX_TABLE_LIKE 173u /* [TABLE]; number = bits of what to include */
/* [TABLE, query, column NAME*, OPTION*]; IF_EXISTS; TEMPORARY; A: WITH NO DATA; number =
 * OBJECT_TABLE or
 * OBJECT_MATERIALIZED_VIEW */
#define MORTISE_SYNTAX_CREATE_TABLE_AS 174u
/* text = name or "", [TABLE, INDEX_ELEMENT*, include INDEX_ELEMENT*, where?, OPTION*, method
 * NAME?];
 * UNIQUE; CONCURRENTLY; IF_EXISTS; NOT: NULLS NOT DISTINCT */
#define MORTISE_SYNTAX_CREATE_INDEX 175u
/* text = column or "", [expression?, collation name*, class name*]; DESCENDING, NULLS_* */
#define MORTISE_SYNTAX_INDEX_ELEMENT 176u
/* [TABLE, column NAME*, query, OPTION*]; OR_REPLACE; TEMPORARY; number = check option: 0 1 local
 * 2 cascaded; text = the query as written */
#define MORTISE_SYNTAX_CREATE_VIEW 177u
/* number = MORTISE_OBJECT_*, [name*, OPTION*, extra?]; IF_EXISTS; OR_REPLACE; TEMPORARY.
 * Sequences,
 * schemas, databases, roles; enum types with OPTION "enum" of STRINGs; domains with [name*,
 * OPTION*,
 * LIST of TYPE and CONSTRAINTs] */
#define MORTISE_SYNTAX_CREATE 178u
#define MORTISE_SYNTAX_DROP 179u /* number = MORTISE_OBJECT_*, {name LIST...}; IF_EXISTS; CASCADE;
                                    CONCURRENTLY */
#define MORTISE_SYNTAX_ALTER_TABLE 180u /* number = object, [TABLE, ALTER_COMMAND*]; IF_EXISTS */
/* number = MORTISE_ALTER_*, text = column or constraint, [definition?, using?]; IF_EXISTS; CASCADE
 * */
#define MORTISE_SYNTAX_ALTER_COMMAND 181u
#define MORTISE_ALTER_ADD_COLUMN 1        /* [COLUMN_DEF] */
#define MORTISE_ALTER_DROP_COLUMN 2
#define MORTISE_ALTER_COLUMN_TYPE 3       /* [COLUMN_DEF, using?] */
#define MORTISE_ALTER_COLUMN_DEFAULT 4    /* [expression?]: 0 drops it */
#define MORTISE_ALTER_SET_NOT_NULL 5
#define MORTISE_ALTER_DROP_NOT_NULL 6
#define MORTISE_ALTER_ADD_CONSTRAINT 7    /* [CONSTRAINT] */
#define MORTISE_ALTER_DROP_CONSTRAINT 8
#define MORTISE_ALTER_VALIDATE_CONSTRAINT 9
#define MORTISE_ALTER_OWNER 10            /* text = role */
#define MORTISE_ALTER_SET_OPTIONS 11      /* [OPTION*] */
#define MORTISE_ALTER_RESET_OPTIONS 12
#define MORTISE_ALTER_IDENTITY 13         /* [OPTION*]; number as above, A: add, B: set, C: drop */
#define MORTISE_ALTER_OTHER 99            /* text names it; to be refused */
/* number = object, text = new name, [TABLE or name*, old sub-name NAME?]; IF_EXISTS */
#define MORTISE_SYNTAX_RENAME 182u
#define MORTISE_SYNTAX_ALTER_SCHEMA 183u /* number = object, text = new schema, [TABLE or name*] */
#define MORTISE_SYNTAX_COMMENT 184u      /* number = object, [name*]; text; NOT: IS NULL */
/* number = object, [name*, OPTION*]: sequences, roles, databases */
#define MORTISE_SYNTAX_ALTER 185u
/* A: GRANT else REVOKE; number = object or 0 for roles; [privilege NAME*, objects*, grantee NAME*];
 * CASCADE; B: with grant option */
#define MORTISE_SYNTAX_GRANT 186u

/* Everything else */
/* number = MORTISE_TRANSACTION_*, text = savepoint or global id, [OPTION*]; A: AND CHAIN, B: begun
 * by START TRANSACTION */
#define MORTISE_SYNTAX_TRANSACTION 210u
#define MORTISE_TRANSACTION_BEGIN 1
#define MORTISE_TRANSACTION_COMMIT 2
#define MORTISE_TRANSACTION_ROLLBACK 3
#define MORTISE_TRANSACTION_SAVEPOINT 4
#define MORTISE_TRANSACTION_RELEASE 5
#define MORTISE_TRANSACTION_ROLLBACK_TO 6
#define MORTISE_TRANSACTION_PREPARE 7
#define MORTISE_TRANSACTION_COMMIT_PREPARED 8
#define MORTISE_TRANSACTION_ABORT_PREPARED 9
/* text = setting, [values*]; number = 0 value 1 default 2 from current 3 SET TRANSACTION 4 SET
 * SESSION
 * CHARACTERISTICS (3, 4: OPTIONs); A: LOCAL */
#define MORTISE_SYNTAX_SET 211u
#define MORTISE_SYNTAX_RESET 212u   /* text = setting, "" = all */
#define MORTISE_SYNTAX_SHOW 213u    /* text = setting, "all" */
#define MORTISE_SYNTAX_EXPLAIN 214u /* [OPTION*, statement] */
#define MORTISE_SYNTAX_PREPARE 215u /* text = name, [TYPE*, statement] */
#define MORTISE_SYNTAX_EXECUTE 216u /* text = name, [arguments*] */
#define MORTISE_SYNTAX_DEALLOCATE 217u /* text = name, "" = all */
/* text = name, [query]; A: SCROLL, B: NO SCROLL, C: WITH HOLD, D: BINARY */
#define MORTISE_SYNTAX_DECLARE 218u
/* text = cursor; number = count (INT64_MAX = all); A: MOVE; flags B backward, C absolute, D
 * relative */
#define MORTISE_SYNTAX_FETCH 219u
#define MORTISE_SYNTAX_CLOSE 220u  /* text = cursor, "" = all */
#define MORTISE_SYNTAX_LISTEN 221u /* text = channel */
#define MORTISE_SYNTAX_UNLISTEN 222u
#define MORTISE_SYNTAX_NOTIFY 223u  /* text = channel, [STRING?] */
#define MORTISE_SYNTAX_DISCARD 224u /* number = 1 all 2 plans 3 sequences 4 temp */
/* text = "vacuum", "analyze", "checkpoint", "reindex", "cluster", [OPTION*, TABLE*] */
#define MORTISE_SYNTAX_MAINTAIN 225u
/* {TABLE...}; number = 1..8, PostgreSQL's lock levels; NOWAIT */
#define MORTISE_SYNTAX_LOCK_TABLE 226u
#define MORTISE_SYNTAX_DO 227u         /* text = body, [OPTION*] */
#define MORTISE_SYNTAX_CALL_PROCEDURE 228u /* [CALL] */
/* text = setting, [values*]; number as in SET; NOT: RESET */
#define MORTISE_SYNTAX_ALTER_SYSTEM 229u
#define MORTISE_SYNTAX_SET_CONSTRAINTS 230u /* {name LIST...} or none = all; A: DEFERRED */

#ifdef __cplusplus
}
#endif
