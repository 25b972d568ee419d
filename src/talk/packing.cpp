// Implementation of packing.hpp; the only file that knows zlib.
#include "talk/packing.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>

#include "base/base64.hpp"
#include "talk/decoder.hpp"

namespace crosstalk::talk {
namespace {

// Messages are short, and each begins anew: small tables are cleared quickly.
constexpr int level = 3;
constexpr int window_bits = 13;
constexpr int memory_level = 4;
constexpr std::size_t step = 16 * 1024;

Bytef* bytes_of(std::string& text, std::size_t at) {
    return reinterpret_cast<Bytef*>(text.data() + at);
}

void unescape(std::string& out, std::string_view text) {
    out.clear();
    for (std::size_t amp = text.find('&'); amp != std::string_view::npos; amp = text.find('&')) {
        out.append(text, 0, amp);
        const char kind = text[amp + 1];
        out += kind == 'a' ? '&' : kind == 'l' ? '<' : '>';
        text.remove_prefix(text.find(';', amp) + 1);
    }
    out += text;
}

}  // namespace

struct packer::state {
    state() {
        if (deflateInit2(&stream, level, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY) !=
            Z_OK)
            throw std::bad_alloc();
    }
    ~state() { deflateEnd(&stream); }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    void add(std::string_view piece, int flush);

    z_stream stream{};
    std::string plain, deflated, packed;
};

void packer::state::add(std::string_view piece, int flush) {
    unescape(plain, piece);
    stream.next_in = bytes_of(plain, 0);
    stream.avail_in = static_cast<uInt>(plain.size());
    do {
        const std::size_t before = deflated.size();
        deflated.resize(before + std::max(step, plain.size() / 2));
        stream.next_out = bytes_of(deflated, before);
        stream.avail_out = static_cast<uInt>(deflated.size() - before);
        (void)deflate(&stream, flush);
        deflated.resize(deflated.size() - stream.avail_out);
    } while (stream.avail_out == 0);
}

packer::packer() : state_(std::make_unique<state>()) {}
packer::~packer() = default;
packer::packer(packer&&) noexcept = default;
packer& packer::operator=(packer&&) noexcept = default;

std::string_view packer::pack(std::string_view text, std::span<const std::size_t> ends) {
    state& s = *state_;
    s.deflated.clear();
    s.packed.clear();
    deflateReset(&s.stream);
    std::size_t begin = 0;
    for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
        s.add(text.substr(begin, ends[i] - begin), Z_FULL_FLUSH);
        begin = ends[i];
    }
    s.add(text.substr(begin), Z_FINISH);
    base::append_base64(s.packed, s.deflated);
    return s.packed;
}

struct unpacker::state {
    state() {
        if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
    }
    ~state() { inflateEnd(&stream); }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    z_stream stream{};
    std::string json;
};

unpacker::unpacker() : state_(std::make_unique<state>()) {}
unpacker::~unpacker() = default;
unpacker::unpacker(unpacker&&) noexcept = default;
unpacker& unpacker::operator=(unpacker&&) noexcept = default;

result<std::string_view> unpacker::unpack(std::string_view packed) {
    auto deflated = base::from_base64(packed);
    if (!deflated) return errc::malformed_json;
    state& s = *state_;
    inflateReset(&s.stream);
    s.stream.next_in = bytes_of(*deflated, 0);
    s.stream.avail_in = static_cast<uInt>(deflated->size());
    s.json.clear();
    int done = Z_OK;
    while (done == Z_OK) {
        const std::size_t before = s.json.size();
        if (before > most) return errc::malformed_json;
        s.json.resize(before + std::max(step, 4 * deflated->size()));
        s.stream.next_out = bytes_of(s.json, before);
        s.stream.avail_out = static_cast<uInt>(s.json.size() - before);
        done = inflate(&s.stream, Z_NO_FLUSH);
        s.json.resize(s.json.size() - s.stream.avail_out);
    }
    const bool is_whole = done == Z_STREAM_END && s.stream.avail_in == 0 && s.json.size() <= most;
    if (!is_whole) return errc::malformed_json;
    return std::string_view(s.json);
}

}  // namespace crosstalk::talk
