"use strict";
// The pages: each is a function that shows the page. The page's name is in the address, after the #.

// ---- the phone ----

const LINE_WORDS = {registered: "good", failed: "bad", off: "soft"};

async function status() {
  const now = await ask("/api/status");
  const net = now.network;
  const facts = [["Address", net.address || net.reason || net.state], ["SIP", now.sip || "closed"],
    ["Name", net.hostname], ["MAC", net.mac], net.rssi === null ? null : ["Signal", net.rssi + " dBm"],
    ["Time", now.time || "not known yet"], ["Firmware", `${now.version} on ${now.board}`], ["Voice", now.voice],
    now.memory === null ? null : ["Free memory", Math.round(now.memory / 1024) + " KB"]].filter(Boolean);
  const counters = Object.entries(now.counters).sort();
  show("Status",
    make("section", {}, make("h2", {}, "Lines"), make("ul", {}, now.lines.length ? now.lines.map(line =>
      make("li", {class: "two"}, make("span", {}, `${line.number} · ${line.label}`),
        make("strong", {class: LINE_WORDS[line.state] || "soft"}, line.status_text || "not registered"))) :
      make("li", {}, "No lines yet"))),
    now.calls.length ? make("section", {}, make("h2", {}, "Calls"), make("ul", {}, now.calls.map(call =>
      make("li", {}, `${call.name || call.number}: ${call.state}`)))) : null,
    make("section", {}, make("h2", {}, "Phone"), make("dl", {},
      facts.map(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]))),
    now.provisioning ? provisioned(now.provisioning) : null,
    counters.length ? make("section", {}, make("h2", {}, "Event counters"), make("dl", {},
      counters.map(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]))) : null,
    make("div", {class: "row"}, make("button", {type: "button", click: status}, "Refresh"),
      make("button", {type: "button", click: async () => { await ask("/api/restart", {}); await again("Restarted"); }},
        "Restart phone")));
}

function provisioned(now) {
  return make("section", {}, make("h2", {}, "Provisioning"),
    make("p", {class: now.failed ? "bad" : ""}, now.state), now.url ? make("p", {class: "soft"}, now.url) : null,
    make("ul", {}, now.mistakes.map(text => make("li", {class: "bad"}, text))),
    make("div", {class: "row"}, make("button", {type: "button", click: async () => {
      await ask("/api/provisioning", {});
      say("Checking the provisioning server …");
    }}, "Check now")));
}

// ---- updates ----

const BUSY = ["checking", "downloading", "paused", "restarting"];
const UPDATE_WORDS = {idle: "idle", checking: "checking …", available: "update available", older: "older version available",
  downloading: "downloading …", paused: "paused during the call", restarting: "restarting …", failed: "failed"};

async function update() {
  const stored = await ask("/api/settings");
  const box = make("section", {id: "update"});
  show("Update", box, settingsForm("update", stored));
  draw(await ask("/api/update"));
  watch().catch(error => say(error.message, true));

  // While this page is shown.
  async function watch() {
    for (let before = ""; ;) {
      await pause(500);
      if (!document.contains(box)) return;
      let now;
      try { now = await ask("/api/update"); }
      catch (error) {
        if (error instanceof ApiError || !BUSY.includes(before.state)) throw error;
        return again("The phone has restarted");
      }
      if (document.contains(box) && JSON.stringify(now) !== JSON.stringify(before)) draw(now);
      before = now;
      if (!BUSY.includes(now.state)) await pause(1500);
    }
  }

  function draw(now) {
    const busy = BUSY.includes(now.state);
    const wish = word => async () => { await ask("/api/update", {wish: word}); };
    box.replaceChildren(make("h2", {}, "Software"), make("dl", {}, make("dt", {}, "Installed"), make("dd", {}, now.version),
      make("dt", {}, "Available"), make("dd", {}, now.offered || "not checked yet"),
      make("dt", {}, "State"), make("dd", {class: now.state === "failed" ? "bad" : ""}, UPDATE_WORDS[now.state] || now.state)),
    make("p", {"aria-live": "polite"}, now.message || ""),
    now.size ? make("progress", {max: now.size, value: now.done, "aria-label": "Progress"}) : "",
    make("div", {class: "row"},
      make("button", {type: "button", disabled: busy, click: wish("check")}, "Check for updates"),
      make("button", {type: "button", class: "main", disabled: busy || now.state !== "available", click: wish("install")},
        "Install")));
  }
}

const set = (stored, path) => stored.secrets.includes(path);
const unchanged = {placeholder: "unchanged"};

