#include "peer/quota.hpp"

#include <doctest/doctest.h>

using crosstalk::peer::quota;

TEST_CASE("each asker has a bound, and so have all of them") {
    quota q(2, 3);
    CHECK(q.enter("a"));
    CHECK(q.enter("a"));
    CHECK_FALSE(q.enter("a"));
    CHECK(q.enter("b"));
    CHECK_FALSE(q.enter("b"));
    CHECK_FALSE(q.enter("c"));
    q.leave("a");
    CHECK(q.enter("c"));
    CHECK_FALSE(q.enter("a"));
    q.leave("a");
    q.leave("b");
    q.leave("c");
    CHECK(q.size() == 0);
    CHECK(q.enter("a"));
    CHECK(q.enter("a"));
}
