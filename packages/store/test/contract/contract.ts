import { afterAll, beforeAll, describe, test } from 'vitest';
import { history } from './history.ts';
import { leadership } from './leadership.ts';
import { reads } from './reads.ts';
import { Place, type Subject } from './subject.ts';
import { transactions } from './transactions.ts';
import { watches } from './watches.ts';

const chapters = { reads, transactions, watches, history, leadership };

/** The contract of `Store`, told once and asked of every engine. */
export function storeContract(engine: string, open: () => Promise<Subject>, openLimitMs = 30_000): void {
  describe(`the contract of the store, kept by ${engine}`, () => {
    let subject: Subject;
    beforeAll(async () => {
      subject = await open();
    }, openLimitMs);
    afterAll(async () => {
      await subject?.close();
    });
    for (const [chapter, cases] of Object.entries(chapters)) {
      describe(chapter, () => {
        for (const [index, { title, run }] of cases.entries()) {
          test(title, async () => {
            await run(new Place(subject, `/contract/${chapter}/${index}/`));
          });
        }
      });
    }
  });
}