function givenNote(stored, prefixes) {
  const given = stored.given.filter(path => prefixes.some(prefix => path.startsWith(prefix)));
  if (!given.length) return null;
  return make("p", {class: "hint"}, "Managed by the provisioning server (read-only here): " + given.join(", "));
}

async function settingsPage(name) {
  show(FORMS[name][0], settingsForm(name, await ask("/api/settings")));
}

// The fields of a table, made by `fieldOf(row)`; those with `more` are folded away.
function folded(fields, fieldOf) {
  const rows = more => fields.filter(row => Boolean(row[3].more) === more).map(fieldOf);
  const hidden = rows(true);
  return [rows(false), hidden.length ? make("details", {}, make("summary", {}, "More"), hidden) : null];
}

// A stored value in the form that a field gives back.
function asTyped(kind, value) {
  if (value === undefined || value === null) return null;
  if (kind === "list" && !Array.isArray(value)) return [value];
  return kind === "pem" ? value.replace(/\r/g, "") : value;
}

function settingsForm(name, stored, notes = {}) {
  const fields = FORMS[name][1];
  const shown = path => {
    const value = get(stored.settings, path);
    return value === undefined || value === null ? stored.defaults[path] : value;
  };
  const rows = folded(fields, ([path, label, kind, options]) => field(path, label, kind, shown(path),
    {...options, note: notes[path], ...(options.zones ? {choices: [["", "not set"], ...zoneChoices(shown(path))]} : {}),
      ...(set(stored, path) ? unchanged : {})}));
  return form(make("section", {}, givenNote(stored, fields.map(row => row[0])), rows), "Save", async given => {
    const patch = {};
    for (const [path, , kind] of fields) {
      const before = asTyped(kind, shown(path));
      const after = path in given ? given[path] : null;
      if (after === null && (kind === "password" || path === "tls.key")) continue;
      if (JSON.stringify(before) !== JSON.stringify(after)) put(patch, path, after);
    }
    if (patch.tls && patch.tls.certificate === null) patch.tls.key = null;
    if (!Object.keys(patch).length) return say("No changes");
    await change("/api/settings", {patch});
    if (patch.network && "address" in patch.network) return moved(patch.network);
    await again("Saved");
  });
}

// A list of phone.json, edited as a whole: lines, contacts.
function listEditor(stored, key, noun, fields, most, redraw) {
  const list = (get(stored.settings, key) || []).map((row, index) => ({...row, keep: index}));
  const standard = name => stored.defaults[`${key}[].${name}`];
  return {
    boxes: () => list.map((row, index) => make("fieldset", {}, make("legend", {}, `${noun} ${index + 1}`),
      folded(fields, ([name, label, kind, options]) => {
        const value = row[name] === undefined ? standard(name) : row[name];
        const known = name === "password" && row.keep !== undefined && set(stored, `${key}[${row.keep}].password`);
        return field(`${key}[${index}].${name}`, label, kind, value, {...options, ...(known ? unchanged : {})});
      }),
      make("div", {class: "row"}, make("button", {type: "button", class: "danger", click: () => {
        take(); list.splice(index, 1); redraw();
      }}, `Remove ${noun.toLowerCase()} ${index + 1}`)))),
    add: () => list.length < most ? make("button", {type: "button", click: () => { take(); list.push({}); redraw(); }},
      `Add a ${noun.toLowerCase()}`) : null,
    save: async () => {
      take();
      const hasPasswords = fields.some(([name]) => name === "password");
      const patch = {};
      put(patch, key, hasPasswords ? list : list.map(({keep, ...row}) => row));
      await change("/api/settings", {patch});
      await again("Saved");
    },
  };

  function take() {
    const found = {};
    for (const [path, value] of Object.entries(values($("main")))) put(found, path, value);
    list.forEach((row, index) => {
      const typed = (get(found, key) || [])[index] || {};
      for (const [name] of fields) {
        if (name in typed && typed[name] !== standard(name)) row[name] = typed[name];
        else delete row[name];
      }
    });
  }
}

// The certificates that are stored, each by its name, its issuer and its days.
async function certificates() {
  const [stored, found] = [await ask("/api/settings"), (await ask("/api/certificates")).certificates];
  const today = new Date().toISOString().slice(0, 10);
  const notes = {};
  for (const [path, rows] of Object.entries(found))
    notes[path] = make("ul", {class: "certificates"}, typeof rows === "string" ? make("li", {class: "bad"}, rows) :
      rows.map(([subject, issuer, first, last]) => make("li", {class: last < today || first > today ? "bad" : ""},
        make("strong", {}, subject), `, issued by ${issuer}, ${first} to ${last}${last < today ? ": ended" : ""}`)));
  if (set(stored, "tls.key")) notes["tls.key"] = make("p", {class: "soft"}, "A key is stored.");
  show(FORMS.tls[0], settingsForm("tls", stored, notes));
}

