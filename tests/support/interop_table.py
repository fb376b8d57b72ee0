"""docs/interop.md: a table of features by peer and version, from the results of tests/interop.

`INTEROP_TABLE=1 make test ARGS=tests/interop` writes the page. A cell is "yes" where every test that it names
passed, "**no**" where one failed, "?" where one was skipped, and "–" where the peer does not offer the
feature or no test asks for it.
"""

import json
import subprocess

from support.mirror import ROOT

PAGE = ROOT / "docs" / "interop.md"
MAKES = "INTEROP_TABLE=1"

# Column -> (heading, Debian package or requirement whose version stands beside it).
PEERS = {
    "kamailio": ("Kamailio", "kamailio"),
    "baresip": ("baresip", "baresip-core"),
    "pjsua": ("PJSIP's pjsua2", "pjsua2-python"),
    "linphone": ("linphonec", "linphone-cli"),
    "sippy": ("Sippy B2BUA", "sippy"),
    "sipp": ("SIPp", "sip-tester"),
}

# (feature, {peer: tests}); a test is file::name without `test_` and `.py`, a prefix of its id.
FEATURES = [
    ("registers, with a password", {"kamailio": ["phone::two_phones_through_kamailio"]}),
    ("a wrong password is told", {"kamailio": ["phone::a_wrong_password_is_told"]}),
    (
        "call from the phone, tones measured both ways",
        {
            "baresip": ["phone::the_phone_calls_baresip"],
            "pjsua": ["soft_phones::we_call_pjsua_and_hang_up"],
            "linphone": ["soft_phones::a_call_with_linphone[out]"],
            "sippy": ["soft_phones::a_call_through_sippys_b2bua[out]"],
            "sipp": ["phone::the_phone_calls_sipp"],
        },
    ),
    (
        "call to the phone, tones measured both ways",
        {
            "baresip": ["phone::baresip_calls_the_phone"],
            "pjsua": ["soft_phones::pjsua_calls_us"],
            "linphone": ["soft_phones::a_call_with_linphone[in]"],
            "sippy": ["soft_phones::a_call_through_sippys_b2bua[in]"],
            "sipp": ["phone::sipp_calls_the_phone"],
        },
    ),
    (
        "wideband (G.722), tones above 4 kHz measured both ways",
        {"baresip": ["wideband::baresip"], "pjsua": ["wideband::pjsip"]},
    ),
    (
        "busy, rejected, given up",
        {
            "baresip": ["phone::baresip_gives_up_and_is_refused"],
            "pjsua": ["soft_phones::pjsua_is_busy_or_rejects"],
            "kamailio": ["kamailio::the_callee_refuses_and_the_caller_cancels"],
        },
    ),
    (
        "hold and resume, by either side",
        {
            "baresip": ["calls::baresip_holds_and_resumes_us_and_we_it"],
            "pjsua": ["soft_phones::hold_by_either_side"],
            "sippy": ["soft_phones::hold_through_sippys_b2bua"],
        },
    ),
    ("digits (RFC 4733)", {"pjsua": ["soft_phones::digits_go_both_ways"]}),
    (
        "blind transfer of the phone",
        {"baresip": ["calls::baresip_transfers_us"], "pjsua": ["soft_phones::pjsua_transfers_us_blind"]},
    ),
    (
        "blind transfer by the phone",
        {
            "baresip": ["calls::we_transfer_baresip"],
            "pjsua": ["soft_phones::we_transfer_pjsua_blind"],
            "sippy": ["soft_phones::we_transfer_blind_through_sippys_b2bua"],
        },
    ),
    (
        "attended transfer of the phone (Replaces)",
        {"pjsua": ["soft_phones::pjsua_transfers_us_after_asking"], "sipp": ["sipp_scripts::replaces"]},
    ),
    (
        "attended transfer by the phone",
        {
            "baresip": ["calls::we_ask_first_and_connect_baresip_then"],
            "pjsua": ["soft_phones::we_transfer_pjsua_after_asking"],
            "sipp": ["sipp_scripts::attended_transfer"],
        },
    ),
    (
        "conference of three programs, mixed by the phone, each ear measured",
        {peer: ["soft_phones::a_conference_of_three_programs"] for peer in ("baresip", "pjsua", "kamailio")},
    ),
    (
        "MESSAGE",
        {
            "baresip": ["events::texts_between_the_phone_and_baresip"],
            "pjsua": ["soft_phones::messages_go_both_ways"],
        },
    ),
    ("message waiting (MWI)", {"kamailio": ["events::the_mailbox_lights_the_lamp_of_the_phone"]}),
    ("BLF lamp and call pickup", {"kamailio": ["events::a_lamp_for_a_call_that_kamailio_sees"]}),
    ("presence", {"kamailio": ["events::what_the_phone_publishes_is_seen_and_what_others_do_it_shows"]}),
    (
        "encrypted voice (SRTP, SDES)",
        {"baresip": ["encryption::baresip_calls_the_phone", "encryption::the_phone_calls_baresip"]},
    ),
    (
        "TLS",
        {"kamailio": ["tls::two_phones_over_tls_by_names", "tls::a_pinned_certificate_needs_no_authority"]},
    ),
    ("restart of the server", {"kamailio": ["tls::a_registrar_that_starts"]}),
    (
        "reliable provisional responses, UPDATE",
        {"sipp": ["sipp_scripts::prack_to_us", "sipp_scripts::prack_from_us", "sipp_scripts::update"]},
    ),
    ("session timers", {"sipp": ["sipp_scripts::session_timer"]}),
    ("late offer", {"sipp": ["sipp_scripts::late_offer"]}),
    (
        "forked calls, redirection",
        {"sipp": ["sipp_scripts::two_phones_ring_and_both_answer", "sipp_scripts::redirection"]},
    ),
]

