// SPDX-License-Identifier: Apache-2.0
//
// mortise check: recovers a data directory, reads every page of it and compares maps with owners.
#include <iostream>

#include "hosts/shell/command_line.hpp"
#include "kernel/catalog/database.hpp"

namespace mortise::shell {

namespace {

constexpr uint32_t kPagesPerStep = 1024;

struct Findings {
  uint64_t segments = 0;
  uint64_t pages = 0;
  uint64_t damaged = 0;

  void note(const Status& status) {
    if (status.is_ok()) return;
    ++damaged;
    std::cout << "damaged: " << to_line(status) << '\n';
  }
};

void check_page(recovery::Storage& storage, PageId page, page::SizeClass size, Findings& out) {
  ++out.pages;
  buffer::FixOptions options;
  options.size_class = size;
  options.hint = buffer::AccessHint::maintenance;
  out.note(storage.pool().shared(page, options).status());
}

Status check_segment(recovery::Storage& storage, const space::SegmentInfo& segment, Findings& out) {
  ++out.segments;
  check_page(storage, segment.anchor, page::SizeClass::kib4, out);
  space::ScanRange range;
  for (;;) {
    MORTISE_TRY_ASSIGN(const std::vector<space::PageRef> pages,
                       storage.spaces().scan(segment.id, range, kPagesPerStep));
    if (pages.empty()) return {};
    for (const space::PageRef& p : pages) check_page(storage, p.id, p.size_class, out);
  }
}

}  // namespace

Status run_check(const Program& program, const Given& given) {
  InstanceOptions options = instance_options(program, given);
  options.settings.emplace_back("log_level", "warn");
  MORTISE_TRY_ASSIGN(const std::unique_ptr<Instance> instance,
                     Instance::open(program.io, std::move(options)));
  recovery::Storage& storage = instance->database().storage();
  Findings found;
  for (const SpaceId space : storage.files().list()) {
    found.note(storage.spaces().verify(space));
    Result<std::vector<space::SegmentInfo>> segments = storage.spaces().list_segments(space);
    found.note(segments.status());
    if (!segments) continue;
    for (const space::SegmentInfo& segment : *segments) {
      found.note(check_segment(storage, segment, found));
    }
  }
  MORTISE_TRY(instance->close());
  std::cout << found.pages << " pages in " << found.segments << " segments were read; "
            << (found.damaged == 0 ? "all are good" : std::to_string(found.damaged) + " failures")
            << ".\n";
  if (found.damaged == 0) return {};
  return corrupt("the data directory is damaged");
}

}  // namespace mortise::shell
