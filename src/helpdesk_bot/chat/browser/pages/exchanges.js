// The conversation on the page: questions, what happens to them, and replies.

const STEPS = {
  reading: "Reading your question…",
  searching: "Searching the knowledge base…",
  weighing: "Weighing what was found…",
  composing: "Writing the answer…",
  checking: "Checking every statement…",
};
const OUTCOMES = {
  answered: "From the knowledge base",
  clarified: "One detail needed",
  escalated: "Not sure: a person can help",
  declined: "Outside what I can help with",
  failed: "That didn’t work",
};
const SLOW_AFTER_MS = 20_000;

/**
 * One question with what followed. `does` holds what the visitor can do: retry, askAgain, openSource, vote, press, edit,
 * takeBack.
 */
class Exchange {
  #does;
  #slow = null;
  #isRenewed = false;
  isAnswered = false;
  node;

  constructor(clientId, text, does) {
    this.clientId = clientId;
    this.text = text;
    this.#does = does;
    this.node = copy("exchange-template");
    this.#part(".question-text").textContent = text;
    this.#part(".unsent button").addEventListener("click", () => does.retry(this));
    this.#part(".edit-question").addEventListener("click", () => does.edit(this));
    this.#part(".delete-question").addEventListener("click", () => does.takeBack(this));
    this.#part(".question-actions").hidden = true;
    this.wait();
  }

  /** The server has it: from now on it can be edited and deleted there. */
  sent() {
    this.#part(".question-actions").hidden = false;
  }

  wait(step) {
    if (this.isAnswered && !this.#isRenewed) return;
    const steps = Object.keys(STEPS);
    const reached = steps.indexOf(step);
    this.#part(".unsent").hidden = true;
    this.#part(".waiting").hidden = false;
    this.#part(".waiting-text").textContent = STEPS[step] ?? "Working on it…";
    this.#part(".waiting-steps").childNodes.forEach((dot, index) => {
      dot.className = index < reached ? "done" : index === Math.max(reached, 0) ? "now" : "";
    });
    clearTimeout(this.#slow);
    this.#slow = setTimeout(() => {
      if (this.#isRenewed) return this.settle();
      this.#part(".waiting-text").textContent =
        "This takes longer than usual. You can leave the page; the answer will be here when you come back.";
    }, SLOW_AFTER_MS);
  }

  unsent(reason) {
    this.#stopWaiting();
    this.#part(".unsent").hidden = false;
    this.#part(".unsent-text").textContent = `Not sent. ${reason}`;
  }

  change(text) {
    this.text = text;
    this.#part(".question-text").textContent = text;
  }

  /** The question reads differently: until its new answer is there, the one before is shown as such. */
  renew() {
    if (!this.isAnswered) return;
    this.#isRenewed = true;
    this.node.classList.add("outdated");
    this.wait();
  }

  /** The newest answer stands here: an equal one comes as no message, so the end of a wait says so too. */
  settle() {
    if (!this.#isRenewed) return;
    this.#isRenewed = false;
    this.node.classList.remove("outdated");
    this.#stopWaiting();
  }

  /** The visitor took it back: nothing is waited for any more. */
  remove() {
    this.settle();
    this.isAnswered = true;
    this.#stopWaiting();
    this.#part(".question").replaceChildren(said("You took this question back."));
  }

  add(reply) {
    this.settle();
    this.isAnswered = true;
    this.#stopWaiting();
    this.node.append(reply);
  }

  #stopWaiting() {
    clearTimeout(this.#slow);
    this.#part(".waiting").hidden = true;
  }

  #part(selector) {
    return this.node.querySelector(selector);
  }
}

/** All exchanges of a conversation, oldest first. */
export class Exchanges {
  #list;
  #does;
  #byClientId = new Map();
  #byKey = new Map();
  #replies = new Map();
  #renewed = null;

  constructor(list, does) {
    this.#list = list;
    this.#does = does;
  }

  get isEmpty() {
    return this.#list.childElementCount === 0;
  }

