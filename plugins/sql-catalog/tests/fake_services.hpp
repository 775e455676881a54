// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which interfaces of others does a FakeDatabase hand to the plugin?
//
// The catalog reads the objects of the database that serves; settings, sessions and the scalar
// types of other plugins are fixed.
//
// Threads: one; one database at a time.

#include "tests/fake_database.hpp"

namespace mortise::sql_catalog {

// Null ends it.
void serve_from(const FakeDatabase* database);

Services fake_services();

}  // namespace mortise::sql_catalog
