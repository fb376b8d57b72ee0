"""Malformed but unambiguous syntax that peers are known to send; loaded with the first such message."""

from sip.syntax.grammar import ParseError, has_control, is_token, parameters, quoted_end, split

_NEVER = '<>" \t\\\0'


def parse_uri(text: str, parse):
    """A Uri with a quoted parameter, or with characters that should be escaped; `parse` is uri.parse.

    Raises ParseError. A quoted value is kept unchanged, so that its author recognizes it (RFC 3261 §12.1.2).
    """
    text, quoted = _cut(text)
    if has_control(text + quoted) or any(character in text for character in _NEVER):
        raise ParseError("URI: a character that no URI may hold")
    found = parse(_all_escaped(text))
    if quoted and found.opaque is not None:
        raise ParseError("URI: quotation marks")
    for part in split(quoted, ";") if quoted else ():
        name, equals, value = part.partition("=")
        name = name.lower()
        if part and not is_token(name):
            raise ParseError("URI: a parameter has a malformed name")
        if '"' in value and (value[0] != '"' or quoted_end(value, 0) != len(value)):
            raise ParseError("URI: quotation marks")
        if '"' not in value:
            value = _all_escaped(value)
        found.params.setdefault(_all_escaped(name), value if equals else None)
    return found


def _cut(text):
    """(`text` before its first quoted parameter, the parameters from there on)."""
    at = text.find('="')
    if at < 0:
        return text, ""
    at = text.rfind(";", 0, at)
    if at < 0 or "?" in text[:at]:
        raise ParseError("URI: quotation marks")
    return text[:at], text[at + 1 :]


def _all_escaped(text):
    return "".join([_escaped(character) for character in text])


def _escaped(character):
    if "!" <= character <= "~" and character not in "^`{|}":
        return character
    return "".join("%{:02X}".format(octet) for octet in character.encode())


def join_names(values: list) -> list:
    """The elements of an address list, rejoined where a comma in an unquoted display name split one."""
    joined = []
    begun = ""
    for value in values:
        begun += value
        if ":" in begun or begun == "*":
            joined.append(begun)
            begun = ""
        else:
            begun += ", "
    return joined + [begun] if begun else joined


def parse_tags(text: str) -> dict:
    """The parameters of a From or To with a malformed address."""
    return parameters(text[text.rfind(">") + 1 :].partition(";")[2])
