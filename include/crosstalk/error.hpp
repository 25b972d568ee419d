// How this library reports a failure that its caller acts on: as a value.
//
// Every room has an `enum class errc` of its own, registered as a boost::system error code,
// so that a text and a category travel with the number.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace crosstalk {

using boost::system::error_code;

/// A value, or the error_code that says why there is none.
template <class T = void>
using result = boost::system::result<T>;

}  // namespace crosstalk
