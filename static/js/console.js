// A terminal in the page, and the socket between it and a program in the container.

const root = document.querySelector("[data-console]");
const part = (name) => root.querySelector(`[data-console-${name}]`);
const place = part("place");
const form = part("form");
const again = part("again");
const find = part("find");
const ctrl = part("ctrl");
const reader = part("reader");

// xterm.js writes <style> elements and style attributes, which the content security policy
// refuses. Style sheets that a script constructs, and an element's own style, are allowed.

const createElement = document.createElement;

function constructedStyle() {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  const node = createElement.call(document, "span");
  node.hidden = true;
  Object.defineProperty(node, "textContent", { set: (text) => sheet.replaceSync(text) });
  node.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
    Element.prototype.remove.call(node);
  };
  return node;
}

document.createElement = function create(name, options) {
  return name === "style" ? constructedStyle() : createElement.call(document, name, options);
};

HTMLSpanElement.prototype.setAttribute = function set(name, value) {
  if (name === "style") this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
};

const [{ Terminal }, { FitAddon }, { SearchAddon }, { WebLinksAddon }] = await Promise.all(
  ["xterm", "fit", "search", "webLinks"].map((name) => import(root.dataset[name])),
);

// How it looks

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

function colour(name) {
  place.style.color = `var(--term-${name})`;
  return getComputedStyle(place).color;
}

function theme() {
  const colours = { background: colour("ground"), foreground: colour("text") };
  colours.cursor = colours.foreground;
  colours.cursorAccent = colours.background;
  colours.selectionBackground = colour("selected");
  NAMES.forEach((name, number) => {
    colours[name] = colour(number);
    colours[`bright${name[0].toUpperCase()}${name.slice(1)}`] = colour(number + 8);
  });
  return colours;
}

const READER = "console-screen-reader";
reader.checked = localStorage.getItem(READER) === "on";

const terminal = new Terminal({
  cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  fontFamily: getComputedStyle(place).getPropertyValue("--mono"),
  fontSize: 13,
  minimumContrastRatio: 4.5,
  screenReaderMode: reader.checked,
  scrollback: 5000,
  theme: theme(),
});
const fit = new FitAddon();
const search = new SearchAddon();
terminal.loadAddon(fit);
terminal.loadAddon(search);
terminal.loadAddon(new WebLinksAddon());
terminal.open(place);

const repaint = () => { terminal.options.theme = theme(); };
new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

reader.addEventListener("change", () => {
  terminal.options.screenReaderMode = reader.checked;
  localStorage.setItem(READER, reader.checked ? "on" : "off");
});

// The socket

const ACKNOWLEDGE_EVERY = 32 * 1024;
const LARGEST_FRAME = 64 * 1024;
// What an interrupted program may have left on: the other screen, the mouse, bracketed paste.
const SOBER = "\x1b[?1049l\x1b[!p\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[0m\r\n";
const CLOSED = {
  4205: "Your rights have been changed.",
  4401: "You have been signed out.",
  1012: "Container Monkey is being restarted.",
  1006: "The connection was lost.",
};

const encoder = new TextEncoder();
let socket = null;

function isOpen() {
  return socket?.readyState === WebSocket.OPEN;
}

function tell(message) {
  if (isOpen()) socket.send(JSON.stringify(message));
}

// What is typed while the socket is still being opened waits for it.
let early = [];

function send(bytes) {
  if (socket?.readyState === WebSocket.CONNECTING) early.push(bytes);
  for (let start = 0; isOpen() && start < bytes.length; start += LARGEST_FRAME) {
    socket.send(bytes.subarray(start, start + LARGEST_FRAME));
  }
}

function say(text) {
  part("status").textContent = text;
}

function ended(reason) {
  socket = null;
  part("reason").textContent = reason;
  part("ended").hidden = false;
  say("Not connected");
  terminal.write(`\r\n\x1b[0;90m${reason} Press Enter to connect again.\x1b[0m\r\n`);
}

function reasonOf(message) {
  if (message.type === "error" || message.message) return message.message;
  return message.code === null ? "It has ended." : `It ended with exit code ${message.code}.`;
}

