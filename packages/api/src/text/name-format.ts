/**
 * The syntaxes of names. Each check answers undefined, or what is wrong in Kubernetes' words.
 * (RFC 1123 labels and subdomains, RFC 1035 labels, qualified names, label values.)
 */

const dnsLabel = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const dns1035Label = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const namePart = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

export function checkDnsLabel(text: string): string | undefined {
  if (text.length > 63) return tooLong(63);
  if (dnsLabel.test(text)) return undefined;
  return (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
    "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
  );
}

export function checkDnsSubdomain(text: string): string | undefined {
  if (text.length > 253) return tooLong(253);
  if (dnsSubdomain.test(text)) return undefined;
  return (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
    "with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
  );
}

export function checkDns1035Label(text: string): string | undefined {
  if (text.length > 63) return tooLong(63);
  if (dns1035Label.test(text)) return undefined;
  return (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end " +
    "with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
  );
}

const qualifiedNameRule =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** Keys of labels, annotations, taints and resources: an optional DNS subdomain, a slash, and a name. */
export function checkQualifiedName(text: string): string | undefined {
  const parts = text.split('/');
  if (parts.length > 2) {
    return (
      "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
      "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
      "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
    );
  }
  const name = parts.at(-1) ?? '';
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    if (prefix === '') return 'prefix part must be non-empty';
    const prefixFault = checkDnsSubdomain(prefix);
    if (prefixFault !== undefined) return `prefix part ${prefixFault}`;
  }
  if (name === '') return 'name part must be non-empty';
  if (name.length > 63) return `name part ${tooLong(63)}`;
  return namePart.test(name) ? undefined : qualifiedNameRule;
}

export function checkLabelValue(text: string): string | undefined {
  if (text === '') return undefined;
  if (text.length > 63) return tooLong(63);
  if (namePart.test(text)) return undefined;
  return (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with " +
    "an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
  );
}

/** Keys of the data of ConfigMaps and Secrets. */
export function checkDataKey(text: string): string | undefined {
  if (text.length > 253) return tooLong(253);
  if (!/^[-._a-zA-Z0-9]+$/.test(text)) {
    return (
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or " +
      "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
    );
  }
  if (text === '.' || text === '..') return `must not be '${text}'`;
  return text.startsWith('..') ? "must not start with '..'" : undefined;
}

/** Names of ports: at most 15 characters, at least one letter (IANA service names, RFC 6335). */
export function checkPortName(text: string): string | undefined {
  if (text.length > 15) return tooLong(15);
  if (!/^[-a-z0-9]+$/.test(text)) return 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)';
  if (!/[a-z]/.test(text)) return 'must contain at least one letter (a-z)';
  if (text.includes('--')) return 'must not contain consecutive hyphens';
  if (text.startsWith('-') || text.endsWith('-')) return 'must not begin or end with a hyphen';
  return undefined;
}

/** Names of environment variables may have all printable ASCII but `=`. */
export function checkEnvironmentName(text: string): string | undefined {
  if (text === '') return 'environment variable name must be non-empty';
  return /^[ -<>-~]+$/.test(text)
    ? undefined
    : "a valid environment variable name must consist only of printable ASCII characters other than '='";
}

function tooLong(max: number): string {
  return `must be no more than ${max} bytes`;
}
