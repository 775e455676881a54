// SPDX-License-Identifier: Apache-2.0
//
// mortise-tpchgen: writes the TPC-H tables as files, or one of them to standard output.
//
// Exit status: 0 done, 1 a file could not be written, 2 wrong arguments.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tables.hpp"

namespace mortise::tpch {
namespace {

constexpr std::string_view kUsage =
    "usage: mortise-tpchgen --scale FACTOR --out DIR [options]\n"
    "\n"
    "  --scale FACTOR   1 is about 1 GB of text in all; 0.01 and up\n"
    "  --out DIR        where the files go (made when missing); - is standard output\n"
    "  --table NAME     only this table (may be given again); all eight otherwise\n"
    "  --format FORM    text: PostgreSQL COPY text, NAME.tsv (default); tbl: NAME.tbl with '|'\n"
    "  --part I/N       only part I of N (from 1), as NAME.I.tsv; the parts in order are the "
    "whole\n"
    "  --quiet          no line per table\n"
    "  --help           this text\n";

struct Request {
  double factor = 0;
  std::string out;
  std::vector<std::string> tables;
  Format format = Format::copy_text;
  Slice slice;
  bool quiet = false;
  bool help = false;
};

Status parse_number(std::string_view text, double& number) {
  const std::string copy(text);
  char* end = nullptr;
  number = std::strtod(copy.c_str(), &end);
  if (copy.empty() || *end != '\0') return invalid("not a number: " + copy);
  return {};
}

Status parse_slice(std::string_view text, Slice& slice) {
  const size_t slash = text.find('/');
  double index = 0;
  double count = 0;
  if (slash == std::string_view::npos) return invalid("--part wants I/N");
  MORTISE_TRY(parse_number(text.substr(0, slash), index));
  MORTISE_TRY(parse_number(text.substr(slash + 1), count));
  if (!(count >= 1 && count <= 1e6 && index >= 1 && index <= count)) {
    return invalid("--part wants I/N with 1 <= I <= N");
  }
  slice = {static_cast<int64_t>(index) - 1, static_cast<int64_t>(count)};
  return {};
}

Status parse_option(std::string_view name, std::string_view value, Request& request) {
  if (name == "--scale") return parse_number(value, request.factor);
  if (name == "--part") return parse_slice(value, request.slice);
  if (name == "--out") {
    request.out = value;
  } else if (name == "--table") {
    request.tables.emplace_back(value);
  } else if (name == "--format" && (value == "text" || value == "tbl")) {
    request.format = value == "tbl" ? Format::tbl : Format::copy_text;
  } else if (name == "--format") {
    return invalid("--format is text or tbl");
  } else {
    return invalid("unknown option: " + std::string(name));
  }
  return {};
}

Result<Request> parse_arguments(const std::vector<std::string_view>& arguments) {
  Request request;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (name == "--help") {
      request.help = true;
    } else if (name == "--quiet") {
      request.quiet = true;
    } else if (i + 1 == arguments.size()) {
      return invalid("unknown option, or one without its value: " + std::string(name));
    } else {
      MORTISE_TRY(parse_option(name, arguments[++i], request));
    }
  }
  if (request.help) return request;
  if (request.factor == 0) return invalid("--scale is missing");
  if (request.out.empty()) return invalid("--out is missing");
  if (request.tables.empty()) request.tables.assign(table_names().begin(), table_names().end());
  if (request.out == "-" && request.tables.size() != 1) {
    return invalid("standard output takes one --table");
  }
  return request;
}

Status write_to(std::FILE* stream, const RowMaker& maker, const Request& request,
                std::string_view table) {
  RowWriter writer(stream, request.format);
  MORTISE_TRY(write_table(maker, table, request.slice, writer));
  MORTISE_TRY(writer.finish());
  if (!request.quiet) {
    std::fprintf(stderr, "%-9s %lld rows\n", std::string(table).c_str(),
                 static_cast<long long>(writer.row_count()));
  }
  return {};
}

Status write_file(const RowMaker& maker, const Request& request, std::string_view table) {
  std::string name(table);
  if (request.slice.count > 1) name += '.' + std::to_string(request.slice.index + 1);
  name += request.format == Format::tbl ? ".tbl" : ".tsv";
  const std::string path = request.out + '/' + name;
  std::FILE* stream = std::fopen(path.c_str(), "wb");
  if (stream == nullptr) return io_failure("cannot create " + path);
  std::setvbuf(stream, nullptr, _IONBF, 0);  // the writer has its own buffer
  Status status = write_to(stream, maker, request, table);
  if (std::fclose(stream) != 0 && status) status = io_failure("cannot close " + path);
  return status;
}

Status run(const Request& request) {
  MORTISE_TRY_ASSIGN(const Scale scale, Scale::of(request.factor));
  for (const std::string& table : request.tables) {
    bool known = false;
    for (std::string_view name : table_names()) known = known || name == table;
    if (!known) return invalid("there is no TPC-H table of this name: " + table);
  }
  const RowMaker maker(scale);
  if (request.out == "-") return write_to(stdout, maker, request, request.tables.front());
  std::error_code error;
  std::filesystem::create_directories(request.out, error);
  if (error) return io_failure("cannot make " + request.out + ": " + error.message());
  for (const std::string& table : request.tables) MORTISE_TRY(write_file(maker, request, table));
  return {};
}

int report(const Status& status) {
  std::fprintf(stderr, "mortise-tpchgen: %s\n", std::string(status.message()).c_str());
  return status.code() == Code::invalid ? 2 : 1;
}

}  // namespace
}  // namespace mortise::tpch

int main(int argc, char** argv) {
  using namespace mortise::tpch;
  const auto request = parse_arguments(std::vector<std::string_view>(argv + 1, argv + argc));
  if (!request) return report(request.error());
  if (request->help) {
    std::fputs(std::string(kUsage).c_str(), stdout);
    return 0;
  }
  if (const mortise::Status status = run(*request); !status) return report(status);
  return 0;
}
