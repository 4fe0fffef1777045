// A log that goes on. The server sends lines that are HTML already, and never more than a few
// hundred at a time; here they are added, the oldest go, and the end is kept in sight.

const MOST_LINES = 5000;
const list = document.querySelector("[data-log]");
const status = document.querySelector("[data-log-status]");
const pauseButton = document.querySelector("[data-log-pause]");
const endButton = document.querySelector("[data-log-end]");

let socket = null;
let after = list?.dataset.after ?? "";
let paused = false;
let follows = true;
let wait = 500;

const GONE_FOR_GOOD = [1000, 4400, 4403, 4404];

function say(text) {
  status.textContent = text;
}

function toEnd() {
  list.scrollTop = list.scrollHeight;
}

function add(html) {
  list.insertAdjacentHTML("beforeend", html);
  let surplus = list.childElementCount - MOST_LINES;
  while (surplus-- > 0) list.firstElementChild.remove();
  if (follows) toEnd();
}

function connect() {
  const url = new URL(list.dataset.log, window.location.href);
  url.protocol = url.protocol.replace("http", "ws");
  if (after) url.searchParams.set("after", after);
  socket = new WebSocket(url);
  socket.addEventListener("open", () => {
    wait = 500;
    say("Live");
  });
  socket.addEventListener("message", ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.error) {
      say(frame.error);
      return;
    }
    after = frame.after ?? after;
    add(frame.content);
  });
  socket.addEventListener("close", ({ code }) => {
    if (paused || GONE_FOR_GOOD.includes(code)) return;
    say("Not connected; trying again");
    setTimeout(() => { if (!paused) connect(); }, wait);
    wait = Math.min(wait * 2, 15000);
  });
}

if (list) {
  toEnd();
  connect();

  list.addEventListener("scroll", () => {
    follows = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    endButton.hidden = follows;
  }, { passive: true });

  endButton.addEventListener("click", () => {
    toEnd();
    list.focus();
  });

  pauseButton.addEventListener("click", () => {
    paused = !paused;
    pauseButton.setAttribute("aria-pressed", String(paused));
    if (paused) {
      socket.close();
      say("Paused: what comes meanwhile is shown afterwards");
    } else {
      connect();
    }
  });

  document.querySelectorAll("[data-log-class]").forEach((box) => {
    box.addEventListener("change", () => {
      list.classList.toggle(box.dataset.logClass, box.checked);
      if (follows) toEnd();
    });
  });
}
