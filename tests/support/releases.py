"""Releases for tests, packed and signed with a public test key, which no image may ever trust."""

import binascii
import hashlib
import json

from services.update.release import MAGIC

_P = int(
    "f7d316aaea1372a92c71f74102dd745efa2bd00061dca8b616656663c8cd37e322a0ac00c5ff92abd9aa4da8335f3a71"
    "9d30a4f6bfe913cf12549b7452d272e5eae098a657e9d150b86398a93264336b68c9d7e018d4d45917c039863b676ea5"
    "867efa736d27a3b585a68c761ada89b5360ef2ae47c7fd50f1011a3829f439496011603465d8ccae080df6ae8193afef"
    "b0d43a4deda3afc84d9e6085e6127c3c54a0d6a196654453cf0388e776c6570dc59038b0db2f559f4dd8bb8778d9b315",
    16,
)
_Q = int(
    "de08c609cb80d9d3a028496f52191e3752a48c34bf7347d6e2bcfda676b1de1a3fd3e4f16b9262e75ad46676c771dda6"
    "4bcc0da3e108acb42bfb977b26e01cbefe6ea34e1e3c2ad762d6407dba30d39004ede81ac83c3aca88efb65a034d22b8"
    "4061008555a449e9b3bc172954f4128203a056888e67b2383715caf5816f16393a36abe69aa0680b90a1c22669666d6d"
    "c8ba38380d13464c7c8ffdd456fe4e8ed7ce07a852dbf7ce55bbd357a52a4de023072962b41f90a3670dbbaff4c6b4b9",
    16,
)
_D = int(
    "f7de65429f4c4d8ffb823c28bdb4a0a9b628c59986c4faa80b76de8781b5b2034f71c1408dd6a81b20d5d49d5073604a"
    "015d910a38191c8256213257457a4761fabed9d32bc4a3c1ca0a9bc4b32afc4f9b116e5037c2330175d6fef962c2dcb1"
    "96d7a4cc9a3e7ddc89221b29268aff8f5917a3d8b83341656d1e52e41e159b877b0929a4fa7ac75b9c99629e8b641191"
    "adb96931b6e28d7831a5cd5f9997cc56a96bd505bfdd8aaaf158ac4f17ef16fcf7907e832fb69f4dc1b0066bd34c3144"
    "ba3b8aa0c6d810646b2bb03d58ba82cb69685b37c7c2464e0d0ee78da7651eca11739a086ad5acc692264157686f0606"
    "1246ce82e0c1fe50bc7c35a192c7950b4ab223eb05a57c02f77a30eaacee00b0a082a4dac09c800771737e526bf91e52"
    "d3c814764676d911b9a93da8200574f466fcbbafa2ca9d53d64f6d2138fabd51731efe858018f34106dbfd592411aacf"
    "a2a57faab19459f46f323f1fd1c4de74d0d6a4774e2657a344fed40f6ceb2bdad582196246c4380419ab2f350d64051",
    16,
)
MODULUS = _P * _Q

_LENGTH = 384


def sign(octets: bytes) -> bytes:
    """The PSS signature (RFC 8017 §9.1.1) over `octets`, with a salt of zeros: the same every time."""
    salt = bytes(32)
    proof = hashlib.sha256(bytes(8) + hashlib.sha256(octets).digest() + salt).digest()
    block = bytearray(bytes(_LENGTH - 66) + b"\1" + salt)
    for at in range(0, len(block), 32):
        mask = hashlib.sha256(proof + (at // 32).to_bytes(4, "big")).digest()
        for offset in range(min(32, len(block) - at)):
            block[at + offset] ^= mask[offset]
    block[0] &= 0x7F
    return _private(int.from_bytes(bytes(block) + proof + b"\xbc", "big")).to_bytes(_LENGTH, "big")


def _private(number):
    # By the Chinese remainder theorem: four times as fast.
    one = pow(number % _P, _D % (_P - 1), _P)
    two = pow(number % _Q, _D % (_Q - 1), _Q)
    inverse = pow(_Q, _P - 2, _P)
    return two + (one - two) * inverse % _P * _Q


def manifest(files, **changes) -> dict:
    """The manifest of a release of [(path, octets)] for the simulated board; `changes` replace members."""
    made = {
        "format": 1,
        "version": "0.2.0",
        "board": "sim",
        "kind": "folders",
        "micropython": "1.26",
        "total": sum([len(octets) for _, octets in files]),
        "files": [[path, len(octets), sha256(octets)] for path, octets in files],
    }
    made.update(changes)
    return made


def sha256(octets: bytes) -> str:
    return hexadecimal(hashlib.sha256(octets).digest())


def hexadecimal(octets: bytes) -> str:
    return str(binascii.hexlify(octets), "ascii")


def head(text: bytes) -> bytes:
    """The part of a release before its files, for the manifest `text`."""
    start = MAGIC + len(text).to_bytes(4, "big")
    return start + sign(start + text) + text


def pack(files, **changes) -> bytes:
    """A release of [(path, octets)]; `changes` replace members of its manifest."""
    return head(json.dumps(manifest(files, **changes)).encode()) + b"".join([octets for _, octets in files])
