// SPDX-License-Identifier: Apache-2.0

// Unique checks and the table's own checks.

#include <cstring>
#include <unordered_map>

#include "kernel/heap/heap.hpp"
#include "kernel/heap/row_reader.hpp"
#include "kernel/heap/version.hpp"

namespace mortise::heap {
namespace {

struct Probe {
  Heap& heap;
  Table& table;
  txn::Transaction& txn;
  const uint32_t* columns;
  bool nulls_are_equal;
  const mortise_batch_t& keys;

  // Does the key in row `key` equal the stored row's columns?
  Result<bool> equals(const RowView& row, uint32_t key, memory::Arena& arena) const {
    for (uint32_t i = 0; i < keys.columns_count; ++i) {
      const TableLayout::Column& column = table.layout().column(columns[i]);
      std::byte scratch{};
      const ValueSource wanted = batch_value(keys.columns[i], column, key, &scratch);
      const ValueSource stored = stored_value(table.layout(), row, columns[i]);
      if (wanted.is_null || stored.is_null) {
        if (wanted.is_null && stored.is_null && nulls_are_equal) continue;
        return false;
      }
      MORTISE_TRY_ASSIGN(const bool is_equal, equal_values(column, wanted, stored, arena));
      if (!is_equal) return false;
    }
    return true;
  }

  Result<bool> equal_values(const TableLayout::Column& column, const ValueSource& a,
                            const ValueSource& b, memory::Arena& arena) const {
    if (!column.is_var) {
      return scan::compare_values(column.type.physical, a.fixed, b.fixed) == 0;
    }
    ColumnBuffer buffer;
    const LargeSource large = {heap.large_values(), heap.storage(), nullptr};
    MORTISE_TRY(buffer.prepare(column, 2, arena));
    MORTISE_TRY(buffer.put(a, 0, LongBytes::stay, large, arena));
    MORTISE_TRY(buffer.put(b, 1, LongBytes::stay, large, arena));
    const mortise_view_t* views = static_cast<const mortise_view_t*>(buffer.column().data);
    return scan::compare_values(column.type.physical, &views[0], &views[1]) == 0;
  }

  // Looks once; a holder that has to be waited for comes back in `holder`.
  Result<bool> look(RowId id, uint32_t key, TxnId& holder) const {
    const TableState& state = table.state();
    holder = kNoTxn;
    MORTISE_TRY_ASSIGN(
        const buffer::SharedGuard guard,
        heap.storage().pool().shared(id.page(state.space), {.size_class = state.page_class}));
    const HeapPage page(guard.bytes());
    StoredRow row;
    if (!page.belongs_to(state.segment) || !page.row(id.slot(), row) ||
        row.undo.has(txn::kVersionRemoteBody)) {
      return false;
    }
    if (row.writer.is_txn() && row.writer.txn() != txn.id()) {
      const txn::TxnOutcome outcome = heap.txns().map().find(row.writer.txn());
      if (outcome.state != txn::TxnState::committed) {
        holder = row.writer.txn();
        return false;
      }
      if (outcome.scn > heap.txns().visible_scn()) txn.note_dependency(outcome.scn);
    }
    if (row.undo.has(txn::kVersionDeleted)) return false;
    std::vector<std::byte> hold;
    if (row.undo.has(txn::kVersionMoved)) {
      MORTISE_TRY(read_remote(heap.storage(), state.space, state.page_class, id, row, hold));
      row.body = hold;
    }
    RowView view;
    if (!view_row(row.body, view)) return corrupt("stored row makes no sense");
    memory::Arena arena(heap.account());
    return equals(view, key, arena);
  }
};

}  // namespace

Status Table::probe(txn::Transaction& txn, const uint32_t* columns, bool nulls_are_equal,
                    const mortise_batch_t& keys, uint32_t wait, uint8_t* is_alive) {
  const Probe probe{heap_, *this, txn, columns, nulls_are_equal, keys};
  for (uint32_t i = 0; i < keys.selected_count; ++i) {
    const uint32_t key = keys.selection == nullptr ? i : keys.selection[i];
    const RowId id{keys.row_ids[key]};
    const txn::WaitLimits limits = txn.wait_limits();
    for (;;) {
      TxnId holder{};
      MORTISE_TRY_ASSIGN(const bool alive, probe.look(id, key, holder));
      is_alive[i] = alive ? 1 : 0;
      if (raw(holder) == 0) break;
      if (wait != MORTISE_WAIT) {
        return Status(Code::busy, "55P03", "could not obtain lock on row");
      }
      MORTISE_TRY(heap_.txns().wait_for(txn, holder, limits,
                                        "row " + std::to_string(id.word >> 16) + ":" +
                                            std::to_string(id.slot()) + " of segment " +
                                            std::to_string(raw(state_->segment))));
    }
  }
  return {};
}

Status Table::verify(FunctionRef<void(const std::string&)> report) {
  bool is_sound = true;
  const auto complain = [&](const std::string& text) {
    is_sound = false;
    report(text);
  };
  std::unordered_map<uint64_t, uint64_t> moved;   // body -> home
  std::unordered_map<uint64_t, uint64_t> bodies;  // body -> home as the body says
  space::ScanRange range;
  for (;;) {
    MORTISE_TRY_ASSIGN(const std::vector<space::PageRef> pages,
                       heap_.storage().spaces().scan(state_->segment, range, 256));
    if (pages.empty()) break;
    for (const space::PageRef& ref : pages) {
      if (ref.size_class != state_->page_class) continue;
      MORTISE_TRY_ASSIGN(const buffer::SharedGuard guard,
                         heap_.storage().pool().shared(ref.id, {.size_class = ref.size_class}));
      const HeapPage page(guard.bytes());
      if (!page.belongs_to(state_->segment)) {
        complain(page::name_of(ref.id) + ": is no page of the table");
        continue;
      }
      std::vector<std::string> findings;
      page.verify(findings);
      for (const std::string& finding : findings) complain(finding);
      for (uint32_t slot = 0; slot < page.slot_count(); ++slot) {
        StoredRow row;
        if (!page.row(slot, row)) continue;
        const uint64_t id = RowId::make(ref.id, slot).word;
        RowView view;
        if (row.undo.has(txn::kVersionRemoteBody)) {
          bodies[id] = row.writer.word();
          if (!view_row(row.body, view)) complain("moved body makes no sense");
        } else if (row.undo.has(txn::kVersionMoved)) {
          moved[row.body.size() < 8 ? 0 : load_le<uint64_t>(row.body.data())] = id;
        } else if (!view_row(row.body, view)) {
          complain(page::name_of(ref.id) + " slot " + std::to_string(slot) +
                   ": body makes no sense");
        }
      }
    }
  }
  if (moved != bodies) complain("G4 moved rows and their bodies do not match");
  return is_sound ? Status() : corrupt("table has damaged pages");
}

}  // namespace mortise::heap
