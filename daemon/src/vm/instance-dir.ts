import path from 'node:path';

/** What the machine layer itself keeps in the instance folder; drivers name their own files. */
export interface InstanceFiles {
  record: string;
}

export function instanceFiles(instanceDir: string): InstanceFiles {
  return { record: path.join(instanceDir, 'machine.json') };
}
