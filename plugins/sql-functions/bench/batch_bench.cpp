// SPDX-License-Identifier: Apache-2.0
//
// Time for a row of a batch of 2,048 in calls that queries lean on.  Expected: integers and dates
// within a nanosecond, comparisons of text and LIKE within ten, results of new text within fifty;
// `heap` and `arena` are allocations for a row and stay near 0 where no new text is made.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <new>
#include <random>

#include "tests/expression.hpp"

namespace {

uint64_t g_heap_count = 0;
uint64_t g_arena_bytes = 0;

}  // namespace

void* operator new(size_t size_bytes) {
  ++g_heap_count;
  return std::malloc(size_bytes == 0 ? 1 : size_bytes);  // a benchmark ends when memory does
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace mortise::sql_functions {
namespace {

constexpr uint32_t kRows = 2048;
constexpr mortise_type_t kText = {MORTISE_SQL_TEXT, -1, MORTISE_PHYSICAL_TEXT, 0, 0, 0};

// Memory of an evaluation, taken back as a whole.
class Arena {
 public:
  Arena(const TestSession& session) : evaluation_(*session.evaluation()), bytes_(1 << 24) {
    evaluation_.arena = this;
    evaluation_.allocate = [](void* arena, uint64_t size_bytes, mortise_error_t*) -> void* {
      auto* self = static_cast<Arena*>(arena);
      const size_t start = (self->used_ + 15) & ~size_t{15};
      if (start + size_bytes > self->bytes_.size()) return nullptr;
      self->used_ = start + size_bytes;
      g_arena_bytes += size_bytes;
      return self->bytes_.data() + start;
    };
  }
  const mortise_evaluation_t* evaluation() const { return &evaluation_; }
  void clear() { used_ = 0; }

 private:
  mortise_evaluation_t evaluation_;
  std::vector<char> bytes_;
  size_t used_ = 0;
};

std::string value_of(std::string_view type, std::mt19937& random) {
  const uint32_t n = static_cast<uint32_t>(random());
  const auto digits = [](uint32_t v) { return (v < 10 ? "0" : "") + std::to_string(v); };
  const std::string day =
      "199" + std::to_string(n % 9) + "-" + digits(n % 12 + 1) + "-" + digits(n / 16 % 28 + 1);
  if (type == "bool") return n % 2 == 0 ? "t" : "f";
  if (type == "date") return day;
  if (type == "timestamp" || type == "timestamptz") {
    return day + " " + digits(n % 24) + ":" + digits(n % 60) + ":07.25";
  }
  if (type == "interval") return std::to_string(n % 90) + " days";
  if (type == "int2") return std::to_string(n % 100 + 1);
  if (type == "numeric(15,2)" || type == "numeric") {
    return std::to_string(n % 100000) + "." + digits(n % 100);
  }
  if (type == "float8" || type == "float4") return std::to_string(n % 100000) + ".125";
  if (type == "int4" || type == "int8") return std::to_string(n % 10000 + 1);
  std::string text = n % 3 == 0 ? "special packages " : (n % 3 == 1 ? "carefully " : "");
  while (text.size() < 12 + n % 40) text += static_cast<char>('a' + random() % 26);
  if (n % 5 == 0) text += " requests";
  return text;
}

// A column of a type, by its texts; its memory lives as long as the arena.
std::unique_ptr<TestColumn> make_column(TestSession& session, Arena& arena, const std::string& type,
                                        const std::vector<std::string>& texts) {
  TestColumn source(kText, kRows);
  for (uint32_t row = 0; row < kRows; ++row) {
    static_cast<mortise_view_t*>(source.data())[row] = view_to(texts[row % texts.size()]);
  }
  const mortise_type_t resolved = session.type_of(type).value_or(kText);
  auto column = std::make_unique<TestColumn>(resolved, kRows);
  const mortise_column_t in = source.in();
  const mortise_arguments_t arguments{&in, &kText, 1, kRows, nullptr, kRows, 0};
  mortise_column_out_t out = column->out();
  for (const mortise_type_info_t& info : registry().types) {
    if (info.sql_type != resolved.sql_type) continue;
    info.text_in(arena.evaluation(), &resolved, &arguments, &out, nullptr);
  }
  return column;
}

// name and argument types; "=value" is a constant of the type before it.
struct Subject {
  const char* name;
  std::vector<std::string> types;
  std::vector<std::string> constants;  // empty: a full column
};
const Subject kCalls[] = {
    {"+", {"int4", "int4"}, {"", ""}},
    {"*", {"int8", "int8"}, {"", ""}},
    {"/", {"int4", "int4"}, {"", "7"}},
    {"%", {"int8", "int4"}, {"", ""}},
    {"*", {"float8", "float8"}, {"", ""}},
    {"-", {"numeric(15,2)", "numeric(15,2)"}, {"1", ""}},
    {"*", {"numeric(15,2)", "numeric(15,2)"}, {"", ""}},
    {"/", {"numeric(15,2)", "numeric(15,2)"}, {"", ""}},
    {"*", {"numeric", "numeric"}, {"", ""}},
    {"<", {"int4", "int4"}, {"", "5000"}},
    {"=", {"int8", "int8"}, {"", ""}},
    {"<", {"float8", "float8"}, {"", ""}},
    {"<", {"numeric(15,2)", "numeric(15,2)"}, {"", ""}},
    {"<", {"numeric", "numeric"}, {"", ""}},
    {">=", {"date", "date"}, {"", "1994-01-01"}},
    {"<", {"date", "timestamp"}, {"", "1994-01-01"}},
    {"<", {"timestamptz", "timestamptz"}, {"", ""}},
    {"=", {"text", "text"}, {"", "special packages"}},
    {"=", {"text", "text"}, {"", ""}},
    {"<", {"text", "text"}, {"", ""}},
    {"=", {"bpchar(10)", "bpchar(10)"}, {"", "special"}},
    {"~~", {"text", "text"}, {"", "%special%requests%"}},
    {"~~", {"text", "text"}, {"", "special%"}},
    {"~~", {"text", "text"}, {"", "%requests"}},
    {"~~", {"text", "text"}, {"", "%s_ecial%"}},
    {"~~*", {"text", "text"}, {"", "%SPECIAL%"}},
    {"~", {"text", "text"}, {"", "spec.*requests"}},
    {"+", {"date", "interval"}, {"", "3 months"}},
    {"+", {"date", "int4"}, {"", ""}},
    {"+", {"timestamptz", "interval"}, {"", ""}},
    {"-", {"date", "date"}, {"", ""}},
    {"extract", {"text", "date"}, {"year", ""}},
    {"extract", {"text", "timestamp"}, {"second", ""}},
    {"date_trunc", {"text", "timestamp"}, {"month", ""}},
    {"date_trunc", {"text", "timestamptz"}, {"day", ""}},
    {"to_char", {"timestamp", "text"}, {"", "YYYY-MM-DD HH24:MI:SS"}},
    {"to_char", {"numeric", "text"}, {"", "FM999,990.00"}},
    {"substring", {"text", "int4", "int4"}, {"", "1", "2"}},
    {"length", {"text"}, {""}},
    {"upper", {"text"}, {""}},
    {"||", {"text", "text"}, {"", ""}},
    {"btrim", {"text"}, {""}},
    {"replace", {"text", "text", "text"}, {"", "a", "bc"}},
    {"abs", {"int4"}, {""}},
    {"round", {"numeric", "int4"}, {"", "1"}},
    {"sqrt", {"float8"}, {""}},
    {"md5", {"text"}, {""}},
};

const mortise_function_t* find_function(TestSession& session, const Subject& subject) {
  for (const mortise_function_t& f : registry().functions) {
    if (view_of(f.name) != subject.name && view_of(f.operator_symbol) != subject.name) continue;
    if (f.kind != MORTISE_FUNCTION_SCALAR || f.arguments_count != subject.types.size()) continue;
    bool fits = true;
    for (size_t i = 0; i < subject.types.size(); ++i) {
      const mortise_type_t type = session.type_of(subject.types[i]).value_or(kText);
      fits = fits && type.sql_type == f.argument_types[i];
    }
    if (fits) return &f;
  }
  return nullptr;
}

// Runs `evaluate` again and again and says what a row costs.
template <typename Evaluate>
void measure(benchmark::State& state, Arena& arena, Evaluate&& evaluate) {
  const uint64_t heap_before = g_heap_count;
  const uint64_t arena_before = g_arena_bytes;
  for (auto _ : state) {
    if (evaluate() < 0) state.SkipWithError("the call failed");
    arena.clear();
  }
  const double rows = static_cast<double>(state.iterations()) * kRows;
  state.counters["row"] =
      benchmark::Counter(rows, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["heap"] = static_cast<double>(g_heap_count - heap_before) / rows;
  state.counters["arena"] = static_cast<double>(g_arena_bytes - arena_before) / rows;
}

void run_call(benchmark::State& state, const Subject& subject) {
  TestSession session;
  Arena kept(session);
  Arena results(session);
  std::mt19937 random(1);
  std::vector<std::unique_ptr<TestColumn>> columns;
  std::vector<std::vector<std::string>> texts;  // strings in columns may point here
  std::vector<mortise_column_t> in;
  std::vector<mortise_type_t> types;
  std::vector<mortise_bind_argument_t> bound;
  texts.reserve(subject.types.size());
  for (size_t i = 0; i < subject.types.size(); ++i) {
    const bool is_constant = !subject.constants[i].empty();
    std::vector<std::string>& list = texts.emplace_back();
    if (is_constant) list.push_back(subject.constants[i]);
    while (list.size() < kRows && !is_constant) list.push_back(value_of(subject.types[i], random));
    columns.push_back(make_column(session, kept, subject.types[i], list));
    in.push_back(columns[i]->in(is_constant));
    types.push_back(columns[i]->type());
    bound.push_back({types[i], is_constant ? columns[i]->data() : nullptr, 0, 0});
  }
  const mortise_function_t* f = find_function(session, subject);
  if (f == nullptr) return state.SkipWithError("no such function");
  mortise_type_t type{};
  for (const mortise_type_info_t& info : registry().types) {
    if (info.sql_type == f->return_type) info.resolve(-1, &type, nullptr);
  }
  void* bound_state = nullptr;
  if (f->bind != nullptr) {
    f->bind(bound.data(), static_cast<uint32_t>(bound.size()), &type, &bound_state, nullptr);
  }
  TestColumn result(type, kRows);
  mortise_column_out_t out = result.out();
  const mortise_arguments_t arguments{
      in.data(), types.data(), static_cast<uint32_t>(in.size()), kRows, nullptr, kRows, 0};
  measure(state, results, [&] {
    return f->evaluate(results.evaluation(), bound_state, &arguments, &out, nullptr);
  });
  if (f->unbind != nullptr && bound_state != nullptr) f->unbind(bound_state);
}

// text_in (`reads`) or text_out of a type.
void run_text(benchmark::State& state, const std::string& type_name, bool reads) {
  TestSession session;
  Arena kept(session);
  Arena results(session);
  std::mt19937 random(1);
  std::vector<std::string> texts;
  while (texts.size() < kRows) texts.push_back(value_of(type_name, random));
  auto column = make_column(session, kept, type_name, texts);
  TestColumn text(kText, kRows);
  for (uint32_t row = 0; row < kRows; ++row) {
    static_cast<mortise_view_t*>(text.data())[row] = view_to(texts[row]);
  }
  const mortise_type_t type = column->type();
  const mortise_type_info_t* info = nullptr;
  for (const mortise_type_info_t& i : registry().types) {
    if (i.sql_type == type.sql_type) info = &i;
  }
  const mortise_column_t in = reads ? text.in() : column->in();
  mortise_column_out_t out = reads ? column->out() : text.out();
  const mortise_arguments_t arguments{&in, reads ? &kText : &type, 1, kRows, nullptr, kRows, 0};
  const auto function = reads ? info->text_in : info->text_out;
  measure(state, results,
          [&] { return function(results.evaluation(), &type, &arguments, &out, nullptr); });
}

// Every list above is one benchmark, named like the call it makes.
[[maybe_unused]] const bool kIsListed = [] {
  for (const Subject& subject : kCalls) {
    std::string name(subject.name);
    for (size_t i = 0; i < subject.types.size(); ++i) {
      name += (i == 0 ? "(" : ", ") + subject.types[i];
      if (!subject.constants[i].empty()) name += " '" + subject.constants[i] + "'";
    }
    benchmark::RegisterBenchmark((name + ")").c_str(), run_call, subject);
  }
  for (const char* type :
       {"bool", "int4", "int8", "float8", "numeric(15,2)", "numeric", "date", "timestamp",
        "timestamptz", "interval", "text", "varchar(50)", "bpchar(60)"}) {
    benchmark::RegisterBenchmark((std::string("text_in ") + type).c_str(), run_text, type, true);
    benchmark::RegisterBenchmark((std::string("text_out ") + type).c_str(), run_text, type, false);
  }
  return true;
}();

}  // namespace
}  // namespace mortise::sql_functions
