// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/elf.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>

#include "mortise/entry.h"

namespace mortise::plugin {

namespace {

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
#else
constexpr uint16_t kMachine = EM_RISCV;
#endif

Status bad(std::string what) {
  return corrupt("not a usable library: " + std::move(what));
}

// The file's bytes; every access is checked.
class Bytes {
 public:
  explicit Bytes(std::span<const std::byte> file) : file_(file) {}

  bool holds(uint64_t offset, uint64_t size) const {
    return offset <= file_.size() && size <= file_.size() - offset;
  }
  template <typename T>
  bool read(uint64_t offset, T* out) const {
    if (!holds(offset, sizeof(T))) return false;
    std::memcpy(out, file_.data() + offset, sizeof(T));
    return true;
  }
  // A terminated text that starts inside [table, table + size).
  bool text(uint64_t table, uint64_t size, uint64_t at, std::string* out) const {
    if (!holds(table, size) || at >= size) return false;
    const char* begin = reinterpret_cast<const char*>(file_.data()) + table + at;
    const void* end = std::memchr(begin, 0, size - at);
    if (end == nullptr) return false;
    out->assign(begin, static_cast<const char*>(end));
    return true;
  }

 private:
  std::span<const std::byte> file_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> file) : bytes_(file) {}

  Result<ElfFacts> run() {
    MORTISE_TRY(read_header());
    MORTISE_TRY(read_segments());
    for (uint32_t i = 0; i < header_.e_shnum; ++i) {
      Elf64_Shdr section;
      if (!section_at(i, &section)) return bad("a section header is cut off");
      if (section.sh_type == SHT_DYNSYM) MORTISE_TRY(read_symbols(section));
      if (section.sh_type == SHT_DYNAMIC) MORTISE_TRY(read_dynamic(section));
    }
    if (!has_symbols_) return bad("it has no dynamic symbols");
    return std::move(facts_);
  }

 private:
  Status read_header() {
    if (!bytes_.read(0, &header_) || std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0) {
      return bad("it is no ELF file");
    }
    if (header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB) {
      return bad("it is not a 64-bit little-endian file");
    }
    if (header_.e_machine != kMachine) return bad("it is for another processor");
    if (header_.e_type != ET_DYN) return bad("it is not a shared object");
    if (header_.e_shentsize != sizeof(Elf64_Shdr) || header_.e_phentsize != sizeof(Elf64_Phdr)) {
      return bad("its header tables have another layout");
    }
    return {};
  }

  Status read_segments() {
    for (uint32_t i = 0; i < header_.e_phnum; ++i) {
      Elf64_Phdr segment;
      if (!bytes_.read(header_.e_phoff + uint64_t{i} * sizeof(segment), &segment)) {
        return bad("a program header is cut off");
      }
      if (segment.p_type == PT_GNU_STACK && (segment.p_flags & PF_X) != 0) {
        facts_.has_executable_stack = true;
      }
    }
    return {};
  }

  bool section_at(uint32_t index, Elf64_Shdr* out) const {
    return index < header_.e_shnum &&
           bytes_.read(header_.e_shoff + uint64_t{index} * sizeof(*out), out);
  }

  Status read_symbols(const Elf64_Shdr& section) {
    Elf64_Shdr names;
    if (section.sh_entsize != sizeof(Elf64_Sym) || !section_at(section.sh_link, &names) ||
        !bytes_.holds(section.sh_offset, section.sh_size)) {
      return bad("its symbol table is damaged");
    }
    has_symbols_ = true;
    for (uint64_t i = 1; i < section.sh_size / sizeof(Elf64_Sym); ++i) {
      Elf64_Sym symbol;
      std::string name;
      if (!bytes_.read(section.sh_offset + i * sizeof(symbol), &symbol) ||
          !bytes_.text(names.sh_offset, names.sh_size, symbol.st_name, &name)) {
        return bad("a symbol's name is damaged");
      }
      note_symbol(symbol, std::move(name));
    }
    return {};
  }

