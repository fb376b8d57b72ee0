"""Events and messages against programs that nobody here wrote: Kamailio's presence server, and baresip."""

import asyncio

from interop import sound
from interop.agent import Agent
from interop.peers import USERS, Baresip, Kamailio

import compat
from sip.call import events
from sip.event import dialog_info, instant_message, message_summary, pidf
from sip.event.publication import Publication
from sip.event.subscriber import Subscriber
from sip.notices import MessageDelivered, MessageReceived, Notified, PublicationChanged
from tools.lib.bench_client import Phone, settings


def subscribe(agent, user, package, accept, expires=600):
    """Let `agent` subscribe to a user of its server; the Subscriber."""
    made = []

    def begin(now):
        made.append(
            Subscriber(
                agent.user_agent,
                agent.account,
                agent._at_server(user),
                package=package,
                accept=accept,
                expires=expires,
                now=now,
            )
        )

    agent.act(begin)
    return made[0]


async def notified(agent, test, what):
    """The first NOTIFY of which `test(body)` holds."""
    found = []

    def came():
        for event in agent.seen:
            if isinstance(event, Notified) and event.body and test(event.body):
                found.append(event)
        return found

    await agent.until(came, what)
    agent.seen.clear()
    return found[0]


def test_presence_is_published_seen_changed_refreshed_and_removed(tmp_path):
    async def scene(server):
        async with Agent("201", server) as agent, Agent("202", server) as watcher:
            await agent.register()
            await watcher.register()
            subscriber = subscribe(watcher, "201", "presence", pidf.CONTENT_TYPE)
            await watcher.until(lambda: subscriber.state == "active", "a NOTIFY")
            publication = Publication(agent.user_agent, agent.account, "presence", pidf.CONTENT_TYPE)
            entity = str(agent.account.aor)

            def publish(*activities):
                body = pidf.build(entity, pidf.Presence(True, activities))
                agent.act(lambda now: publication.publish(body, now))

            publish()
            await agent.event(PublicationChanged)
            await agent.until(lambda: publication.state == "published", "the 200")
            first = publication.entity_tag
            assert first
            await notified(watcher, lambda body: pidf.parse(body) == pidf.Presence(True), "presence")
            publish("on-the-phone")
            await notified(
                watcher, lambda body: "on-the-phone" in pidf.parse(body).activities, "on the phone"
            )
            assert publication.entity_tag != first
            # A refresh, and a tag that the server does not know any more: 412, and all anew.
            agent.act(publication.renew)
            await agent.until(lambda: not publication.busy and publication.state == "published", "a refresh")
            publication.entity_tag = "a.1.2.3.4"
            agent.act(publication.renew)
            await agent.until(lambda: not publication.busy, "what follows a 412")
            assert publication.state == "published" and publication.entity_tag != "a.1.2.3.4"
            agent.act(publication.remove)
            await agent.until(lambda: publication.state == "removed", "the removal")
            watcher.act(subscriber.unsubscribe)
            await watcher.until(lambda: not watcher.user_agent.subscriptions, "the last NOTIFY")
            await agent.shut_down()
            await watcher.shut_down()
            assert agent.endpoint.counters == watcher.endpoint.counters == {}

    with Kamailio(tmp_path / "kamailio", presence=True) as server:
        asyncio.run(scene(server.address))
        assert "UNSANE" not in server.log_text()


def test_423_and_refresh_and_a_package_that_the_server_lacks(tmp_path):
    async def scene(server):
        async with Agent("201", server) as agent:
            await agent.register()
            short = subscribe(agent, "202", "presence", pidf.CONTENT_TYPE, 2)
            await agent.until(lambda: short.state == "active", "a NOTIFY")
            assert short.expires == 5  # what its 423 asked for
            agent.seen.clear()
            await agent.until(
                lambda: len([each for each in agent.seen if isinstance(each, Notified)]) >= 2,
                "two refreshes",
                12,
            )
            assert short.state == "active"
            none = subscribe(agent, "202", "nothing-such", "text/plain")
            await agent.until(lambda: none.state == "terminated", "a refusal")
            assert none.status == 489

    with Kamailio(tmp_path / "kamailio", presence=True) as server:
        asyncio.run(scene(server.address))


