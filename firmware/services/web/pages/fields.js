"use strict";
// The fields of the pages with settings: tables of [path, label, kind, options]. `more` folds a field away.

const TRANSPORTS = [["", "UDP"], ["tcp", "TCP"], ["tls", "TLS"], ["auto", "Automatic (DNS)"]];
const ENCRYPTION = [["off", "Off"], ["offer", "If the other side can"], ["require", "Required"]];
const PERCENT = {min: 0, max: 100};
const MORE = {more: true};

const FORMS = {
  audio: ["Audio", [
    ["audio.volume", "Earpiece volume", "percent", PERCENT],
    ["audio.ringer_volume", "Ringer volume", "percent", PERCENT],
    ["audio.microphone_gain", "Microphone gain", "percent", PERCENT],
    ["audio.tones", "Tone region", "select", {choices: [["etsi", "Europe"], ["us", "North America"], ["uk", "United Kingdom"]]}],
    ["audio.codecs", "Codecs, in order of preference", "list", {hint: "G722 (wideband), PCMA and PCMU, one per line."}],
    ["audio.encryption", "Voice encryption (SRTP)", "select", {choices: ENCRYPTION,
      hint: "Over TLS only. A lock in the call's title shows that it is on."}],
    ["audio.jitter_ms", "Jitter buffer (ms)", "text", {...MORE, literal: true, hint: "auto, or a fixed depth of 20 to 200."}],
    ["audio.jitter_min_ms", "Jitter buffer, minimum (ms)", "number", {...MORE, min: 20, max: 200}],
    ["audio.jitter_max_ms", "Jitter buffer, maximum (ms)", "number", {...MORE, min: 20, max: 200}],
    ["audio.vad", "Send nothing while you are silent (voice activity detection)", "check", MORE],
    ["audio.echo", "Echo cancellation", "select", {...MORE, hint: "For boards with memory to spare.",
      choices: [["off", "Off"], ["speaker", "On the speaker"], ["all", "On every output"]]}],
    ["audio.keys_without_tls", "Allow encryption keys without TLS", "check", {...MORE,
      hint: "Everybody on the way can read them: for a network that you trust."}],
    ["audio.wire_rate", "Maximum sample rate", "select", {...MORE, literal: true,
      choices: [["", "the board's maximum"], [48000, "48 kHz"], [16000, "16 kHz"], [8000, "8 kHz"]]}],
  ]],
  calling: ["Calls", [
    ["calls.forward_always", "Forward all calls to", "text", {placeholder: "nobody"}],
    ["calls.forward_busy", "Forward when busy to", "text", {placeholder: "nobody"}],
    ["calls.forward_no_answer", "Forward without an answer to", "text", {placeholder: "nobody"}],
    ["calls.no_answer_s", "… after (seconds)", "number", {min: 5, max: 120}],
    ["calls.call_waiting", "Call waiting", "check", {}],
    ["calls.most_calls", "Calls at once, at most", "number", {min: 1, max: 6}],
    ["calls.hold_reminder_s", "Remind of a held call every (seconds)", "number", {min: 0, max: 600, hint: "0: never."}],
    ["calls.dtmf", "Digits in a call (DTMF)", "select", {choices: [["auto", "Automatic"], ["rtp", "RTP events"], ["info", "SIP INFO"]]}],
    ["calls.media_timeout_s", "End a call without sound after (seconds)", "number", {min: 0, max: 3600, hint: "0: never."}],
    ["calls.follow_transfers", "Follow transfers by the other side", "check", {}],
    ["calls.click_to_dial", "Click to dial: the line's server may make calls", "check", {}],
    ["network.strangers", "Calls of strangers", "select", {choices: [["", "Automatic"], ["answer", "Ring"], ["refuse", "Refuse"]],
      hint: "Calls that do not come from a line's own server."}],
  ]],
  network: ["Network", [
    ["network.wifi.ssid", "Wi-Fi network (SSID)", "text", {hint: "Not used by boards with Ethernet."}],
    ["network.wifi.password", "Wi-Fi password", "password", {}],
    ["network.hostname", "Host name", "text", {placeholder: "bakelite- and the end of the MAC"}],
    ["network.address", "Static IP address", "text", {placeholder: "from DHCP"}],
    ["network.netmask", "Netmask", "text", {}],
    ["network.gateway", "Gateway", "text", {}],
    ["network.dns", "DNS servers", "list", {hint: "One per line. Empty: from DHCP."}],
    ["network.ntp", "Time server (NTP)", "text", {}],
    ["network.stun", "STUN server", "text", {placeholder: "none"}],
    ["network.keep_alive", "NAT keep-alive", "check", {}],
    ["network.sip_port", "SIP port", "number", {...MORE, min: 0, max: 65535}],
    ["network.rtp_port_min", "RTP ports from", "number", {...MORE, min: 0, max: 65535}],
    ["network.rtp_port_max", "RTP ports to", "number", {...MORE, min: 0, max: 65535}],
    ["provisioning.url", "Provisioning URL", "url", {placeholder: "https://example.com/phones"}],
    ["provisioning.user", "Provisioning user", "text", {}],
    ["provisioning.password", "Provisioning password", "password", {}],
    ["provisioning.interval_min", "Check interval (minutes)", "number", {min: 5, max: 43200}],
    ["provisioning.discovery", "Let the network name a provisioning server", "check", {hint: "A phone without lines asks it."}],
    ["log.syslog", "Syslog server", "text", {placeholder: "192.168.1.5:514"}],
    ["log.level", "Log level", "select", {choices: ["error", "warning", "info", "debug"].map(level => [level, level])}],
  ]],
  tls: ["Certificates", [
    ["tls.ca", "Trusted certificates (CA)", "pem", {pem: "CERTIFICATE",
      hint: "A server must show a certificate that one of these has signed, for SIP over TLS and https."}],
    ["tls.fingerprints", "Fingerprints (SHA-256)", "list", {hint: "One per line: these certificates and no others are trusted."}],
    ["tls.certificate", "The phone's own certificate", "pem", {pem: "CERTIFICATE", hint: "For servers that ask for one."}],
    ["tls.key", "Its private key", "pem", {pem: "PRIVATE KEY", hint: "Never shown again. It goes with the certificate."}],
    ["tls.listen", "Accept TLS connections", "check", {hint: "On the port after the SIP port."}],
  ]],
  update: ["Update", [
    ["update.url", "Update server URL", "url", {placeholder: "https://example.com/bakelite"}],
    ["update.interval_h", "Check interval (hours)", "number", {min: 0, max: 720, hint: "0: only on request."}],
    ["update.automatic", "Install updates automatically", "check", {}],
    ["update.trial_min", "Trial of a new version (minutes)", "number", {min: 1, max: 60,
      hint: "In that time it must register, or the phone goes back."}],
  ]],
  keys: ["Keys", [
    ["dialplan.timeout_s", "Dial automatically after (seconds)", "number", {min: 0, max: 30, hint: "0: never."}],
    ["dialplan.pickup", "Call pickup code", "text", {placeholder: "automatic"}],
    ["dialplan.domain", "Domain for dialled numbers", "text", {placeholder: "the line's domain"}],
    ["ui.contrast", "Display brightness", "percent", PERCENT],
    ["ui.time_zone", "Time zone", "select", {zones: true}],
    ["ui.clock_24h", "24-hour clock", "check", {}],
  ]],
};

