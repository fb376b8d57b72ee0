"""RFC 3903 §14: what one publishes another sees, through a state agent that may lose its memory."""

# micropython-heap: 1M: three ends and the network live in one process

from sip.agent.account import Account
from sip.event import pidf
from sip.event.pidf import Presence
from sip.event.publication import Publication
from sip.event.subscriber import Subscriber
from sip.notices import Notified
from sip.syntax import uri
from support.agents import StateAgent, Told
from support.network import Network
from support.phones import Phone
from support.worlds import storms

PRESENTITY = "sip:presentity@192.0.2.3"


class Scene:
    def __init__(self, network):
        self.network = network
        self.author = Phone(network, "pua", "192.0.2.1", PRESENTITY)
        self.watcher = Phone(network, "watcher", "192.0.2.2")
        package = Told("presence", pidf.CONTENT_TYPE)
        self.agent = StateAgent(network, "pa", "192.0.2.3", Account(uri.parse(PRESENTITY), None), package)
        self.subscriber = Subscriber(
            self.watcher.user_agent,
            self.watcher.account,
            uri.parse(PRESENTITY),
            package="presence",
            accept=pidf.CONTENT_TYPE,
            expires=600,
            now=network.now,
        )
        self.publication = Publication(
            self.author.user_agent, self.author.account, "presence", pidf.CONTENT_TYPE, 600
        )
        self.seen = None

    def publish(self, *activities):
        body = pidf.build(PRESENTITY, Presence(True, activities))
        self.publication.publish(body, self.network.now)

    def sees(self, expected):
        def holds():
            for event in self.watcher.take(Notified):
                self.seen = pidf.parse(event.body) if event.body else None
            return self.seen == expected

        self.network.run_until(holds, 700_000)


def test_the_flow_of_section_14():
    for network in [Network()] + list(storms(7, 8, 9)):
        scene = Scene(network)
        scene.publish()
        scene.sees(Presence(True))
        scene.publish("on-the-phone")
        scene.sees(Presence(True, ["on-the-phone"]))
        network.run(3600_000)
        # Refreshed all the time, and there is one entity still.
        assert scene.publication.state == "published"
        assert list(scene.agent.entities) == [scene.publication.entity_tag] or network.loss
        scene.publish()
        scene.sees(Presence(True))
        scene.publication.remove(network.now)
        scene.sees(None)
        network.run_until(lambda scene=scene: scene.publication.state == "removed", 100_000)


def test_the_agent_loses_its_memory():
    scene = Scene(Network())
    scene.publish("on-the-phone")
    scene.sees(Presence(True, ["on-the-phone"]))
    scene.agent.forget()
    scene.agent.tell(b"")
    scene.sees(None)
    # The refresh is answered 412: all of it goes there anew.
    scene.sees(Presence(True, ["on-the-phone"]))
    assert scene.publication.state == "published" and len(scene.agent.entities) == 1


def test_the_agent_is_away_for_an_hour():
    scene = Scene(Network())
    scene.publish()
    scene.sees(Presence(True))
    scene.agent.node.up = False
    scene.publish("on-the-phone")
    scene.network.run(3600_000)
    assert scene.publication.state == "failed" and scene.publication.retry_at is not None
    scene.agent.node.up = True
    scene.network.run_until(lambda: scene.publication.state == "published", 2000_000)
    assert b"on-the-phone" in list(scene.agent.entities.values())[-1]
