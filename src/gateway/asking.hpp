// The gateway is one of those who ask peers: what they share keeps its names here.
#pragma once

namespace crosstalk::ask {}

namespace crosstalk::gateway {
using namespace ask;
}