function connect() {
  if (socket) return;
  part("ended").hidden = true;
  say("Connecting");
  fit.fit();
  const url = new URL(root.dataset.console, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.search = new URLSearchParams({ ...Object.fromEntries(new FormData(form)), cols: terminal.cols, rows: terminal.rows });
  const mine = new WebSocket(url);
  let reason = "";
  let wasOpen = false;
  let taken = 0;
  mine.binaryType = "arraybuffer";
  mine.addEventListener("open", () => {
    wasOpen = true;
    say("Connected");
    tell({ type: "ack", bytes: 0 });
    early.forEach(send);
    early = [];
  });
  mine.addEventListener("message", ({ data }) => {
    if (typeof data === "string") {
      reason = reasonOf(JSON.parse(data));
      return;
    }
    terminal.write(new Uint8Array(data), () => {
      taken += data.byteLength;
      if (taken < ACKNOWLEDGE_EVERY || mine !== socket) return;
      tell({ type: "ack", bytes: taken });
      taken = 0;
    });
  });
  mine.addEventListener("close", ({ code }) => {
    if (mine !== socket) return;
    const refused = "The connection was refused. You may have been signed out: reload the page.";
    ended(reason || (wasOpen ? CLOSED[code] ?? "The connection has ended." : refused));
  });
  socket = mine;
  early = [];
}

function reconnect() {
  const old = socket;
  socket = null;
  old?.close();
  terminal.write(SOBER);
  connect();
  terminal.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  reconnect();
}, { capture: true });
again.addEventListener("click", reconnect);

// Its size

let resizing = 0;

new ResizeObserver(() => {
  clearTimeout(resizing);
  resizing = setTimeout(() => fit.fit(), 60);
}).observe(place);
terminal.onResize(({ cols, rows }) => tell({ type: "resize", cols, rows }));

// What is typed

function typed(text) {
  const held = ctrl.getAttribute("aria-pressed") === "true";
  if (held && text.length === 1) {
    ctrl.setAttribute("aria-pressed", "false");
    send(Uint8Array.of(text.toUpperCase().charCodeAt(0) & 31));
  } else {
    send(encoder.encode(text));
  }
}

terminal.onData(typed);
terminal.onBinary((text) => send(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));

async function copy() {
  const text = terminal.getSelection();
  if (!text) return;
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Over plain HTTP browsers have only the old way.
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  terminal.focus();
}

// Keys with Ctrl and Shift are the page's; all others belong to the program.
const PAGE_KEYS = {
  KeyC: copy,
  KeyF: () => find.focus(),
  ArrowDown: () => part("copy").focus(),
};

terminal.attachCustomKeyEventHandler((event) => {
  if (!socket && event.type === "keydown" && event.key === "Enter") {
    // The browser would press a button with the same key, were the focus moved to one.
    event.preventDefault();
    reconnect();
    return false;
  }
  if (!event.ctrlKey || !event.shiftKey) return true;
  if (event.code === "KeyV") return false; // the browser pastes, and xterm.js takes it from there
  const act = PAGE_KEYS[event.code];
  if (!act) return true;
  event.preventDefault();
  if (event.type === "keydown") act();
  return false;
});

const KEYS = { escape: "\x1b", tab: "\t" };

root.addEventListener("click", (event) => {
  const key = event.target.closest("[data-console-key]")?.dataset.consoleKey;
  if (!key) return;
  const cursor = terminal.modes.applicationCursorKeysMode ? "\x1bO" : "\x1b[";
  send(encoder.encode(KEYS[key] ?? cursor + key));
  terminal.focus();
});

ctrl.addEventListener("click", () => {
  ctrl.setAttribute("aria-pressed", String(ctrl.getAttribute("aria-pressed") !== "true"));
  terminal.focus();
});

part("copy").addEventListener("click", copy);

const paste = part("paste");
paste.hidden = !navigator.clipboard?.readText;
paste.addEventListener("click", async () => {
  terminal.paste(await navigator.clipboard.readText());
  terminal.focus();
});

// Finding

find.addEventListener("keydown", (event) => {
  if (event.key === "Escape") terminal.focus();
  if (event.key !== "Enter") return;
  event.preventDefault();
  if (event.shiftKey) search.findPrevious(find.value);
  else search.findNext(find.value);
});
find.addEventListener("input", () => search.findNext(find.value, { incremental: true }));

connect();
terminal.focus();
