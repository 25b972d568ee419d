# A small certificate authority made by openssl, and server certificates that it signs.
import base64
import hashlib
import os
import subprocess


def _openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, input=data).stdout


class Authority:
    """Keys and certificates as PEM files in one directory."""

    def __init__(self, directory, name="CrossTalk test authority"):
        self.directory = str(directory)
        os.makedirs(self.directory, exist_ok=True)
        self.key = os.path.join(self.directory, "ca.key")
        self.file = os.path.join(self.directory, "ca.pem")
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-days", "2", "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.file,
                 "-addext", "basicConstraints=critical,CA:true", "-addext", "keyUsage=critical,keyCertSign")

    def issue(self, stem, names, not_after=None, directory=None):
        """(certificate, key) for the DNS `names`, in `directory` or beside the authority's own; `not_after` like
        20200101000000Z makes an expired one."""
        directory = str(directory or self.directory)
        key = os.path.join(directory, stem + ".key")
        request = os.path.join(directory, stem + ".csr")
        certificate = os.path.join(directory, stem + ".pem")
        extensions = os.path.join(directory, stem + ".ext")
        with open(extensions, "w", encoding="ascii") as file:
            file.write("subjectAltName=" + ",".join("DNS:" + name for name in names) + "\n"
                       "extendedKeyUsage=serverAuth,clientAuth\n")
        _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-subj", f"/CN={names[0]}", "-keyout", key, "-out", request)
        if not_after is None:
            _openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-CAcreateserial",
                     "-days", "2", "-extfile", extensions, "-out", certificate)
        else:
            self._issue_expired(request, certificate, extensions, not_after)
        return certificate, key

    @staticmethod
    def pin(certificate):
        """The SHA-256 of a certificate's public key, as Chromium takes it."""
        key = _openssl("x509", "-in", certificate, "-noout", "-pubkey")
        return base64.b64encode(hashlib.sha256(_openssl("pkey", "-pubin", "-outform", "der", data=key)).digest()).decode()

    def _issue_expired(self, request, certificate, extensions, not_after):
        # `openssl x509` of OpenSSL 3.0 cannot set dates, `openssl ca` can.
        index = os.path.join(self.directory, "index.txt")
        config = os.path.join(self.directory, "ca.conf")
        open(index, "w", encoding="ascii").close()
        with open(config, "w", encoding="ascii") as file:
            file.write("[ca]\ndefault_ca=d\n[d]\ndatabase=" + index + "\nnew_certs_dir=" + self.directory +
                       "\ndefault_md=sha256\nrand_serial=yes\npolicy=p\n[p]\ncommonName=supplied\n")
        _openssl("ca", "-batch", "-config", config, "-in", request, "-out", certificate, "-cert", self.file,
                 "-keyfile", self.key, "-extfile", extensions, "-notext",
                 "-startdate", "20190101000000Z", "-enddate", not_after)
