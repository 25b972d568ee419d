# Sites for contacts and for guests: visitors prove who they are by their own chat clients (XEP-0070).
import base64
import json

import pytest
from support.visiting import OURS, Guest, Person
from support.waiting import wait_until

TABLES = {"limits": {"logins_per_jid": 1000, "logins_per_client": 1000}}
ROMEO, JULIET, BENVOLIO = (f"{user}@montague.example" for user in ("romeo", "juliet", "benvolio"))


@pytest.fixture(scope="module")
def juliet(world):
    with Person(world.server, "juliet") as person:
        yield person


@pytest.fixture(scope="module")
def benvolio(world):
    with Person(world.server, "benvolio", knows=False) as person:
        yield person


@pytest.fixture(scope="module")
def romeo(world, juliet):
    with Person(world.server, "romeo") as person:
        juliet.befriend(person)
        wait_until("juliet to be a contact", lambda: person.client.client_roster[JULIET]["subscription"] in ("from", "both"))
        yield person


@pytest.fixture(scope="module")
def sites(world, site, romeo):
    for name, visibility in (("garden", "roster"), ("vault", "listed"), ("square", "public")):
        assert world.gateway.site("add", name, ROMEO, "--visibility", visibility).returncode == 0
    world.gateway.wait_status("square", 200)
    return world.gateway


def reload(sites, tables):
    """Has the gateway take that configuration."""
    before = sites.err().count("configuration read")
    sites.write(tables)
    sites.signal(1)
    wait_until("the configuration to be read", lambda: sites.err().count("configuration read") > before)


def seen_by_app(answer):
    """The headers that came to the app, by their lower-case names."""
    return {name.lower(): value for name, value in json.loads(answer.body)["headers"]}


def test_a_stranger_is_asked_who_it_is(sites):
    answer = Guest(sites, "garden").get("/secret?a=b")
    assert answer.status == 401 and "Who are you?" in answer.text and "XMPP realm=" in answer.get("www-authenticate")
    assert "/secret?a=b" in answer.text and answer.get("cache-control") == "no-store"
    assert Guest(sites, "square").get().status == 200


def test_a_contact_confirms_and_is_known_to_the_app(sites, juliet):
    guest = Guest(sites, "garden").log_in(juliet, "/page?a=1&b=2")
    answer = guest.get("/page?a=1&b=2")
    assert answer.status == 200
    headers = seen_by_app(answer)
    assert headers["remote-user"] == JULIET and "cookie" not in headers
    assert answer.get("cache-control") == "private" and Guest(sites, "square").get().get("cache-control") is None
    more = seen_by_app(guest.get("/", headers=[("Remote-User", ROMEO), ("Cookie", "theme=dark")]))
    assert more["remote-user"] == JULIET and more["cookie"] == "theme=dark"


