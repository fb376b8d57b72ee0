"use strict";
// The frame of the web interface: requests to the phone, forms, the login. The pages themselves are in pages.js.

const $ = id => document.getElementById(id);
let session = null;
let code = null; // as it was typed at the login of a phone without a password
const OWNER = "Anyone who knows the password can change every setting of this phone.";

// An element: make("a", {href: "#x"}, "text", child, …). Text stays text: nothing is ever parsed as HTML.
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined));
  return element;
}

const sentence = text => text.charAt(0).toUpperCase() + text.slice(1);
const pause = ms => new Promise(done => setTimeout(done, ms));

class ApiError extends Error {
  constructor(status, answer) {
    super(sentence(answer.error || "the phone answered with HTTP status " + status));
    this.status = status;
    this.mistakes = answer.mistakes || [];
  }
}

async function ask(path, body) {
  const options = {headers: {}, credentials: "same-origin"};
  if (body !== undefined) {
    options.method = "POST";
    options.body = typeof body === "string" ? body : JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
    if (session && session.csrf) options.headers["X-CSRF-Token"] = session.csrf;
  }
  const response = await fetch(path, options);
  const answer = parsed(await response.text().catch(() => ""));
  if (!response.ok) {
    if (response.status === 401 && session && session.in) start();
    throw new ApiError(response.status, answer);
  }
  return answer;
}

// What says where a secret goes needs the password again: the phone answers 428, and the person types it.
async function change(path, body) {
  try { return await ask(path, body); }
  catch (error) {
    if (error.status !== 428) throw error;
    return ask(path, {...body, password: await typedAgain(error.message)});
  }
}

function typedAgain(reason) {
  return new Promise((done, failed) => {
    const box = make("dialog", {}, make("form", {method: "dialog", novalidate: true}, make("p", {}, reason + "."),
      field("again", session.password ? "Web interface password" : "Code", "password", "", {autocomplete: "current-password"}),
      make("div", {class: "row"}, make("button", {type: "submit", value: "ok", class: "main"}, "Confirm"),
        make("button", {type: "submit", value: ""}, "Cancel"))));
    box.addEventListener("close", () => {
      const typed = $("f-again").value;
      box.remove();
      if (box.returnValue === "ok") done(typed); else failed(new Error("Cancelled: nothing was changed"));
    });
    document.body.append(box);
    box.showModal();
    $("f-again").focus();
  });
}

// The JSON of an answer; a request that came no further than the phone's door is answered in plain words.
function parsed(text) {
  try { return JSON.parse(text); }
  catch { return {error: text.slice(0, 200)}; }
}

let messageTimer;
function say(text, wrong) {
  clearTimeout(messageTimer);
  $("message").replaceChildren(text ? make("p", {class: wrong ? "message wrong" : "message"}, text) : "");
  if (text && !wrong) messageTimer = setTimeout(() => say(""), 6000);
}

function show(title, ...children) {
  document.title = title + " · Bakelite";
  $("main").replaceChildren(make("h1", {}, title), ...children.flat(Infinity).filter(Boolean));
}

// ---- forms ----

// One field. Mistakes find the field by `path`, its path in phone.json. Kinds: text, password, number, percent, check,
// select, list (of strings, one per line), pem (text of `options.pem`, pasted or out of a file).
function field(path, label, kind, value, options = {}) {
  const id = "f-" + path.replace(/[^a-z0-9]+/gi, "-");
  const hint = options.hint ? make("p", {class: "hint", id: id + "-hint"}, options.hint) : null;
  const common = {id, name: path, "aria-describedby": hint && id + "-hint", required: options.required,
                  placeholder: options.placeholder, autocomplete: options.autocomplete || "off",
                  autocapitalize: "none", spellcheck: "false"};
  let input;
  if (kind === "check") {
    input = make("input", {...common, type: "checkbox"});
    input.checked = Boolean(value);
  } else if (kind === "select") {
    input = make("select", common, options.choices.map(([key, text]) => make("option", {value: key}, text)));
    input.value = value === null || value === undefined ? "" : String(value);
  } else if (kind === "list" || kind === "pem") {
    input = make("textarea", {...common, rows: 3, class: kind});
    input.value = Array.isArray(value) ? value.join("\n") : value || "";
  } else {
    const type = {number: "number", percent: "range"}[kind] || kind;
    input = make("input", {...common, type, min: options.min, max: options.max});
    if (kind === "percent") input.setAttribute("step", 5);
    input.value = value === null || value === undefined ? "" : value;
  }
  input.dataset.kind = kind;
  if (options.literal) input.dataset.literal = "1";
  const error = make("p", {class: "error", id: id + "-error", hidden: true});
  if (kind === "check")
    return make("div", {class: "field"}, make("label", {class: "check", for: id}, input, label), hint, error);
  return make("div", {class: "field"}, make("label", {for: id}, label), options.note, input,
    kind === "pem" ? pemFile(input, options.pem) : kind === "password" ? shower(input) : null, hint, error);
}

// Fills a field of PEM text out of a file, which may be DER.
function pemFile(input, block) {
  const file = make("input", {type: "file", id: input.id + "-file"});
  file.addEventListener("change", async () => {
    const bytes = new Uint8Array(await file.files[0].slice(0, 20000).arrayBuffer());
    const base64 = () => btoa(String.fromCharCode(...bytes)).replace(/.{64}/g, "$&\n");
    const text = bytes[0] === 0x30 ? `-----BEGIN ${block}-----\n${base64()}\n-----END ${block}-----\n` :
      new TextDecoder().decode(bytes);
    const at = text.indexOf("-----BEGIN ");
    if (at < 0) showMistakes(input.form, {mistakes: [input.name + ": that file is neither PEM nor DER"]});
    else input.value = text.slice(at);
    file.value = "";
  });
  return make("label", {class: "file"}, "From a file: ", file);
}

