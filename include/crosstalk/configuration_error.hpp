// The one exception that this library throws of its own accord, and at construction alone.
#pragma once

#include <stdexcept>

namespace crosstalk {

/// A setting that cannot be used; what() names it, and says what was expected.
class configuration_error : public std::invalid_argument {
  public:
    using std::invalid_argument::invalid_argument;
};

}  // namespace crosstalk
