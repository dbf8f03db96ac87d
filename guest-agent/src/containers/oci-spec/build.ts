import { deviceEditsModifier } from '../devices/container-edits.ts';
import type { SpecContext, SpecModifier } from './context.ts';
import { cgroupModifier, namespacesModifier, resourcesModifier, sysctlModifier } from './linux.ts';
import { defaultMountsModifier, ipcMountsModifier, networkFilesModifier, userMountsModifier } from './mounts.ts';
import type { OciSpec } from './oci.ts';
import { capabilitiesModifier, initModifier, processModifier, rlimitsModifier } from './process.ts';
import { securityModifier } from './security.ts';
import { usersModifier } from './users.ts';

const modifiers: readonly SpecModifier[] = [
  processModifier,
  capabilitiesModifier,
  rlimitsModifier,
  defaultMountsModifier,
  ipcMountsModifier,
  networkFilesModifier,
  userMountsModifier,
  initModifier,
  namespacesModifier,
  resourcesModifier,
  cgroupModifier,
  sysctlModifier,
  securityModifier,
  usersModifier,
  deviceEditsModifier,
];

/** The OCI runtime spec of a container. Pure but for looking up device numbers. */
export function buildSpec(context: SpecContext): OciSpec {
  const { config, hostConfig } = context.record;
  const spec: OciSpec = {
    ociVersion: '1.0.2',
    process: { user: { uid: 0, gid: 0 }, args: [], env: [], cwd: '/' },
    root: { path: 'rootfs', readonly: hostConfig.ReadonlyRootfs },
    hostname: config.Hostname,
    mounts: [],
    ...(hostConfig.Annotations && { annotations: hostConfig.Annotations }),
    linux: { resources: {}, cgroupsPath: '', namespaces: [] },
  };
  for (const modify of modifiers) modify(spec, context);
  return spec;
}
