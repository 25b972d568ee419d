# Whom the operator trusts to speak for others.
import json

TABLES = {"http": {"trusted_proxies": ["127.0.0.1"]}, "limits": {"connections_per_client": 2}}


def told(world, site, *headers):
    names = {}
    for name, value in json.loads(world.gateway.fetch(site, "/inspect", headers=headers).body)["headers"]:
        names.setdefault(name.lower(), []).append(value)
    return names


def test_a_trusted_proxy_speaks_for_its_client(world, site):
    host = world.gateway.host(site)
    names = told(world, site, ("X-Forwarded-For", "10.0.0.1, 203.0.113.9"), ("X-Forwarded-Proto", "https"),
                 ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Port", "1"), ("X-Real-IP", "10.0.0.1"))
    assert names["x-forwarded-for"] == ["203.0.113.9"]
    assert names["x-forwarded-proto"] == ["https"]
    assert names["x-forwarded-host"] == [host]
    assert names["forwarded"] == [f'for=203.0.113.9;host="{host}";proto=https']
    assert "x-forwarded-port" not in names and "x-real-ip" not in names


def test_an_ipv6_client_is_quoted(world, site):
    names = told(world, site, ("X-Forwarded-For", "[2001:DB8::7]:4711"))
    assert names["x-forwarded-for"] == ["2001:db8::7"]
    assert names["forwarded"][0].startswith('for="[2001:db8::7]";')


def test_what_a_trusted_proxy_passes_on_of_its_client_is_not_its_word(world, site):
    for headers in ([("Forwarded", "for=10.0.0.1;proto=https")], [("X-Forwarded-For", "unknown")],
                    [("X-Forwarded-For", "10.0.0.1, x\";for=10.0.0.1")], [("X-Forwarded-Proto", "javascript")]):
        names = told(world, site, *headers)
        assert names["x-forwarded-for"] == ["127.0.0.1"], headers
        assert names["x-forwarded-proto"] == ["http"] and names["forwarded"][0].startswith("for=127.0.0.1;"), headers


def test_a_trusted_proxy_is_not_one_client(world, site):
    held = [world.gateway.connect(site) for _ in range(10)]
    for connection in held:
        assert connection.get("/inspect").status == 200
    for connection in held:
        connection.close()
