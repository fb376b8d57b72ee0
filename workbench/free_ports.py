"""A phone that a person sets up by its page, on a machine where a PBX may have SIP's port."""

SIP_PORT = 5060


def on_free_ports(check):
    """`check` of services.life, but that the usual SIP port stands for any that is free."""

    def check_too(document):
        settings = check(document)
        if settings.network.sip_port == SIP_PORT:
            settings.network.sip_port = 0
        return settings

    return check_too