async function lines() {
  const stored = await ask("/api/settings");
  const editor = listEditor(stored, "lines", "Line", LINE_FIELDS, 8, draw);
  draw();

  function draw() {
    const boxes = editor.boxes();
    show("Lines", form([givenNote(stored, ["lines"]), boxes.length ? boxes : make("p", {}, "No lines yet")],
      "Save", editor.save, editor.add()));
  }
}

async function network() {
  const stored = await ask("/api/settings");
  const editor = listEditor(stored, "network.wifi_more", "Network", WIFI_FIELDS, 3, draw);
  draw();

  function draw() {
    show("Network", settingsForm("network", stored), make("h2", {}, "More Wi-Fi networks"),
      form([make("p", {}, "The phone joins the network with the best signal."), editor.boxes()], "Save networks",
        editor.save, editor.add()));
  }
}

async function keys() {
  const stored = await ask("/api/settings");
  const editor = listEditor(stored, "contacts", "Contact", CONTACT_FIELDS, 16, draw);
  draw();

  function draw() {
    show("Keys", form([make("p", {}, "Spare line keys are speed dials for these contacts and show their status."),
      givenNote(stored, ["contacts"]), editor.boxes()], "Save contacts", editor.save, editor.add()), make("h2", {}, "Dialling and display"), settingsForm("keys", stored));
  }
}

async function calls() {
  const found = (await ask("/api/calls")).calls;
  const two = number => String(number).padStart(2, "0");
  const when = at => at ? `${at[0]}-${two(at[1])}-${two(at[2])} ${two(at[3])}:${two(at[4])}` : "";
  show("Call log", make("section", {}, make("ul", {}, found.length ? found.map(call =>
    make("li", {class: "two"}, make("span", {}, make("strong", {class: call.kind === "missed" ? "bad" : ""},
      call.name || call.number), call.name !== call.number ? ` ${call.number}` : ""),
      make("span", {class: "soft"}, `${call.kind} ${when(call.at)} ` +
        (call.seconds ? `${Math.floor(call.seconds / 60)}:${two(call.seconds % 60)}` : "")))) :
    make("li", {}, "No calls yet"))),
  found.length ? make("div", {class: "row"}, make("button", {type: "button", class: "danger", click: async () => {
    await ask("/api/calls/clear", {});
    calls();
  }}, "Clear call log")) : null);
}

async function book() {
  const found = await ask("/api/phonebook");
  const rows = found.names.map(([name, number]) => ({name, number}));
  draw();

  function draw(focus) {
    show("Phone book", form([make("section", {}, rows.length ? rows.map((row, index) => make("div", {class: "entry"},
      field(`names[${index}].name`, "Name", "text", row.name),
      field(`names[${index}].number`, "Number", "text", row.number, {}),
      make("button", {type: "button", class: "danger", "aria-label": `Remove ${row.name || "this name"}`,
                      click: () => { take(); rows.splice(index, 1); draw(); }}, "✕"))) :
      make("p", {}, "The phone book is empty."))], "Save", async () => {
      take();
      await ask("/api/phonebook", {names: rows.map(row => [row.name || "", row.number || ""])});
      say("Saved");
      book();
    }, rows.length < found.most ? make("button", {type: "button", click: () => { take(); rows.push({}); draw(true); }},
      "Add a name") : null));
    if (focus) $(`f-names-${rows.length - 1}-name`).focus();
  }

  function take() {
    const typed = {};
    for (const [path, value] of Object.entries(values($("main")))) put(typed, path, value);
    rows.forEach((row, index) => Object.assign(row, {name: "", number: ""}, (typed.names || [])[index]));
  }
}

const LEVELS = ["error", "warning", "info", "debug"];

