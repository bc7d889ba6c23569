import { int64, text } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';

export interface ListMeta {
  readonly selfLink?: string;
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export const listMeta: Message<ListMeta> = message({
  name: 'meta.v1.ListMeta',
  description: 'What a list says about itself.',
  fields: {
    selfLink: text(1, 'Not used any more.'),
    resourceVersion: text(2, 'Revision at which the list is exact; a watch may start from it.'),
    continue: text(3, 'Sent back as a query parameter it asks for the next page; empty on the last one.'),
    remainingItemCount: int64(4, 'How many items follow after this page.', { keepZero: true }),
  },
});
