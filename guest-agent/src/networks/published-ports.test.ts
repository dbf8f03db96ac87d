import { describe, expect, test } from 'vitest';
import { parsePort, portMap, portRequests } from './published-ports.ts';

describe('ports', () => {
  test('names', () => {
    expect(parsePort('80')).toEqual({ port: 80, protocol: 'tcp' });
    expect(parsePort('53/udp')).toEqual({ port: 53, protocol: 'udp' });
    expect(() => parsePort('99999/tcp')).toThrow('invalid port specification: "99999/tcp"');
    expect(() => parsePort('80/sctp')).toThrow('berth publishes tcp and udp, not sctp');
  });
  test('requests: bindings, ranges, and with -P the other exposed ports', () => {
    const requests = portRequests({
      bindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8000-8010' }], '81/tcp': null },
      exposed: ['80/tcp', '53/udp'],
      publishAll: true,
      targetIp: '172.17.0.2',
      defaultHostIp: '',
    });
    expect(requests).toEqual([
      {
        protocol: 'tcp',
        hostIp: '127.0.0.1',
        hostPortFirst: 8000,
        hostPortLast: 8010,
        targetIp: '172.17.0.2',
        targetPort: 80,
      },
      { protocol: 'udp', hostIp: '', hostPortFirst: 0, hostPortLast: 0, targetIp: '172.17.0.2', targetPort: 53 },
    ]);
  });
  test('what inspect shows', () => {
    const published = {
      ...{ protocol: 'tcp' as const, hostIp: '', hostPortFirst: 0, hostPortLast: 0, targetIp: 'x', targetPort: 80 },
      ...{ hostPort: 32768, hostIps: ['0.0.0.0', '::'] },
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
