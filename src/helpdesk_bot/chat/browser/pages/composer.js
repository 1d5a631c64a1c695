// Where the question is typed.

export const MAX_CHARACTERS = 8_000;
const NEARLY_FULL = 7_500;

export class Composer {
  #form = document.getElementById("composer");
  #field = document.getElementById("question");
  #send = document.getElementById("send");
  #note = document.getElementById("composer-note");

  /** `ask` gets the trimmed text. */
  constructor(ask) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.#field.value.trim();
      if (!text || this.#length > MAX_CHARACTERS) return;
      this.#field.value = "";
      this.#refresh();
      ask(text);
    });
    this.#field.addEventListener("input", () => this.#refresh());
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.#refresh();
  }

  focus() {
    this.#field.focus({ preventScroll: true });
  }

  /** In characters as the server counts them, not in UTF-16 units. */
  get #length() {
    return [...this.#field.value.trim()].length;
  }

  #refresh() {
    const length = this.#length;
    this.#send.disabled = length === 0 || length > MAX_CHARACTERS;
    this.#note.classList.toggle("too-long", length > MAX_CHARACTERS);
    this.#note.textContent = describeLength(length);
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}

function describeLength(length) {
  if (length > MAX_CHARACTERS) return `${(length - MAX_CHARACTERS).toLocaleString("en")} characters too many`;
  if (length > NEARLY_FULL) return `${(MAX_CHARACTERS - length).toLocaleString("en")} characters left`;
  return "Answers can be incomplete. Check the sources.";
}