HEAD = """# Programs that nobody here wrote

Written by the tests (`INTEROP_TABLE=1 make test ARGS=tests/interop`). Each cell is what they found: *yes*; **no**; *?* where a
program was missing; *–* where the program does not offer the feature, or no test asks for it. The whole simulated phone is
called and calls, except in the columns of Kamailio and SIPp, where some rows use the SIP core alone.

Not in the table, because they are in no package registry for these machines: Asterisk, FreeSWITCH, 3CX, FRITZ!Box.

"""


def version(package: str) -> str:
    """The version of a Debian package or a requirement of `make peers`; "" where it is not installed."""
    for line in (ROOT / "requirements" / "peers.txt").read_text().splitlines():
        if line.startswith(package + "=="):
            return line.partition("==")[2]
    found = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
    return found.stdout.partition("+")[0].partition("-")[0].rpartition(":")[2]


def full_name(test: str) -> str:
    file, _, name = test.partition("::")
    return "tests/interop/test_%s.py::test_%s" % (file, name)


def cell(tests, outcomes) -> str:
    """The text of a cell, from `outcomes` {test id: "passed", "failed" or "skipped"}."""
    if not tests:
        return "–"
    found = []
    for test in tests:
        name = full_name(test)
        found += [outcome for each, outcome in outcomes.items() if each.startswith(name)] or ["skipped"]
    if "failed" in found:
        return "**no**"
    return "?" if "skipped" in found else "yes"


def write(outcomes) -> None:
    """Write the page; tests without an outcome keep that of an earlier run in this tree."""
    kept = ROOT / "build" / "interop.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}
    known.update(outcomes)
    kept.write_text(json.dumps(known, indent=1))
    PAGE.write_text(page(known), encoding="utf-8")


def page(outcomes) -> str:
    columns = ["%s %s" % (heading, version(package)) for heading, package in PEERS.values()]
    lines = ["| feature | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for feature, peers in FEATURES:
        cells = [cell(peers.get(peer), outcomes) for peer in PEERS]
        lines.append("| %s | %s |" % (feature, " | ".join(cells)))
    return HEAD + "\n".join(lines) + "\n"
