// SPDX-License-Identifier: GPL-2.0 OR MIT
// Names of the loaded objects to addresses and back: functions, source lines, variables and their members.
//
//   Objects    the miniature kernel and the detector, each read when something is asked of it for the first time
//   pc         a hook's return address: the byte before it is looked up, which is inside the call
//   Files      relative to the folder in which the compiler ran
//   Names      look-ups never throw; what is not known is an empty answer, or one that says why
//   Stack      the host's only: libdw needs more than a CPU's stack has
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detector/shim/data_layout.hpp"
#include "detector/shim/debug_info.hpp"

namespace hldsim::shim {

class Symbols {
public:
    /// An Object's path() and load_address().
    struct Binary {
        std::string path;
        std::uintptr_t load_address = 0;
    };
    /// CPU c's copy of a variable in .data..percpu lies at its address + first_offset + c * stride, in every object.
    struct PerCpuLayout {
        std::uintptr_t first_offset = 0;
        std::size_t stride = 0;
        unsigned copies = 0;
    };

    /// A position in the source. A function that was inlined has a frame of its own.
    struct Frame {
        std::string function;
        std::string file;  // empty if only the function is known
        unsigned line = 0;
    };

    struct Function {
        bool known = false;              // there is a function of that name, though perhaps without code
        std::vector<CodeRange> bodies;   // out of line, with what compilers split off (.cold, .part, .constprop, .isra)
        std::vector<CodeRange> inlined;  // wherever it has been inlined

        bool has_code() const { return !bodies.empty() || !inlined.empty(); }
    };

    struct Data {
        enum class Problem : std::uint8_t {
            None,
            NoName,     // `unknown` is neither a variable nor a struct of which there is a static variable
            NoMember,   // `unknown` is no member of `type`
            NoIndex,    // [N] behind something that is no array, or beyond its end
            NotPerCpu,  // per_cpu() around an ordinary variable
            Pointer,    // a member of what a pointer points to
            Malformed,
        };
        Problem problem = Problem::None;
        std::vector<Stretch> memory;
        bool locks = false;  // it is a lock, or one is inside of it
        /// The locks of the whole variable of which it is a part: "irq_desc.lock".
        std::vector<std::string> locks_beside;
        std::string type;
        std::string unknown;
        std::vector<std::string> candidates;  // names that could have stood in place of `unknown`
    };

    struct Line {
        bool file_known = false;
        std::vector<CodeRange> code;     // empty: the line has none
        std::vector<std::string> files;  // those meant by the name
        unsigned nearest = 0;            // without code: the next line that has some, else the last one before it
    };

    explicit Symbols(std::vector<Binary> binaries);
    ~Symbols();
    Symbols(const Symbols&) = delete;
    Symbols& operator=(const Symbols&) = delete;
    Symbols(Symbols&&) = delete;
    Symbols& operator=(Symbols&&) = delete;

    void set_per_cpu(PerCpuLayout layout) { per_cpu_ = layout; }
    /// Memory of kmalloc(): without types, named by its offset.
    void set_heap(std::uintptr_t begin, std::size_t length) { heap_ = {begin, begin + length}; }

    // ---- addresses to names
    /// Innermost first; empty for code of no object.
    std::vector<Frame> frames(const void* pc) const;
    /// The innermost frame that is not in a header: where the author of the C wrote it.
    Frame place_at(const void* pc) const;
    /// The function as compiled that holds the pc, without what a compiler adds to its name; empty if unknown.
    std::string function_at(const void* pc) const;
    /// "hld.monitored_mask", "irq_desc[3].lock", "per_cpu(hld_cpu, 2).route", "kmalloc+0x40"; empty if unknown.
    std::string variable_at(const void* p) const { return name_at(p, name_inside); }
    /// The same of a lock that begins there: "hld_mutex", where variable_at() is "hld_mutex.owner".
    std::string lock_at(const void* p) const { return name_at(p, lock_name_inside); }

    // ---- names to addresses
    Function functions(std::string_view name) const;
    /// NAME or per_cpu(NAME) or per_cpu(NAME, CPU), then members and [indices]. An array whose index is left out stands
    /// for all its elements. NAME may be a struct: then it is each static object of that type.
    Data variable(std::string_view name) const;
    /// Every static object of the struct of that name, alone and inside of variables.
    std::vector<Stretch> objects_of(std::string_view structure) const;
    /// The code of a source line, with what is inlined there. The file may be given by its last components.
    Line line(std::string_view file, unsigned number) const;

    // ---- all names, sorted, for suggestions
    std::vector<std::string> function_names() const;
    std::vector<std::string> file_names() const;
    /// "hld_lock", "irq_desc.lock", "per_cpu(runqueue).lock": in variables, whether they are locks or hold some.
    std::vector<std::string> lock_names() const;

private:
    struct Path;

    const std::vector<std::unique_ptr<DebugInfo>>& loaded() const;
    std::string name_at(const void* p, std::string (*inside)(Dwarf_Die type, std::size_t offset)) const;
    std::vector<Part> parts_named(const Path& path) const;
    std::vector<Part> parts_of_struct(const Path& path) const;
    Part whole(const DebugInfo& info, const DebugInfo::Variable& variable, const Path& path) const;
    bool follow(const Path& path, Part& part, Data& data) const;
    void explain_unknown(const Path& path, Data& data) const;

    mutable std::vector<std::unique_ptr<DebugInfo>> infos_;
    PerCpuLayout per_cpu_;
    CodeRange heap_;
};

/// "foo.constprop.0" and "foo.cold" are "foo".
std::string_view without_suffix(std::string_view symbol);

}  // namespace hldsim::shim
