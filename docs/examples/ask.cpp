// Asks another peer, and writes down what it answers. With a FILE, that is sent: read, sent and written
// down a piece at a time.
//
//     g++ -std=c++20 ask.cpp -o ask $(pkg-config --static --cflags --libs crosstalk)
//     PASSWORD=… ./ask juliet@capulet.example httpx://romeo@montague.example/echo [FILE]
#include <crosstalk/asker.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

namespace {

std::string setting(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

crosstalk::body_source read_from(std::istream& in) {
    return [&in](std::size_t most) {
        std::string piece(most, '\0');
        in.read(piece.data(), static_cast<std::streamsize>(most));
        piece.resize(static_cast<std::size_t>(in.gcount()));
        return piece;
    };
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << "usage: ask JID URL [FILE]\n";
        return 1;
    }
    try {
        crosstalk::asker a({.jid = argv[1],
                            .password = setting("PASSWORD"),
                            .server = setting("SERVER"),
                            .ca_file = setting("CA_FILE")});
        crosstalk::question what = {.url = argv[2]};
        std::ifstream file;
        if (argc > 3) {
            file.open(argv[3], std::ios::binary);
            what.source = read_from(file);
        }
        what.sink = [](std::string_view bytes) { std::cout << bytes; };
        const crosstalk::answer got = a.fetch(what);
        std::cerr << got.status << ' ' << got.problem << '\n';
        return got.is_whole() && got.status < 400 ? 0 : 1;
    } catch (const crosstalk::configuration_error& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}
