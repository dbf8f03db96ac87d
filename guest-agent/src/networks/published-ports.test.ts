import { describe, expect, test } from 'vitest';
import { parsePort, planPorts, type PortPlanOptions, portMap } from './published-ports.ts';

describe('ports', () => {
  test('names', () => {
    expect(parsePort('80')).toEqual({ port: 80, protocol: 'tcp' });
    expect(parsePort('53/udp')).toEqual({ port: 53, protocol: 'udp' });
    expect(() => parsePort('99999/tcp')).toThrow('invalid port specification: "99999/tcp"');
    expect(() => parsePort('80/dccp')).toThrow('invalid port specification');
  });
  const plan = (bindings: PortPlanOptions['bindings'], more: Partial<PortPlanOptions> = {}) =>
    planPorts({
      ...{ bindings, exposed: [], publishAll: false, defaultHostIp: '' },
      ...{ ipv4: { address: '172.17.0.2', mode: 'nat' }, ipv6: { address: '', mode: 'nat' } },
      ...more,
    });
  const web = { '80/tcp': [{ HostIp: '', HostPort: '8080' }] };
  const target = { targetIp: '172.17.0.2', targetIpv6: '', targetPort: 80 };

  test('requests: bindings, ranges, and with -P the other exposed ports', () => {
    const bindings = { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8000-8010' }], '81/tcp': null };
    const { requests, routed } = plan(bindings, { exposed: ['80/tcp', '53/udp'], publishAll: true });
    expect(requests).toEqual([
      { ...target, protocol: 'tcp', hostIp: '127.0.0.1', hostPortFirst: 8000, hostPortLast: 8010 },
      { ...target, protocol: 'udp', hostIp: '', hostPortFirst: 0, hostPortLast: 0, targetPort: 53 },
    ]);
    expect(routed).toEqual([]);
  });
  test('a routed family costs the host nothing, the other one is published', () => {
    const ipv4 = { address: '172.17.0.2', mode: 'routed' as const };
    const { requests, routed } = plan(web, { ipv4 });
    expect(requests.map(({ hostIp }) => hostIp)).toEqual(['::']);
    expect(routed.map(({ hostIps, hostPort }) => [hostIps, hostPort])).toEqual([[['0.0.0.0'], 0]]);
  });
  test('IPv6 alone is published on IPv6 alone', () => {
    const sides = { ipv4: { address: '', mode: 'nat' }, ipv6: { address: 'fd00::2', mode: 'nat' } } as const;
    const [request] = plan(web, sides).requests;
    expect(request).toMatchObject({ hostIp: '::', targetIp: 'fd00::2', targetIpv6: 'fd00::2' });
    expect(plan({ '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] }, sides).requests).toEqual([]);
  });
  test('SCTP is refused as by a dockerd whose kernel has none', () => {
    expect(() => plan({ '80/sctp': [{ HostIp: '', HostPort: '8080' }] })).toThrow(
      'error starting userland proxy: failed to listen on 0.0.0.0:8080: protocol not supported',
    );
  });
  test('what inspect shows', () => {
    const published = {
      ...{ ...target, protocol: 'tcp' as const, hostIp: '', hostPortFirst: 0, hostPortLast: 0 },
      ...{ hostPort: 32768, hostIps: ['0.0.0.0', '::'], direct: true },
    };
    expect(portMap(['80/tcp', '90/tcp'], [published])).toEqual({
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '32768' },
        { HostIp: '::', HostPort: '32768' },
      ],
      '90/tcp': null,
    });
  });
});
