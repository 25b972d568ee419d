// The grammar of the command line and its help texts.
#include "cmd/options.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "cmd/option_grammar.hpp"

namespace crosstalk::cmd {
namespace {

constexpr auto main_footer = R"(Examples:
  crosstalk publish ./site --jid romeo@montague.example --gateway http.example.org
      puts the folder ./site on the web and prints its address
  crosstalk fetch httpx://romeo@montague.example/ --jid juliet@capulet.example
      gets a page from romeo's computer, without a gateway
  crosstalk proxy --jid juliet@capulet.example
      shows such pages in a browser on this machine
  crosstalk check --config /etc/crosstalk/gateway.toml
      says what is wrong with a gateway's configuration
  crosstalk gateway --config /etc/crosstalk/gateway.toml
      runs the gateway: an XMPP component with a web server

`crosstalk COMMAND --help` tells more about each command.)";

constexpr auto gateway_footer = R"(Example:
  crosstalk gateway --config /etc/crosstalk/gateway.toml

A configuration that is enough:
  [component]
  domain = "http.example.org"
  secret_file = "/etc/crosstalk/secret"
  server = "127.0.0.1:5347"
  [http]
  listen = ["127.0.0.1:8080"]
  base_url = "https://http.example.org"
  [sites.static]
  romeo = "romeo@montague.example"

SIGTERM lets open requests finish and stops; SIGHUP reads the configuration again.)";

constexpr auto publish_footer = R"(TARGET is one of:
  ./folder                  its files; index.html is the page of its folder
  http://127.0.0.1:3000     an app that listens there; also https://, and with a /base
  unix:/run/app.sock        an app that listens on a unix socket

Examples:
  crosstalk publish ./site --jid romeo@montague.example --gateway http.example.org
  crosstalk publish http://127.0.0.1:3000 --jid romeo@montague.example \
      --gateway http.example.org --name shop --password-file ~/.romeo
  crosstalk publish ./drafts --jid romeo@montague.example --allow juliet@capulet.example
      for juliet alone, without a gateway: crosstalk fetch httpx://romeo@montague.example/
  crosstalk publish --config publish.toml

When the site is up, its address is printed on standard output: that of the gateway, or httpx://JID/ without
one.

--allow says who may ask this computer directly, over XMPP alone: `anyone`,
`roster` (contacts whom you let see your presence, and your own account), one JID, or everybody of a DOMAIN. What a
gateway brings is not concerned.

The password comes from --password-file,
CROSSTALK_PASSWORD, the configuration, or is asked for on the terminal.

A configuration file has the same keys; what is given here wins over it:
  target = "/srv/site"            # relative paths are taken from the file's folder
  jid = "romeo@montague.example"
  gateway = ["http.example.org"]
  allow = ["roster"]
  name = "romeo"
  priority = -1                               # less: only while others of yours are away
  server = "xmpp.montague.example:5222"
  ca_file = "/etc/ssl/own-ca.pem"
  password_file = "/home/romeo/.password"     # or password = "..."
  direct = "auto"                             # or "never", "require"
  direct_host = []                            # allowed for direct connections besides the gateway's own
  compression = "auto"                        # or "off"
  listings = false
  verbose = false

Exit status: 0 asked to stop, 1 usage or configuration, 2 could not log in, 3 the gateway refused.)";

constexpr auto fetch_footer = R"(URI is one of:
  httpx://romeo@montague.example/page?q=1         a page of whatever romeo publishes
  httpx://romeo@montague.example%2Flaptop/page    of that resource alone
  xmpp:romeo@montague.example[/laptop]            the front page; what follows the slash is a resource
  xmpp:romeo@montague.example?http;path=/page%3Fq=1

Examples:
  crosstalk fetch httpx://romeo@montague.example/ --jid juliet@capulet.example
  crosstalk fetch httpx://romeo@montague.example/big.iso -o big.iso --config me.toml
  crosstalk fetch httpx://romeo@montague.example/big.iso -o big.iso -C --config me.toml
      goes on where the last one was interrupted
  crosstalk fetch httpx://romeo@montague.example/form -d 'name=juliet' --config me.toml
  tar cz letters | crosstalk fetch httpx://romeo@montague.example/inbox -X PUT -d @- --config me.toml

The account is given as for publish, in options, the environment, or its configuration file. A publisher lets you
in by `publish --allow`; by default you have to be a contact that sees the publisher's presence.

While FILE is not whole, FILE.unfinished stands beside it. What answers with 400 or more leaves FILE as it is.

