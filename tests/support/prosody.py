# A private Prosody.
#
# packaging/prosody.cfg.lua.in is the configuration, shared with packaging/quickstart.
import os

from .xmpp_server import XmppServer

TEMPLATE = os.path.join(os.path.dirname(__file__), "..", "..", "packaging", "prosody.cfg.lua.in")


def _file_name(text):
    """`text` as Prosody writes it in names of files: every byte but letters and digits as %xx."""
    return "".join(chr(b) if chr(b).isascii() and chr(b).isalnum() else f"%{b:02x}" for b in text.encode())


# What makes a client log in by this mechanism.
MECHANISMS = {
    "SCRAM-SHA-256": 'password_hash = "SHA-256"\n',
    "SCRAM-SHA-1": 'password_hash = "SHA-1"\n',
    "SCRAM-SHA-1-PLUS": "",  # offered where TLS is 1.2
    "PLAIN": 'disable_sasl_mechanisms = { "SCRAM-SHA-1"; "SCRAM-SHA-1-PLUS" }\n',
}


MODULES = os.path.join(os.path.dirname(__file__), "prosody_modules")

# Its resolver is libunbound, told to ask the tests' server alone.
S2S = """\
s2s_ports = {{ {port} }}
s2s_direct_tls_ports = {{ }}
s2s_require_encryption = true
s2s_secure_auth = {secure}
s2s_ssl = {{ cafile = "{ca_file}" }}
unbound = {{ resolvconf = false; hoststxt = false; forward = {{ "127.0.0.1@{dns}" }};
             options = {{ ["do-not-query-localhost:"] = "no" }} }}
plugin_paths = {{ "{modules}" }}
blocked_domain_file = "{blocked}"
"""


class Prosody(XmppServer):
    user = "prosody"
    shipped_rate = 10_000
    logs_login = "Authenticated as"
    logs_encryption = "Stream encrypted"
    logs_mechanism = "mechanism='{}'"

    def __init__(self, directory, domain="montague.example", users=(), components=None, rate=None,
                 c2s_stanza=None, certificate_names=None, expired=False, tls=True, tls_12=False, mechanism=None,
                 federation=None, log_level="info", name="prosody", settings="", shows_rosters=False):
        config = os.path.join(str(directory), name, "prosody.cfg.lua")
        super().__init__(name, ["prosody", "--config", config, "-F"], directory, domain, components,
                         certificate_names, expired, federation)
        self._settings = self._extra(rate, c2s_stanza, tls) + MECHANISMS.get(mechanism, "") + settings
        self._component_settings = ""
        if shows_rosters:
            granted = "; ".join(f'["{each}"] = {{ roster = "get" }}' for each in self.components)
            self._settings += f"privileged_entities = {{ {granted} }}\n"
            self._component_settings = '\n  modules_enabled = { "privilege" }'
        if federation:
            self._settings += S2S.format(secure=str(not federation.dialback).lower(), port=self.s2s_port, ca_file=self.ca_file, dns=federation.dns.port,
                                         modules=MODULES, blocked=self._blocked_file())
        with open(TEMPLATE, encoding="utf-8") as template:
            self._write("prosody.cfg.lua", self._fill(template.read(), {
                "TLS_OPTIONS": 'protocol = "tlsv1_2"' if tls_12 else "", "MODULES": ('"limits";' if rate else "") + ('"dialback"; "blocked_domain";' if federation else "")
                + ('"privilege";' if shows_rosters else ""),
                "DISABLED": ("" if tls else '"tls";') + ("" if federation else '"s2s";'), "LOG_LEVEL": log_level}))
        self._own()
        for user in users:
            self.register(user)

    def register(self, user):
        """Makes an account, by the file in which Prosody keeps it: prosodyctl takes half a second each."""
        domain = os.path.join(self.home, "data", _file_name(self.domain))
        accounts = os.path.join(domain, "accounts")
        os.makedirs(accounts, exist_ok=True)
        file = self._write(os.path.join(accounts, _file_name(user) + ".dat"),
                           'return { ["password"] = "%s" };\n' % self.password(user).replace("\\", "\\\\"))
        self._give(domain, accounts, file)

    def block(self, domain):
        """Nothing passes from or to `domain` any more, and nobody is told."""
        self._give(self._write("blocked", domain + "\n"))

    def unblock(self):
        os.unlink(self._blocked_file())

    def _blocked_file(self):
        return os.path.join(self.home, "blocked")

    @staticmethod
    def _extra(rate, c2s_stanza, tls):
        lines = []
        if rate:
            lines.append(f'limits = {{ c2s = {{ rate = "{rate} B/s" }} }}')
        if c2s_stanza:
            lines.append(f"c2s_stanza_size_limit = {c2s_stanza}")
        if not tls:
            lines.append("c2s_require_encryption = false; allow_unencrypted_plain_auth = true")
        return "\n".join(lines) + "\n"

    def _fill(self, text, values):
        components = "\n".join(f'Component "{name}"\n  component_secret = "{secret}"{self._component_settings}'
                               for name, secret in self.components.items())
        values = {
            "HOME": self.home, "C2S_PORT": self.c2s_port, "TLS_PORT": self.tls_port,
            "COMPONENT_PORT": self.component_port, "DOMAIN": self.domain, "KEY": self.key,
            "CERTIFICATE": self.certificate, "SETTINGS": self._settings, "COMPONENTS": components, **values}
        for name, value in values.items():
            text = text.replace("@" + name + "@", str(value))
        return text
