// See encoder.hpp.
#include "talk/encoder.hpp"

namespace crosstalk::talk {

void write_head(object_writer& w, const message& m) {
    w.latin1("batch", m.batch);  // the other side may have chosen it
    if (!m.require.empty()) w.strings("require", m.require);
    if (m.request)
        for (const auto& v : *m.request) w.latin1(v.name, v.value);
    if (m.response) {
        w.number("statuscode", m.response->status);
        w.pairs("headers", m.response->headers);
    }
    if (m.window) w.number("window", *m.window);
}

void write_tail(object_writer& w, const message& m) {
    if (m.offset) w.number("offset", *m.offset);
    if (m.signal == signal_kind::producer_finished) w.plain("signal", "producerFinished");
    if (m.signal == signal_kind::shutdown_microprocess) {
        w.plain("signal", "shutdownMicroprocess");
        if (!m.reason.empty()) w.latin1("reason", m.reason);
    }
    w.close();
}

std::size_t append_message(std::string& out, const message& m) {
    object_writer w(out);
    write_head(w, m);
    if (m.data) {
        fit how = fit_body(*m.data, 7 * m.data->size() + 8);
        how.base64 = how.base64 || how.bytes < m.data->size();  // it ends within a code point
        w.body(*m.data, how);
    }
    write_tail(w, m);
    return w.cost();
}

}  // namespace crosstalk::talk
