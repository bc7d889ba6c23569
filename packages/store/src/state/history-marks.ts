/** Bytes between two marks. */
const markBytes = 256 * 1024;

interface Mark {
  readonly revision: number;
  /** Written before it since the marks began. */
  readonly bytesBefore: number;
}

/** Where the kept history can be cut by its size without reading it. Knows what was written since it was made; not what was there before. */
export class HistoryMarks {
  #marks: Mark[] = [];
  #bytes = 0;
  #next = 0;

  /** Revisions ascend. */
  note(revision: number, bytes: number): void {
    if (this.#bytes >= this.#next) {
      this.#marks.push({ revision, bytesBefore: this.#bytes });
      this.#next = this.#bytes + markBytes;
    }
    this.#bytes += bytes;
  }

  /** A revision from which on the records are `bytesMax` at most and little less; undefined when that cannot be told. */
  keeping(bytesMax: number): number | undefined {
    const cut = this.#bytes - bytesMax;
    if (cut < 0) return undefined;
    return this.#marks.find(({ bytesBefore }) => bytesBefore >= cut)?.revision;
  }

  /** What is older was deleted. */
  forgetBelow(revision: number): void {
    this.#marks = this.#marks.filter((mark) => mark.revision >= revision);
  }
}