// A number, true or false that was typed or chosen; other text as it is.
function literal(text) {
  try { return JSON.parse(text); }
  catch { return text; }
}

// Shows what is typed into a password's field, or hides it again.
function shower(input) {
  const button = make("button", {type: "button", class: "show", "aria-label": "Show what is typed", click: () => {
    input.type = input.type === "password" ? "text" : "password";
    button.textContent = input.type === "password" ? "Show" : "Hide";
  }}, "Show");
  return button;
}

// What a form holds: {path: value}; fields that are left empty are missing.
function values(form) {
  const found = {};
  for (const input of form.querySelectorAll("[name]")) {
    const kind = input.dataset.kind;
    if (kind === "check") found[input.name] = input.checked;
    else if (kind === "list") {
      const lines = input.value.split("\n").map(line => line.trim()).filter(Boolean);
      if (lines.length) found[input.name] = lines;
    } else if (input.value !== "") {
      const isLiteral = kind === "number" || kind === "percent" || input.dataset.literal;
      found[input.name] = isLiteral ? literal(input.value) : input.value;
    }
  }
  return found;
}

// Puts a value at "a.b" or "lines[0].aor" into an object.
function put(object, path, value) {
  const parts = path.replace(/\[(\d+)\]/g, ".$1").split(".");
  parts.forEach((part, index) => {
    if (index === parts.length - 1) object[part] = value;
    else object = object[part] = object[part] || (/^\d+$/.test(parts[index + 1]) ? [] : {});
  });
}

function get(object, path) {
  for (const part of path.replace(/\[(\d+)\]/g, ".$1").split(".")) {
    if (object === null || object === undefined) return undefined;
    object = object[part];
  }
  return object;
}

// Shows each mistake at its field, and those without one as a message.
function showMistakes(form, error) {
  for (const each of form.querySelectorAll(".error")) each.hidden = true;
  for (const each of form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  const left = [];
  let first = null;
  for (const mistake of error.mistakes || []) {
    const at = mistake.indexOf(": ");
    const input = form.querySelector(`[name="${CSS.escape(mistake.slice(0, at))}"]`);
    if (!input) { left.push(mistake); continue; }
    if (input.closest("details")) input.closest("details").open = true;
    const note = $(input.id + "-error");
    note.textContent = mistake.slice(at + 2);
    note.hidden = false;
    input.setAttribute("aria-invalid", "true");
    first = first || input;
  }
  if (first) first.focus();
  say(left.length ? left.join("\n") : first ? "Nothing was changed: see the marked fields" : error.message, true);
}

// A form whose button waits for `submit(values)`, and shows what was wrong.
function form(children, button, submit, extra) {
  const press = make("button", {type: "submit", class: "main"}, button);
  const element = make("form", {novalidate: true}, children, make("div", {class: "row"}, press, extra || []));
  element.addEventListener("submit", async event => {
    event.preventDefault();
    press.disabled = true;
    say("");
    try { await submit(values(element), element); }
    catch (error) { showMistakes(element, error); }
    finally { press.disabled = false; }
  });
  return element;
}

// ---- the session ----

async function start() {
  try { session = await ask("/api/session"); }
  catch (error) { show("No answer", make("p", {}, error.message)); return; }
  $("name").textContent = session.name;
  $("logout").hidden = !session.in || session.mode === "first";
  $("nav").hidden = !session.in || session.mode === "first";
  if (!session.in) login();
  else if (session.mode === "first") await firstStart();
  else if (!session.password) choosePassword();
  else await route();
}

function login() {
  const byCode = !session.password;
  show("Log in", form(
    field("password", byCode ? "Code" : "Password", "password", "", {autocomplete: "current-password", required: true,
      hint: byCode ? "Eight digits, shown on the phone's display" + (session.mode === "first" ? "." :
        " under Status.") : null}),
    "Log in", async given => {
      await ask("/api/login", {password: given.password || ""});
      code = byCode ? given.password : null;
      await start();
    }));
  $("f-password").focus();
}

function choosePassword() {
  show("Choose a password", make("section", {}, form([
    make("p", {}, OWNER),
    code ? null : field("code", "Code", "password", "", {hint: "Shown on the phone's display under Status."}),
    field("web.password", "New password", "password", "", {autocomplete: "new-password", required: true,
      hint: "8 to 64 characters"})], "Set password", async given => {
        await ask("/api/password", {old: code || given.code || "", new: given["web.password"] || ""});
        await again("Password set");
      })));
}

// The phone restarts with other settings: wait until the phone has.
async function again(text) {
  say("Saved. Restarting …");
  for (let tries = 0; tries < 600; tries++) {
    await pause(500);
    try {
      const now = await ask("/api/session");
      if (now.applying) continue;
      await start();
      return say(text);
    } catch (error) {
      // 421: it has no address while it joins its network.
      if (error instanceof ApiError && error.status !== 421) throw error;
    }
  }
  throw new Error("The phone does not respond. Has the phone's address changed?");
}

// The phone restarts with another address, which this page cannot follow.
function moved(now) {
  const place = now.address && `http://${now.address}${location.port ? ":" + location.port : ""}/`;
  show("New address", make("section", {}, make("p", {}, "The phone restarts. From then on the web interface is at ",
    place ? make("a", {href: place}, place) : "the address that the phone's display shows under Status", ".")));
}

$("logout").addEventListener("click", async () => {
  await ask("/api/logout", {}).catch(() => {});
  say("");
  start();
});
