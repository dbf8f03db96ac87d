import { defineConfig } from 'vitest/config';

const conditions = ['berth-source'];
const common = { testTimeout: 30_000, hookTimeout: 60_000, retry: 0 };

/**
 * `unit` runs anywhere. The other suites need what their folder says and are
 * selected by scripts/test after it has looked at what this host can do.
 */
const suite = (name: string, include: string[], extra: object = {}) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { ...common, name, include, ...extra },
});
const serial = { fileParallelism: false, testTimeout: 120_000, hookTimeout: 300_000 };

export default defineConfig({
  test: {
    projects: [
      suite('unit', [
        ...['guest-agent', 'daemon', 'vm-images', 'desktop'].map((workspace) => `${workspace}/src/**/*.test.ts`),
      ]),
      suite('integration', ['test/integration/**/*.test.ts'], serial),
      suite('conformance', ['test/conformance/**/*.test.ts'], serial),
      suite('drivers', ['test/drivers/**/*.test.ts'], serial),
      suite('faults', ['test/faults/**/*.test.ts'], serial),
      suite('e2e', ['test/e2e/**/*.test.ts'], serial),
      suite('desktop', ['test/desktop/**/*.test.ts'], serial),
      suite('moby', ['test/moby/**/*.test.ts'], serial),
      // Not in the default list of scripts/test: BERTH_TEST_SUITES=long.
      suite('long', ['test/long/**/*.test.ts'], serial),
    ],
  },
});
