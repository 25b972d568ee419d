// Any bytes as the JSON of a stanza: nothing crashes, and what decodes survives being written again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "talk/decoder.hpp"
#include "talk/encoder.hpp"

using namespace crosstalk::talk;

namespace {

void undo_xml(std::string& text) {
    for (const auto& [from, to] :
         {std::pair<std::string_view, char>{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}})
        for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; ++at)
            text.replace(at, from.size(), 1, to);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    decoder d;
    const auto messages = d.decode({reinterpret_cast<const char*>(bytes), size});
    if (!messages) return 0;
    for (const decoded& one : *messages) {
        const message* m = std::get_if<message>(&one);
        if (m == nullptr) continue;
        std::string out;
        append_message(out, *m);
        undo_xml(out);
        const auto again = d.decode(out);
        if (!again || again->size() != 1 || std::get<message>(again->front()) != *m) std::abort();
    }
    return 0;
}
