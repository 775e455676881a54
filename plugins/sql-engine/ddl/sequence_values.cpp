// SPDX-License-Identifier: Apache-2.0

#include "ddl/sequence_values.hpp"

#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

constexpr uint32_t kColumnsCount = 3;
constexpr int kTriesMax = 10000;

struct Position {
  mortise_row_id_t row_id = 0;
  int64_t last_value = 0;
  bool is_called = false;
};

// The row's columns as a batch of one row.
struct PositionBatch {
  PositionBatch(const Relation& sequence, int64_t value, bool called) {
    last_value[0] = value;
    is_called[0] = called ? 1 : 0;
    const void* data[kColumnsCount] = {last_value, log_count, is_called};
    for (uint32_t i = 0; i < kColumnsCount; ++i) {
      columns[i] = {};
      columns[i].data = data[i];
      types[i] = sequence.columns()[i].type;
    }
    batch.struct_size_bytes = sizeof batch;
    batch.rows_count = 1;
    batch.selected_count = 1;
    batch.columns_count = kColumnsCount;
    batch.columns = columns;
    batch.types = types;
  }

  alignas(64) int64_t last_value[8] = {};
  alignas(64) int64_t log_count[8] = {};
  alignas(64) uint64_t is_called[8] = {};
  mortise_column_t columns[kColumnsCount];
  mortise_type_t types[kColumnsCount];
  mortise_batch_t batch{};
};

// One transaction of its own, aborted unless committed.
class OwnTransaction {
 public:
  explicit OwnTransaction(const Services& services) : services_(services) {}
  ~OwnTransaction() {
    if (txn_ != nullptr) services_.txn->abort(txn_);
  }
  Status begin(mortise_read_view_t& view) {
    mortise_txn_options_t options{};
    options.struct_size_bytes = sizeof options;
    options.isolation = MORTISE_ISOLATION_READ_COMMITTED;
    ErrorSlot error;
    MORTISE_TRY(error.status(services_.txn->begin(&options, &txn_, error.get())));
    return error.status(services_.txn->statement_begin(txn_, &view, error.get()));
  }
  Status commit() {
    mortise_txn_t* const ending = txn_;
    txn_ = nullptr;
    ErrorSlot error;
    return error.status(
        services_.txn->commit(ending, MORTISE_DURABILITY_LAZY, nullptr, nullptr, error.get()));
  }
  mortise_txn_t* get() const { return txn_; }

 private:
  const Services& services_;
  mortise_txn_t* txn_ = nullptr;
};

// Reads the row; row_id 0 if the view sees none.
Result<Position> read_position(const Relation& sequence, mortise_txn_t* txn,
                               const mortise_read_view_t& view) {
  static constexpr uint32_t kColumns[kColumnsCount] = {0, 1, 2};
  mortise_scan_options_t options{};
  options.struct_size_bytes = sizeof options;
  options.columns = kColumns;
  options.columns_count = kColumnsCount;
  options.wants_row_ids = 1;
  mortise_table_scan_t* scan = nullptr;
  ErrorSlot error;
  MORTISE_TRY(error.status(
      sequence.engine->scan_open(sequence.table, txn, &view, &options, &scan, error.get())));
  mortise_batch_t batch{};
  batch.struct_size_bytes = sizeof batch;
  const mortise_status_t status = sequence.engine->scan_next(scan, &batch, error.get());
  Position position;
  if (status == MORTISE_OK && batch.selected_count > 0) {
    const uint32_t row = batch.selection == nullptr ? 0 : batch.selection[0];
    position.row_id = batch.row_ids[row];
    position.last_value = mortise::Values<int64_t>(batch.columns[0])[row];
    position.is_called = Booleans(batch.columns[2])[row];
  }
  sequence.engine->scan_close(scan);
  MORTISE_TRY(error.status(status));
  return position;
}

// MORTISE_ROW_*: DONE, or what kept it from being changed.
Result<uint8_t> write_position(const Relation& sequence, mortise_txn_t* txn,
                               const mortise_read_view_t& view, const Position& position,
                               uint32_t wait) {
  static constexpr uint32_t kColumns[kColumnsCount] = {0, 1, 2};
  PositionBatch made(sequence, position.last_value, position.is_called);
  const mortise_row_id_t row_ids[1] = {position.row_id};
  made.batch.row_ids = row_ids;
  uint8_t outcome = MORTISE_ROW_DONE;
  ErrorSlot error;
  const mortise_status_t status = sequence.engine->update(sequence.table, txn, &view, kColumns,
                                                          &made.batch, wait, &outcome, error.get());
  if (status == MORTISE_E_BUSY) return static_cast<uint8_t>(MORTISE_ROW_LOCKED);
  MORTISE_TRY(error.status(status));
  return outcome;
}

// Advances within the bounds.
Status advance(const Relation& sequence, Position& position) {
  const schema::SequenceDef& d = sequence.definition.sequence;
  if (!position.is_called) {
    position.is_called = true;
    return {};
  }
  const bool goes_up = d.increment > 0;
  const bool is_past = goes_up ? position.last_value > d.maximum - d.increment ||
                                     (d.maximum < d.increment && position.last_value > 0)
                               : position.last_value < d.minimum - d.increment;
  if (!is_past) {
    position.last_value += d.increment;
    return {};
  }
  if (!d.is_cycle) {
    return Status(Code::limit, "2200H",
                  "nextval: reached " + std::string(goes_up ? "maximum" : "minimum") +
                      " value of sequence \"" + sequence.name() + "\" (" +
                      std::to_string(goes_up ? d.maximum : d.minimum) + ")");
  }
  position.last_value = goes_up ? d.minimum : d.maximum;
  return {};
}

