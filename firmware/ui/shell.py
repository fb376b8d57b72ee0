"""Shell: chooses the screen and hands it the keys. It draws only when something has changed."""

from compat import const, lookup, ticks_add, ticks_diff
from phone.dialplan import DialError
from ui.canvas import Canvas
from ui.keymap import ANYWHERE
from ui.screens.idle import Idle

_STEP_MS = const(400)
_NOTICE_MS = const(2500)
_VOLUME_STEP = const(10)


class Shell:
    """The user interface of the phone.

    `local_time` returns (year, month, day, hour, minute, second, weekday) or None; `network` is the
    hal.contract Network; a number is dialled `dial_timeout_s` after its last digit, with 0 only on request.
    `status` returns [(name, value)] for the status screen; `now` is the tick of the start. None if missing:
    `phonebook` (phone.phonebook.PhoneBook); `features`, which returns phone.features.features.Features;
    `updates`, which returns services.update.updates.Updates. `keys` names the board's keys.
    """

    step_ms = _STEP_MS  # text that does not fit moves by a cell in this time

    def __init__(
        self,
        *,
        display,
        control,
        local_time,
        network,
        status,
        phonebook,
        features,
        updates,
        clock_24h,
        dial_timeout_s,
        now,
        keys=(),
    ):
        self.control = control
        self.local_time = local_time
        self.status = status
        self.features = features
        self.updates = updates
        self.dial_timeout_ms = dial_timeout_s * 1000
        self.now = now
        self.canvas = Canvas(display)
        self.phonebook = phonebook
        self.welcome = None  # see `greet`
        self._network = network
        self._clock_24h = clock_24h
        self._notice = None  # (text or (name, percent), until when or None: not started)
        self._noticed = now
        self._dirty = True
        self._due = None
        self._page = None  # the page that the person has opened …
        self._over = None  # … and the call that was selected then
        self.screen = Idle(self)
        self._few = None
        if "soft1" in keys and "soft3" not in keys:
            from ui.few_keys import FewKeys

            self._few = FewKeys(self)
        self._shown = None  # (which screen, for which call or page)
        control.listeners.append(self._changed)

    # From the board

    def key(self, key: str, kind: str, now: int) -> None:
        """A key went down ("press"), stayed down ("long") or came up ("release")."""
        self.now = now
        self._choose()
        self._dirty = True
        if self._few is not None:
            meant = self._few.translate(key, kind)
            if meant is None:
                return
            key, kind = meant
        action = lookup(ANYWHERE, key)
        if action is None:
            self.screen.key(key, kind, now)
        elif kind == "press":
            getattr(self, action)(key, now)

    def hook(self, state: str, now: int) -> None:
        """The handset was lifted ("off") or put down ("on")."""
        self.now = now
        page = self._page
        composed = _dials(page) and page.text
        was_listening = self.control.instrument.listening
        self.control.hook(state, now)
        if state == "off" and composed and self.control.heard is None and self.control.call is self._over:
            self.control.compose(True, now)
            if not was_listening and page.calls:
                page.dial(now)
        elif state == "on":
            self._page = None
        self._dirty = True

    def refresh(self) -> None:
        """Draw again: something without a listener has changed, such as the network."""
        self._dirty = True

    def greet(self, welcome) -> None:
        """Show the (title, rows) that `welcome()` returns instead of the idle screen, to explain setup.

        None: the phone is set up.
        """
        self.welcome = welcome
        self._shown = None
        self._dirty = True

    # Time

    def deadline(self) -> "int | None":
        """The tick at which `handle_timer` must be called; None: not until something changes."""
        return self.now if self._dirty or self.canvas.unsent else self._due

    def handle_timer(self, now: int) -> None:
        """Draw the changes."""
        self.now = now
        if self._dirty or (self._due is not None and ticks_diff(self._due, now) <= 0):
            self._redraw(now)
        elif self.canvas.unsent:
            self.canvas.send(self.control.instrument.sounds)

    def _redraw(self, now):
        self._dirty = False
        self._choose()
        self.screen.on_time(now)
        self._choose()
        canvas = self.canvas
        canvas.begin()
        screen = self.screen
        wait = screen.draw(canvas, now)
        canvas.softkeys(self._few.labels(screen) if self._few else [label for label, _ in screen.softkeys])
        wait = self._draw_notice(canvas, wait, now)
        canvas.end(self.control.instrument.sounds)
        self._due = None if wait is None else ticks_add(now, max(wait, 50))

    # For screens

    def open(self, name: "str | None", now: int) -> None:
        """Open a page of _PAGES over the idle screen; None closes it."""
        self.now = now
        self._put(_make(*lookup(_PAGES, name))(self) if name else None)

    def show(self, page, now: int) -> None:
        """Show an existing page."""
        self.now = now
        self._put(page)

    def begin_dialling(self, first: str, now: int, line=None) -> None:
        """Open the dialling screen with a first digit, or with none; closes the screen of an ended call."""
        self.now = now
        control = self.control
        if control.call is not None and not control.call.live:
            control.hang_up(now)
        control.hold_all(now)
        if control.heard is None:
            self._dial_with(self._dialling("", line), now)
            if first:
                self._page.key(first, "press", now)

    def _dial_with(self, page, now):
        self.control.compose(False, now)
        self._put(page)

    def _put(self, page):
        self._page = page
        self._over = self.control.call
        self._dirty = True

    def notice(self, text: str, now: int) -> None:
        """Show a line of text for a moment."""
        self._notice = text, None
        self._dirty = True

    def attempt(self, now: int, action, *arguments) -> bool:
        """Call `action(*arguments)`; False for a DialError, whose words are shown."""
        try:
            action(*arguments)
        except DialError as error:
            self.notice(str(error), now)
            return False
        return True

    def steps(self, since: int, now: int) -> int:
        """The number of steps that text has moved since `since`."""
        return ticks_diff(now, since) // _STEP_MS

    def clock_text(self, time) -> str:
        """hh:mm of a local time."""
        hour, minute = time[3], time[4]
        if self._clock_24h:
            return "%02d:%02d" % (hour, minute)
        return "%d:%02d%s" % (hour % 12 or 12, minute, "am" if hour < 12 else "pm")

    def network_icons(self) -> str:
        """The right end of the idle header."""
        return "" if self._network.state == "up" else "no network"

    # Keys with the same meaning on every screen

    def speaker(self, key, now):
        page = self._page
        if _dials(page) and page.calls and page.text and not self.control.instrument.listening:
            return page.dial(now)
        self.control.toggle_speaker(now)
        return None

    def mute(self, key, now):
        self.control.toggle_mute(now)

    def louder(self, key, now):
        self._change_volume(_VOLUME_STEP, now)

    def softer(self, key, now):
        self._change_volume(-_VOLUME_STEP, now)

    def redial(self, key, now):
        if self.control.heard is not None:
            return
        number = self.control.history.last_placed()
        if number is None:
            self.notice("No number to redial", now)
        else:
            self.attempt(now, self.control.dial, number, now)

    def choose_line(self, key, now):
        """A line key: dial on that line, or answer when it rings there."""
        number = int(key[4:])
        if number > len(self.control.lines):
            return self._other_key("contact_key", number - len(self.control.lines), now)
        line = self.control.lines[number - 1]
        if self._page is not None or not self.control.press_line(line, now):
            self._dial_on(line, now)
        return None

    def messages(self, key, now):
        """The messages key: see ui.screens.other_keys."""
        self._other_key("messages_key", key, now)

    def _other_key(self, name, which, now):
        # Not every phone has these keys: their module is loaded when first needed.
        _make("other_keys", name)(self, which, now)

    def hold(self, key, now):
        """The hold key: hold or resume."""
        self.control.toggle_hold(now)

    def transfer(self, key, now):
        """The transfer key: ask for the target; with a target, transfer; after a consultation, connect."""
        control, page = self.control, self._page
        call = control.call
        if _dials(page) and not page.calls:
            return page.dial(now)
        if call is None or not call.live:
            return None
        for other in control.live:
            if call.about is other or other.about is call:
                about = call if call.about is other else other
                return self.attempt(now, control.connect, about.about, about, now)
        if call.waits or call.talking:
            control.hold(now, call)
            self._dial_with(
                _make("call.transferring", "Forwarding" if call.waits else "Transferring")(self), now
            )
        return None

    def conference(self, key, now):
        """The conference key: join the calls, or split them again."""
        if self.control.conference:
            self.control.split(now)
        elif len(self.control.live) > 1:
            self.attempt(now, self.control.join, now)

    def _dial_on(self, line, now):
        if _dials(self._page) and self._page.text:
            self._page.line = line
            return
        self.begin_dialling("", now, line)
        if not self.control.instrument.listening:
            self.control.toggle_speaker(now)

    def _change_volume(self, percent, now):
        name, volume = self.control.change_volume(percent, now)
        self._notice = (name, volume), ticks_add(now, _NOTICE_MS)

    # Inside

    def _choose(self):
        """Show the screen for the state of the calls."""
        control = self.control
        call = control.call
        if self._page is not None and call is not self._over:
            self._page = None
            control.compose(None, self.now)
        elif call is None and self._page is None and control.instrument.listening:
            self._put(self._dialling())
        elif call is None and not control.instrument.listening and self._page_is_bare():
            self._page = None
        if call is None or self._page is not None:
            key = None, self._page
        elif (
            len(control.calls) > 1
            and len(control.listed) > 1
            and call.live
            and (call.ignored or not call.waits)
        ):
            key = _SEVERAL, None
        else:
            key = _INCOMING if call.waits else lookup(_SCREENS, call.state), call
        if key != self._shown:
            self._shown = key
            self.screen = self._page or (self._idle() if key[0] is None else _make(*key[0])(self))

    def _page_is_bare(self):
        return _dials(self._page) and not self._page.text

    def _dialling(self, text="", line=None):
        return _make("call.dialling", "Dialling")(self, text, line)

    def _idle(self):
        return _make("welcome", "Welcome")(self) if self.welcome else Idle(self)

    def _draw_notice(self, canvas, wait, now):
        if self._notice is None:
            return wait
        notice, until = self._notice
        if until is None:
            # A notice that does not fit needs time to move to its end.
            over = max(len(notice) - self.canvas.columns, 0)
            until = ticks_add(now, _NOTICE_MS + (over and over + 4) * _STEP_MS)
            self._notice = notice, until
            self._noticed = now
        left = ticks_diff(until, now)
        if left <= 0:
            self._notice = None
            return wait
        if not isinstance(notice, str):
            canvas.bar(-3, notice[0], notice[1])
        elif canvas.scroll(canvas.rows - 3, notice, self.steps(self._noticed, now), True):
            left = min(left, _STEP_MS)
        return left if wait is None else min(left, wait)

    def _changed(self, kind, thing):
        self._dirty = True
        if kind == "notice":
            self._notice = thing, None


# State of the selected call -> (module of ui.screens, class); for a call that waits for an answer: _INCOMING.
_SCREENS = (
    ("dialing", ("call.calling", "Calling")),
    ("ringing", ("call.calling", "Calling")),
    ("early", ("call.calling", "Calling")),
    ("active", ("call.in_call", "InCall")),
    ("held", ("call.in_call", "InCall")),
    ("remote_held", ("call.in_call", "InCall")),
    ("ended", ("call.ended", "Ended")),
)
_INCOMING = ("call.incoming", "Incoming")
_SEVERAL = ("call.several", "Several")
# Name of a page -> (module of ui.screens, class).
_PAGES = (
    ("calls", ("calls", "Calls")),
    ("status", ("status", "Status")),
    ("update", ("update", "Update")),
    ("texts", ("texts", "Texts")),
    ("contacts", ("contacts", "Contacts")),
    ("phonebook", ("phonebook", "PhoneBook")),
)


def _dials(page):
    return getattr(page, "dials", False)


def _make(module, name):
    """The class of a screen; its module is loaded when it is first needed."""
    return getattr(__import__("ui.screens." + module, None, None, (name,)), name)
