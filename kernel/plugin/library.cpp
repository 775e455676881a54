// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/library.hpp"

#include <dlfcn.h>
#include <link.h>

#define BOOST_DLL_USE_STD_FS
#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <filesystem>
#include <map>
#include <memory>

#include "mortise/cpp/boundary.hpp"

namespace mortise::plugin {

namespace {

// Never destroyed: a library stays mapped until the process ends.
std::map<std::string, std::unique_ptr<boost::dll::shared_library>>& open_libraries() {
  static auto* const libraries =
      new std::map<std::string, std::unique_ptr<boost::dll::shared_library>>;
  return *libraries;
}

Result<boost::dll::shared_library*> library_at(const std::string& path) {
  auto& known = open_libraries()[path];
  if (known != nullptr) return known.get();
  auto library = std::make_unique<boost::dll::shared_library>();
  std::error_code failed;
  library->load(std::filesystem::path(path), failed,
                boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (failed) {
    const char* reason = ::dlerror();
    return invalid(std::string("it cannot be opened: ")
                       .append(reason != nullptr ? reason : failed.message().c_str()));
  }
  known = std::move(library);
  return known.get();
}

Status describe(const std::string& path, const mortise_plugin_t** out) {
  MORTISE_TRY_ASSIGN(boost::dll::shared_library * library, library_at(path));
  if (!library->has(MORTISE_PLUGIN_ENTRY)) {
    return invalid("it does not export " MORTISE_PLUGIN_ENTRY);
  }
  // A function pointer through a data pointer: what dlsym gives, and POSIX allows.
  void* const entry = ::dlsym(library->native(), MORTISE_PLUGIN_ENTRY);
  const auto query = reinterpret_cast<mortise_plugin_query_v1_t>(entry);
  const mortise_plugin_t* described = nullptr;
  MORTISE_TRY(contain("XX000", [&] { described = query(MORTISE_ABI_MINOR); }));
  if (described == nullptr) {
    return invalid("it cannot live in a host of ABI minor " + std::to_string(MORTISE_ABI_MINOR));
  }
  const mortise_header_t& header = described->header;
  if (header.major != 1) {
    return invalid("it was built for ABI " + std::to_string(header.major) + "; this host has 1");
  }
  constexpr uint32_t kSmallestBytes =
      offsetof(mortise_plugin_t, stop) + sizeof(mortise_plugin_t::stop);
  if (header.struct_size_bytes < kSmallestBytes || described->start == nullptr ||
      described->stop == nullptr) {
    return invalid("its description is incomplete");
  }
  *out = described;
  return {};
}

}  // namespace

Result<const mortise_plugin_t*> open_library(const std::string& path) {
  const mortise_plugin_t* described = nullptr;
  Status inner;
  MORTISE_TRY(contain("58030", [&] { inner = describe(path, &described); }));
  MORTISE_TRY(inner);
  return described;
}

CodeRange code_range_of(const void* address) {
  struct Search {
    uintptr_t wanted;
    CodeRange found;
  } search{reinterpret_cast<uintptr_t>(address), {}};
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* context) -> int {
        auto* s = static_cast<Search*>(context);
        CodeRange range{UINTPTR_MAX, 0};
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const ElfW(Phdr)& segment = info->dlpi_phdr[i];
          if (segment.p_type != PT_LOAD) continue;
          const uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
          range.begin = std::min(range.begin, begin);
          range.end = std::max(range.end, begin + segment.p_memsz);
        }
        if (s->wanted < range.begin || s->wanted >= range.end) return 0;
        s->found = range;
        return 1;
      },
      &search);
  return search.found;
}

}  // namespace mortise::plugin
