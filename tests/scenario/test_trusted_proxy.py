# Whom the operator trusts to speak for others.
import json
import re


TABLES = {"http": {"trusted_proxies": ["127.0.0.1"]}, "limits": {"connections_per_client": 2}}


def test_a_trusted_proxy_speaks_for_its_client(world, site):
    answer = world.gateway.fetch(site, "/inspect", headers=[
        ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "romeo.localhost")])
    headers = {}
    for name, value in json.loads(answer.body)["headers"]:
        headers.setdefault(name.lower(), []).append(value)
    assert re.match(r"203\.0\.113\.9\b", headers["x-forwarded-for"][0])
    assert headers["x-forwarded-proto"] == ["https"]


def test_a_trusted_proxy_is_not_one_client(world, site):
    held = [world.gateway.connect(site) for _ in range(10)]
    for connection in held:
        assert connection.get("/inspect").status == 200
    for connection in held:
        connection.close()
