/** SDP holds addresses and ICE passwords: this type cannot be logged or serialised whole by accident. */
export class SdpText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return `[SDP, ${this.#text.length} characters]`;
  }

  toJSON(): string {
    return this.toString();
  }
}
