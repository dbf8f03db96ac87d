import type { IpamConfigRequest } from '../api/engine/network.ts';
import { contains, familyOf, formatSubnet, overlaps, parseAddress, readSubnet, type Subnet } from './cidr.ts';

/** What is wrong with the address pools of a network to be made, in dockerd's words, all of it. */
export function checkIpam(configs: readonly IpamConfigRequest[], hasIpv6: boolean): string[] {
  return configs.flatMap((config) => {
    const subnet = readSubnet(config.Subnet);
    if (!subnet) return [`invalid subnet ${config.Subnet}: invalid CIDR block notation`];
    if (subnet.family === 6 && !hasIpv6) return [];
    return [...checkBase(config.Subnet, subnet), ...checkRange(config, subnet), ...checkAddresses(config, subnet)];
  });
}

function checkBase(text: string, subnet: Subnet): string[] {
  const isMasked = parseAddress(text.split('/')[0] as string) === subnet.base;
  return isMasked ? [] : [`invalid subnet ${text}: it should be ${formatSubnet(subnet)}`];
}

function checkRange({ IPRange: text, Subnet: parent }: IpamConfigRequest, subnet: Subnet): string[] {
  if (text === '') return [];
  const range = readSubnet(text);
  if (!range) return [`invalid ip-range ${text}: invalid CIDR block notation`];
  if (range.family !== subnet.family)
    return [`invalid ip-range ${text}: parent subnet is an IPv${subnet.family} block`];
  const isMasked = parseAddress(text.split('/')[0] as string) === range.base;
  return [
    ...(range.prefix < subnet.prefix ? [`CIDR block is bigger than its parent subnet ${parent}`] : []),
    ...(isMasked ? [] : [`it should be ${formatSubnet(range)}`]),
    ...(overlaps(range, subnet) ? [] : [`parent subnet ${parent} doesn't contain ip-range`]),
  ].map((problem) => `invalid ip-range ${text}: ${problem}`);
}

function checkAddresses(config: IpamConfigRequest, subnet: Subnet): string[] {
  const auxiliary = Object.entries(config.AuxiliaryAddress ?? config.AuxiliaryAddresses ?? {});
  const named = [
    { noun: `gateway ${config.Gateway}`, address: config.Gateway },
    ...auxiliary.map(([name, address]) => ({ noun: `auxiliary address ${name}`, address })),
  ];
  return named.flatMap(({ noun, address }) => {
    if (address === '') return [];
    if (familyOf(address) === null) return [`invalid ${noun}: invalid address`];
    if (familyOf(address) !== subnet.family) return [`invalid ${noun}: parent subnet is an IPv${subnet.family} block`];
    return contains(subnet, address)
      ? []
      : [`invalid ${noun}: parent subnet ${config.Subnet} doesn't contain this address`];
  });
}
