// SPDX-License-Identifier: Apache-2.0
#include "wire.hpp"

#include <libpq-fe.h>

#include <cstdlib>
#include <utility>

#include "mortise/cpp/assert.hpp"

namespace mortise::sqltest {
namespace {

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, FinishConnection>;
using ResultSet = std::unique_ptr<PGresult, ClearResult>;

void drop_notice(void*, const PGresult*) {}

std::string trimmed(const char* text) {
  std::string copy(text == nullptr ? "" : text);
  while (!copy.empty() && copy.back() == '\n') copy.pop_back();
  return copy;
}

Failure failure_of(const PGresult* result) {
  const auto field = [&](int code) { return trimmed(PQresultErrorField(result, code)); };
  Failure failure;
  failure.sqlstate = field(PG_DIAG_SQLSTATE);
  failure.message = field(PG_DIAG_MESSAGE_PRIMARY);
  failure.position_chars =
      static_cast<uint32_t>(std::strtoul(field(PG_DIAG_STATEMENT_POSITION).c_str(), nullptr, 10));
  return failure;
}

void read_rows(const PGresult* result, Answer& answer) {
  answer.has_rows = true;
  const int columns = PQnfields(result);
  for (int c = 0; c < columns; ++c)
    answer.columns.push_back({PQfname(result, c), PQftype(result, c)});
  const int rows = PQntuples(result);
  answer.rows.reserve(static_cast<size_t>(rows));
  for (int r = 0; r < rows; ++r) {
    Row row;
    for (int c = 0; c < columns; ++c) {
      if (PQgetisnull(result, r, c) != 0) {
        row.emplace_back(std::nullopt);
      } else {
        row.emplace_back(
            std::string(PQgetvalue(result, r, c), static_cast<size_t>(PQgetlength(result, r, c))));
      }
    }
    answer.rows.push_back(std::move(row));
  }
}

class WireSession final : public Session {
 public:
  WireSession(Connection connection, Protocol protocol)
      : connection_(std::move(connection)), protocol_(protocol) {}

  Result<Answer> run(const Request& request) override {
    MORTISE_TRY(send(request.sql));
    Answer answer;
    while (true) {
      const ResultSet result(PQgetResult(connection_.get()));
      if (result == nullptr) break;
      MORTISE_TRY(read(result.get(), request, answer));
    }
    if (PQstatus(connection_.get()) == CONNECTION_BAD) return lost();
    return answer;
  }

 private:
  Status lost() const {
    return io_failure("the connection is lost: " + trimmed(PQerrorMessage(connection_.get())));
  }

  Status send(const std::string& sql) {
    const int sent = protocol_ == Protocol::simple
                         ? PQsendQuery(connection_.get(), sql.c_str())
                         : PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr,
                                             nullptr, nullptr, 0);
    if (sent == 0) return lost();
    return {};
  }

  // Takes one result in.  A later one replaces an earlier one; the first failure stays.
  Status read(const PGresult* result, const Request& request, Answer& answer) {
    if (answer.failure) return {};
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COPY_IN) return copy_in(request);
    answer = Answer();
    switch (status) {
      case PGRES_TUPLES_OK:
        read_rows(result, answer);
        break;
      case PGRES_COPY_OUT:
        return copy_out(answer);
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY:
        break;
      case PGRES_FATAL_ERROR:
        if (PQstatus(connection_.get()) == CONNECTION_BAD) return lost();
        answer.failure = failure_of(result);
        return {};
      default:
        return io_failure(std::string("unexpected result: ") + PQresStatus(status));
    }
    if (const std::string count = PQcmdTuples(const_cast<PGresult*>(result)); !count.empty()) {
      answer.affected_rows = std::strtoll(count.c_str(), nullptr, 10);
    }
    return {};
  }

  Status copy_in(const Request& request) {
    const char* refusal = request.copy_data ? nullptr : "the script has no data for this COPY";
    if (request.copy_data) {
      const std::string& data = *request.copy_data;
      MORTISE_ASSERT(data.size() <= INT32_MAX);
      if (PQputCopyData(connection_.get(), data.data(), static_cast<int>(data.size())) != 1) {
        return lost();
      }
    }
    if (PQputCopyEnd(connection_.get(), refusal) != 1) return lost();
    return {};
  }

  Status copy_out(Answer& answer) {
    answer.has_rows = true;
    answer.columns.push_back({"copy", kTextTypeId});
    char* line = nullptr;
    int size_bytes = 0;
    while ((size_bytes = PQgetCopyData(connection_.get(), &line, 0)) > 0) {
      std::string text(line, static_cast<size_t>(size_bytes));
      PQfreemem(line);
      if (!text.empty() && text.back() == '\n') text.pop_back();
      answer.rows.push_back({Value(std::move(text))});
    }
    // -2 is an error, which the next result tells.
    return {};
  }

  static constexpr uint32_t kTextTypeId = 25;

  Connection connection_;
  Protocol protocol_;
};

class WireTransport final : public Transport {
 public:
  WireTransport(std::string dsn, Protocol protocol) : dsn_(std::move(dsn)), protocol_(protocol) {}

  bool is_called(std::string_view name) const override {
    return name == "wire" || (protocol_ == Protocol::extended && name == "extended");
  }

  Result<std::unique_ptr<Session>> open() override {
    Connection connection(PQconnectdb(dsn_.c_str()));
    if (connection == nullptr) return no_memory("no memory for a connection");
    if (PQstatus(connection.get()) != CONNECTION_OK) {
      return io_failure("cannot connect: " + trimmed(PQerrorMessage(connection.get())));
    }
    PQsetNoticeReceiver(connection.get(), drop_notice, nullptr);
    return std::unique_ptr<Session>(new WireSession(std::move(connection), protocol_));
  }

 private:
  std::string dsn_;
  Protocol protocol_;
};

}  // namespace

std::unique_ptr<Transport> wire_transport(std::string dsn, Protocol protocol) {
  return std::make_unique<WireTransport>(std::move(dsn), protocol);
}

}  // namespace mortise::sqltest
