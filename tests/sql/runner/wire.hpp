// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a test script reach a server?
//
// Through libpq, which is the client that every PostgreSQL tool is built on: what it does not
// understand, nobody does.
//
// Threads: as transport.hpp.

#include <string>

#include "transport.hpp"

namespace mortise::sqltest {

enum class Protocol : uint8_t {
  simple,    // one Query message for the whole text
  extended,  // Parse, Bind, Describe, Execute, Sync; one statement per text
};

// `dsn` as libpq reads it ("host=127.0.0.1 port=5433 ...").  No connection is made yet.
std::unique_ptr<Transport> wire_transport(std::string dsn, Protocol protocol);

}  // namespace mortise::sqltest
