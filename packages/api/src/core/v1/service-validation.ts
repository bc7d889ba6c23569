import type { FaultList } from '../../errors/fault-list.ts';
import { checkLabels } from '../../meta/v1/object-meta-validation.ts';
import { notServed } from '../../schema/field-facts.ts';
import { checkEndpointAddress } from '../../text/endpoint-address.ts';
import { isIpAddress } from '../../text/ip-address.ts';
import { checkDnsSubdomain } from '../../text/name-format.ts';
import { checkPortReference } from './probe-validation.ts';
import type { ServicePort, ServiceSpec } from './service-spec.ts';

export function checkServicePort({ targetPort }: ServicePort, faults: FaultList): void {
  checkPortReference('targetPort', targetPort, faults);
}

export function checkServiceSpec(spec: ServiceSpec, faults: FaultList): void {
  checkLabels('selector', spec.selector, faults);
  checkPorts(spec, faults);
  checkAddresses(spec, faults);
  checkTrafficPolicies(spec, faults);
  if (spec.type === 'ExternalName') checkExternalName(spec, faults);
}

function checkPorts({ ports = [], type, clusterIP }: ServiceSpec, faults: FaultList): void {
  if (ports.length === 0 && clusterIP !== 'None' && type !== 'ExternalName') faults.required('ports');
  const names = new Set<string>();
  const places = new Set<string>();
  const nodePorts = new Set<string>();
  ports.forEach(({ name, port, protocol, nodePort }, index) => {
    if (ports.length > 1 && (name === undefined || name === '')) faults.required(`ports[${index}].name`);
    if (name !== undefined && names.has(name)) faults.duplicate(`ports[${index}].name`, name);
    if (name !== undefined) names.add(name);
    const place = `${protocol}/${port}`;
    if (places.has(place)) faults.duplicate(`ports[${index}]`, { port, protocol });
    places.add(place);
    if (nodePort === undefined) return;
    if (type === 'ClusterIP' || type === 'ExternalName') {
      faults.forbidden(`ports[${index}].nodePort`, `may not be used when \`type\` is '${type}'`);
    }
    const nodePlace = `${protocol}/${nodePort}`;
    if (nodePorts.has(nodePlace)) faults.duplicate(`ports[${index}].nodePort`, nodePort);
    nodePorts.add(nodePlace);
  });
}

function checkAddresses(spec: ServiceSpec, faults: FaultList): void {
  const { clusterIP, clusterIPs = [], type, ipFamilies = [], ipFamilyPolicy, externalIPs = [] } = spec;
  if (clusterIP === 'None' && (type === 'NodePort' || type === 'LoadBalancer')) {
    faults.invalid('clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`);
  }
  if (clusterIP !== undefined && clusterIP !== 'None' && !isIpAddress(clusterIP)) {
    faults.invalid('clusterIPs[0]', clusterIP, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)');
  }
  if (clusterIPs.length > 0 && clusterIPs[0] !== clusterIP) {
    faults.invalid('clusterIPs[0]', clusterIPs, 'first value must match `clusterIP`');
  }
  if (clusterIPs.length > 1) faults.forbidden('clusterIPs', notServed('services with two address families'));
  if (ipFamilyPolicy === 'RequireDualStack')
    faults.forbidden('ipFamilyPolicy', notServed('services with two address families'));
  if (ipFamilies.includes('IPv6')) faults.forbidden('ipFamilies', notServed('services with IPv6 addresses'));
  externalIPs.forEach((ip, index) => {
    const fault = checkEndpointAddress(ip);
    if (fault !== undefined) faults.invalid(`externalIPs[${index}]`, ip, fault);
  });
}

function checkTrafficPolicies(spec: ServiceSpec, faults: FaultList): void {
  const { type, externalTrafficPolicy, externalIPs = [], allocateLoadBalancerNodePorts, loadBalancerClass } = spec;
  const seenOutside = type === 'NodePort' || type === 'LoadBalancer' || externalIPs.length > 0;
  if (externalTrafficPolicy !== undefined && !seenOutside) {
    const rule = 'may only be set for externally-accessible services';
    faults.invalid('externalTrafficPolicy', externalTrafficPolicy, rule);
  }
  if (type === 'LoadBalancer') return;
  const rule = "may only be used when `type` is 'LoadBalancer'";
  if (allocateLoadBalancerNodePorts !== undefined) faults.forbidden('allocateLoadBalancerNodePorts', rule);
  if (loadBalancerClass !== undefined) faults.forbidden('loadBalancerClass', rule);
}

function checkExternalName({ externalName, clusterIP, clusterIPs = [] }: ServiceSpec, faults: FaultList): void {
  if (clusterIP !== undefined || clusterIPs.length > 0) {
    faults.forbidden('clusterIPs', 'may not be set for ExternalName services');
  }
  const name = externalName?.endsWith('.') ? externalName.slice(0, -1) : externalName;
  if (name === undefined || name === '') {
    faults.required('externalName');
    return;
  }
  const fault = checkDnsSubdomain(name);
  if (fault !== undefined) faults.invalid('externalName', externalName, fault);
}