def mailbox(new, old):
    text = "Messages-Waiting: %s\r\nVoice-Message: %d/%d (0/0)\r\n" % ("yes" if new else "no", new, old)
    return text.encode()


def a_phone(user, server, folder, **more):
    line = {name: more.pop(name) for name in ("voice_mail", "presence", "share_calls") if name in more}
    config = settings(user, USERS[user], server.address, aor="sip:%s@%s" % (user, server.address), **line)
    config.update(more)
    return Phone(user, config, pcap=folder / (user + ".pcap"))


def test_the_mailbox_lights_the_lamp_of_the_phone(tmp_path):
    """Kamailio tells the phone of its mailbox, which somebody with the right to publishes."""

    async def publish(server, counts):
        async with Agent("201", server) as agent:
            await agent.register()
            publication = Publication(
                agent.user_agent, agent.account, "message-summary", message_summary.CONTENT_TYPE
            )
            for new, old in counts:
                body = mailbox(new, old)
                agent.act(lambda now, body=body: publication.publish(body, now))
                await agent.until(lambda: not publication.busy, "the 200")
                yield publication.state

    async def both(server, phone):
        wanted = iter((True, False))
        async for state in publish(server.address, ((2, 8), (0, 10))):
            assert state == "published"
            lit = next(wanted)
            await told(phone, "lamp", name="message", on=lit)
            if lit:
                await shown(phone, "* 2 voicemail")

    with (
        Kamailio(tmp_path / "kamailio", presence=True) as server,
        a_phone("201", server, tmp_path, voice_mail="202") as phone,
    ):
        phone.wait("line", state="registered")
        asyncio.run(both(server, phone))
        assert phone.quit() == 0


async def told(phone, event, **fields):
    """What the simulated phone tells, waited for beside the agents."""
    return await asyncio.get_running_loop().run_in_executor(None, lambda: phone.wait(event, **fields))


async def shown(phone, line):
    await told(phone, "display", where=lambda event: line in event["lines"])


def test_what_the_phone_publishes_is_seen_and_what_others_do_it_shows(tmp_path):
    """Presence out, dialog-info in: through the keys and the display of a whole phone."""

    async def scene(server, phone):
        async with Agent("202", server.address) as watcher, Agent("203", server.address) as callee:
            await watcher.register()
            await callee.register()
            subscriber = subscribe(watcher, "201", "presence", pidf.CONTENT_TYPE)
            await watcher.until(lambda: subscriber.state == "active", "a NOTIFY")
            phone.keys("soft3")
            await shown(phone, ">Ada: free")
            session = watcher.call("203")
            incoming = (await callee.event(events.IncomingCall)).session
            callee.act(incoming.ring)
            await shown(phone, ">Ada: ringing")
            callee.act(incoming.accept, callee.capabilities())
            await shown(phone, ">Ada: on the phone")
            watcher.act(session.end)
            await shown(phone, ">Ada: free")
            callee.seen.clear()
            watcher.seen.clear()
            phone.keys("soft1")
            incoming = (await callee.event(events.IncomingCall)).session
            callee.act(incoming.ring)
            await notified(
                watcher, lambda body: "on-the-phone" in pidf.parse(body).activities, "on the phone"
            )
            callee.act(incoming.reject, 486)
            await notified(watcher, lambda body: pidf.parse(body) == pidf.Presence(True), "free again")

    contacts = [{"address": "203", "name": "Ada"}]
    with (
        Kamailio(tmp_path / "kamailio", presence=True) as server,
        a_phone("201", server, tmp_path, presence=True, contacts=contacts) as phone,
    ):
        phone.wait("line", state="registered")
        asyncio.run(scene(server, phone))
        assert phone.quit() == 0


def test_a_lamp_for_a_call_that_kamailio_sees(tmp_path):
    async def scene(server):
        async with (
            Agent("201", server) as watcher,
            Agent("202", server) as caller,
            Agent("203", server) as callee,
        ):
            for agent in (watcher, caller, callee):
                await agent.register()
            table = dialog_info.DialogTable()
            subscriber = subscribe(watcher, "203", "dialog", dialog_info.CONTENT_TYPE)
            await watcher.until(lambda: subscriber.state == "active", "a NOTIFY")

            def state_is(state):
                def test(body):
                    assert table.take(body)
                    return table.state == state

                return test

            session = caller.call("203")
            incoming = (await callee.event(events.IncomingCall)).session
            callee.act(incoming.ring)
            await notified(watcher, state_is("ringing"), "ringing")
            assert table.ringing().replaces()
            callee.act(incoming.accept, callee.capabilities())
            await notified(watcher, state_is("busy"), "busy")
            caller.act(session.end)
            await notified(watcher, state_is("idle"), "idle")

    with Kamailio(tmp_path / "kamailio", presence=True) as server:
        asyncio.run(scene(server.address))


