// See database.hpp.
#include "gateway/database.hpp"

namespace crosstalk::gateway {

result<void> database::write(const std::function<result<void>()>& change) {
    if (auto begun = begin_writing(); !begun) return begun;
    auto done = change();
    if (done) done = run("COMMIT");
    if (!done) (void)run("ROLLBACK");
    return done;
}

}  // namespace crosstalk::gateway
