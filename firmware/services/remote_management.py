"""Remote management of the phone: provisioning and syslog, each loaded only if the settings ask for it."""

from services.settings import settings_store


class Managed:
    """Serves each phone of `life` (services.life.Life). `provisioning` is a Provisioning, or None."""

    def __init__(self, life):
        self.provisioning = None
        self._life = life

    def serve(self, phone) -> None:
        """Serve `phone` (app.phone.Phone) while it runs."""
        if phone.settings.log.syslog:
            self._send_log(phone)
        wanted = phone.settings.provisioning
        looks = wanted.discovery and not phone.settings.lines
        if wanted.url or looks or settings_store.note(self._life.board.storage):
            self._provision(phone)
        else:
            phone.observers.append(self._on_phone)

    def _provision(self, phone):
        if self.provisioning is None:
            from services.provisioning import Provisioning

            self.provisioning = Provisioning(self._life.board.storage, self._life.check, self._life.restart)
        self.provisioning.serve(phone)

    def _on_phone(self, kind, thing):
        """Begin provisioning when a line's server asks for it by NOTIFY."""
        if kind == "provisioning" and self._life.phone.provisioning is None:
            self._provision(self._life.phone)
            self.provisioning.on_phone(kind, thing)

    def _send_log(self, phone):
        from services.syslog import Syslog

        host, mac = phone.settings.network.hostname, phone.board.network.mac
        syslog = Syslog(phone.settings.log.syslog, host, "bakelite", phone.clock.utc, mac, phone.version)
        for level, text in phone.log.lines():
            syslog(level, text)
        phone.log.sinks.append(syslog)
        phone.supervisor.start("syslog", lambda: syslog.run(phone))
