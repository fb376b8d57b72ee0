"""application/dialog-info+xml: read into a table of dialogs, and written."""

from sip.event.dialog_info import DialogTable, build
from sip.syntax import uri
from sip.syntax.grammar import ParseError
from sip.syntax.headers import NameAddr
from support.check import raises

HEAD = '<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="%d" state="%s" entity="sip:a@h">'


def document(version, kind, *dialogs):
    return (HEAD % (version, kind) + "".join(dialogs) + "</dialog-info>").encode()


def dialog(identifier, state, more="", inner=""):
    return '<dialog id="%s" %s><state>%s</state>%s</dialog>' % (identifier, more, state, inner)


def test_lamps():
    for dialogs, state in (
        ([], "idle"),
        ([dialog("1", "terminated")], "idle"),
        ([dialog("1", "trying", 'direction="initiator"')], "calling"),
        ([dialog("1", "early", 'direction="recipient"')], "ringing"),
        ([dialog("1", "early")], "ringing"),
        ([dialog("1", "confirmed", 'direction="initiator"')], "busy"),
        ([dialog("1", "confirmed"), dialog("2", "early", 'direction="recipient"')], "ringing"),
    ):
        table = DialogTable()
        assert table.take(document(0, "full", *dialogs)) and table.state == state, dialogs


def test_documents_of_vendors_that_lack_something():
    def lamp(body):
        table = DialogTable()
        assert table.take(body)
        return table.state

    busy = '<dialog id="1"><state>confirmed</state></dialog>'
    for attributes in ("", 'version="x"', 'state="full"', 'version="3" state="Full"', 'version="\u00b2"'):
        assert lamp(("<dialog-info %s>%s</dialog-info>" % (attributes, busy)).encode()) == "busy", attributes
        assert lamp(("<dialog-info %s/>" % attributes).encode()) == "idle", attributes
    for inner, state in (
        ("<dialog><state>confirmed</state></dialog>", "busy"),
        ('<dialog call-id="c"><state>early</state></dialog>', "ringing"),
        ('<dialog id="1"/>' + busy.replace('"1"', '"2"'), "busy"),
        ('<dialog id="1"><state>dancing</state></dialog>', "idle"),
    ):
        assert lamp(document(0, "full", inner)) == state, inner
    # Of partial ones without a version each is the next.
    table = DialogTable()
    assert not table.take(('<dialog-info state="partial">%s</dialog-info>' % busy).encode())
    assert table.take(document(7, "full", busy)) and table.state == "busy"
    gone = busy.replace("confirmed", "terminated")
    assert table.take(('<dialog-info state="partial">%s</dialog-info>' % gone).encode())
    assert table.state == "idle" and table.take(document(9, "partial", busy)) and table.state == "busy"


def test_partial_states_in_order_and_out_of_it():
    table = DialogTable()
    assert not table.take(document(1, "partial", dialog("1", "early")))  # of what?
    assert table.take(document(1, "full", dialog("1", "early")))
    assert table.take(document(2, "partial", dialog("2", "confirmed"))) and len(table.dialogs) == 2
    assert table.take(document(2, "partial", dialog("3", "confirmed"))) and len(table.dialogs) == 2  # again
    assert table.take(document(3, "partial", dialog("1", "terminated"))) and table.state == "busy"
    assert not table.take(document(5, "partial", dialog("2", "terminated")))  # one is missing
    assert table.state == "busy"
    assert table.take(document(0, "full")) and table.state == "idle"  # the server began anew


def test_pick_up_needs_tags():
    inner = (
        '<remote><identity display="Ada &amp; Co">sip:ada@example.com</identity>'
        '<target uri="sip:ada@192.0.2.9:5070"/></remote>'
    )
    tags = 'call-id="c@1" local-tag="ours" remote-tag="theirs" direction="recipient"'
    table = DialogTable()
    table.take(document(0, "full", dialog("0", "early"), dialog("1", "early", tags, inner)))
    entry = table.ringing()
    assert entry.id == "1" and entry.replaces() == "c@1;to-tag=theirs;from-tag=ours;early-only"
    assert (str(entry.remote), entry.remote_name) == ("sip:ada@example.com", "Ada & Co")
    assert str(entry.target) == "sip:ada@192.0.2.9:5070"
    table.take(document(1, "full", dialog("0", "early", 'call-id="c" local-tag="x;y" remote-tag="z"')))
    assert table.ringing().replaces() is None  # that would be a parameter of ours
    table.take(document(2, "full", dialog("0", "confirmed", tags)))
    assert table.ringing() is None


def test_bad():
    for body in (
        b"",
        b"<presence/>",
        b"<dialog-info>",
    ):
        table = DialogTable()
        raises(ParseError, table.take, body)
        assert table.state == "idle"
    table = DialogTable()
    table.take(
        document(0, "full", dialog("1", "early", "", "<remote><identity>mailto:x</identity></remote>"))
    )
    assert table.ringing().remote is None


class Dialog:
    call_id = "c1"
    local = NameAddr(uri.parse("sip:a@h"), None, {"tag": "lo&cal"})
    remote = NameAddr(uri.parse("sip:b@h"), 'B "x"', {"tag": "remote"})
    target = uri.parse("sip:b@192.0.2.2")


class Session:
    id = 3
    direction = "in"
    dialog = Dialog
    identity = Dialog.remote

    def __init__(self, state):
        self.state = state


def test_ours_is_read_again():
    for state, lamp in (
        ("incoming", "ringing"),
        ("ringing", "ringing"),
        ("established", "busy"),
        ("leaving", "idle"),
    ):
        table = DialogTable()
        assert table.take(build("sip:a@h", 7, [Session(state)])) and table.state == lamp
    table = DialogTable()
    table.take(build("sip:a@h", 7, [Session("ringing")]))
    entry = table.ringing()
    assert (entry.call_id, entry.remote_tag, entry.remote_name) == ("c1", "remote", 'B "x"')
    assert str(entry.target) == "sip:b@192.0.2.2"
    assert table.take(build("sip:a@h", 8, [])) and table.state == "idle"