  get unanswered() {
    return [...this.#byClientId.values()].filter((exchange) => !exchange.isAnswered);
  }

  clear() {
    this.#list.replaceChildren();
    for (const known of [this.#byClientId, this.#byKey, this.#replies]) known.clear();
    this.#renewed = null;
  }

  /** Show a question that is about to be sent, or that the server tells about. */
  ask(clientId, text) {
    const exchange = new Exchange(clientId, text, this.#does);
    this.#byClientId.set(clientId, exchange);
    this.#list.append(exchange.node);
    return exchange;
  }

  question(message) {
    const exchange = this.#byClientId.get(message.client_id) ?? this.ask(message.client_id, message.text);
    this.#byKey.set(message.key, exchange);
    exchange.sent();
    exchange.wait();
  }

  progress(step) {
    (this.unanswered[0] ?? this.#renewed)?.wait(step);
  }

  reply(message) {
    if (this.#replies.has(message.id)) return;
    const exchange = this.#byKey.get(message.question_key);
    const node = drawReply(message, exchange, this.#does);
    this.#replies.set(message.id, node);
    if (exchange) exchange.add(node);
    else this.#list.append(wrap(node));
    return exchange;
  }

  /** `isLive`: it was changed just now, not before the page was opened. */
  questionEdit(message, { isLive }) {
    const exchange = this.#byClientId.get(message.client_id);
    if (!exchange) return;
    exchange.change(message.text);
    if (!isLive) return;
    exchange.renew();
    this.#renewed = exchange;
  }

  deletion(message) {
    this.#byClientId.get(message.client_id)?.remove();
  }

  notice(message) {
    if (this.#replies.has(message.id)) return;
    const node = drawNotice(message, this.#does);
    this.#replies.set(message.id, node);
    this.#list.append(wrap(node));
  }

  /** A message of ours reads differently from now on. */
  edit(message) {
    const before = this.#replies.get(message.of);
    if (!before) return;
    const told = { ...message.message, id: message.of };
    const exchange = this.#byKey.get(told.question_key);
    const node = told.kind === "reply" ? drawReply(told, exchange, this.#does) : drawNotice(told, this.#does);
    before.replaceWith(node);
    this.#replies.set(message.of, node);
    exchange?.settle();
  }

  withdrawal(message) {
    const node = this.#replies.get(message.of);
    node?.replaceChildren(said("This answer was withdrawn."));
    if (node && this.#renewed?.node.contains(node)) this.#renewed.settle();
  }

  /** A word for this visitor, kept nowhere. */
  whisper(node, text, { isHtml = false } = {}) {
    whisperUnder(node, text, isHtml);
  }

  vote(message) {
    const node = this.#replies.get(message.message_id);
    if (node) showVote(node, message.value);
  }
}

export function showVote(reply, value) {
  for (const button of reply.querySelectorAll(".vote")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.value) === value));
  }
  reply.querySelector(".votes-text").textContent = value ? "Thanks" : "";
}

function drawReply(message, exchange, does) {
  const node = copy("reply-template");
  node.dataset.outcome = message.outcome;
  node.querySelector("use").setAttribute("href", `#icon-${message.outcome}`);
  node.querySelector(".outcome-text").textContent = describeOutcome(message);
  node.querySelector(".outcome").hidden = !describeOutcome(message);
  node.querySelector(".reply-text").innerHTML = message.html; // made on the server from a closed list of elements
  const note = node.querySelector(".reply-note");
  note.hidden = !message.note;
  note.textContent = message.note;
  drawSources(node, message.sources, does);
  drawButtons(node, message, does);
  drawFoot(node, message, exchange, does);
  return node;
}

/** Nothing for small talk: "You're welcome" stands in no document. */
function describeOutcome({ outcome, sources }) {
  if (outcome !== "answered") return OUTCOMES[outcome] ?? "";
  if (sources.length === 0) return "";
  return sources.every((source) => source.chunk_id < 0) ? "Looked up for you" : OUTCOMES.answered;
}

function drawNotice(message, does) {
  const node = copy("notice-template");
  node.querySelector(".reply-text").innerHTML = message.html; // made on the server from a closed list of elements
  drawButtons(node, message, does);
  return node;
}

function drawButtons(node, message, does) {
  const row = node.querySelector(".actions");
  row.hidden = message.buttons.length === 0 && !message.link;
  if (message.link) row.append(drawLink(message.link));
  row.append(...message.buttons.map((button) => drawButton(button, () => does.press(node, message.id, button))));
}

function drawLink({ label, url }) {
  const node = document.createElement("a");
  node.className = "button";
  node.href = url; // ours, and looked at on the server
  node.target = "_blank";
  node.rel = "noopener noreferrer";
  node.textContent = label;
  return node;
}

function drawButton(button, press) {
  const node = document.createElement("button");
  node.type = "button";
  node.className = `button ${button.style}`;
  node.dataset.action = button.action;
  node.textContent = button.label;
  node.addEventListener("click", press);
  return node;
}

function whisperUnder(node, text, isHtml = false) {
  const word = node.querySelector(":scope > .whisper") ?? node.appendChild(document.createElement("div"));
  word.className = "whisper prose";
  word.setAttribute("role", "status");
  if (isHtml) word.innerHTML = text; // made on the server from a closed list of elements
  else word.textContent = text;
  word.scrollIntoView({ block: "nearest", behavior: "instant" });
}

function said(text) {
  const node = document.createElement("p");
  node.className = "gone";
  node.textContent = text;
  return node;
}

function drawSources(node, sources, does) {
  const byNumber = new Map(sources.map((source) => [source.number, source]));
  for (const button of node.querySelectorAll(".citation")) {
    const source = byNumber.get(Number(button.dataset.number));
    button.addEventListener("click", () => does.openSource(source, button));
  }
  node.querySelector(".sources").hidden = sources.length === 0;
  node.querySelector(".source-list").append(...sources.map((source) => drawSource(source, does)));
}

function drawSource(source, does) {
  const node = copy("source-template");
  const button = node.querySelector(".source");
  node.querySelector(".number").textContent = source.number;
  node.querySelector(".source-title").textContent = source.title;
  node.querySelector(".source-facts").append(...describe(source));
  button.addEventListener("click", () => does.openSource(source, button));
  return node;
}

/** Where in the document, and how old: as nodes, the age marked when it is old. */
export function describe(source, { withTrail = true } = {}) {
  const place = withTrail ? source.heading_path.at(-1) : null;
  const facts = [place, source.page && `page ${source.page}`].filter(Boolean);
  const age = document.createElement("span");
  age.textContent = source.age;
  age.title = new Date(source.modified_at).toLocaleDateString("en", { dateStyle: "long" });
  age.className = source.is_old ? "age old" : "age";
  return [...facts.flatMap((fact) => [isolated(fact), " · "]), age];
}

function isolated(text) {
  const node = document.createElement("bdi");
  node.textContent = text;
  return node;
}

function drawFoot(node, message, exchange, does) {
  const isFailed = message.outcome === "failed";
  const reference = node.querySelector(".reference");
  const isWanted = isFailed || message.outcome === "escalated";
  reference.hidden = !isWanted || !message.reference || message.html.includes(message.reference);
  reference.querySelector("code").textContent = message.reference;
  const again = node.querySelector(".again");
  again.hidden = !isFailed || !exchange;
  again.addEventListener("click", () => does.askAgain(exchange));
  node.querySelector(".votes").hidden = isFailed || !message.asks_feedback;
  node.querySelector(".reply-foot").hidden = [...node.querySelector(".reply-foot").children].every((part) => part.hidden);
  for (const button of node.querySelectorAll(".vote")) {
    button.addEventListener("click", () => {
      const isTakenBack = button.getAttribute("aria-pressed") === "true";
      does.vote(node, message.id, isTakenBack ? 0 : Number(button.dataset.value));
    });
  }
}

function wrap(node) {
  const entry = document.createElement("li");
  entry.className = "exchange";
  entry.append(node);
  return entry;
}

function copy(templateId) {
  return document.getElementById(templateId).content.firstElementChild.cloneNode(true);
}