Exit status: 0 the answer is there, whole; 1 usage, or a file that cannot be read or written; 2 could not log in;
4 the status is 400 or more, and stands on standard error; 5 the answer is not whole.)";

constexpr auto proxy_footer = R"(Examples:
  crosstalk proxy --jid juliet@capulet.example
  crosstalk proxy --config me.toml --listen 127.0.0.1:9000

Open http://localhost:8118/ in a browser on this machine and type the address of somebody who publishes, or
http://localhost:8118/romeo@montague.example/page at once. Each peer's site has a host of its own there:

  http://romeo-at-montague-example.localhost:8118/page
      of romeo@montague.example. A dot is written as a hyphen and a hyphen of the domain as two; what is neither
      a letter nor a digit in romeo's name, as a hyphen with the byte in hexadecimal

The sites see your XMPP address; a publisher lets you in by `publish --allow`. A page may ask the site that it came
from and no other, and links lead anywhere. Whoever can open a connection to the address of --listen asks as you:
that is every user of this machine.

The account is given as for publish, in options, the environment, or its configuration file, where `listen` may
stand too. Once the account is online, the proxy's own address is printed on standard output, and each request
is a line on standard error. As an HTTP proxy it does the same: curl -x 127.0.0.1:8118 http://ROMEO'S-HOST/page

Exit status: 0 asked to stop; 1 usage, or it cannot listen there; 2 could not log in.)";

constexpr auto check_footer = R"(Example:
  crosstalk check --config gateway.toml

Prints `FILE: ok`, or every mistake with its file, line and key, and exits 1.)";

void add_text(CLI::App& app, const char* option, std::optional<std::string>& to, const char* type,
              const char* help) {
    app.add_option_function<std::string>(
           option, [&to](std::string const& text) { to = text; }, help)
        ->type_name(type);
}

void add_account(CLI::App& app, account_options& to) {
    add_text(app, "--jid", to.jid, "JID", "Your XMPP address, user@domain[/resource]");
    add_text(app, "--server", to.server, "HOST:PORT",
             "Your XMPP server, if DNS does not tell; tls://HOST:PORT for direct TLS");
    add_text(app, "--ca-file", to.ca_file, "FILE",
             "Certificates to trust instead of the system's (PEM)");
    add_text(app, "--password-file", to.password_file, "FILE", "File that holds the password");
    add_text(app, "--config", to.config, "FILE",
             "Read these options from a TOML file (Env:CROSSTALK_CONFIG)");
}

CLI::App* add_gateway(CLI::App& app, gateway_options& to) {
    CLI::App* const gateway =
        app.add_subcommand("gateway", "Run the XMPP component with its HTTP front end");
    add_config(*gateway, to.config);
    gateway->footer(gateway_footer);
    return gateway;
}

CLI::App* add_publish(CLI::App& app, publish_options& to) {
    CLI::App* const publish = app.add_subcommand("publish", "Put a folder or a local app on the web");
    add_text(*publish, "TARGET", to.target, "", "What to publish: see below");
    add_account(*publish, to);
    publish
        ->add_option_function<std::vector<std::string>>(
            "--gateway", [&to](std::vector<std::string> const& list) { to.gateways = list; },
            "Domain of a gateway; may be given several times. Without one, only other peers are served")
        ->type_name("DOMAIN")
        ->allow_extra_args(false);
    publish
        ->add_option_function<std::vector<std::string>>(
            "--allow", [&to](std::vector<std::string> const& list) { to.allow = list; },
            "Who may ask without a gateway (default: roster); may be given several times")
        ->type_name("anyone|roster|JID|DOMAIN")
        ->allow_extra_args(false);
    add_text(*publish, "--name", to.name, "NAME",
             "The one site that it is, registered if the name is nobody's; default: all that you have and no other "
             "of your programs names");
    add_text(*publish, "--visibility", to.visibility, "public|roster|listed",
             "Who may see a name that is registered: everybody, your contacts and guests, or guests alone "
             "(default: public)");
    add_text(*publish, "--priority", to.priority, "N",
             "From -128 to -1: of your computers that are online the one with the highest is asked, equals "
             "in turn (default: -1)");
    add_text(
        *publish, "--direct", to.direct, "auto|never|require",
        "Whether requests come over a direct connection to the gateway (default: auto, if possible)");
    publish
        ->add_option_function<std::vector<std::string>>(
            "--direct-host", [&to](std::vector<std::string> const& list) { to.direct_hosts = list; },
            "Another host that may be the gateway's end of it; may be given several times")
        ->type_name("HOST")
        ->allow_extra_args(false);
    add_text(*publish, "--compression", to.compression, "auto|off",
             "Whether answers are compressed for visitors who take that (default: auto)");
    publish->add_flag("--listings", to.listings, "List folders that have no index.html");
    publish->add_flag("--verbose", to.verbose, "Say more on standard error");
    publish->footer(publish_footer);
    return publish;
}

