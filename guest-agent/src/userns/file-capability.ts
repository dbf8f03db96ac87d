/** linux/capability.h: version 3 is version 2 with the root user of the namespace that the file may be run in. */
const plainBytes = 20;
const versionAt = 3;
const [version2, version3] = [2, 3];

/** security.capability without a namespace's root. */
export function plainCapability(value: Buffer): Buffer {
  if (value[versionAt] !== version3 || value.length <= plainBytes) return value;
  const plain = Buffer.from(value.subarray(0, plainBytes));
  plain[versionAt] = version2;
  return plain;
}
