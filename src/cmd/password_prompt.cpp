// The terminal is the process's own, /dev/tty, whatever standard input and output are.
#include "cmd/password_prompt.hpp"

#include <fcntl.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace crosstalk::cmd {
namespace {

volatile std::sig_atomic_t caught = 0;

void remember(int signal_number) { caught = signal_number; }

/// While it lives, signals that would end the program only interrupt reading; then they take effect.
class held_signals {
  public:
    held_signals() {
        caught = 0;
        struct sigaction action {};
        action.sa_handler = remember;  // without SA_RESTART: read() returns
        for (std::size_t i = 0; i < numbers.size(); ++i) sigaction(numbers[i], &action, &before_[i]);
    }
    ~held_signals() {
        for (std::size_t i = 0; i < numbers.size(); ++i) sigaction(numbers[i], &before_[i], nullptr);
        if (caught != 0) raise(caught);
    }
    held_signals(const held_signals&) = delete;
    held_signals& operator=(const held_signals&) = delete;

  private:
    static constexpr std::array numbers{SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    std::array<struct sigaction, numbers.size()> before_{};
};

/// The terminal, silent while this lives.
class silent_terminal {
  public:
    silent_terminal() : fd_(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
        is_usable_ = fd_ >= 0 && tcgetattr(fd_, &before_) == 0;
        if (!is_usable_) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= ECHONL;
        is_usable_ = tcsetattr(fd_, TCSAFLUSH, &silent) == 0;
    }
    ~silent_terminal() {
        if (is_usable_) tcsetattr(fd_, TCSAFLUSH, &before_);
        if (fd_ >= 0) close(fd_);
    }
    silent_terminal(const silent_terminal&) = delete;
    silent_terminal& operator=(const silent_terminal&) = delete;

    [[nodiscard]] bool is_usable() const noexcept { return is_usable_; }
    [[nodiscard]] bool write(std::string const& text) const {
        return ::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    }
    [[nodiscard]] std::optional<char> read() const {
        char c = 0;
        if (::read(fd_, &c, 1) != 1) return std::nullopt;
        return c;
    }

  private:
    int fd_;
    bool is_usable_ = false;
    termios before_{};
};

}  // namespace

std::optional<std::string> ask_password(const std::string& prompt) {
    constexpr std::size_t max = 1024;
    held_signals const signals;
    silent_terminal const terminal;
    if (!terminal.is_usable() || !terminal.write(prompt)) return std::nullopt;
    std::string typed;
    for (auto c = terminal.read(); c != '\n'; c = terminal.read()) {
        if (!c || typed.size() == max) return std::nullopt;
        typed.push_back(*c);
    }
    if (typed.empty()) return std::nullopt;
    return typed;
}

}  // namespace crosstalk::cmd
