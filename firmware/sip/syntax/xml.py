"""A parser for the XML of event packages, with limits.

Supported: elements, attributes, namespaces, character data, CDATA, comments, the five predefined entities and
numeric references. Refused: DOCTYPE, declared entities, processing instructions (nothing is ever expanded or
fetched), and documents over a limit.

Strict, except for known faults of servers: space or NULs around the document, UTF-16 declared but not used, a
bare "&" before a space.
"""

import compat
from compat import const, is_digits
from sip.syntax.grammar import ParseError

MAX_OCTETS = const(16_384)
_MAX_ELEMENTS = const(400)
_MAX_DEPTH = const(12)
_MAX_ATTRIBUTES = const(16)
_MAX_NAME = const(64)
_SPACE = " \t\r\n"
# ASCII is a part of UTF-8. A document that declares UTF-16 in ASCII octets is not UTF-16.
_UTF_8 = ("utf-8", "utf8", "us-ascii", "ascii", "utf-16")
_LATIN = ("iso-8859-1", "iso8859-1", "iso_8859-1", "latin-1", "latin1", "windows-1252")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_XMLNS = "http://www.w3.org/2000/xmlns/"
_XML = "http://www.w3.org/XML/1998/namespace"


class Element:
    """One element.

    name         local name
    namespace    URI of the namespace, or ""
    attributes   {name as written: value}, without namespace declarations
    children     Elements, in order
    text         character data, without that of the children
    """

    def __init__(self, name: str, namespace: str, attributes: dict):
        self.name = name
        self.namespace = namespace
        self.attributes = attributes
        self.children = []
        self.text = ""

    def get(self, name: str) -> "str | None":
        """The value of an attribute, or None."""
        return self.attributes.get(name)

    def find(self, name: str) -> "Element | None":
        """The first child with that local name, or None."""
        for child in self.children:
            if child.name == name:
                return child
        return None

    def all(self, name: str) -> list:
        """All children with that local name."""
        return [child for child in self.children if child.name == name]

    def said(self, name: str) -> str:
        """The stripped text of the first child with that local name; "" without one."""
        child = self.find(name)
        return "" if child is None else child.text.strip(_SPACE)


def parse(octets) -> Element:
    """The root of a document in UTF-8, or in Latin-1 if declared so or not valid UTF-8. Raises ParseError."""
    if len(octets) > MAX_OCTETS:
        raise ParseError("XML: %d octets" % len(octets))
    octets = bytes(octets).strip(b" \t\r\n\0")
    encoding = _encoding(octets)
    if encoding in _LATIN:
        text = "".join([chr(octet) for octet in octets])
    elif encoding in _UTF_8:
        text = compat.decode(octets)
    else:
        raise ParseError("XML: neither UTF-8 nor Latin-1")
    if text[:1] == "\ufeff":
        text = text[1:]
    return _Reader(text).document()


def _encoding(octets):
    """The encoding in the XML declaration, in lower case; "utf-8" without one."""
    if octets[:5] != b"<?xml":
        return "utf-8"
    declaration = octets[: octets.find(b"?>")].replace(b"'", b'"')
    name = declaration.partition(b"encoding")[2].partition(b'"')[2].partition(b'"')[0]
    return compat.decode(name).lower() or "utf-8"


