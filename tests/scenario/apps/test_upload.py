# A file that a visitor sends with a form. (For one of 2 GiB see full/test_two_gigabytes.py.)
import pytest
from support.upload import MIB, UploadApp, make_file, upload

SIZE = 64 * MIB


@pytest.fixture(scope="module")
def site(world):
    app = UploadApp()
    world.publish("romeo", app.url)
    yield "romeo"
    app.close()


def test_a_file_arrives_whole(scheme, site, browser, place):
    file = place / "verses.bin"
    digest = make_file(file, SIZE)
    facts = upload(browser, scheme, site, file, 300)
    assert 'name="file"; filename="verses.bin"' in facts["head"]
    assert (facts["size"], facts["sha256"], facts["is_whole"]) == (SIZE, digest, True)
