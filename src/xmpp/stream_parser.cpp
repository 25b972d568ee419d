// Implementation of stream_parser.hpp on expat.
//
// Rule 1: expat gets the markup. The character data of stanzas, nearly all of the bytes, is read here:
// it has no say in the structure, and expat looks at each byte of it three times. Rule 2: positions are
// bytes that the current expat parser has had; `boundary` is where the last thing at the top level
// ended, so that what lies beyond it, and the text beside it, is what an unfinished element costs.
#include "xmpp/stream_parser.hpp"

#include <expat.h>

#include <cassert>
#include <new>
#include <vector>

#include "xmpp/character_data.hpp"
#include "xmpp/markup_scanner.hpp"

namespace crosstalk::xmpp {

namespace {

constexpr char separator = '\1';
constexpr std::string_view xml_namespace = "http://www.w3.org/XML/1998/namespace";
/// Bytes handed to expat in one go: bounds what is taken beyond a limit before it is noticed.
constexpr std::size_t slice = 64 * 1024;
/// Bytes after which a parser is renewed.
constexpr std::size_t lifetime = 1024 * 1024;

struct expanded_name {
    std::string_view ns, local;
};

expanded_name expand(const XML_Char* text) {
    const std::string_view name(text);
    const std::size_t at = name.find(separator);
    if (at == std::string_view::npos) return {{}, name};
    return {name.substr(0, at), name.substr(at + 1)};
}

bool is_any(std::string_view) { return true; }
/// What a stanza needs to be answered.
bool is_addressing(std::string_view name) {
    return name == "id" || name == "type" || name == "from" || name == "to";
}

void set_attributes(element& e, const XML_Char** attributes, bool (*is_kept)(std::string_view)) {
    for (; *attributes != nullptr; attributes += 2) {
        const expanded_name key = expand(attributes[0]);
        if (!is_kept(key.local)) continue;
        if (key.ns.empty())
            e.set(key.local, attributes[1]);
        else if (key.ns == xml_namespace)
            e.set("xml:" + std::string(key.local), attributes[1]);
        else
            e.set('{' + std::string(key.ns) + '}' + std::string(key.local), attributes[1]);
    }
}

struct free_parser {
    void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
};
using parser_handle = std::unique_ptr<XML_ParserStruct, free_parser>;

}  // namespace

struct stream_parser::core {
    explicit core(parser_limits l) : limits(l) { restart(); }

    void restart();
    result<void> feed(std::string_view bytes);
    std::size_t parse(std::string_view bytes);
    std::size_t take_text(std::string_view bytes);
    [[nodiscard]] bool is_in_text() const { return depth > 0 && scanner.is_outside(); }
    void make_parser();
    void renew();

    void fail(errc e, std::string text);
    void start(const XML_Char* name, const XML_Char** attributes);
    void start_header(const XML_Char* name, const XML_Char** attributes);
    void start_stanza(const XML_Char* name, const XML_Char** attributes);
    void start_child(const XML_Char* name, const XML_Char** attributes);
    void end();
    void end_stanza();
    void strip();
    void text(std::string_view piece);
    [[nodiscard]] element make_element(const XML_Char* name) const;
    [[nodiscard]] bool has_many_attributes() const;
    [[nodiscard]] std::size_t position_after() const;
    void check_unfinished();

    parser_limits limits;
    parser_handle parser;
    std::deque<stream_part> parts;

