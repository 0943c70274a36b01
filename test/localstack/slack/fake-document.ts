/** As much of a browser's document as rendering blocks needs. There is no HTML parser in it to be fooled. */
export type FakeNode = FakeElement | FakeText;

class FakeText {
  readonly textContent: string;
  constructor(text: string) {
    this.textContent = text;
  }
}

export class FakeElement {
  readonly tag: string;
  readonly attributes = new Map<string, string>();
  readonly #listeners = new Map<string, (() => void)[]>();
  children: FakeNode[] = [];

  constructor(tag: string) {
    this.tag = tag;
  }
  append(...children: (FakeNode | string)[]): void {
    this.children.push(...children.map((child) => (typeof child === 'string' ? new FakeText(child) : child)));
  }
  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }
  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }
  addEventListener(type: string, listener: () => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }
  get textContent(): string {
    return this.children.map((child) => child.textContent).join('');
  }
  set textContent(text: string) {
    this.children = [new FakeText(text)];
  }

  /** Presses it. */
  click(): void {
    this.#listeners.get('click')?.forEach((listener) => {
      listener();
    });
  }
  /** It and every element in it, in reading order. */
  all(): FakeElement[] {
    return [this, ...this.children.flatMap((child) => (child instanceof FakeElement ? child.all() : []))];
  }
  /** The elements of one kind in it. */
  tagged(tag: string): FakeElement[] {
    return this.all().filter((element) => element.tag === tag);
  }
}

export class FakeDocument {
  createElement(tag: string): FakeElement {
    return new FakeElement(tag);
  }
  createTextNode(text: string): FakeText {
    return new FakeText(text);
  }
}
