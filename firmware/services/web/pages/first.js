"use strict";
// The first start: what a new phone has to know, tried before it is kept.

async function firstStart() {
  const now = await ask("/api/first");
  if (now.state === "trying" || now.state === "done") return watchFirst();
  const networks = make("datalist", {id: "networks"});
  const wifi = now.wireless ? make("fieldset", {}, make("legend", {}, "Wi-Fi"),
    field("network.wifi.ssid", "Name", "text", "", {required: true}),
    make("div", {class: "row"}, make("button", {type: "button", id: "scan", click: () => scan(networks)},
      "Scan for networks")), networks,
    field("network.wifi.password", "Password", "password", "", {hint: "Leave empty for an open network."})) : null;
  const account = make("fieldset", {}, make("legend", {}, "Account"),
    make("p", {class: "hint"}, "From your SIP provider or administrator. Leave the address empty to add an account later."),
    field("lines[0].aor", "Address", "text", "", {placeholder: "201@pbx.example.com"}),
    field("lines[0].password", "Password", "password", ""),
    field("lines[0].display_name", "Display name", "text", "", {autocomplete: "name"}),
    make("details", {}, make("summary", {}, "More"),
      field("lines[0].user", "Authentication user", "text", "", {hint: "If different from the user in the address."}),
      field("lines[0].registrar", "Registrar", "text", "", {placeholder: "sip:pbx.example.com"}),
      field("lines[0].proxy", "Outbound proxy", "text", "", {placeholder: "sip:pbx.example.com"}),
      field("lines[0].transport", "Transport", "select", "", {choices: TRANSPORTS}),
      field("tls.ca", "Trusted certificates (CA)", "pem", "", {pem: "CERTIFICATE", hint: "For TLS."})));
  const here = zoneHere();
  const time = make("fieldset", {}, make("legend", {}, "Time"),
    field("ui.time_zone", "Time zone", "select", here, {choices: zoneChoices(here), hint: "Taken from your device."}));
  const secret = make("fieldset", {}, make("legend", {}, "Web interface"),
    field("web.password", "Choose a password", "password", "", {autocomplete: "new-password", required: true,
      hint: "8 to 64 characters. " + OWNER}));
  const anyway = make("button", {type: "button", id: "anyway", hidden: now.state !== "failed"},
    "Save without testing");
  const page = form([wifi, account, time, secret], "Test and save", given => send(given, false), anyway);
  anyway.addEventListener("click", () => send(values(page), true).catch(error => showMistakes(page, error)));
  show("Set up your phone", progress(now), warnings(), page, restoreBox());

  async function send(given, force) {
    const settings = {};
    const {"web.password": secret = "", ...rest} = given;
    if ($("steps")) $("steps").remove();
    for (const [path, value] of Object.entries(rest)) put(settings, path, value);
    if (settings.lines && Object.keys(settings.lines[0]).length === 0) delete settings.lines;
    await ask("/api/first/try", {settings, password: secret, force});
    if (force) return again("The phone is set up");
    return watchFirst(given);
  }

  async function scan(list) {
    const button = $("scan");
    button.disabled = true;
    button.textContent = "Scanning …";
    try {
      const found = (await ask("/api/first/scan", {})).networks;
      list.replaceChildren(...found.map(([name]) => make("option", {value: name})));
      $("f-network-wifi-ssid").setAttribute("list", "networks");
      const items = found.map(([name, strength, closed]) => make("li", {},
        make("button", {type: "button", click: () => { $("f-network-wifi-ssid").value = name; }}, name),
        make("span", {class: "soft"}, ` ${strength} dBm${closed ? "" : ", open"}`)));
      const old = $("found");
      if (old) old.remove();
      list.after(make("ul", {id: "found"}, items.length ? items : make("li", {}, "No networks found")));
    } finally {
      button.disabled = false;
      button.textContent = "Scan for networks";
    }
  }
}

function warnings() {
  if (!session.mistakes.length) return null;
  return make("section", {}, make("h2", {}, "The stored settings are invalid"),
    make("ul", {}, session.mistakes.map(text => make("li", {class: "bad"}, text))));
}

function progress(now) {
  if (!now.steps || !now.steps.length) return null;
  const words = {ok: "works", failed: "failed", running: "testing", waiting: "waiting"};
  return make("section", {id: "steps"}, make("h2", {}, now.state === "failed" ? "Test failed" : "Testing"),
    make("ul", {}, now.steps.map(([name, state, text]) => make("li", {class: "two"}, make("span", {}, name),
      make("strong", {class: {ok: "good", failed: "bad", running: "running"}[state] || "soft"},
        text ? (state === "failed" ? text : `${words[state]}: ${text}`) : words[state])))));
}

let kept = null;

async function watchFirst(given) {
  kept = given || kept;
  for (let misses = 0; misses < 120;) {
    try {
      const now = await ask("/api/first");
      misses = 0;
      if (now.state === "over") return start();
      show("Set up your phone", progress(now), now.state === "done" ? finished(now) : null);
      if (now.state === "done") return;
      if (now.state === "failed") {
        await firstStart();
        for (const [path, value] of Object.entries(kept || {})) {
          const input = document.querySelector(`[name="${CSS.escape(path)}"]`);
          if (input) input.value = value;
        }
        $("steps").scrollIntoView();
        return;
      }
    } catch (error) {
      // A mobile phone leaves the network for a moment when the desk phone's radio changes its channel.
      if (error instanceof ApiError && error.status !== 401) throw error;
      misses++;
    }
    await pause(500);
  }
  show("No answer", make("p", {}, "The phone does not respond. Check the phone's display."));
}

function finished(now) {
  const place = `http://${now.address}${now.port === 80 ? "" : ":" + now.port}/`;
  return make("section", {}, make("h2", {}, "Test passed"),
    make("p", {}, "The settings are saved. From now on the web interface is at ", make("a", {href: place}, place), "."),
    make("div", {class: "row"}, make("button", {type: "button", class: "main", click: async () => {
      await ask("/api/first/finish", {}).catch(() => {});
      if (now.own && now.own !== now.address) location.href = place;
      else start();
    }}, "Finish")));
}
