// SPDX-License-Identifier: Apache-2.0
#include "execute/lock_rows.hpp"

#include <algorithm>

#include "execute/newest_rows.hpp"

namespace mortise::sql_engine {

namespace {

class LockRowsCursor final : public Cursor {
 public:
  LockRowsCursor(Run& run, const LockRowsOperator& op, CursorPtr input)
      : run_(run), op_(op), input_(std::move(input)), recheck_(run, op.recheck) {
    for (const LockRowsOperator::Target& target : op.targets) {
      newest_.push_back(std::make_unique<NewestRows>(run, *target.relation, target.places));
    }
  }

  Result<bool> next(Batch& out) override {
    while (true) {
      MORTISE_TRY(run_.check_interrupt());
      if (at_ == batch_.selected_count) {
        at_ = batch_.selected_count = 0;
        MORTISE_TRY_ASSIGN(const bool more, input_->next(batch_));
        if (!more) {
          batch_.selected_count = 0;
          return false;
        }
      }
      const uint32_t count = op_.is_one_at_a_time ? 1 : batch_.selected_count - at_;
      out = batch_;
      for (uint32_t i = 0; i < count; ++i) {
        taken_[i] = static_cast<uint16_t>(batch_.row_at(at_ + i));
      }
      at_ += count;
      out.selection = taken_;
      out.selected_count = count;
      out.row_ids = nullptr;
      for (size_t t = 0; t < op_.targets.size() && out.selected_count != 0; ++t) {
        MORTISE_TRY(lock(t, out));
      }
      if (out.selected_count != 0) return true;
    }
  }

 private:
  Status lock(size_t index, Batch& out) {
    const LockRowsOperator::Target& target = op_.targets[index];
    const mortise::Values<int64_t> values(out.columns[target.row_id_place]);
    std::vector<mortise_row_id_t> ids;
    std::vector<uint16_t> rows;
    std::vector<uint16_t> kept;
    for (uint32_t i = 0; i < out.selected_count; ++i) {
      const auto row = static_cast<uint16_t>(out.row_at(i));
      if (!values.is_valid(row)) {
        kept.push_back(row);  // the null side of an outer join: there is nothing to lock
        continue;
      }
      row_ids_[row] = static_cast<mortise_row_id_t>(values[row]);
      ids.push_back(row_ids_[row]);
      rows.push_back(row);
    }
    std::vector<uint8_t> outcomes(ids.size());
    const mortise_read_view_t view = run_.view();
    ErrorSlot error;
    if (!ids.empty()) {
      MORTISE_TRY(error.status(target.relation->engine->lock(
          target.relation->table, run_.context().txn, &view, ids.data(),
          static_cast<uint32_t>(ids.size()), target.strength, target.wait, outcomes.data(),
          error.get())));
    }
    const bool is_strict = run_.context().isolation != MORTISE_ISOLATION_READ_COMMITTED;
    std::vector<uint16_t> changed;
    for (size_t i = 0; i < ids.size(); ++i) {
      if (outcomes[i] == MORTISE_ROW_DONE || outcomes[i] == MORTISE_ROW_SELF) {
        kept.push_back(rows[i]);
      } else if (outcomes[i] == MORTISE_ROW_CHANGED) {
        if (is_strict) return lost_update();
        changed.push_back(rows[i]);
      } else if (outcomes[i] == MORTISE_ROW_GONE && is_strict) {
        return lost_delete();
      }
    }
    if (!changed.empty()) MORTISE_TRY(look_again(index, changed, out, kept));
    std::sort(kept.begin(), kept.end());
    std::copy(kept.begin(), kept.end(), selection_);
    out.selection = selection_;
    out.selected_count = static_cast<uint32_t>(kept.size());
    return {};
  }

  Status look_again(size_t index, const std::vector<uint16_t>& changed, Batch& out,
                    std::vector<uint16_t>& kept) {
    out.selection = changed.data();
    out.selected_count = static_cast<uint32_t>(changed.size());
    MORTISE_TRY(newest_[index]->read(out, row_ids_, narrowed_));
    if (out.selected_count != 0 && op_.has_recheck) {
      recheck_.begin();
      MORTISE_TRY(recheck_.filter(0, out, passed_));
    }
    for (uint32_t i = 0; i < out.selected_count; ++i) {
      kept.push_back(static_cast<uint16_t>(out.row_at(i)));
    }
    return {};
  }

  Run& run_;
  const LockRowsOperator& op_;
  CursorPtr input_;
  Evaluation recheck_;
  std::vector<std::unique_ptr<NewestRows>> newest_;
  Batch batch_;
  uint32_t at_ = 0;
  uint16_t taken_[kBatchRows] = {};
  uint16_t selection_[kBatchRows] = {};
  uint16_t narrowed_[kBatchRows] = {};
  uint16_t passed_[kBatchRows] = {};
  mortise_row_id_t row_ids_[kBatchRows] = {};
};

}  // namespace

Result<CursorPtr> LockRowsOperator::open(Run& run) const {
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  return CursorPtr(std::make_unique<LockRowsCursor>(run, *this, std::move(input)));
}

}  // namespace mortise::sql_engine