CLI::App* add_fetch(CLI::App& app, fetch_options& to) {
    CLI::App* const fetch = app.add_subcommand("fetch", "Get one page from a peer, without a gateway");
    fetch->add_option("URI", to.uri, "Where it is: see below")->type_name("")->required();
    add_account(*fetch, to);
    add_text(*fetch, "-o,--output", to.output, "FILE", "Write to a file, not to standard output");
    fetch->add_flag("-C,--continue", to.resumes, "Fetch only what FILE lacks, if it is still the same");
    add_text(*fetch, "-X,--request", to.method, "METHOD", "The method; default: GET, or POST with -d");
    fetch
        ->add_option_function<std::vector<std::string>>(
            "-H,--header", [&to](std::vector<std::string> const& list) { to.headers = list; },
            "A field of the request; may be given several times")
        ->type_name("'NAME: VALUE'")
        ->allow_extra_args(false);
    add_text(*fetch, "-d,--data", to.data, "TEXT|@FILE|@-",
             "A body to send, byte for byte: text, a file, or standard input");
    fetch->add_flag("-i,--include", to.shows_head, "Show the response's head in front of its body");
    fetch->add_flag("-I,--head", to.asks_for_head, "Ask for the head alone, and show it");
    fetch->add_flag("-s,--silent", to.is_silent, "No progress bar");
    fetch->footer(fetch_footer);
    return fetch;
}

CLI::App* add_proxy(CLI::App& app, proxy_options& to) {
    CLI::App* const proxy =
        app.add_subcommand("proxy", "Show peers' sites in a browser here, without a gateway");
    add_text(*proxy, "--listen", to.listen, "HOST:PORT",
             "Where the browser finds it (default: 127.0.0.1:8118)");
    add_account(*proxy, to);
    proxy->footer(proxy_footer);
    return proxy;
}

int refuse(std::string const& problem) {
    std::cerr << "crosstalk: " << problem
              << "\n`crosstalk --help` and `crosstalk COMMAND --help` tell what can be given.\n";
    return EXIT_FAILURE;
}

/// Names one argument that nobody takes, an option rather than its value: that may be secret.
int refuse_unknown(CLI::App const& app) {
    std::vector<std::string> const unknown = app.remaining(true);
    auto const option = std::find_if(unknown.begin(), unknown.end(),
                                     [](std::string const& word) { return word.starts_with('-'); });
    if (option == unknown.end()) return refuse("there is no command or argument " + unknown.front());
    if (*option == "--password" || option->starts_with("--password="))
        return refuse("a password is not given as an argument; see --password-file");
    return refuse("there is no option " + option->substr(0, option->find('=')));
}

int report(CLI::App const& app, CLI::ParseError const& error) {
    if (error.get_exit_code() == 0) {
        app.exit(error, std::cout, std::cerr);
        return EXIT_SUCCESS;
    }
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError))
        return refuse_unknown(app);
    return refuse(error.what());
}

}  // namespace

std::variant<command, int> parse_options(int argc, const char* const* argv) {
    CLI::App app("Puts your folders and local apps on the web over XMPP.", "crosstalk");
    gateway_options gateway;
    publish_options publish;
    fetch_options fetch;
    proxy_options proxy;
    site_options site;
    check_options check;
    CLI::App* const gateway_app = add_gateway(app, gateway);
    CLI::App* const publish_app = add_publish(app, publish);
    CLI::App* const fetch_app = add_fetch(app, fetch);
    CLI::App* const proxy_app = add_proxy(app, proxy);
    CLI::App* const site_app = add_site(app, site);
    CLI::App* const check_app =
        app.add_subcommand("check", "Say what is wrong with a gateway's configuration");
    add_config(*check_app, check.config);
    check_app->footer(check_footer);
    app.set_version_flag("--version", "crosstalk " CROSSTALK_VERSION);
    app.footer(main_footer);
    try {
        app.parse(argc, argv);
    } catch (CLI::ParseError const& error) {
        return report(app, error);
    }
    if (*gateway_app) return gateway;
    if (*publish_app) return publish;
    if (*fetch_app) return fetch;
    if (*proxy_app) return proxy;
    if (*site_app) return site;
    if (*check_app) return check;
    std::cerr << app.help();
    return EXIT_FAILURE;
}

}  // namespace crosstalk::cmd