def test_messages_both_ways_with_baresip(tmp_path):
    theirs = sound.write_tone(tmp_path / "theirs.wav", 440, 1, -12.0)

    async def scene(server, peer):
        async with Agent("201", server.address) as agent:
            await agent.register()
            loop = asyncio.get_running_loop()
            text = "Grüße €"
            now = compat.ticks_ms()
            instant_message.send(agent.user_agent, agent.account, agent._at_server("202"), text, now)
            agent._settle(now)
            assert (await agent.event(MessageDelivered)).status == 200
            for command in (("contact_next",), ("message", "Servus")):
                await loop.run_in_executor(None, peer.command, *command)
            received = await agent.event(MessageReceived)
            assert received.text == "Servus" and received.sender.uri.user == "202"
            # Nobody there: the server says so.
            instant_message.send(
                agent.user_agent, agent.account, agent._at_server("206"), text, compat.ticks_ms()
            )
            agent._settle(compat.ticks_ms())
            agent.seen.clear()
            assert (await agent.event(MessageDelivered)).status == 404

    with (
        Kamailio(tmp_path / "kamailio") as server,
        Baresip(
            tmp_path / "baresip", "202", theirs, server.address, contact="sip:201@" + server.address
        ) as peer,
    ):
        asyncio.run(scene(server, peer))


def test_texts_between_the_phone_and_baresip(tmp_path):
    theirs = sound.write_tone(tmp_path / "theirs.wav", 440, 1, -12.0)
    with (
        Kamailio(tmp_path / "kamailio") as server,
        Baresip(
            tmp_path / "baresip", "202", theirs, server.address, contact="sip:201@" + server.address
        ) as peer,
        a_phone("201", server, tmp_path) as phone,
    ):
        phone.wait("line", state="registered")
        peer.command("contact_next")
        peer.command("message", "Servus")
        phone.wait("lamp", name="message", on=True)
        phone.keys("messages")
        phone.wait("display", where=lambda event: "*202: Servus" in event["lines"])
        phone.keys("ok")
        phone.wait("display", where=lambda event: "Servus" in event["lines"])
        phone.wait("lamp", name="message", on=False)
        # Answered with a ready text.
        phone.keys("soft1", "down", "ok")
        phone.wait("display", where=lambda event: ">202: Yes" in event["lines"])
        # To nobody.
        phone.keys("soft2", *"206", "ok", "down", "ok")
        phone.wait("display", where=lambda event: "!206: Yes" in event["lines"])
        assert phone.quit() == 0


def test_the_phone_takes_a_call_that_rings_elsewhere(tmp_path):
    """The tags come from Kamailio's dialog-info, the INVITE with Replaces goes through it to the caller."""

    async def scene(server, phone):
        async with Agent("202", server.address) as caller, Agent("203", server.address) as callee:
            await caller.register()
            await callee.register()
            phone.keys("soft3")
            await shown(phone, ">Ada: free")
            session = caller.call("203")
            incoming = (await callee.event(events.IncomingCall)).session
            callee.act(incoming.ring)
            await shown(phone, ">Ada: ringing")
            phone.keys("soft1")
            taking = (await caller.event(events.IncomingCall)).session
            assert taking.replaces is session
            caller.act(taking.accept, caller.capabilities())
            await told(phone, "call", state="active")
            assert (await callee.event(events.Ended, incoming)).status == 487
            caller.act(taking.end)
            await told(phone, "call", state="ended")

    contacts = [{"address": "203", "name": "Ada"}]
    with (
        Kamailio(tmp_path / "kamailio", presence=True) as server,
        a_phone("201", server, tmp_path, contacts=contacts) as phone,
    ):
        phone.wait("line", state="registered")
        asyncio.run(scene(server, phone))
        assert phone.quit() == 0
