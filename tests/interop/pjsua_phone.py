#!/usr/bin/env python3
"""A soft phone on PJSIP (package pjsua2-python), driven by JSON lines on stdin as the bench drives ours.

    pjsua_phone.py '{"port": 5070, "user": "202", "password": "…", "server": "127.0.0.1:5060", "wav": "a.wav", "heard": "b.wav"}'

Without `server` it is called by its own address. It plays `wav` into each call and records it to `heard`.

in   {"do": "call", "to": "sip:…"} answer hold resume hangup {"do": "transfer", "to": …} {"do": "digits", "digits": …}
     {"do": "message", "to": …, "text": …} quit
out  {"event": "registered", "code": …} ringing incoming active held ended digit message, with what belongs to each
"""

import json
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".venv" / "peers"))

import pjsua2 as pj


def tell(event, **fields):
    print(json.dumps(dict(fields, event=event)), flush=True)


class Call(pj.Call):
    """One call, with its sound."""

    def __init__(self, phone, account, call_id=pj.PJSUA_INVALID_ID):
        super().__init__(account, call_id)
        self.phone = phone
        self.player = self.recorder = None

    def onCallState(self, prm):
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_EARLY:
            tell("ringing", code=info.lastStatusCode)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            tell("active")
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            tell("ended", code=info.lastStatusCode, reason=info.lastReason)
            self.phone.calls.remove(self)

    def onCallMediaState(self, prm):
        info = self.getInfo()
        for media in info.media:
            if media.type != pj.PJMEDIA_TYPE_AUDIO:
                continue
            if media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                self._sound(self.getAudioMedia(media.index))
            tell("media", status=media.status, codec=self._codec(media.index))

    def _codec(self, index):
        try:
            return self.getStreamInfo(index).codecName
        except pj.Error:
            return None

    def _sound(self, media):
        if self.player is None:
            self.player = pj.AudioMediaPlayer()
            self.player.createPlayer(self.phone.options["wav"])
            self.recorder = pj.AudioMediaRecorder()
            self.recorder.createRecorder(self.phone.options["heard"])
        self.player.startTransmit(media)
        media.startTransmit(self.recorder)

    def onDtmfDigit(self, prm):
        tell("digit", digit=prm.digit)

    def onCallTransferRequest(self, prm):
        tell("asked_to_call", to=prm.dstUri)
        prm.newCall = self._another()

    def onCallReplaceRequest(self, prm):
        prm.newCall = self._another()

    def _another(self):
        """The call that takes this one's place."""
        call = Call(self.phone, self.phone.account)
        self.phone.calls.append(call)
        return call

    def onCallTransferStatus(self, prm):
        tell("transfer", code=prm.statusCode, final=prm.finalNotify)


class Account(pj.Account):
    def __init__(self, phone):
        super().__init__()
        self.phone = phone

    def onRegState(self, prm):
        tell("registered", code=prm.code)

    def onIncomingCall(self, prm):
        call = Call(self.phone, self, prm.callId)
        self.phone.calls.append(call)
        answer = pj.CallOpParam()
        answer.statusCode = 180
        call.answer(answer)
        tell("incoming", remote=call.getInfo().remoteUri)

    def onInstantMessage(self, prm):
        tell("message", text=prm.msgBody)

    def onInstantMessageStatus(self, prm):
        tell("delivered", code=prm.code)

    def onMwiInfo(self, prm):
        tell("mwi", body=prm.rdata.wholeMsg)


class Phone:
    def __init__(self, options):
        self.options = options
        self.calls = []
        self.endpoint = pj.Endpoint()
        self.endpoint.libCreate()
        config = pj.EpConfig()
        config.logConfig.level = options.get("log", 0)
        config.logConfig.consoleLevel = options.get("log", 0)
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.medConfig.noVad = True
        self.endpoint.libInit(config)
        transport = pj.TransportConfig()
        transport.port = options["port"]
        transport.boundAddress = transport.publicAddress = "127.0.0.1"
        kind = pj.PJSIP_TRANSPORT_TCP if options.get("transport") == "tcp" else pj.PJSIP_TRANSPORT_UDP
        self.endpoint.transportCreate(kind, transport)
        self.endpoint.libStart()
        self.endpoint.audDevManager().setNullDev()
        for codec in self.endpoint.codecEnum2():
            wanted = any(name in codec.codecId for name in options.get("codecs", ["PCMU", "PCMA"]))
            self.endpoint.codecSetPriority(codec.codecId, 200 if wanted else 0)
        self.account = Account(self)
        self.account.create(self._account(options))

    def _account(self, options):
        config = pj.AccountConfig()
        server = options.get("server")
        host = options.get("domain") or server or "127.0.0.1:%d" % options["port"]
        config.idUri = "sip:%s@%s" % (options["user"], host)
        if server:
            suffix = ";transport=tcp" if options.get("transport") == "tcp" else ""
            config.regConfig.registrarUri = "sip:" + server + suffix
            config.sipConfig.proxies.append("sip:" + server + ";lr" + suffix)
            credentials = pj.AuthCredInfo("digest", "*", options["user"], 0, options["password"])
            config.sipConfig.authCreds.append(credentials)
        config.mwiConfig.enabled = bool(options.get("mwi"))
        config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
        config.mediaConfig.transportConfig.publicAddress = "127.0.0.1"
        config.mediaConfig.srtpUse = options.get("srtp", 0)
        config.mediaConfig.srtpSecureSignaling = 0
        return config

    def do(self, command):
        wish = command.pop("do")
        if wish == "call":
            call = Call(self, self.account)
            self.calls.append(call)
            call.makeCall(command["to"], pj.CallOpParam(True))
        elif wish == "answer":
            parameters = pj.CallOpParam()
            parameters.statusCode = 200
            self.calls[-1].answer(parameters)
        elif wish == "hold":
            self.calls[0].setHold(pj.CallOpParam())
        elif wish == "resume":
            parameters = pj.CallOpParam(True)
            parameters.opt.flag = pj.PJSUA_CALL_UNHOLD
            self.calls[0].reinvite(parameters)
        elif wish == "hangup":
            parameters = pj.CallOpParam()
            parameters.statusCode = command.get("status", 603)
            self.calls[-1].hangup(parameters)
        elif wish == "transfer":
            self.calls[0].xfer(command["to"], pj.CallOpParam())
        elif wish == "transfer_attended":
            self.calls[0].xferReplaces(self.calls[1], pj.CallOpParam())
        elif wish == "digits":
            self.calls[0].dialDtmf(command["digits"])
        elif wish == "message":
            self._message(command)

    def _message(self, command):
        buddy = pj.BuddyConfig()
        buddy.uri = command["to"]
        self.friend = pj.Buddy()
        self.friend.create(self.account, buddy)
        message = pj.SendInstantMessageParam()
        message.content = command["text"]
        self.friend.sendInstantMessage(message)


def main():
    phone = Phone(json.loads(sys.argv[1]))
    commands = []

    def read():
        for line in sys.stdin:
            commands.append(json.loads(line))
        commands.append({"do": "quit"})

    threading.Thread(target=read, daemon=True).start()
    tell("ready", version=phone.endpoint.libVersion().full)
    while True:
        phone.endpoint.libHandleEvents(10)
        while commands:
            command = commands.pop(0)
            if command["do"] == "quit":
                phone.endpoint.libDestroy()
                return
            try:
                phone.do(command)
            except (pj.Error, IndexError) as error:
                tell("error", text=str(error) or error.reason)


if __name__ == "__main__":
    main()
