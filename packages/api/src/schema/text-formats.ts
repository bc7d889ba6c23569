import { checkIpAddress } from '../text/ip-address.ts';
import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkEnvironmentName,
  checkLabelValue,
  checkPortName,
  checkQualifiedName,
} from '../text/name-format.ts';
import { checkSignalName } from '../text/signal-name.ts';
import type { TextFormat } from './value-type.ts';

/** Syntaxes as facts of fields. An empty text is never checked. */
export const dnsLabel: TextFormat = { name: 'RFC 1123 label', check: checkDnsLabel };
export const dnsSubdomain: TextFormat = { name: 'RFC 1123 subdomain', check: checkDnsSubdomain };
export const qualifiedName: TextFormat = { name: 'qualified name', check: checkQualifiedName };
export const labelValue: TextFormat = { name: 'label value', check: checkLabelValue };
export const portName: TextFormat = { name: 'IANA service name', check: checkPortName };
export const environmentName: TextFormat = { name: 'environment variable name', check: checkEnvironmentName };
export const ipAddress: TextFormat = { name: 'IP address', check: checkIpAddress };
export const signalName: TextFormat = { name: 'signal name', check: checkSignalName };
