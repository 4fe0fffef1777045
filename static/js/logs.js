// A log that goes on. The server sends lines that are HTML already, and never more than a few
// hundred at a time; here they are added, the oldest go, and the end is kept in sight.

const MOST_LINES = 5000;
const MOST_CHARACTERS = 8_000_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const NEAR = 40;

// It is over, and will not be otherwise when it is tried again.
const SIGNED_OUT = 4401;
const OVER = [1000, 4400, SIGNED_OUT, 4403, 4404];

const list = document.querySelector("[data-log]");
const status = document.querySelector("[data-log-status]");
const pauseButton = document.querySelector("[data-log-pause]");
const endButton = document.querySelector("[data-log-end]");
const facts = status?.textContent ?? "";

let socket = null;
let after = list?.dataset.after ?? "";
let paused = false;
let follows = true;
let place = 0;
let characters = 0;
let wait = FIRST_WAIT;
let timer;

function say(text) {
  const words = facts.includes("“") ? `${text}. ${facts}` : text;
  if (status.textContent !== words) status.textContent = words;
}

function toEnd() {
  list.scrollTop = list.scrollHeight;
  place = list.scrollTop;
}

function add(html) {
  const before = list.childElementCount;
  list.insertAdjacentHTML("beforeend", html);
  for (let index = before; index < list.childElementCount; index += 1) {
    characters += list.children[index].textContent.length;
  }
  while (list.childElementCount > MOST_LINES || characters > MOST_CHARACTERS) {
    characters -= list.firstElementChild.textContent.length;
    list.firstElementChild.remove();
  }
  if (follows) toEnd();
}

function receive({ data }) {
  const frame = JSON.parse(data);
  if (frame.error) {
    say(frame.error);
    return;
  }
  wait = FIRST_WAIT;
  after = frame.after ?? after;
  add(frame.content);
}

function connect() {
  const url = new URL(list.dataset.log, window.location.href);
  url.protocol = url.protocol.replace("http", "ws");
  if (after) url.searchParams.set("after", after);
  const opened = new WebSocket(url);
  socket = opened;
  opened.addEventListener("open", () => say("Live"));
  opened.addEventListener("message", (event) => {
    // One that was left may still have something in its hands.
    if (socket === opened) receive(event);
  });
  opened.addEventListener("close", ({ code }) => {
    if (socket !== opened) return;
    if (code === 1000) say("Ended");
    if (code === SIGNED_OUT) say("You have been signed out");
    if (OVER.includes(code)) return;
    say("Not connected; trying again");
    timer = setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  });
}

function disconnect() {
  clearTimeout(timer);
  const left = socket;
  socket = null;
  left?.close();
}

function togglePause() {
  paused = !paused;
  pauseButton.setAttribute("aria-pressed", String(paused));
  if (paused) {
    disconnect();
    say("Paused; what comes meanwhile is shown afterwards");
  } else {
    say("Connecting");
    connect();
  }
}

// Whether the reader has gone up: lines that are added or taken away move the place as well, but
// then the end is gone to at once.
function noticeScrolling() {
  const isNear = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;
  if (isNear) follows = true;
  else if (list.scrollTop < place) follows = false;
  place = list.scrollTop;
  endButton.hidden = follows;
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "p") togglePause();
  else if (event.key === "End") toEnd();
  else if (event.key === "/") document.querySelector("#log-search").focus();
  else return;
  event.preventDefault();
}

if (list) {
  for (const line of list.children) characters += line.textContent.length;
  toEnd();
  connect();
  list.addEventListener("scroll", noticeScrolling, { passive: true });
  list.addEventListener("keydown", press);
  pauseButton.addEventListener("click", togglePause);
  endButton.addEventListener("click", () => {
    follows = true;
    toEnd();
    list.focus();
  });
  document.querySelectorAll("[data-log-class]").forEach((box) => {
    box.addEventListener("change", () => {
      list.classList.toggle(box.dataset.logClass, box.checked);
      if (follows) toEnd();
    });
  });
  // A page that comes back from the browser's memory has lost its socket.
  window.addEventListener("pagehide", disconnect);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && !paused) connect();
  });
}
