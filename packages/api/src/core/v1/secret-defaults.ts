import { base64Encode } from '../../schema/base64.ts';
import type { Draft } from '../../schema/message.ts';
import type { Secret } from './secret.ts';

/** `stringData` is for writing: its texts go into `data`, and win over what is there. */
export function fillSecret(secret: Draft<Secret>): void {
  if (secret.stringData === undefined) return;
  const data: Record<string, string> = { ...secret.data };
  const encoder = new TextEncoder();
  for (const [key, text] of Object.entries(secret.stringData)) data[key] = base64Encode(encoder.encode(text));
  secret.data = data;
  delete secret.stringData;
}
