import { parseArgs } from 'node:util';
import { benchBoot } from './boot.ts';
import { benchBuilds } from './builds.ts';
import { benchDashboard } from './dashboard.ts';
import { benchImages } from './images.ts';
import { benchLink } from './link.ts';
import { benchLinux } from './linux.ts';
import { benchMany } from './many.ts';
import { benchNetworks } from './networks.ts';
import { benchShares } from './shares.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    reference: { type: 'string' },
    runs: { type: 'string', default: '21' },
    files: { type: 'string', default: '10000' },
  },
});
const runs = Number(values.runs);
if (positionals[0] === 'linux') await benchLinux({ runs, reference: values.reference ?? null });
else if (positionals[0] === 'many') await benchMany({ runs, reference: values.reference ?? null });
else if (positionals[0] === 'images') await benchImages({ runs, reference: values.reference ?? null });
else if (positionals[0] === 'networks') await benchNetworks({ runs, reference: values.reference ?? null });
else if (positionals[0] === 'builds') await benchBuilds({ runs, reference: values.reference ?? null });
else if (positionals[0] === 'boot') await benchBoot({ runs });
else if (positionals[0] === 'shares') await benchShares({ runs, files: Number(values.files) });
else if (positionals[0] === 'dashboard') await benchDashboard({ runs });
else if (positionals[0] === 'link') await benchLink({ runs });
else {
  console.error(
    'usage: bench linux|many|images|networks|builds|boot|link|shares|dashboard [--reference SOCKET] [--runs N]',
  );
  process.exitCode = 2;
}
