// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "detector/shim/object.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <gelf.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace hldsim::shim {

namespace {

std::uint64_t hash_of(std::string_view text) {  // FNV-1a
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    }
    return hash;
}

// An ELF file opened for reading; closes what it opened.
struct ElfFile {
    explicit ElfFile(const std::string& path) : descriptor{open(path.c_str(), O_RDONLY | O_CLOEXEC)} {
        if (descriptor < 0) {
            throw ObjectError(path + ": cannot be read: " + std::strerror(errno));
        }
        elf_version(EV_CURRENT);
        elf = elf_begin(descriptor, ELF_C_READ, nullptr);
        GElf_Ehdr header{};
        if (elf == nullptr || elf_kind(elf) != ELF_K_ELF || gelf_getehdr(elf, &header) == nullptr ||
            header.e_machine != EM_X86_64 || header.e_type != ET_DYN) {
            elf_end(elf);
            close(descriptor);
            throw ObjectError(path + ": not a shared object for x86-64; expected a file that hldsim-cc made");
        }
        if (!whole(header)) {
            elf_end(elf);
            close(descriptor);
            throw ObjectError(path + ": cut off; expected the whole of a file that hldsim-cc made");
        }
    }
    ElfFile(const ElfFile&) = delete;
    ElfFile& operator=(const ElfFile&) = delete;
    ElfFile(ElfFile&&) = delete;
    ElfFile& operator=(ElfFile&&) = delete;
    ~ElfFile() {
        elf_end(elf);
        close(descriptor);
    }

    int descriptor;
    Elf* elf = nullptr;

private:
    // The section headers stand at the end of what a linker writes; mapping a file that lacks its end is a bus error.
    bool whole(const GElf_Ehdr& header) const {
        const off_t size = lseek(descriptor, 0, SEEK_END);
        return size >= 0 && header.e_shoff != 0 &&
               header.e_shoff + std::uint64_t{header.e_shnum} * header.e_shentsize <= static_cast<std::uint64_t>(size);
    }
};

std::string hex(const unsigned char* bytes, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        constexpr std::string_view DIGITS = "0123456789abcdef";
        text += DIGITS[bytes[i] >> 4U];
        text += DIGITS[bytes[i] & 15U];
    }
    return text;
}

/// The functions and variables that a symbol table defines.
std::vector<Object::Symbol> symbols_in(Elf* elf, const GElf_Shdr& header, Elf_Data* data, std::uintptr_t load_address) {
    std::vector<Object::Symbol> found;
    for (std::size_t i = 0; i < header.sh_size / header.sh_entsize; ++i) {
        GElf_Sym symbol{};
        gelf_getsym(data, static_cast<int>(i), &symbol);
        const auto type = GELF_ST_TYPE(symbol.st_info);
        const char* const name = elf_strptr(elf, header.sh_link, symbol.st_name);
        if (name != nullptr && symbol.st_shndx != SHN_UNDEF && (type == STT_FUNC || type == STT_OBJECT)) {
            found.push_back({name, load_address + symbol.st_value, symbol.st_size, type == STT_FUNC});
        }
    }
    return found;
}

/// The symbols that it names and others define.
std::vector<std::string> foreign_in(Elf* elf, const GElf_Shdr& header, Elf_Data* data) {
    std::vector<std::string> found;
    for (std::size_t i = 0; i < header.sh_size / header.sh_entsize; ++i) {
        GElf_Sym symbol{};
        gelf_getsym(data, static_cast<int>(i), &symbol);
        const char* const name = elf_strptr(elf, header.sh_link, symbol.st_name);
        if (name != nullptr && symbol.st_shndx == SHN_UNDEF) {
            found.emplace_back(name);
        }
    }
    return found;
}

}  // namespace

Object::Object(std::string path, Role role) : path_{std::move(path)}, role_{role} {
    { const ElfFile readable{path_}; }
    // A name without a slash would be looked for where the system keeps its libraries.
    const std::string file = path_.find('/') == std::string::npos ? "./" + path_ : path_;
    handle_ = dlopen(file.c_str(), RTLD_NOW | (role == Role::Kernel ? RTLD_GLOBAL : RTLD_LOCAL));
    if (handle_ == nullptr) {
        throw ObjectError(path_ + ": cannot be loaded: " + dlerror());
    }
    find_segments();
    read_elf();
    const auto* const memory = reinterpret_cast<const char*>(writable_.begin);
    pristine_.assign(memory, memory + writable_.length);
}

void* Object::exported(const char* name) const {
    void* const found = dlsym(handle_, name);
    if (found == nullptr) {
        throw ObjectError(path_ + ": no symbol '" + name + "'");
    }
    return found;
}