// Reads, changes and writes the row in a transaction of its own, or in the session's if the row is
// not there for others: then nobody else can change it either.
template <typename Change>
Result<int64_t> change_position(Session& session, const Relation& sequence, Change&& change) {
  const Services& services = session.services();
  bool others_see_it = true;
  for (int i = 0; i < kTriesMax && others_see_it; ++i) {
    OwnTransaction own(services);
    mortise_read_view_t view{};
    MORTISE_TRY(own.begin(view));
    MORTISE_TRY_ASSIGN(Position position, read_position(sequence, own.get(), view));
    others_see_it = position.row_id != 0;
    if (!others_see_it) break;
    MORTISE_TRY(change(position));
    MORTISE_TRY_ASSIGN(const uint8_t outcome,
                       write_position(sequence, own.get(), view, position, MORTISE_NOWAIT));
    if (outcome == MORTISE_ROW_DONE) {
      MORTISE_TRY(own.commit());
      return position.last_value;
    }
    others_see_it = outcome != MORTISE_ROW_GONE;
    services.sync->yield("sequence");
  }
  if (others_see_it) {
    return busy("sequence \"" + sequence.name() + "\" is drawn from by too many sessions");
  }
  mortise_txn_t* const txn = session.transaction().txn();
  if (txn == nullptr) return internal("a sequence was drawn from outside of a transaction");
  mortise_read_view_t view{};
  services.txn->view(txn, &view);
  view.command = UINT32_MAX;
  view.flags = MORTISE_READ_LATEST;
  MORTISE_TRY_ASSIGN(Position position, read_position(sequence, txn, view));
  if (position.row_id == 0) {
    return Status(Code::busy, "55006",
                  "sequence \"" + sequence.name() + "\" is being changed by another session");
  }
  MORTISE_TRY(change(position));
  MORTISE_TRY_ASSIGN(const uint8_t outcome,
                     write_position(sequence, txn, view, position, MORTISE_WAIT));
  if (outcome != MORTISE_ROW_DONE) return conflict("a sequence changed while it was drawn from");
  return position.last_value;
}

}  // namespace

Status write_first_value(DdlRun& ddl, const Relation& sequence) {
  return write_first_value(ddl, sequence, sequence.definition.sequence.start);
}

Status write_first_value(DdlRun& ddl, const Relation& sequence, int64_t start) {
  const PositionBatch made(sequence, start, false);
  mortise_row_id_t row_id = 0;
  ErrorSlot error;
  return error.status(
      sequence.engine->insert(sequence.table, ddl.txn(), &made.batch, &row_id, error.get()));
}

Result<int64_t> next_sequence_value(Session& session, const Relation& sequence) {
  MORTISE_TRY_ASSIGN(const int64_t value,
                     change_position(session, sequence, [&](Position& position) {
                       return advance(sequence, position);
                     }));
  session.sequence_values()[sequence.id()] = value;
  session.last_sequence() = sequence.id();
  return value;
}

Status set_sequence_value(Session& session, const Relation& sequence, int64_t value,
                          bool is_called) {
  const schema::SequenceDef& d = sequence.definition.sequence;
  if (value < d.minimum || value > d.maximum) {
    return Status(Code::invalid, "22003",
                  "setval: value " + std::to_string(value) + " is out of bounds for sequence \"" +
                      sequence.name() + "\" (" + std::to_string(d.minimum) + ".." +
                      std::to_string(d.maximum) + ")");
  }
  MORTISE_TRY(change_position(session, sequence, [&](Position& position) -> Status {
    position.last_value = value;
    position.is_called = is_called;
    return {};
  }));
  if (is_called) session.sequence_values()[sequence.id()] = value;
  return {};
}

namespace {

Result<RelationPtr> load_sequence(Session& session, mortise_object_id_t id) {
  const Catalog catalog = session.names().catalog();
  MORTISE_TRY_ASSIGN(auto stored, catalog.get<schema::RelationDef>(id));
  if (!stored) {
    return Status(Code::not_found, "42P01",
                  "could not open relation with OID " + std::to_string(id));
  }
  if (stored->definition.kind != schema::RelationKind::sequence) {
    return Status(Code::invalid, "42809",
                  "\"" + stored->definition.name + "\" is not a sequence");
  }
  return load_relation(session.services(), catalog, std::move(*stored), {});
}

}  // namespace

Result<RelationPtr> find_sequence(Session& session, mortise_object_id_t id) {
  if (RelationPtr known = session.known_sequence(id)) return known;
  // Within a definition statement the names are open already, and stay so.
  const bool was_open = session.names().is_open();
  if (!was_open) MORTISE_TRY(session.names().open(session.transaction().txn()));
  Result<RelationPtr> relation = load_sequence(session, id);
  if (!was_open) session.names().close();
  if (relation) session.remember_sequence(*relation);
  return relation;
}

}  // namespace mortise::sql_engine
