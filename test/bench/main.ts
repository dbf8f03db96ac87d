import { parseArgs } from 'node:util';
import { benchBoot } from './boot.ts';
import { benchBuilds } from './builds.ts';
import { benchDashboard } from './dashboard.ts';
import { benchIdle } from './idle.ts';
import { benchImages } from './images.ts';
import { benchLink } from './link.ts';
import { benchLinux } from './linux.ts';
import { benchMany } from './many.ts';
import { benchNetworks } from './networks.ts';
import { benchPorts } from './ports.ts';
import { benchShares } from './shares.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    reference: { type: 'string' },
    runs: { type: 'string', default: '21' },
    driver: { type: 'string', default: 'linux' },
    files: { type: 'string', default: '10000' },
    kind: { type: 'string' },
  },
});
const [runs, files, reference] = [Number(values.runs), Number(values.files), values.reference ?? null];
const benches: Record<string, () => Promise<void>> = {
  linux: () => benchLinux({ runs, reference }),
  many: () => benchMany({ runs, reference }),
  images: () => benchImages({ runs, reference }),
  networks: () => benchNetworks({ runs, reference }),
  ports: () => benchPorts({ runs }),
  builds: () => benchBuilds({ runs, reference }),
  boot: () => benchBoot({ runs }),
  idle: () => benchIdle({ driver: values.driver === 'qemu' ? 'qemu' : 'linux' }),
  link: () => benchLink({ runs }),
  shares: () => benchShares({ runs, files, kind: values.kind }),
  dashboard: () => benchDashboard({ runs }),
};
const bench = benches[positionals[0] ?? ''];
if (bench) await bench();
else {
  console.error(`usage: bench ${Object.keys(benches).join('|')} [--reference SOCKET] [--runs N] [--driver linux|qemu]`);
  process.exitCode = 2;
}
