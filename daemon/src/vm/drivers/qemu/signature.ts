import path from 'node:path';

/** What macOS wants a program to be signed with before it lets it use the hypervisor. */
const entitlement = 'com.apple.security.hypervisor';
const entitlementsFile = path.resolve(import.meta.dirname, '../../../../hypervisor.entitlements');

/** Reads what `codesign --display --entitlements - --xml FILE` prints. */
export function isSignedForHypervisor(printed: string): boolean {
  return new RegExp(`<key>${RegExp.escape(entitlement)}</key>\\s*<true/>`).test(printed);
}

/** The command that signs a QEMU so that it may use the hypervisor. */
export function signingCommand(program: string): string {
  return `codesign --force --sign - --entitlements '${entitlementsFile}' '${program}'`;
}