  void note_symbol(const Elf64_Sym& symbol, std::string name) {
    const unsigned binding = ELF64_ST_BIND(symbol.st_info);
    const unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
    if (symbol.st_shndx == SHN_UNDEF) {
      if (binding != STB_WEAK) facts_.undefined.push_back(std::move(name));
    } else if (binding == STB_GNU_UNIQUE) {
      facts_.unique.push_back(std::move(name));
    } else if ((binding == STB_GLOBAL || binding == STB_WEAK) &&
               (visibility == STV_DEFAULT || visibility == STV_PROTECTED)) {
      facts_.exported.push_back(std::move(name));
    }
  }

  Status read_dynamic(const Elf64_Shdr& section) {
    Elf64_Shdr names;
    if (!section_at(section.sh_link, &names)) return bad("its dynamic section is damaged");
    for (uint64_t i = 0; i < section.sh_size / sizeof(Elf64_Dyn); ++i) {
      Elf64_Dyn entry;
      if (!bytes_.read(section.sh_offset + i * sizeof(entry), &entry)) {
        return bad("its dynamic section is cut off");
      }
      if (entry.d_tag == DT_NULL) break;
      std::string text;
      const bool is_text =
          entry.d_tag == DT_NEEDED || entry.d_tag == DT_RUNPATH || entry.d_tag == DT_RPATH;
      if (is_text && !bytes_.text(names.sh_offset, names.sh_size, entry.d_un.d_val, &text)) {
        return bad("a name in its dynamic section is damaged");
      }
      if (entry.d_tag == DT_NEEDED) facts_.needed.push_back(std::move(text));
      if (entry.d_tag == DT_RUNPATH || entry.d_tag == DT_RPATH) facts_.run_path = std::move(text);
      const bool flagged = entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_TEXTREL) != 0;
      if (entry.d_tag == DT_TEXTREL || flagged) facts_.has_text_relocations = true;
    }
    return {};
  }

  Bytes bytes_;
  Elf64_Ehdr header_{};
  ElfFacts facts_;
  bool has_symbols_ = false;
};

// Symbols of the kernel, the hosts or another plugin: their C names and their mangled namespace.
bool is_ours(std::string_view symbol) {
  return symbol.starts_with("mortise_") || symbol.find("7mortise") != std::string_view::npos;
}

bool is_below_origin(std::string_view run_path) {
  while (!run_path.empty()) {
    const size_t colon = std::min(run_path.find(':'), run_path.size());
    const std::string_view part = run_path.substr(0, colon);
    if (!part.starts_with("$ORIGIN") && !part.starts_with("${ORIGIN}")) return false;
    if (part.find("..") != std::string_view::npos) return false;
    run_path.remove_prefix(std::min(colon + 1, run_path.size()));
  }
  return true;
}

}  // namespace

Result<ElfFacts> read_elf(std::span<const std::byte> file) {
  return Reader(file).run();
}

Status check_plugin_library(std::span<const std::byte> file) {
  MORTISE_TRY_ASSIGN(const ElfFacts facts, read_elf(file));
  bool has_entry = false;
  for (const std::string& name : facts.exported) {
    if (name == MORTISE_PLUGIN_ENTRY) {
      has_entry = true;
    } else {
      return invalid("it exports " + name +
                     "; a plugin exports " MORTISE_PLUGIN_ENTRY " and nothing else");
    }
  }
  if (!has_entry) return invalid("it does not export " MORTISE_PLUGIN_ENTRY);
  for (const std::string& name : facts.undefined) {
    if (is_ours(name)) {
      return invalid("it wants the symbol " + name +
                     " from the host; a plugin imports nothing, it asks mortise_host_t");
    }
  }
  if (!facts.unique.empty()) {
    return invalid("it defines the process-wide symbol " + facts.unique.front() +
                   "; compile it with -fno-gnu-unique");
  }
  if (facts.has_executable_stack) return invalid("it asks for an executable stack");
  if (facts.has_text_relocations) return invalid("it has text relocations; compile it with -fPIC");
  if (!is_below_origin(facts.run_path)) {
    return invalid("its run path '" + facts.run_path + "' leads outside of its own folder");
  }
  return {};
}

}  // namespace mortise::plugin
