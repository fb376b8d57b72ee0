"""For a phone that is set up through its web interface, on a machine where a PBX may use port 5060."""

SIP_PORT = 5060


def on_free_ports(check):
    """The `check` of services.life, with SIP port 5060 replaced by 0: any free port."""

    def check_too(document):
        settings = check(document)
        if settings.network.sip_port == SIP_PORT:
            settings.network.sip_port = 0
        return settings

    return check_too
