// SPDX-License-Identifier: Apache-2.0
// Any access at any port of the 8259 pair, and any movement of its inputs. The oracle is what must always hold.
#include <algorithm>
#include <array>
#include <string>

#include "models/pic/pic.hpp"
#include "models/sim/session.hpp"
#include "tests/fuzz/input.hpp"

using namespace hldsim;
using fuzz::Input;
using fuzz::require;

namespace {

struct Output final : InterruptPins {
    void drive(unsigned input, bool active, Token /*token*/) override {
        require(input == 0, "INTR is input 0");
        require(active != level, "INTR is driven to the level that it has");
        level = active;
    }
    bool level = false;
};

// The token of the last rise of each input; an INTA takes it.
struct Tokens {
    Token rise(unsigned irq) {
        const Token token = counter.next(Source::Operator);
        if (irq < last.size()) {
            last[irq] = token;
        }
        return token;
    }
    TokenCounter counter;
    std::array<Token, Pic::INPUTS> last{};
};

// An INTA takes what is asked for, or gives the spurious vector and leaves nothing in service.
void acknowledge(Pic& pic, const Output& output, Tokens& tokens) {
    const bool asked = output.level;
    TokenSet taken;
    const std::uint8_t vector = pic.acknowledge_external(taken);
    require(asked || (vector & 7U) == 7, "a spurious vector that is not of input 7");
    require(asked || taken.empty(), "a spurious vector with a token");
    require(taken.size() <= 1, "one INTA carries more than one token");
    for (const Token token : taken) {
        const auto found = std::find(tokens.last.begin(), tokens.last.end(), token);
        require(found != tokens.last.end(), "a token that is not of an input's last rise, or was taken before");
        const auto irq = found - tokens.last.begin();
        // A single master answers its input 2 itself, and the slave's request waits: its token may come again.
        const bool waits = irq >= 8 && (vector & 7U) == 2;
        require(waits || irq % 8 == (vector & 7U), "a token of another input than the vector's");
        if (!waits) {
            *found = {};
        }
    }
}

void step(Pic& pic, const Output& output, Tokens& tokens, Input& input) {
    constexpr std::uint32_t PORTS[] = {0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1, 0x20, 0x22};
    const std::uint8_t what = input.byte();
    const std::uint32_t port = PORTS[what >> 4U & 7U];
    switch (what & 7U) {
        case 0:
        case 1:
            return pic.write(port, Size::B1, input.byte());
        case 2: {
            const bool polls = pic.read(port, Size::B1) > 0xff;
            return require(!polls, "a byte with more than eight bits");
        }
        case 3:
            return acknowledge(pic, output, tokens);
        case 4: {
            const Size size = input.size();
            if (size != Size::B1) {
                require(pic.read(port, size) == byte_mask(bytes(size)), "a wide read that is not all ones");
                pic.write(port, size, input.number(2));
            }
            return;
        }
        default: {
            const unsigned irq = input.byte() % 18;
            const bool level = (what & 8U) != 0;
            return pic.drive(irq, level, level ? tokens.rise(irq) : Token{});
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static sim::Session session;
    static sim::Timeline timeline{"timeline"};
    static Output output;
    const auto run = [&](bool follows, const std::uint8_t* bytes_of, std::size_t length) {
        static Pic pics[] = {Pic{"pic_0", timeline, {false}, output}, Pic{"pic_1", timeline, {true}, output}};
        Pic& pic = pics[follows ? 1 : 0];
        static const std::string fresh = pic.dump();
        Input input{bytes_of, length};
        Tokens tokens;
        for (int n = 0; n < 400 && !input.empty(); ++n) {
            step(pic, output, tokens, input);
            require(pic.output() == output.level, "INTR is not what its wire has");
            const std::string now = pic.dump();
            require(now.find("not initialised") == std::string::npos || now[0] != 'm' ||
                        now.substr(0, now.find('\n')).find("not initialised") == std::string::npos || !output.level,
                    "INTR is high and the master is not initialised");
        }
        for (unsigned irq = 0; irq < Pic::INPUTS; ++irq) {
            if (irq != Pic::CASCADE) {
                pic.drive(irq, false, {});
            }
        }
        pic.reset_enter();
        pic.reset_hold();
        pic.reset_exit();
        require(!output.level, "INTR is high after a reset");
        require(pic.dump() == fresh, "a reset does not leave a new pair");
    };
    run(size % 2 != 0, data, size);
    return 0;
}