def test_the_cookie_is_kept_from_scripts_and_other_hosts(sites, juliet):
    guest = Guest(sites, "garden")
    juliet.confirm(guest.begin(JULIET))
    cookie = next(line for line in guest.wait().all("set-cookie") if line.startswith("crosstalk-visitor="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie and "Domain" not in cookie


def test_who_is_no_contact_is_known_and_not_admitted(sites, benvolio):
    guest = Guest(sites, "garden")
    code = guest.begin(BENVOLIO)
    assert code in benvolio.words_of(sites.domain)
    benvolio.say(sites.domain, code.lower().replace("-", " "))
    assert guest.wait().status == 303
    answer = guest.get("/")
    assert answer.status == 403 and BENVOLIO in answer.text and "Ask to be let in" in answer.text


def test_no_is_an_answer_without_anything_else_and_yes_is_none(sites, benvolio):
    guest = Guest(sites, "garden")
    code = guest.begin(BENVOLIO)
    assert code in benvolio.words_of(sites.domain)
    benvolio.say(sites.domain, "Yes")
    assert "yes CODE" in benvolio.refusal(), "it says not to what"
    benvolio.say(sites.domain, "No")
    answer = guest.wait()
    assert answer.status == 403 and "The answer was no" in answer.text


def test_a_question_that_nobody_gets_is_no_answer(sites):
    guest = Guest(sites, "garden")
    guest.begin("nobody-of-that-name@montague.example")
    answer = guest.get(OURS + "login/wait?to=/")
    assert answer.status == 200 and "Is it you?" in answer.text, "whether there is such an account is not told"


def test_an_answer_from_somebody_else_counts_for_nothing(sites, juliet, benvolio):
    guest = Guest(sites, "vault")
    code = guest.begin(JULIET)
    question = juliet.question()
    benvolio.say(sites.domain, code)
    benvolio.say(sites.domain, "yes " + code)
    answer = guest.get(OURS + "login?to=/")
    assert answer.status == 200
    juliet.answer(question, is_theirs=False)
    refused = guest.wait()
    assert refused.status == 403 and "The answer was no" in refused.text


def test_guests_are_let_in_until_they_are_dismissed(sites, juliet):
    guest = Guest(sites, "vault").log_in(juliet)
    assert guest.get().status == 403
    assert sites.site("admit", "vault", JULIET).returncode == 0
    wait_until("the guest to be let in", lambda: guest.get().status == 200)
    assert sites.site("dismiss", "vault", JULIET).returncode == 0
    wait_until("the guest to be shut out", lambda: guest.get().status == 403)
    assert sites.site("admit", "vault", "montague.example").returncode == 0
    wait_until("everybody of the domain to be let in", lambda: guest.get().status == 200)
    assert sites.site("dismiss", "vault", "montague.example").returncode == 0
    wait_until("nobody of the domain to be let in", lambda: guest.get().status == 403)


def test_an_owner_is_asked_and_answers_in_the_chat_client(sites, romeo, juliet):
    guest = Guest(sites, "vault").log_in(juliet)
    assert guest.get().status == 403
    assert guest.post("ask", to="/").status == 200
    words = romeo.words_of(sites.domain)
    assert JULIET in words and "vault" in words
    code = words.split()[-1]
    assert guest.post("ask", to="/").status == 200, "asking twice is no mistake, and asks nobody"
    juliet.say(sites.domain, "yes " + code)
    romeo.say(sites.domain, "yes " + code)
    assert "guest of vault" in romeo.words_of(sites.domain)
    wait_until("the visitor to be let in", lambda: guest.get().status == 200)
    assert JULIET in sites.site("show", "vault").stdout
    assert sites.site("dismiss", "vault", JULIET).returncode == 0


def test_a_cookie_is_one_sites_and_nobody_can_make_one(sites, juliet):
    guest = Guest(sites, "garden").log_in(juliet)
    name, cookie = next(iter(guest.cookies.items()))
    other = Guest(sites, "vault")
    other.cookies = dict(guest.cookies)
    assert other.get().status == 401
    for forged in (cookie[:-1] + ("0" if cookie[-1] != "0" else "1"), cookie.replace("1.", "2.", 1), "", "x" * 5000):
        guest.cookies = {name: forged}
        assert guest.get().status == 401, forged
    guest.cookies = {name: cookie}
    assert guest.get().status == 200


def test_whoever_logs_out_is_forgotten_also_with_a_copy_of_the_cookie(sites, juliet):
    guest = Guest(sites, "garden").log_in(juliet)
    copy = dict(guest.cookies)
    assert guest.get(OURS + "logout").status == 200 and guest.get().status == 200, "looking at the page ends nothing"
    assert guest.post("logout", to="/").status == 200
    assert guest.cookies == {} and guest.get().status == 401
    guest.cookies = copy
    assert guest.get().status == 401


def test_visitors_stay_known_when_the_gateway_restarts(sites, juliet):
    guest = Guest(sites, "garden").log_in(juliet)
    gone = Guest(sites, "garden").log_in(juliet)
    copy = dict(gone.cookies)
    gone.post("logout", to="/")
    sites.stop()
    sites.start()
    sites.wait_ready()
    wait_until("the visitor to be known", lambda: guest.get().status == 200)
    gone.cookies = copy
    assert gone.get().status == 401


def test_only_the_browser_that_began_a_login_gets_the_cookie(sites, juliet):
    guest = Guest(sites, "garden")
    code = guest.begin(JULIET)
    thief = Guest(sites, "garden")
    juliet.confirm(code)
    assert thief.get(OURS + "login/wait?to=/").status == 401
    elsewhere = Guest(sites, "vault")
    elsewhere.cookies = dict(guest.cookies)
    assert elsewhere.get(OURS + "login/wait?to=/").status == 401
    assert guest.wait().status == 303
    assert guest.get(OURS + "login/wait?to=/").status == 401, "the browser has forgotten it"


def test_a_browser_that_went_away_while_it_waited_comes_back_to_the_same_session(sites, juliet):
    guest = Guest(sites, "garden")
    code = guest.begin(JULIET)
    begun = dict(guest.cookies)
    with sites.connect("garden") as gone:
        gone.send_request("GET", OURS + "login/wait?to=/", guest._headers([]))
        juliet.confirm(code)
        assert gone.read_response("GET").status == 303
    assert guest.wait().status == 303 and guest.get().status == 200
    guest.post("logout", to="/")
    guest.cookies = begun
    assert guest.wait().status == 303 and guest.get().status == 401, "what was ended stays so"


@pytest.mark.parametrize("headers", [[("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")],
                                     [("Origin", "https://evil.example")], [("Origin", "null")]])
def test_a_form_from_elsewhere_counts_for_nothing(sites, headers):
    for action in ("login", "ask", "logout"):
        assert Guest(sites, "garden").post(action, headers=headers, jid=JULIET, to="/").status == 403


@pytest.mark.parametrize("to", ["//evil.example/", "https://evil.example/", "/\\evil.example", "/a\r\nSet-Cookie: b=c"])
def test_nobody_is_led_elsewhere(sites, juliet, to):
    guest = Guest(sites, "garden")
    juliet.confirm(guest.begin(JULIET, to))
    assert guest.wait(to).get("location") == "/"


@pytest.mark.parametrize("jid", ["", "juliet", "montague.example", "a@b@c", "<script>@montague.example", "x" * 20000])
def test_what_is_no_address_is_told(sites, jid):
    answer = Guest(sites, "garden").post("login", jid=jid, to="/")
    assert answer.status == 400 and "no XMPP address" in answer.text and "<script>" not in answer.text


def test_a_program_gives_its_address_by_http_basic(sites, juliet):
    words = base64.b64encode(f"{JULIET}:a-word-of-mine-4".encode()).decode()
    with sites.connect("garden") as program:
        program.send_request("GET", "/", [("Authorization", "Basic " + words)])
        juliet.confirm("a-word-of-mine-4")
        answer = program.read_response("GET")
    assert answer.status == 200
    headers = seen_by_app(answer)
    assert headers["remote-user"] == JULIET and "authorization" not in headers
    again = sites.fetch("garden", "/", headers=[("Authorization", "Basic " + words)])
    assert again.status == 200 and juliet.questions.empty()
    assert sites.fetch("vault", "/", headers=[("Authorization", "Basic !!!")]).status == 401
    public = seen_by_app(sites.fetch("square", "/", headers=[("Authorization", "Basic " + words)]))
    assert public["authorization"] == "Basic " + words, "where nobody is asked who it is, it is the app's"


def test_a_word_that_was_confirmed_is_of_no_use_elsewhere(sites, juliet):
    reload(sites, {**TABLES, "http": {"trusted_proxies": ["127.0.0.1"]}})
    words = base64.b64encode(f"{JULIET}:a-word-of-mine-6".encode()).decode()

    def ask(program, address):
        program.send_request("GET", "/", [("Authorization", "Basic " + words), ("X-Forwarded-For", address)])

    with sites.connect("garden") as hers, sites.connect("garden") as thief:
        ask(hers, "192.0.2.1")
        juliet.confirm("a-word-of-mine-6")
        assert hers.read_response("GET").status == 200
        ask(thief, "198.51.100.1")
        juliet.confirm("a-word-of-mine-6", is_theirs=False)
        assert thief.read_response("GET").status == 403
        ask(hers, "192.0.2.1")
        assert hers.read_response("GET").status == 200
    reload(sites, TABLES)


@pytest.mark.parametrize("word", ["stop", "what-is-this", "evil.example/1234567"])
def test_nobody_is_asked_about_a_word_that_could_be_an_answer_or_a_message(sites, juliet, word):
    words = base64.b64encode(f"{JULIET}:{word}".encode()).decode()
    assert sites.fetch("garden", "/", headers=[("Authorization", "Basic " + words)]).status == 401
    assert juliet.questions.empty()


@pytest.mark.parametrize("accept", [[], [("Accept", "*/*"), ("User-Agent", "git/2.39.5")]])
def test_a_program_is_told_how(sites, accept):
    answer = sites.fetch("garden", "/", headers=accept)
    assert answer.status == 401 and answer.get("www-authenticate").startswith("Basic realm=") and "XMPP address" in answer.text


def test_a_program_that_is_refused(sites, juliet):
    words = base64.b64encode(f"{JULIET}:another-word-5".encode()).decode()
    with sites.connect("garden") as program:
        program.send_request("GET", "/", [("Authorization", "Basic " + words)])
        juliet.confirm("another-word-5", is_theirs=False)
        assert program.read_response("GET").status == 403


def test_whoever_is_asked_sees_the_method(sites, juliet):
    words = base64.b64encode(f"{JULIET}:a-word-of-mine-8".encode()).decode()
    with sites.connect("garden") as program:
        program.send_request("POST", "/order", [("Authorization", "Basic " + words), ("Content-Length", "0")])
        question = juliet.question()
        assert question["confirm"]["method"] == "POST" and question["confirm"]["url"].endswith("/order")
        juliet.answer(question, is_theirs=False)
        assert program.read_response("POST").status == 403


def test_a_stop_does_not_wait_for_a_person(sites, juliet):
    reload(sites, {**TABLES, "timeouts": {"drain": "1s"}})
    words = base64.b64encode(f"{JULIET}:a-word-of-mine-7".encode()).decode()
    with sites.connect("garden") as program:
        program.send_request("GET", "/", [("Authorization", "Basic " + words)])
        juliet.question()
        sites.stop()
    sites.write(TABLES)
    sites.start()
    sites.wait_ready()
    sites.wait_status("square", 200)


def test_a_public_site_may_ask_who_it_is(sites, juliet):
    guest = Guest(sites, "square")
    assert "remote-user" not in seen_by_app(guest.get())
    assert guest.get(OURS + "login?to=/x").status == 200
    guest.log_in(juliet, "/x")
    answer = guest.get("/x")
    assert seen_by_app(answer)["remote-user"] == JULIET and answer.get("cache-control") == "private"


def test_under_a_path_nobody_can_be_known(sites):
    answer = sites.fetch("garden", "/garden/", headers=[("Host", f"localhost:{sites.port}"), ("Accept", "text/html")])
    assert answer.status == 403 and f"garden.localhost:{sites.port}" in answer.text


def test_whoever_may_not_visit(sites, juliet):
    guest = Guest(sites, "garden").log_in(juliet)
    assert sites.site("rule", JULIET, "visits", "0").returncode == 0
    wait_until("the rule to count", lambda: guest.get().status == 403)
    assert sites.site("rule", JULIET, "visits", "none").returncode == 0
    wait_until("it to be taken back", lambda: guest.get().status == 200)


def test_while_the_publisher_is_away_a_contact_has_to_wait_and_a_stranger_learns_nothing(world, sites, juliet):
    guest = Guest(sites, "garden").log_in(juliet)
    peer = next(peer for peer in world.peers if peer.jid == ROMEO)
    peer.stop()
    wait_until("the publisher to be away", lambda: guest.get().status == 503)
    assert Guest(sites, "garden").get().status == 401
    peer.start()
    peer.wait_online()
    wait_until("it to be back", lambda: guest.get().status == 200)


def test_questions_are_limited(world, sites, juliet):
    sites.write({"limits": {"logins_per_jid": 2, "logins_per_client": 1000}})
    sites.signal(1)
    sites.wait_for_err("configuration read")
    answers = []
    wait_until("it to be enough", lambda: answers.append(Guest(sites, "garden").post("login", jid="mercutio@montague.example", to="/").status)
               or answers[-1] == 429)
    assert answers == [200, 200, 429]
    sites.write(TABLES)
    sites.signal(1)


def test_names_that_nobody_has_look_the_same(sites):
    assert Guest(sites, "nothing").get().status == 404
    sites.write({**TABLES, "sites": {"hide_names": True, "session": "1s"}})
    sites.signal(1)
    wait_until("names to be hidden", lambda: Guest(sites, "nothing").get().status == 401)
    there, nowhere = (Guest(sites, name).get("/").text.replace(name, "NAME") for name in ("garden", "nothing"))
    assert there == nowhere
    under_path = [sites.fetch(name, f"/{name}/", headers=[("Host", f"localhost:{sites.port}")]) for name in ("garden", "nothing")]
    assert [answer.status for answer in under_path] == [403, 403]
    assert sites.fetch("x", "/", headers=[("Host", "elsewhere.example")]).status == 404


def test_a_session_ends_by_itself(sites, juliet):
    guest = Guest(sites, "garden").log_in(juliet)
    cookie = dict(guest.cookies)
    wait_until("the session to end", lambda: guest.get().status == 401)
    guest.cookies = cookie
    assert guest.get().status == 401