def escape(text: str) -> str:
    """`text` as character data or as an attribute's value."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(character, entity)
    return "".join([c for c in text if c >= " " or c in "\t\n"])


class _Reader:
    def __init__(self, text):
        self._text = text
        self._at = 0
        self._elements = 0

    def document(self):
        if self._text[:6] in ("<?xml ", "<?xml\t", "<?xml\r", "<?xml\n"):
            self._until("?>")
        self._skip()
        root = self._tree()
        self._skip()
        if self._at < len(self._text):
            raise ParseError("XML: something after the end")
        return root

    def _tree(self):
        """The element that begins here, with its descendants; no recursion, because stacks are small."""
        open_elements = []
        scopes = [{"": "", "xml": _XML}]
        raw_names = []
        root = None
        while True:
            if open_elements:
                open_elements[-1].text += self._characters()
            if self._looking_at("<!--"):
                self._comment()
                continue
            if self._looking_at("</"):
                if not open_elements:
                    raise ParseError("XML: an end without a beginning")
                self._at += 2
                if self._name() != raw_names.pop():
                    raise ParseError("XML: an end of something else")
                self._spaces()
                self._expect(">")
                scopes.pop()
                open_elements.pop()
                if not open_elements:
                    return root
                continue
            self._expect("<")
            raw, element, scope, is_empty = self._tag(scopes[-1])
            if open_elements:
                open_elements[-1].children.append(element)
            else:
                root = element
            if is_empty:
                if not open_elements:
                    return root
                continue
            open_elements.append(element)
            raw_names.append(raw)
            scopes.append(scope)
            if len(open_elements) > _MAX_DEPTH:
                raise ParseError("XML: nested too deeply")

    def _tag(self, scope):
        """Parse a start tag after its `<`: (name as written, Element, namespace scope, whether empty)."""
        self._elements += 1
        if self._elements > _MAX_ELEMENTS:
            raise ParseError("XML: too many elements")
        raw = self._name()
        attributes = {}
        while True:
            spaced = self._spaces()
            if self._looking_at("/>") or self._looking_at(">"):
                break
            name = self._name()
            if not spaced or name in attributes or len(attributes) >= _MAX_ATTRIBUTES:
                raise ParseError("XML: malformed attributes")
            self._spaces()
            self._expect("=")
            self._spaces()
            attributes[name] = self._value()
        is_empty = self._text[self._at] == "/"
        self._at += 2 if is_empty else 1
        own = {}
        for name in list(attributes):
            if name == "xmlns" or name[:6] == "xmlns:":
                own[name[6:]] = attributes.pop(name)
        if own:
            scope = scope.copy()
            scope.update(own)
        prefix, colon, name = raw.partition(":")
        if not colon:
            prefix, name = "", raw
        if prefix not in scope or not name:
            raise ParseError("XML: an unknown prefix")
        return raw, Element(name, scope[prefix], attributes), scope, is_empty

    def _characters(self):
        """Character data up to the next tag or comment, references resolved."""
        pieces = []
        while True:
            end = self._text.find("<", self._at)
            if end < 0:
                raise ParseError("XML: it breaks off")
            pieces.append(_resolved(self._text[self._at : end]))
            self._at = end
            if not self._looking_at("<![CDATA["):
                return "".join(pieces)
            self._at += 9
            pieces.append(_clean(self._until("]]>")[:-3]))

    def _value(self):
        quote = self._text[self._at : self._at + 1]
        if quote not in ('"', "'") or not quote:
            raise ParseError("XML: an attribute without quotation marks")
        self._at += 1
        value = self._until(quote)[:-1]
        if "<" in value:
            raise ParseError("XML: < within an attribute")
        return _resolved(value)

    def _name(self):
        start = self._at
        text = self._text
        end = start
        while end < len(text) and end - start <= _MAX_NAME and _is_name(text[end]):
            end += 1
        name = text[start:end]
        if not name or len(name) > _MAX_NAME or name[0] in "-.0123456789:" or name[-1] == ":":
            raise ParseError("XML: malformed name")
        self._at = end
        return name

    def _skip(self):
        """Skip space and comments outside of the root."""
        while True:
            self._spaces()
            if not self._looking_at("<!--"):
                return
            self._comment()

    def _comment(self):
        self._at += 4
        if "--" in self._until("-->")[:-3]:
            raise ParseError("XML: malformed comment")

    def _spaces(self):
        start = self._at
        while self._text[self._at : self._at + 1] and self._text[self._at] in _SPACE:
            self._at += 1
        return self._at > start

    def _looking_at(self, text):
        return self._text[self._at : self._at + len(text)] == text

    def _expect(self, text):
        if not self._looking_at(text):
            raise ParseError("XML: no " + text)
        self._at += len(text)

    def _until(self, end):
        """The text up to and including `end`."""
        found = self._text.find(end, self._at)
        if found < 0:
            raise ParseError("XML: it breaks off")
        piece = self._text[self._at : found + len(end)]
        self._at = found + len(end)
        return piece


def _is_name(character):
    # Any character beyond ASCII is accepted: the names that we use are ASCII.
    letter = "a" <= character <= "z" or "A" <= character <= "Z" or character > "\x7f"
    return letter or character in "-._:0123456789"


def _clean(text):
    for character in text:
        if character < " " and character not in "\t\r\n" or 0xD800 <= ord(character) <= 0xDFFF:
            raise ParseError("XML: a control character")
    return text


def _resolved(text):
    """Character data with its references resolved."""
    _clean(text)
    if "&" not in text:
        return text
    pieces = text.split("&")
    resolved = [pieces[0]]
    for piece in pieces[1:]:
        name, semicolon, rest = piece.partition(";")
        if piece[:1] == " ":
            resolved.append("&" + piece)  # "A & B", as some servers write names
            continue
        if not semicolon or len(name) > 8:
            raise ParseError("XML: malformed reference")
        resolved.append(_numbered(name[1:]) if name[:1] == "#" else _named(name))
        resolved.append(rest)
    return "".join(resolved)


def _named(name):
    if name not in _ENTITIES:
        raise ParseError("XML: an entity that nobody declares")
    return _ENTITIES[name]


def _numbered(digits):
    base = 16 if digits[:1] == "x" else 10
    digits = digits[1:] if base == 16 else digits
    if not is_digits(digits, 8, "0123456789abcdefABCDEF" if base == 16 else "0123456789"):
        raise ParseError("XML: malformed reference")
    number = int(digits, base)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF or number < 32 and number not in (9, 10, 13):
        raise ParseError("XML: invalid character")
    return chr(number)