const LINE_FIELDS = [
  ["aor", "Address", "text", {placeholder: "201@pbx.example.com", required: true}],
  ["password", "Password", "password", {}],
  ["display_name", "Display name", "text", {}],
  ["user", "Authentication user", "text", {placeholder: "the user in the address"}],
  ["registrar", "Registrar", "text", {placeholder: "the host in the address"}],
  ["backup_registrar", "Backup registrar", "text", {placeholder: "none"}],
  ["proxy", "Outbound proxy", "text", {placeholder: "none"}],
  ["transport", "Transport", "select", {choices: [["udp", "UDP"], ...TRANSPORTS.slice(1)]}],
  ["encryption", "Voice encryption (SRTP)", "select", {choices: [["", "As under Audio"], ...ENCRYPTION]}],
  ["voice_mail", "Voicemail number", "text", {}],
  ["mwi", "Message waiting (MWI)", "select", {...MORE, literal: true,
    choices: [["", "with a voicemail number"], [true, "always"], [false, "never"]]}],
  ["expires", "Registration interval (seconds)", "number", {min: 60, max: 86400}],
  ["register", "Register", "check", {}],
  ["realm", "Realm", "text", {...MORE, placeholder: "the server's"}],
  ["minimum_digest", "Minimum digest", "select", {...MORE, choices: [["md5", "MD5"], ["sha-256", "SHA-256"]]}],
  ["presence", "Publish presence", "check", MORE],
  ["share_calls", "Share the state of calls", "check", MORE],
  ["watch_registration", "Watch the registration", "check", MORE],
  ["gruu", "Ask for a GRUU", "check", MORE],
];

const WIFI_FIELDS = [
  ["ssid", "Wi-Fi network (SSID)", "text", {required: true}],
  ["password", "Wi-Fi password", "password", {}],
];

const CONTACT_FIELDS = [
  ["address", "Number or address", "text", {required: true}],
  ["name", "Name", "text", {}],
  ["line", "Line", "number", {min: 1, max: 8}],
  ["watch", "Status shown", "select", {choices: [["calls", "calls"], ["presence", "presence"], ["nothing", "none"]]}],
];