// Lines are "time level text". The first line of an answer says how many there were, and whether these are all.
async function log() {
  let rows = [], seen = null;
  const list = make("ul", {class: "log"});
  const least = field("least", "Show", "select", "debug", {choices: LEVELS.map((level, at) => [level, at ? level + " and above" : level])});
  const word = field("word", "Containing", "text", "");
  const follow = field("follow", "Follow", "check", true);
  show("Log", make("section", {}, make("div", {class: "entry"}, least, word), follow, list),
    make("div", {class: "row"}, make("button", {type: "button", click: () => save("bakelite-log.txt", rows.join("\n") + "\n")},
      "Download")));
  for (const input of [least, word]) input.addEventListener("input", draw);
  await load();
  watch().catch(error => say(error.message, true));

  async function watch() {
    for (;;) {
      await pause(2000);
      if (!document.contains(list)) return;
      if ($("f-follow").checked) await load();
    }
  }

  async function load() {
    const response = await fetch("/api/log" + (seen === null ? "" : "?since=" + seen), {credentials: "same-origin"});
    if (response.status === 401) return start();
    if (!response.ok) throw new ApiError(response.status, parsed(await response.text()));
    const [head, ...found] = (await response.text()).trimEnd().split("\n");
    const [count, how] = head.split(" ");
    rows = how === "more" ? rows.concat(found) : found;
    if (seen === null || found.length) draw();
    seen = count;
  }

  function draw() {
    const most = LEVELS.indexOf($("f-least").value), wanted = $("f-word").value.toLowerCase();
    const shown = rows.map(row => row.split(" ")).filter(([, level, ...text]) =>
      LEVELS.indexOf(level) <= most && text.join(" ").toLowerCase().includes(wanted));
    list.replaceChildren(...shown.map(([time, level, ...text]) => make("li", {class: LEVELS.indexOf(level) < 2 ? "bad" : ""},
      `${time.replace("T", " ")} ${level}: ${text.join(" ")}`)));
    if (!shown.length) list.append(make("li", {}, rows.length ? "Nothing here matches" : "The log is empty"));
  }
}

// ---- backup, restore, password ----

function save(name, text) {
  const link = make("a", {href: URL.createObjectURL(new Blob([text], {type: "application/json"})), download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function restoreBox() {
  const file = make("input", {type: "file", id: "restore", accept: ".json,application/json"});
  file.addEventListener("change", async () => {
    try {
      let settings;
      try { settings = JSON.parse(await file.files[0].text()); }
      catch { throw new Error("The backup is not JSON"); }
      await change("/api/restore", {settings});
      await again("Restored");
    } catch (error) {
      const message = error.status === 413 ? "That file is too large." : error.message;
      say([message, ...(error.mistakes || [])].join(" · "), true);
      file.value = "";
    }
  });
  return make("section", {}, make("h2", {}, "Restore"), make("label", {for: "restore"}, "Backup file (phone.json)"), file);
}

async function backup() {
  show("Backup",
    make("section", {}, make("h2", {}, "Back up"), form([
      make("p", {}, "All settings and the phone book in one file, phone.json."),
      field("password", "Web interface password", "password", "", {autocomplete: "current-password",
        hint: "Enter the password to include account and Wi-Fi passwords in the file. Keep such a file safe."})],
      "Download backup", async given => {
        const answer = await ask("/api/backup", {password: given.password || null});
        save("phone.json", JSON.stringify(answer.settings, null, 2) + "\n");
        say(given.password ? "Saved, with passwords" : "Saved, without passwords");
      })),
    restoreBox(),
    make("section", {}, make("h2", {}, "Web interface password"), form([
      field("old", "Old password", "password", "", {autocomplete: "current-password"}),
      field("web.password", "New password", "password", "", {autocomplete: "new-password", hint: "8 to 64 characters"})],
      "Change password", async given => {
        await ask("/api/password", {old: given.old || "", new: given["web.password"] || ""});
        await again("Password changed");
      })),
    make("section", {}, make("h2", {}, "Factory reset"), form([
      make("p", {}, "Erases all settings, accounts, the phone book and the call log."),
      field("reset", "Web interface password", "password", "", {autocomplete: "current-password"})],
      "Erase everything", async given => {
        await ask("/api/reset", {password: given.reset || ""});
        show("Erased", make("p", {}, "The phone restarts with factory settings. The phone's display explains the setup."));
      })));
}

const PAGES = {
  status: ["Status", status], lines: ["Lines", lines], audio: ["Audio", () => settingsPage("audio")],
  calling: ["Calls", () => settingsPage("calling")],
  keys: ["Keys", keys], network: ["Network", network], tls: ["Certificates", certificates],
  calls: ["Call log", calls], book: ["Phone book", book], update: ["Update", update], log: ["Log", log], backup: ["Backup", backup],
};

async function route() {
  const name = location.hash.slice(1) in PAGES ? location.hash.slice(1) : "status";
  $("nav").replaceChildren(...Object.entries(PAGES).map(([key, [title]]) =>
    make("a", {href: "#" + key, "aria-current": key === name ? "page" : null}, title)));
  $("nav").querySelector("[aria-current]").scrollIntoView({inline: "center", block: "nearest"});
  try { await PAGES[name][1](); }
  catch (error) { if (error.status !== 401) say(error.message, true); }
}

addEventListener("hashchange", () => {
  if (location.hash === "#main" || !session || !session.in || session.mode === "first") return;
  say("");
  route().then(() => $("main").focus());
});
start();
