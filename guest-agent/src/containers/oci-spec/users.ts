import { SystemError } from '../../api/index.ts';
import type { SpecModifier } from './context.ts';
import type { OciIdMapping } from './oci.ts';
import { setCgroupAccess } from './security.ts';
import { securityOptions } from './security-options.ts';
import type { IdRange } from '../../userns/id-mapping.ts';

/** userns-remap: the container's user namespace, and what cannot be had together with one. */
export const usersModifier: SpecModifier = (spec, { record, host, users }) => {
  if (host.isRemapped) {
    if (securityOptions(record.hostConfig.SecurityOpt ?? []).writableCgroups !== null) {
      throw new SystemError('option WritableCgroups conflicts with user namespaces and rootless mode');
    }
    // They cannot be mounted read-only in a user namespace; dockerd spares no container.
    setCgroupAccess(spec, true);
  }
  if (!users) return;
  spec.linux.namespaces.push({ type: 'user', path: users.path });
  spec.linux.uidMappings = mappings(users.mapping.uids);
  spec.linux.gidMappings = mappings(users.mapping.gids);
  // Who may ping is a matter of the machine's groups.
  delete spec.linux.sysctl?.['net.ipv4.ping_group_range'];
};

const mappings = (ranges: readonly IdRange[]): OciIdMapping[] =>
  ranges.map(({ containerId: containerID, hostId: hostID, size }) => ({ containerID, hostID, size }));
