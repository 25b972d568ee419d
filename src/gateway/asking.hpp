// The gateway is one of those who ask peers: what they share keeps its names here.
#pragma once

#include "ask/error_page.hpp"
#include "ask/failure.hpp"
#include "ask/presence_table.hpp"

namespace crosstalk::gateway {

using ask::absence;
using ask::failure;
using ask::failure_of;
using ask::failure_of_unreadable;
using ask::is_domain_trouble;
using ask::is_failure;
using ask::may_go_elsewhere;
using ask::refusal;
using ask::unusable_answer;

using ask::error_page;
using ask::options_page;
using ask::page;
using ask::redirect_page;
using ask::text_page;

using ask::caps_cache;
using ask::dialect;
using ask::dialect_of;
using ask::presence_table;
using ask::resource;

}  // namespace crosstalk::gateway
