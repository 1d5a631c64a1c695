// One conversation with the server: what is asked of it, and what it tells.

const REMEMBERED = "helpdesk.conversations";
const MAX_REMEMBERED = 30; // as many as the server lists
const REQUEST_TIMEOUT_MS = 15_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** A request that failed. `message` is for the visitor; `status` is 0 where the server wasn't reached. */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** `on` holds the page's reactions: message(m), progress(step), ready(), connected(isConnected), changed(). */
export class Conversation {
  #on;
  #id = null;
  #opening = null;
  #events = null;
  #lastId = 0;
  #retryMs = FIRST_RETRY_MS;
  #retry = null;

  constructor(on) {
    this.#on = on;
  }

  /** Go on with `id`, or else the remembered conversation, or start one. Calls at one time are one call. */
  open(id = null) {
    this.#opening ??= this.#open(id).finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  get id() {
    return this.#id;
  }

  /** Those that this browser knows beside the one that is open. */
  get others() {
    return remembered().filter((id) => id !== this.#id);
  }

  /** How each of the others begins: `{conversation, beginning, at}`, the newest first. */
  async list() {
    return (await post("/api/chat/conversations/list", { conversations: this.others })).conversations;
  }

  /** Go on with another conversation, or start one. */
  async turnTo(id = null) {
    const opened = await post("/api/chat/conversations", { conversation: id });
    this.#on.changed();
    this.#use(opened.conversation);
  }

  async ask(clientId, text) {
    if (!this.#id) await this.open();
    this.wake();
    return post("/api/chat/questions", { conversation: this.#id, client_id: clientId, text });
  }

  edit(clientId, text) {
    return post("/api/chat/edits", { conversation: this.#id, client_id: clientId, text });
  }

  takeBack(clientId) {
    return post("/api/chat/deletions", { conversation: this.#id, client_id: clientId });
  }

  /** What the press leads to: `{form, notice}`, each of them null where there is none. */
  press(messageId, button, pressId) {
    const pressed = { message_id: messageId, action: button.action, value: button.value, press_id: pressId };
    return post("/api/chat/clicks", { conversation: this.#id, ...pressed });
  }

  fillIn(form, fields, pressId) {
    return post("/api/chat/forms", { conversation: this.#id, press_id: pressId, form: form.name, value: form.value, fields });
  }

  vote(messageId, value) {
    return post("/api/chat/votes", { conversation: this.#id, message_id: messageId, value });
  }

  passage(chunkId) {
    return call(`/api/chat/passages/${chunkId}?conversation=${this.#id}`);
  }

  /** A browser opens few connections to one host, so a page that nobody looks at gives its own back. */
  rest() {
    clearTimeout(this.#retry);
    this.#events?.close();
    this.#events = null;
  }

  wake() {
    if (this.#id && !this.#events) this.#listen();
  }

  async #open(id) {
    const wanted = this.#id ?? id ?? remembered().at(0) ?? null;
    const opened = await post("/api/chat/conversations", { conversation: wanted });
    if (this.#id && !opened.resumed) this.#on.changed();
    this.#use(opened.conversation);
  }

  #use(id) {
    if (id !== this.#id) this.#lastId = 0;
    this.#id = id;
    remember(id);
    this.rest();
    this.#listen();
  }

  #listen() {
    const events = new EventSource(`/api/chat/events?conversation=${this.#id}&after=${this.#lastId}`);
    this.#events = events;
    events.addEventListener("open", () => {
      this.#retryMs = FIRST_RETRY_MS;
      this.#on.connected(true);
    });
    events.addEventListener("message", (event) => {
      this.#lastId = Math.max(this.#lastId, Number(event.lastEventId));
      this.#on.message(JSON.parse(event.data));
    });
    events.addEventListener("progress", (event) => this.#on.progress(JSON.parse(event.data).step));
    events.addEventListener("ready", () => this.#on.ready());
    events.addEventListener("error", () => {
      this.#on.connected(false);
      if (events.readyState === EventSource.CLOSED) this.#openLater();
    });
  }

  /** The browser reconnects by itself after a lost connection, and gives up after an answer other than 200. */
  #openLater() {
    this.rest();
    this.#retry = setTimeout(() => this.open().catch(() => this.#openLater()), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }
}

export async function listSuggestions() {
  return (await call("/api/chat/suggestions")).suggestions;
}

function post(path, body) {
  return call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  } catch {
    throw new Refused("The help desk can’t be reached.", 0);
  }
  if (response.ok) return response.json();
  const said = await response.json().catch(() => ({}));
  throw new Refused(said.error ?? "The help desk couldn’t do that just now.", response.status);
}

/** Ids of conversations, the newest first. Their texts stay on the server. */
function remembered() {
  try {
    return JSON.parse(localStorage.getItem(REMEMBERED)) ?? [];
  } catch {
    return [];
  }
}

function remember(id) {
  const ids = [id, ...remembered().filter((one) => one !== id)].slice(0, MAX_REMEMBERED);
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(ids));
  } catch {
    // Storage is off: the conversation lasts as long as the page.
  }
}
