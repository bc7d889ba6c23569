import type { FastifyReply } from 'fastify';

/** More help nobody, and headers have limits too. */
const warningsMax = 20;
const lengthMax = 400;

/** Collects warnings as `Warning` headers, which kubectl prints on its error output (RFC 7234, section 5.5). */
export function warningHeader(reply: FastifyReply): { add(message: string): void } {
  const seen = new Set<string>();
  return {
    add(message) {
      if (seen.size >= warningsMax || seen.has(message)) return;
      seen.add(message);
      const values = [...seen].map((text) => `299 - ${quoted(text.slice(0, lengthMax))}`);
      void reply.header('warning', values);
    },
  };
}

function quoted(text: string): string {
  return `"${text.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["\\]/g, '\\$&')}"`;
}