void Object::find_segments() {
    link_map* map = nullptr;
    if (dlinfo(handle_, RTLD_DI_LINKMAP, &map) != 0) {
        throw ObjectError(path_ + ": " + dlerror());
    }
    load_address_ = map->l_addr;
    struct Search {
        Object* self;
        std::uintptr_t address;
    } search{this, map->l_addr};
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* data) {
            auto& wanted = *static_cast<Search*>(data);
            if (info->dlpi_addr != wanted.address) {
                return 0;
            }
            constexpr std::uintptr_t PAGE_SIZE = 4096;
            std::uintptr_t relro_end = 0;
            for (int i = 0; i < info->dlpi_phnum; ++i) {
                const auto& segment = info->dlpi_phdr[i];
                if (segment.p_type == PT_GNU_RELRO) {
                    relro_end = (segment.p_vaddr + segment.p_memsz + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
                }
            }
            for (int i = 0; i < info->dlpi_phnum; ++i) {
                const auto& segment = info->dlpi_phdr[i];
                const std::uintptr_t end = segment.p_vaddr + segment.p_memsz;
                if (segment.p_type == PT_LOAD) {  // in the order of their addresses
                    wanted.self->image_ = {info->dlpi_addr, end};
                }
                if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) != 0) {
                    const std::uintptr_t begin = std::max<std::uintptr_t>(segment.p_vaddr, std::min(relro_end, end));
                    wanted.self->writable_ = {info->dlpi_addr + begin, end - begin};
                } else if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
                    wanted.self->code_ = {info->dlpi_addr + segment.p_vaddr, segment.p_memsz};
                }
            }
            return 1;
        },
        &search);
}

void Object::read_elf() {
    const ElfFile file{path_};
    std::size_t names = 0;
    elf_getshdrstrndx(file.elf, &names);
    std::string note;
    for (Elf_Scn* section = elf_nextscn(file.elf, nullptr); section != nullptr;
         section = elf_nextscn(file.elf, section)) {
        GElf_Shdr header{};
        gelf_getshdr(section, &header);
        const char* const raw_name = elf_strptr(file.elf, names, header.sh_name);
        const std::string_view name = raw_name == nullptr ? "" : raw_name;
        const Range range{load_address_ + header.sh_addr, header.sh_size};
        Elf_Data* const data = elf_getdata(section, nullptr);
        if (name == ".data..percpu") {
            per_cpu_ = range;
        } else if (name == HLD_PARAM_SECTION) {
            params_ = range;
        } else if (name == HLD_INITCALL_SECTION) {
            initcalls_ = range;
        } else if (name == ".note.hldsim" && data != nullptr) {
            note.assign(static_cast<const char*>(data->d_buf), data->d_size);
        } else if (name == ".note.gnu.build-id" && data != nullptr && data->d_size > 16) {
            build_id_ = hex(static_cast<const unsigned char*>(data->d_buf) + 16, data->d_size - 16);
        } else if (header.sh_type == SHT_SYMTAB && data != nullptr) {
            symbols_ = symbols_in(file.elf, header, data, load_address_);
        } else if (header.sh_type == SHT_DYNSYM && data != nullptr) {
            foreign_ = foreign_in(file.elf, header, data);
        }
    }
    read_note(note);
}

// An ELF note (owner "hldsim") whose description is lines "key=value".
void Object::read_note(const std::string& note) {
    const auto value = [&](const std::string& key) -> std::string {
        const auto at = note.find(key + "=");
        if (at == std::string::npos) {
            return {};
        }
        const auto begin = at + key.size() + 1;
        return note.substr(begin, note.find_first_of(std::string{"\n\0", 2}, begin) - begin);
    };
    const std::string abi = value("abi");
    if (note.empty() || abi.empty()) {
        throw ObjectError(path_ + ": not instrumented; expected an object that hldsim-cc made");
    }
    if (abi != std::to_string(HLD_ABI_VERSION)) {
        throw ObjectError(path_ + ": made for version " + abi + " of the shim, but this hldsim has version " +
                          std::to_string(HLD_ABI_VERSION) + "; expected an object built again with its hldsim-cc");
    }
    if (const std::string kind = value("kind"); role_ == Role::Detector && kind != "detector") {
        throw ObjectError(path_ + ": a " + kind + " object; expected a detector");
    }
    compiler_ = value("compiler");
    kapi_ = value("kapi");
    of_core_ = value("source") == "core";
}

std::vector<cpu::Variable> Object::variables(const Range& range) const {
    std::vector<cpu::Variable> found;
    for (const Symbol& symbol : symbols_) {
        if (!symbol.function && range.contains(reinterpret_cast<const void*>(symbol.at))) {
            found.push_back({symbol.at - range.begin, symbol.size, hash_of(symbol.name)});
        }
    }
    return found;
}

}  // namespace hldsim::shim
