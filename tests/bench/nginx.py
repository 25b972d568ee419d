# A private nginx: the web server behind every tunnel, and the proxy that they are held against.
import os
import shutil
import socket

from support.ports import free_port
from support.program import Program
from support.waiting import wait_until

CONFIGURATION = """\
worker_processes 2;
worker_rlimit_nofile 16000;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{ worker_connections 15000; }}
http {{
  access_log off;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  client_max_body_size 0;
  client_body_buffer_size 2m;
  client_body_temp_path {home}/body;
  proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi;
  scgi_temp_path {home}/scgi;
  {upstream}
  server {{
    listen 127.0.0.1:{port};
    {locations}
  }}
}}
"""
# What is uploaded is read to its end before anything is answered.
ORIGIN = """\
root {site};
    location = /sink {{ proxy_pass http://127.0.0.1:{port}/thanks; proxy_pass_request_body off;
                       proxy_set_header Content-Length ""; }}
    location = /thanks {{ return 200 "thanks"; }}"""
PROXY = """\
location / {{ proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";
                 proxy_set_header Host $host; }}"""


class _Nginx(Program):
    def __init__(self, directory, name, locations, upstream="", **values):
        self.home = os.path.join(directory, name)
        os.mkdir(self.home)
        os.chmod(self.home, 0o755)
        self.port = free_port()
        configuration = os.path.join(self.home, "nginx.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(home=self.home, port=self.port, upstream=upstream,
                                            locations=locations.format(port=self.port, **values)))
        super().__init__(name, [shutil.which("nginx") or "/usr/sbin/nginx", "-c", configuration, "-p", self.home,
                                "-e", os.path.join(self.home, "error.log"), "-g", "daemon off;"], self.home)

    def start(self):
        super().start()
        wait_until(f"{self.name} to listen", self._listens)
        return self

    def _listens(self):
        assert self.is_running(), f"{self.name} ended at once\n{self.log_tail()}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Origin(_Nginx):
    """Serves the files, and takes uploads at /sink."""

    def __init__(self, directory, site):
        super().__init__(directory, "origin", ORIGIN, site=site)


class Proxy(_Nginx):
    """Passes everything on to `origin` over connections that are kept."""

    def __init__(self, directory, origin):
        super().__init__(directory, "proxy", PROXY,
                         f"upstream origin {{ server 127.0.0.1:{origin.port}; keepalive 256; }}")
