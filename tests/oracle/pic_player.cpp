// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/pic_player.hpp"

#include "tests/oracle/rules.hpp"

namespace hldsim::oracle {

namespace {

// In QEMU the request of an edge stays until it is acknowledged.
PicProfile q35_pic() {
    PicProfile p;
    p.edge_follows_line = false;
    return p;
}

// What a deviation may change.
constexpr unsigned BIT_EXTRA = 1;  // QEMU reads more bits of IRR or ISR
constexpr unsigned BIT_LACKS = 2;  // the other way round

constexpr Rule PIC_RULES[] = {
    {"D-38", ONLY_HERE},
    {"D-39", ONLY_QEMU},
    {"D-40", BIT_LACKS},
    {"D-41", ONLY_HERE},
    {"D-42", ONLY_HERE | BIT_LACKS},
    {"D-43", ONLY_QEMU},
    {"D-44", ONLY_HERE | ONLY_QEMU},
};

unsigned needed_of_pic(const Step& step, const Difference& difference) {
    if (difference.what != Difference::What::Value) {
        return difference.what == Difference::What::OnlyQemu ? ONLY_QEMU : ONLY_HERE;
    }
    if (step.action != 'R') {
        return 0;
    }
    return (difference.qemu & ~difference.here) == 0   ? BIT_LACKS
           : (difference.here & ~difference.qemu) == 0 ? BIT_EXTRA
                                                       : 0;
}

}  // namespace

PicPlayer::PicPlayer() : pic_{"pic", timeline_, q35_pic(), output_} {}

Answer PicPlayer::play(const Step& step) {
    const bool before = output_.level;
    Answer answer;
    TokenSet taken;
    switch (step.action) {
        case 'R':
            answer.value = pic_.read(step.offset, Size::B1);
            break;
        case 'W':
            pic_.write(step.offset, Size::B1, step.value);
            break;
        case 'A':
            answer.value = pic_.acknowledge_external(taken);
            break;
        default:
            pic_.drive(step.offset, step.value != 0, {});
            break;
    }
    if (output_.level != before) {
        answer.seen.push_back({0, output_.level ? '/' : '\\', 0, 0});
    }
    return answer;
}

std::string PicPlayer::explain(const Step& step, const Difference& difference,
                               const std::vector<Difference>& /*of_step*/) {
    return excuse(PIC_RULES, step, needed_of_pic(step, difference));
}

std::vector<std::string> PicPlayer::known() { return ids_of(PIC_RULES); }

}  // namespace hldsim::oracle
