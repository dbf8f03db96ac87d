import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { hasX32, readKernelConfig } from './kernel-config.ts';
import { capabilitiesIn } from '../containers/oci-spec/capabilities.ts';

/** What does not change while the machine runs. */
export interface HostFacts {
  /** uname -r. */
  kernelVersion: string;
  /** PRETTY_NAME of os-release. */
  operatingSystem: string;
  osVersion: string;
  /** uname -m, as /info has it. */
  machineArchitecture: string;
  /** As Go names it: amd64, arm64. */
  arch: 'amd64' | 'arm64';
  hostname: string;
  cpuCount: number;
  memoryBytes: number;
  cgroupVersion: 1 | 2;
  /** The kernel runs x32 programs; true where that is not known. */
  hasX32: boolean;
  /** The agent's bounding set. */
  capabilities: string[];
}

export async function readHostFacts(): Promise<HostFacts> {
  const status = await readFile('/proc/self/status', 'utf8');
  const release = parseOsRelease(await readFile('/etc/os-release', 'utf8').catch(() => ''));
  return {
    kernelVersion: os.release(),
    operatingSystem: release['PRETTY_NAME'] ?? 'Linux',
    osVersion: release['VERSION_ID'] ?? '',
    machineArchitecture: os.machine(),
    arch: os.arch() === 'arm64' ? 'arm64' : 'amd64',
    hostname: os.hostname(),
    cpuCount: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    // cgroups(7): only the root of a unified hierarchy has this file.
    cgroupVersion: existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1,
    hasX32: hasX32(await readKernelConfig(), await readFile('/proc/cmdline', 'utf8').catch(() => '')),
    capabilities: capabilitiesIn(/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'),
  };
}

function parseOsRelease(text: string): Record<string, string> {
  const entries = text.split('\n').map((line) => /^(\w+)="?(.*?)"?$/.exec(line));
  return Object.fromEntries(entries.flatMap((match) => (match?.[1] ? [[match[1], match[2] ?? '']] : [])));
}
