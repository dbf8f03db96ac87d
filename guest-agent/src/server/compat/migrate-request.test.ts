import { expect, test } from 'vitest';
import { createRequest } from '../../api/engine/requests.ts';
import { hostConfig } from '../../api/engine/host-config.ts';
import { networkingConfig } from '../../api/engine/endpoint.ts';
import { endpointSysctls } from '../../containers/validate/networking-config.ts';
import { migrateRequest, type OlderThan } from './migrate-request.ts';

const newest: OlderThan = () => false;
const before148: OlderThan = (version: string) => version === '1.48';

function migrate(body: object, older = newest) {
  const request = createRequest.decode(body, '');
  return migrateRequest(
    {
      ...request,
      HostConfig: request.HostConfig ?? hostConfig.zero(),
      NetworkingConfig: request.NetworkingConfig ?? networkingConfig.zero(),
    },
    older,
  );
}

test('the container’s MAC address becomes its main endpoint’s', () => {
  const { request, warnings } = migrate({ MacAddress: '02:42:ac:11:00:77' });
  expect(request.MacAddress).toBe('');
  expect(request.NetworkingConfig.EndpointsConfig?.['bridge']?.MacAddress).toBe('02:42:ac:11:00:77');
  expect(warnings).toEqual([expect.stringContaining('MacAddress field is now deprecated')]);
  const endpoints = { bridge: { MacAddress: '02:42:ac:11:00:78' } };
  expect(() => migrate({ MacAddress: '02:42:ac:11:00:77', NetworkingConfig: { EndpointsConfig: endpoints } })).toThrow(
    'must match the endpoint-specific MAC address',
  );
});

test('default is the bridge, also among the endpoints', () => {
  const { request } = migrate({ NetworkingConfig: { EndpointsConfig: { default: { DriverOpts: { a: 'b' } } } } });
  expect(request.HostConfig.NetworkMode).toBe('bridge');
  expect(Object.keys(request.NetworkingConfig.EndpointsConfig ?? {})).toEqual(['bridge']);
});

test('settings of an interface: moved for older clients, refused for newer ones', () => {
  const body = { HostConfig: { Sysctls: { 'net.ipv4.conf.eth0.forwarding': '1', 'kernel.msgmax': '2' } } };
  const { request, warnings } = migrate(body, before148);
  expect(request.HostConfig.Sysctls).toEqual({ 'kernel.msgmax': '2' });
  expect(request.NetworkingConfig.EndpointsConfig?.['bridge']?.DriverOpts).toEqual({
    [endpointSysctls]: 'net.ipv4.conf.IFNAME.forwarding=1',
  });
  expect(warnings).toEqual([
    `Migrated sysctl "net.ipv4.conf.eth0.forwarding" to DriverOpts{"${endpointSysctls}":"net.ipv4.conf.IFNAME.forwarding=1"}.`,
  ]);
  expect(() => migrate(body)).toThrow(`must be supplied using driver option '${endpointSysctls}'`);
  const other = { HostConfig: { Sysctls: { 'net.ipv4.conf.eth1.forwarding': '1' } } };
  expect(() => migrate(other, before148)).toThrow('unable to determine network endpoint');
});
