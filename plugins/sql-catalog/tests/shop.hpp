// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which objects do this plugin's tests look at?
//
//   create table shop (id serial primary key, title varchar(20) not null default 'none',
//     price numeric(8,2) check (price > 0), parent int references shop(id) on delete cascade,
//     code int generated always as identity, twice int generated always as (id * 2) stored);
//   create index shop_title on shop (title desc, lower(title)) where id > 3;
//   create view shown as select id, title from shop;
//   comment on table shop is 'things'; comment on column shop.title is 'its name';
//   create schema other; create table other.shop (x int);
//
// Threads: one.

#include "tests/fake_database.hpp"

namespace mortise::sql_catalog {

constexpr mortise_object_id_t kShop = 16384;
constexpr mortise_object_id_t kShopSequence = 16385;
constexpr mortise_object_id_t kShopKey = 16386;    // index shop_pkey
constexpr mortise_object_id_t kShopTitle = 16387;  // index shop_title
constexpr mortise_object_id_t kShown = 16388;      // view
constexpr mortise_object_id_t kKeyConstraint = 16389;
constexpr mortise_object_id_t kCheckConstraint = 16390;
constexpr mortise_object_id_t kForeignConstraint = 16391;
constexpr mortise_object_id_t kOther = 16392;  // schema
constexpr mortise_object_id_t kOtherShop = 16393;
constexpr mortise_object_id_t kCodeSequence = 16394;

void open_shop(FakeDatabase& database);

}  // namespace mortise::sql_catalog
