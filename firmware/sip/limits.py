"""The hard limits of the SIP core on input from outside, and the reaction when a limit is exceeded.

limit                what is counted                                   when exceeded
MESSAGE_OCTETS       octets of a message, head and body                513; a stream is closed then
HEADERS              header lines, continuations included              513
HEADER_OCTETS        octets of one header line                         513
URI_OCTETS           octets of one URI                                 414 for the Request-URI, else 400
ELEMENTS             values of one comma list, parameters of one value 400
PARTS                parts of one multipart body                       413
NESTING              multiparts within each other                      413
CONTACTS             Contacts of one REGISTER; bindings of one user    400; 503 with Retry-After
REDIRECTIONS         targets from 3xx that one call tries              no further one is tried
FORKS                dialogs that one INVITE of ours may begin         the further dialog is ended by BYE
SESSIONS             calls at once                                     486
SERVER_TRANSACTIONS  server transactions; a quarter more for CANCEL    503 with Retry-After
                     and requests within a dialog
CONNECTIONS          streams that are read; a quarter of them for one  the one that was silent longest closes
                     host
QUEUED_OCTETS        octets that wait to be sent, for each of          the stream with most of them is closed
                     CONNECTIONS and in all, 32 more a piece
SUBSCRIPTIONS        subscriptions of others to us                     503 with Retry-After
NOTIFIERS            notifiers that answer one SUBSCRIBE of ours       481
MOVED_ENDS           moved dialog ends that a proxy remembers          the oldest is forgotten

Within these limits, the state that strangers can make the core keep fits into the heap of the smallest board
beside a call.
"""

from compat import const

# ELEMENTS is defined in grammar: an import of this module from there would not fit the stack of a chip.
from sip.syntax.grammar import ELEMENTS as ELEMENTS

MESSAGE_OCTETS = const(8192)
HEADERS = const(128)
HEADER_OCTETS = const(4096)
URI_OCTETS = const(2048)
PARTS = const(16)
NESTING = const(3)
CONTACTS = const(8)
REDIRECTIONS = const(5)
FORKS = const(8)
SESSIONS = const(4)
SERVER_TRANSACTIONS = const(64)
CONNECTIONS = const(8)
QUEUED_OCTETS = const(4096)
SUBSCRIPTIONS = const(8)
NOTIFIERS = const(4)
MOVED_ENDS = const(500)

RETRY_AFTER_S = const(10)