    std::string opening;  ///< the header as it came, for a renewed parser
    std::string content_ns;
    element root;                ///< the top-level element that is being read
    std::vector<element*> open;  ///< from it to the innermost; empty when it is bare
    bool bare = false;           ///< it has broken a limit
    std::size_t depth = 0;       ///< how many elements are open within the stream
    std::size_t elements = 0;    ///< in it
    markup_scanner scanner;
    character_data characters;
    std::string decoded;
    std::size_t fed = 0, boundary = 0, start_of_life = 0;
    std::size_t text_bytes = 0;  ///< of the unfinished element, that expat has not had
    bool in_stream = false, over = false, stopped = false;
    std::optional<errc> failure;
    std::string trouble;
};

void stream_parser::core::restart() {
    parts.clear();
    opening.clear();
    content_ns.clear();
    open.clear();
    depth = 0;
    scanner.restart();
    characters.restart();
    fed = boundary = start_of_life = text_bytes = 0;
    in_stream = over = stopped = false;
    failure.reset();
    trouble.clear();
    make_parser();
}

void stream_parser::core::make_parser() {
    parser.reset(XML_ParserCreateNS("UTF-8", separator));
    if (!parser) throw std::bad_alloc();
    XML_Parser p = parser.get();
    XML_SetUserData(p, this);
#ifdef CROSSTALK_EXPAT_DEFERS
    // Else the end of a stanza that two reads cut in half may wait for the next stanza.
    XML_SetReparseDeferralEnabled(p, XML_FALSE);
#endif
    XML_SetElementHandler(
        p,
        [](void* self, const XML_Char* name, const XML_Char** attributes) {
            static_cast<core*>(self)->start(name, attributes);
        },
        [](void* self, const XML_Char*) { static_cast<core*>(self)->end(); });
    XML_SetStartNamespaceDeclHandler(p, [](void* self, const XML_Char* prefix, const XML_Char* uri) {
        if (prefix == nullptr && uri != nullptr) static_cast<core*>(self)->content_ns = uri;
    });
    XML_SetCharacterDataHandler(p, [](void* self, const XML_Char* piece, int length) {
        static_cast<core*>(self)->text({piece, static_cast<std::size_t>(length)});
    });
    XML_SetStartDoctypeDeclHandler(
        p, [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
            static_cast<core*>(self)->fail(errc::malformed_xml, "a document type is forbidden");
        });
    XML_SetCommentHandler(p, [](void* self, const XML_Char*) {
        static_cast<core*>(self)->fail(errc::malformed_xml, "comments are forbidden");
    });
    XML_SetProcessingInstructionHandler(p, [](void* self, const XML_Char*, const XML_Char*) {
        static_cast<core*>(self)->fail(errc::malformed_xml, "processing instructions are forbidden");
    });
}

/// A new parser that stands where the old one stood: within the stream, between two elements.
void stream_parser::core::renew() {
    make_parser();
    stopped = false;
    const std::string again = std::move(opening);
    opening.clear();
    in_stream = false;
    XML_Parse(parser.get(), again.data(), static_cast<int>(again.size()), XML_FALSE);
    assert(in_stream);
    parts.pop_back();
    fed = boundary = start_of_life = again.size();
}

result<void> stream_parser::core::feed(std::string_view bytes) {
    while (!bytes.empty() && !failure && !over) {
        const std::string_view next = bytes.substr(0, slice);
        const bool is_text = is_in_text() && next.front() != '<';
        bytes.remove_prefix(is_text ? take_text(next) : parse(next));
    }
    if (failure) return *failure;
    return {};
}

/// Character data of a stanza, up to the next markup. How many of the bytes have been taken.
std::size_t stream_parser::core::take_text(std::string_view bytes) {
    const std::string_view run = bytes.substr(0, bytes.find('<'));
    decoded.clear();
    if (!characters.append(decoded, run)) {
        fail(errc::malformed_xml,
             "text that is not well-formed: a forbidden character, or a reference that means nothing");
        return bytes.size();
    }
    text(decoded);
    text_bytes += run.size();
    check_unfinished();
    return run.size();
}

/// Markup, and what stands between stanzas. How many of the bytes have been taken.
std::size_t stream_parser::core::parse(std::string_view bytes) {
    if (is_in_text() && !characters.end()) {
        fail(errc::malformed_xml,
             "text that is not well-formed: a reference or a character is cut off");
        return bytes.size();
    }
    bytes = bytes.substr(0, scanner.scan(bytes));
    const auto status =
        XML_Parse(parser.get(), bytes.data(), static_cast<int>(bytes.size()), XML_FALSE);
    if (failure || over) return bytes.size();
    if (stopped) {
        const std::size_t taken = boundary - fed;
        renew();
        scanner.restart();
        return taken;
    }
    if (status != XML_STATUS_OK) {
        fail(errc::malformed_xml, XML_ErrorString(XML_GetErrorCode(parser.get())));
        return bytes.size();
    }
    fed += bytes.size();
    check_unfinished();
    return bytes.size();
}

void stream_parser::core::check_unfinished() {
    const std::size_t unfinished = fed - boundary + text_bytes;
    const std::size_t most = in_stream ? limits.hard_bytes : limits.element_bytes;
    if (unfinished > most)
        fail(errc::stanza_too_large, "more than " + std::to_string(most) + " bytes in one element");
    else if (unfinished > limits.element_bytes && depth > 0)
        strip();
}

void stream_parser::core::fail(errc e, std::string text) {
    if (failure) return;
    failure = e;
    trouble = std::move(text);
    XML_StopParser(parser.get(), XML_FALSE);
}

std::size_t stream_parser::core::position_after() const {
    return static_cast<std::size_t>(XML_GetCurrentByteIndex(parser.get())) +
           static_cast<std::size_t>(XML_GetCurrentByteCount(parser.get()));
}

bool stream_parser::core::has_many_attributes() const {
    const auto count = static_cast<std::size_t>(XML_GetSpecifiedAttributeCount(parser.get())) / 2;
    return count > limits.attributes;
}

void stream_parser::core::start(const XML_Char* name, const XML_Char** attributes) {
    if (failure || over) return;
    if (!in_stream) return start_header(name, attributes);
    if (++depth == 1) return start_stanza(name, attributes);
    if (bare) return;
    if (depth > limits.depth || ++elements > limits.elements || has_many_attributes()) return strip();
    start_child(name, attributes);
}

void stream_parser::core::start_header(const XML_Char* name, const XML_Char** attributes) {
    const expanded_name root_name = expand(name);
    if (root_name.ns != ns::streams || root_name.local != "stream")
        return fail(errc::malformed_xml, "the other side does not speak XMPP");

    XML_SetStartNamespaceDeclHandler(parser.get(), nullptr);  // only the header's counts
    int offset = 0, size = 0;
    const char* context = XML_GetInputContext(parser.get(), &offset, &size);
    if (context == nullptr) return fail(errc::malformed_xml, "the stream header cannot be kept");
    opening.assign(context + offset, static_cast<std::size_t>(XML_GetCurrentByteCount(parser.get())));
    // expat takes UTF-16 whatever it is told; a header in it is full of NULs.
    if (opening.find('\0') != std::string::npos)
        return fail(errc::malformed_xml, "only UTF-8 is taken");
    in_stream = true;
    boundary = position_after();

    stream_header header;
    for (; *attributes != nullptr; attributes += 2) {
        const std::string_view key = attributes[0];
        if (key == "id") header.id = attributes[1];
        if (key == "from") header.from = attributes[1];
        if (key == "version") header.version = attributes[1];
    }
    header.content_ns = content_ns;
    parts.emplace_back(std::move(header));
}

element stream_parser::core::make_element(const XML_Char* name) const {
    const expanded_name expanded = expand(name);
    const bool is_content = !content_ns.empty() && expanded.ns == content_ns;
    return {std::string(expanded.local), std::string(is_content ? ns::client : expanded.ns)};
}

void stream_parser::core::start_stanza(const XML_Char* name, const XML_Char** attributes) {
    elements = 1;
    root = make_element(name);
    bare = has_many_attributes();
    if (bare) {
        set_attributes(root, attributes, is_addressing);
    } else {
        set_attributes(root, attributes, is_any);
        open.push_back(&root);
    }
}

void stream_parser::core::start_child(const XML_Char* name, const XML_Char** attributes) {
    element& child = open.back()->add(make_element(name));
    set_attributes(child, attributes, is_any);
    open.push_back(&child);
}

/// Takes everything out of the stanza, and what follows in it will not be kept.
void stream_parser::core::strip() {
    if (bare) return;
    bare = true;
    open.clear();
    element without(root.name(), root.ns());
    for (const attribute& a : root.attributes()) without.set(a.name, a.value);
    root = std::move(without);
}

void stream_parser::core::end() {
    if (failure || over) return;
    if (depth == 0) {
        over = true;
        parts.emplace_back(stream_footer{});
        XML_StopParser(parser.get(), XML_FALSE);
        return;
    }
    if (!bare) open.pop_back();
    if (--depth == 0) end_stanza();
}

void stream_parser::core::end_stanza() {
    const std::size_t after = position_after();
    if (after - boundary + text_bytes > limits.element_bytes) strip();
    boundary = after;
    text_bytes = 0;
    parts.emplace_back(std::move(root));
    if (boundary - start_of_life >= lifetime) {
        stopped = true;
        XML_StopParser(parser.get(), XML_FALSE);
    }
}

void stream_parser::core::text(std::string_view piece) {
    if (failure || over) return;
    if (depth > 0) {
        if (!bare) open.back()->append_text(piece);
        return;
    }
    if (piece.find_first_not_of(" \t\r\n") != std::string_view::npos)
        return fail(errc::malformed_xml, "text between stanzas");
    boundary = position_after();
}

stream_parser::stream_parser(parser_limits limits) : core_(std::make_unique<core>(limits)) {}
stream_parser::~stream_parser() = default;

result<void> stream_parser::feed(std::string_view bytes) { return core_->feed(bytes); }

std::optional<stream_part> stream_parser::poll() {
    if (core_->parts.empty()) return std::nullopt;
    std::optional<stream_part> part(std::move(core_->parts.front()));
    core_->parts.pop_front();
    return part;
}

void stream_parser::restart() { core_->restart(); }

const std::string& stream_parser::trouble() const noexcept { return core_->trouble; }

}  // namespace crosstalk::xmpp
