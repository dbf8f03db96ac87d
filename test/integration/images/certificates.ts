import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Certificate {
  certificate: string;
  key: string;
}

/** An authority of its own in a folder, made with openssl, and what it signs: for names or addresses. */
export class TestAuthority {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
    const args = ['-subj', '/CN=test authority', '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2'];
    this.#openssl(['req', '-x509', '-nodes', ...newKey, ...args]);
  }

  get certificate(): string {
    return this.#read('ca.crt');
  }

  sign(name: string, subjects: readonly string[]): Certificate {
    const file = (extension: string) => `${name}.${extension}`;
    this.#openssl(['req', '-nodes', ...newKey, '-subj', `/CN=${name}`, '-keyout', file('key'), '-out', file('csr')]);
    const names = subjects.map((subject) => (/^[\d.]+$/.test(subject) ? `IP:${subject}` : `DNS:${subject}`));
    writeFileSync(path.join(this.#dir, file('ext')), `subjectAltName=${names.join(',')}\n`);
    const signing = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', file('ext')];
    this.#openssl(['x509', '-req', '-in', file('csr'), ...signing, '-out', file('crt')]);
    return { certificate: this.#read(file('crt')), key: this.#read(file('key')) };
  }

  #openssl(args: string[]): void {
    execFileSync('openssl', args, { cwd: this.#dir, stdio: 'ignore' });
  }

  #read(name: string): string {
    return readFileSync(path.join(this.#dir, name), 'utf8');
  }
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
