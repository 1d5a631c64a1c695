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

/** One question with what followed. `does` holds what the visitor can do: retry, askAgain, openSource, vote. */
class Exchange {
  #does;
  #slow = null;
  isAnswered = false;
  node;

  constructor(clientId, text, does) {
    this.clientId = clientId;
    this.text = text;
    this.#does = does;
    this.node = copy("exchange-template");
    this.#part(".question-text").textContent = text;
    this.#part(".unsent button").addEventListener("click", () => does.retry(this));
    this.wait();
  }

  wait(step) {
    if (this.isAnswered) return;
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
      this.#part(".waiting-text").textContent =
        "This takes longer than usual. You can leave the page; the answer will be here when you come back.";
    }, SLOW_AFTER_MS);
  }

  unsent(reason) {
    this.#stopWaiting();
    this.#part(".unsent").hidden = false;
    this.#part(".unsent-text").textContent = `Not sent. ${reason}`;
  }

  add(reply) {
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
    exchange.wait();
  }

  progress(step) {
    this.unanswered[0]?.wait(step);
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
  node.querySelector(".outcome-text").textContent = OUTCOMES[message.outcome] ?? "";
  node.querySelector(".reply-text").innerHTML = message.html; // made on the server from a closed list of elements
  drawSources(node, message.sources, does);
  drawFoot(node, message, exchange, does);
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
  node.querySelector(".votes").hidden = isFailed;
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
