"""The modules of the phone's page are those of its files."""

import gzip

from tools import pages


def test_the_modules_hold_what_the_files_do():
    assert pages.sources()
    for source in pages.sources():
        module: dict = {}
        exec(pages.module_of(source).read_text(), module)
        assert gzip.decompress(module["DATA"]) == pages.served(source), f"{source.name}: run tools/pages.py"
        assert module["ETAG"] in pages.text(source)


def test_no_page_loads_anything_from_elsewhere():
    for source in pages.sources():
        text = source.read_text()
        for word in ("http://", "https://", "//cdn", "@import", "innerHTML", "eval(", "onclick="):
            at = text.find(word)
            allowed = word.startswith("http") and all(
                text[place:].startswith(("https://example.com", "http://${now.address}"))
                for place in range(len(text))
                if text.startswith(word, place)
            )
            assert at < 0 or allowed, (source.name, text[at - 40 : at + 40])
