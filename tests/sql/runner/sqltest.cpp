// SPDX-License-Identifier: Apache-2.0
//
// mortise-sqltest: runs .test files against a server, or rewrites what they expect.
//
// Exit status: 0 all as expected, 1 differences, 2 wrong arguments, a script that cannot be read,
// or a server that cannot be reached.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "runner.hpp"
#include "wire.hpp"

#ifdef MORTISE_SQLTEST_EMBEDDED
#include "embedded.hpp"
#endif

namespace mortise::sqltest {
namespace {

constexpr std::string_view kUsage =
    "usage: mortise-sqltest --dsn DSN | --directory DIR [options] FILE|FOLDER...\n"
    "\n"
    "  --dsn DSN        the server, as libpq names it: \"host=127.0.0.1 port=5433 user=postgres\"\n"
    "  --directory DIR  no server: a data directory, opened by libmortise inside this program\n"
    "  --target NAME    what skipif and onlyif call it: mortise (default), postgres\n"
    "  --extended       use the extended query protocol instead of the simple one\n"
    "  --rewrite        write down what the server answers as the expectation\n"
    "  --mark           put skipif NAME before the records that fail, take it from those that "
    "pass\n"
    "  --quiet          no line per file\n"
    "  --help           this text\n";

struct Request {
  std::string dsn;
  std::string directory;
  Options options{"mortise", false, false};
  Protocol protocol = Protocol::simple;
  bool quiet = false;
  bool help = false;
  std::vector<std::string> paths;
};

// Where the value of an option goes; nullptr for a word that takes none.
std::string* text_option(const std::string& word, Request& request) {
  if (word == "--dsn") return &request.dsn;
  if (word == "--directory") return &request.directory;
  if (word == "--target") return &request.options.target;
  return nullptr;
}

Result<Request> parse_arguments(const std::vector<std::string>& arguments) {
  Request request;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--help") {
      request.help = true;
      return request;
    }
    if (word == "--quiet") {
      request.quiet = true;
    } else if (word == "--extended") {
      request.protocol = Protocol::extended;
    } else if (word == "--rewrite") {
      request.options.rewrite = true;
    } else if (word == "--mark") {
      request.options.mark = true;
    } else if (std::string* text = text_option(word, request);
               text != nullptr && i + 1 < arguments.size()) {
      *text = arguments[++i];
    } else if (word.starts_with("--")) {
      return invalid("unknown option, or one without its value: " + word);
    } else {
      request.paths.push_back(word);
    }
  }
  if (request.dsn.empty() == request.directory.empty()) return invalid("a --dsn or a --directory?");
  if (request.paths.empty()) return invalid("no .test file is named");
  if (request.options.mark && request.options.rewrite) return invalid("mark or rewrite?");
  return request;
}

// Folders become the .test files below them, in the order of their names.
Result<std::vector<std::string>> test_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    std::filesystem::recursive_directory_iterator it(path, error);
    for (; !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
      if (it->path().extension() == ".test") found.push_back(it->path().string());
    }
    if (error) return io_failure("cannot read " + path + ": " + error.message());
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.empty()) return not_found("there is no .test file");
  return files;
}

Result<std::unique_ptr<Transport>> open_transport(const Request& request) {
  if (!request.dsn.empty()) return wire_transport(request.dsn, request.protocol);
#ifdef MORTISE_SQLTEST_EMBEDDED
  return embedded_transport(request.directory);
#else
  return unsupported("this mortise-sqltest was built without libmortise");
#endif
}

Status run(const Request& request, bool& all_passed) {
  MORTISE_TRY_ASSIGN(const std::vector<std::string> files, test_files(request.paths));
  MORTISE_TRY_ASSIGN(const std::unique_ptr<Transport> transport, open_transport(request));
  Runner runner(*transport, request.options);
  size_t failed_files = 0;
  for (const std::string& file : files) {
    const size_t before = runner.report().differences.size();
    MORTISE_TRY(runner.run_file(file));
    const auto& differences = runner.report().differences;
    const bool passed = differences.size() == before;
    failed_files += passed ? 0 : 1;
    if (!request.quiet || !passed) {
      std::printf("%s %s\n", passed ? "ok    " : "FAILED", file.c_str());
    }
    for (size_t i = before; i < differences.size(); ++i) {
      std::printf("\n%s\n%s\n", differences[i].place.c_str(), differences[i].text.c_str());
    }
    std::fflush(stdout);
  }
  const Report& report = runner.report();
  std::printf("%zu files, %zu failed; %lld records run, %lld skipped, %lld rewritten, %zu differ\n",
              files.size(), failed_files, static_cast<long long>(report.run_count),
              static_cast<long long>(report.skipped_count),
              static_cast<long long>(report.rewritten_count), report.differences.size());
  all_passed = failed_files == 0;
  return {};
}

int report_failure(const Status& status) {
  std::fprintf(stderr, "mortise-sqltest: %s\n", std::string(status.message()).c_str());
  return 2;
}

}  // namespace
}  // namespace mortise::sqltest

int main(int argc, char** argv) {
  using namespace mortise::sqltest;
  const auto request = parse_arguments(std::vector<std::string>(argv + 1, argv + argc));
  if (!request) return report_failure(request.error());
  if (request->help) {
    std::fputs(std::string(kUsage).c_str(), stdout);
    return 0;
  }
  bool all_passed = false;
  if (const mortise::Status status = run(*request, all_passed); !status) {
    return report_failure(status);
  }
  return all_passed ? 0 : 1;
}
