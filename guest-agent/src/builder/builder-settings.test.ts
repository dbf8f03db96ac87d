import { describe, expect, it } from 'vitest';
import { readBuilderSettings } from './builder-settings.ts';

const gib = 1024 ** 3;

describe('readBuilderSettings', () => {
  it('collects garbage as BuildKit does, and lets a build use the host’s network, by default', () => {
    expect(readBuilderSettings({})).toEqual({
      gc: { reservedBytes: 0, maxUsedBytes: 0, minFreeBytes: 0, policies: null },
      entitlements: ['network.host'],
      history: null,
    });
  });

  it('reads names however they are written, and older ones', () => {
    const { gc } = readBuilderSettings({
      GC: { Enabled: true, defaultKeepStorage: '20GB', defaultMaxUsedSpace: '1.5g' },
    });
    expect(gc).toEqual({ reservedBytes: 20 * gib, maxUsedBytes: 1.5 * gib, minFreeBytes: 0, policies: null });
  });

  it('reads policies, in their order', () => {
    const policy = [
      { keepStorage: '10GB', filter: ['unused-for=48h', 'type=regular'] },
      { all: true, reservedSpace: '512MB' },
    ];
    const none = { maxUsedBytes: 0, minFreeBytes: 0 };
    expect(readBuilderSettings({ gc: { policy } }).gc?.policies).toEqual([
      { ...none, all: false, filters: ['type==regular'], keepSeconds: 48 * 3600, reservedBytes: 10 * gib },
      { ...none, all: true, filters: [], keepSeconds: 0, reservedBytes: gib / 2 },
    ]);
  });

  it('switches off', () => {
    const entitlements = { 'network-host': false, 'security-insecure': true };
    const settings = readBuilderSettings({
      gc: { enabled: false },
      entitlements,
      history: { maxAge: '2h', maxEntries: 9 },
    });
    expect(settings).toEqual({
      gc: null,
      entitlements: ['security.insecure'],
      history: { maxAgeSeconds: 7200, maxEntries: 9 },
    });
  });

  it.each([
    [{ gcc: {} }, 'builder: unknown key "gcc"'],
    [{ gc: [] }, 'builder.gc: expected an object'],
    [{ gc: { policy: {} } }, 'builder.gc.policy: expected a list'],
    [{ gc: { defaultKeepStorage: 'much' } }, 'builder.gc.defaultkeepstorage: expected a size like 20GB, got "much"'],
    [{ gc: { policy: [{ filter: ['colour=red'] }] } }, "invalid filter 'colour'"],
    [{ entitlements: { device: true } }, 'builder.entitlements: unknown key "device"'],
  ])('refuses %j', (given, message) => {
    expect(() => readBuilderSettings(given)).toThrow(message);
  });
});
