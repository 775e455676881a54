// SPDX-License-Identifier: Apache-2.0
//
// Window functions that are not aggregates: ranks, and values of other rows.

#include <algorithm>

#include "execute/window_functions.hpp"
#include "execute/window_rows.hpp"

namespace mortise::sql_engine {

namespace {

class CallWork {
 public:
  CallWork(WindowRows& rows, WindowFrames& frames, const LoweredWindowCall& call,
           std::vector<ColumnBuffer>& results)
      : rows_(rows), frames_(frames), call_(call), results_(results) {}

  Status compute(uint64_t row, WindowFunction which) {
    switch (which) {
      case WindowFunction::row_number:
      case WindowFunction::rank:
      case WindowFunction::dense_rank:
        number(row, which);
        return {};
      case WindowFunction::percent_rank:
      case WindowFunction::cume_dist:
        fraction(row, which);
        return {};
      case WindowFunction::ntile:
        return ntile(row);
      case WindowFunction::lag:
      case WindowFunction::lag_by:
      case WindowFunction::lag_default:
        shift(row, -1);
        return {};
      case WindowFunction::lead:
      case WindowFunction::lead_by:
      case WindowFunction::lead_default:
        shift(row, 1);
        return {};
      case WindowFunction::first_value:
      case WindowFunction::last_value:
      case WindowFunction::nth_value:
        return pick(row, which);
    }
    return unsupported("window function " + std::string(view_of(call_.function->name)) +
                       " is not supported");
  }

 private:
  ColumnBuffer& target(uint64_t row) { return results_[row / kBatchRows]; }
  static uint16_t place(uint64_t row) { return static_cast<uint16_t>(row % kBatchRows); }

  void number(uint64_t row, WindowFunction which) {
    const uint64_t begin = rows_.partition_begin[row];
    const uint64_t value = which == WindowFunction::row_number ? row - begin
                           : which == WindowFunction::rank     ? rows_.peers_begin[row] - begin
                                                               : rows_.peers_number[row];
    target(row).data<int64_t>()[place(row)] = static_cast<int64_t>(value + 1);
  }

  void fraction(uint64_t row, WindowFunction which) {
    const uint64_t begin = rows_.partition_begin[row];
    const uint64_t size = rows_.partition_end[row] - begin;
    double value = 0;
    if (which == WindowFunction::cume_dist) {
      value = static_cast<double>(rows_.peers_end[row] - begin) / static_cast<double>(size);
    } else if (size > 1) {
      value = static_cast<double>(rows_.peers_begin[row] - begin) / static_cast<double>(size - 1);
    }
    target(row).data<double>()[place(row)] = value;
  }

  // The first size % buckets parts have one row more.
  Status ntile(uint64_t row) {
    const uint64_t begin = rows_.partition_begin[row];
    bool is_null = false;
    const int64_t buckets = rows_.integer_at(begin, call_.arguments_begin, &is_null);
    if (is_null) {
      target(row).set_null(place(row));
      return {};
    }
    if (buckets <= 0) {
      return {Code::invalid, "22014", "argument of ntile must be greater than zero"};
    }
    const auto count = static_cast<int64_t>(rows_.partition_end[row] - begin);
    const auto number = static_cast<int64_t>(row - begin);
    const int64_t small = count / buckets;
    const int64_t large_rows = (count % buckets) * (small + 1);
    const int64_t part =
        number < large_rows ? number / (small + 1)
                            : count % buckets + (number - large_rows) / std::max<int64_t>(small, 1);
    target(row).data<int32_t>()[place(row)] = static_cast<int32_t>(part + 1);
    return {};
  }

  void shift(uint64_t row, int64_t direction) {
    int64_t by = 1;
    bool is_null = false;
    if (call_.arguments_count > 1) {
      by = rows_.integer_at(row, call_.arguments_begin + 1, &is_null);
    }
    const int64_t wanted = static_cast<int64_t>(row) + direction * by;
    if (is_null) {
      target(row).set_null(place(row));
    } else if (wanted >= static_cast<int64_t>(rows_.partition_begin[row]) &&
               wanted < static_cast<int64_t>(rows_.partition_end[row])) {
      show(row, static_cast<uint64_t>(wanted), 0);
    } else if (call_.arguments_count > 2) {
      show(row, row, 2);
    } else {
      target(row).set_null(place(row));
    }
  }

  Status pick(uint64_t row, WindowFunction which) {
    uint64_t nth = 1;
    bool is_null = false;
    if (which == WindowFunction::nth_value) {
      const int64_t given = rows_.integer_at(row, call_.arguments_begin + 1, &is_null);
      if (!is_null && given <= 0) {
        return {Code::invalid, "22016", "argument of nth_value must be greater than zero"};
      }
      nth = static_cast<uint64_t>(given);
    }
    frames_.parts_of(row, parts_);
    if (!is_null && which == WindowFunction::last_value && !parts_.empty()) {
      show(row, parts_.back().end - 1, 0);
      return {};
    }
    for (const RowRange& part : parts_) {
      if (is_null) break;
      if (nth <= part.size()) {
        show(row, part.begin + nth - 1, 0);
        return {};
      }
      nth -= part.size();
    }
    target(row).set_null(place(row));
    return {};
  }

  // Argument `argument` of row `from` is the result of row `row`.
  void show(uint64_t row, uint64_t from, uint32_t argument) {
    const uint8_t* source[1] = {rows_.rows[from]};
    const uint16_t to = place(row);
    rows_.store.layout().gather(call_.arguments_begin + argument, source, 1, &to, target(row));
  }

  WindowRows& rows_;
  WindowFrames& frames_;
  const LoweredWindowCall& call_;
  std::vector<ColumnBuffer>& results_;
  std::vector<RowRange> parts_;
};

}  // namespace

Status compute_window_call(Run& run, WindowRows& rows, WindowFrames& frames,
                           const LoweredWindowCall& call, std::vector<ColumnBuffer>& results) {
  CallWork work(rows, frames, call, results);
  const auto which = static_cast<WindowFunction>(call.function->oid);
  for (uint64_t row = 0; row < rows.count; ++row) {
    if (row % kBatchRows == 0) MORTISE_TRY(run.check_interrupt());
    MORTISE_TRY(work.compute(row, which));
  }
  return {};
}

}  // namespace mortise::sql_engine
