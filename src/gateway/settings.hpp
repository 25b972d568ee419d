// What the operator decides, as values: docs/operating.md and gateway.toml tell it in words.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "gateway/policies.hpp"
#include "gateway/registration_rules.hpp"
#include "gateway/site.hpp"

namespace crosstalk::gateway {

enum class addressing { host, path, both };

struct tls_settings {
    std::vector<std::string> listen;  ///< empty = no TLS
    struct pair {
        std::string certificate, key;  ///< PEM, checked
        bool operator==(const pair&) const = default;
    };
    std::vector<pair> pairs;  ///< the first for clients that name no host, or one that none is for
    bool operator==(const tls_settings&) const = default;
};

struct settings {
    std::string file;  ///< the configuration file, for messages

    struct {
        std::string domain;
        std::string secret;
        std::string host = "127.0.0.1";
        std::uint16_t port = 5347;
    } component;

    struct {
        std::vector<std::string> listen = {"127.0.0.1:8080"};
        std::string base_url;  ///< scheme://host[:port], without a trailing slash
        std::vector<std::string> trusted_proxies;
        tls_settings tls;
    } http;

    struct {
        gateway::addressing addressing = gateway::addressing::host;
        std::string registry;     ///< as registry::open() takes it; "" when there is none
        std::vector<site> fixed;    ///< [sites.static]
        std::vector<policy> rules;  ///< [rules]
        registration_rules registration;
        bool hide_names = false;                     ///< names that nobody has are answered like those of listed sites
        std::chrono::milliseconds session{43'200'000};  ///< how long a visitor stays known
        bool directory = false;  ///< public sites are listed to whoever asks
    } sites;

    struct {
        std::string listen;  ///< "" = no admin listener
        std::vector<std::string> jids;  ///< of operators: bare, prepared
    } admin;

    struct {
        std::chrono::milliseconds header{10'000}, body{30'000}, response{60'000}, idle{75'000},
            drain{30'000}, websocket{3'600'000};
    } timeouts;

    struct {
        std::uint64_t uri = 16 * 1024, headers = 64 * 1024, header_count = 100;
        std::uint64_t body = 0;  ///< 0: no cap
        std::uint64_t connections = 10'000, connections_per_client = 256;
        std::uint64_t streams = 100;  ///< on a connection of HTTP/2; 0: no HTTP/2
        std::uint64_t transactions_per_peer = 256, websockets_per_peer = 256;
        std::optional<std::uint64_t> transactions_per_client;  ///< unset: most of what a peer may have
        std::uint64_t rate_per_client = 0;                     ///< requests a second; 0: no limit
        std::uint64_t logins_per_jid = 3, logins_per_client = 10;  ///< of visitors, in ten minutes
        std::uint64_t buffer = 256 * 1024;  ///< bytes held per transaction and direction
    } limits;

    struct {
        base::log_level level = base::log_level::info;
        base::log_format format = base::log_format::text;
    } log;

    std::vector<std::string> dns_servers;
};

}  // namespace crosstalk::gateway
