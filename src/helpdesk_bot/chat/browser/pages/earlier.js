// Conversations that this browser had before.

export class EarlierDialog {
  #dialog = document.getElementById("earlier");
  #list = document.getElementById("earlier-list");
  #note = document.getElementById("earlier-note");
  #turnTo;

  /** `turnTo` opens a conversation by its id. */
  constructor(turnTo) {
    this.#turnTo = turnTo;
    document.getElementById("earlier-close").addEventListener("click", () => this.#dialog.close());
  }

  /** `listing` is the promise of the list. */
  async open(listing) {
    this.#list.replaceChildren();
    this.#say("Looking…");
    this.#dialog.showModal();
    try {
      const conversations = await listing;
      this.#list.replaceChildren(...conversations.map((one) => this.#draw(one)));
      this.#say(conversations.length === 0 ? "No other conversation is kept any more." : "");
    } catch (refused) {
      this.#say(refused.message);
    }
  }

  #draw({ conversation, beginning, at }) {
    const entry = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "suggestion";
    button.append(line("earlier-beginning", beginning), line("source-facts", describe(at)));
    button.addEventListener("click", () => {
      this.#dialog.close();
      this.#turnTo(conversation);
    });
    entry.append(button);
    return entry;
  }

  #say(text) {
    this.#note.textContent = text;
    this.#note.hidden = !text;
  }
}

function describe(at) {
  return new Date(at).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });
}

function line(className, text) {
  const node = document.createElement("span");
  node.className = className;
  node.dir = "auto";
  node.textContent = text;
  return node;
}
