// See fetch_configuration.hpp.
#include "cmd/fetch_configuration.hpp"

#include "http/syntax.hpp"

namespace crosstalk::cmd {
namespace {

void read_fields(fetch_options const& options, visit::fetch_settings& to, findings& found) {
    for (std::string const& text : options.headers) {
        auto const colon = text.find(':');
        std::string const name = text.substr(0, colon);
        auto const value = colon == std::string::npos
                               ? std::string_view{}
                               : http::trim(std::string_view(text).substr(colon + 1));
        if (colon == std::string::npos || !http::is_token(name) || !http::is_field_value(value))
            found.errors.push_back("-H: expected a field like \"Accept: text/plain\", found \"" + text +
                                   "\"");
        else
            to.headers.add(name, std::string(value));
    }
}

void read_request(fetch_options const& options, visit::fetch_settings& to, findings& found) {
    std::string problem;
    to.address = options.uri;
    if (auto where = talk::parse_peer_uri(options.uri, problem))
        to.where = *std::move(where);
    else
        found.errors.push_back("URI: " + problem);
    if (options.method) {
        if (!http::is_token(*options.method))
            found.errors.push_back("-X: expected a method like PUT, found \"" + *options.method + "\"");
        to.method = *options.method;
    }
    if (options.data) {
        to.body.emplace();
        if (options.data->starts_with('@'))
            to.body->file = options.data->substr(1);
        else
            to.body->text = *options.data;
    }
    to.asks_for_head = options.asks_for_head;
    if (to.asks_for_head && options.data)
        found.errors.push_back("-I asks for no body, and -d sends one: give one of the two");
    read_fields(options, to, found);
}

void read_output(fetch_options const& options, visit::fetch_settings& to, findings& found) {
    if (options.output && *options.output != "-") to.output = *options.output;
    to.resumes = options.resumes;
    to.shows_head = options.shows_head;
    to.shows_progress = !options.is_silent;
    if (to.resumes && to.output.empty())
        found.errors.push_back("-C goes on with a file: name it with -o FILE");
    if (to.resumes && (to.body || !to.method.empty()))
        found.errors.push_back("-C goes with a plain request: leave -X and -d away");
}

}  // namespace

std::optional<visit::fetch_settings> read_fetch_configuration(const fetch_options& options,
                                                              const account_environment& environment,
                                                              findings& found) {
    visit::fetch_settings out;
    const bool is_fine = read_options(options, environment, found, [&](option_reader& reader) {
        read_request(options, out, found);
        read_output(options, out, found);
        read_account(reader, options, environment, out, found);
    });
    if (!is_fine) return std::nullopt;
    return out;
}

}  // namespace crosstalk::cmd
