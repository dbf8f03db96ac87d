import path from 'node:path';

/** Every path the agent keeps anything under. */
export interface ContainerPaths {
  dir: string;
  record: string;
  /** What a creation under way has made so far; gone once the record stands. */
  creating: string;
  state: string;
  hostname: string;
  hosts: string;
  resolvConf: string;
  log: string;
  /** FIFOs and sockets of the running task; gone with the machine. */
  runDir: string;
}

export interface BuilderPaths {
  /** What BuildKit keeps between builds. */
  state: string;
  /** Contexts of builds under way. */
  contexts: string;
  config: string;
  log: string;
  socket: string;
  /** How its steps come to their networks. */
  networkConfig: string;
  networkSocket: string;
}

export class DataRoot {
  readonly root: string;
  readonly runRoot: string;

  constructor(options: { dataRoot: string; runRoot: string }) {
    this.root = options.dataRoot;
    this.runRoot = options.runRoot;
  }

  get containers(): string {
    return path.join(this.root, 'containers');
  }
  get networks(): string {
    return path.join(this.root, 'networks');
  }
  get volumes(): string {
    return path.join(this.root, 'volumes');
  }
  /** Certificates of registries: one folder for each `host` or `host:port`, as in /etc/docker/certs.d. */
  get registryCertificates(): string {
    return path.join(this.root, 'certs.d');
  }
  get engineId(): string {
    return path.join(this.root, 'engine-id');
  }
  get fifoPool(): string {
    return path.join(this.runRoot, 'fifos');
  }
  /** Says which boot of the machine has started its containers. */
  get booted(): string {
    return path.join(this.runRoot, 'booted.json');
  }
  get publishedPorts(): string {
    return path.join(this.runRoot, 'ports.json');
  }
  get netns(): string {
    return path.join(this.runRoot, 'netns');
  }
  /** Scripts that start an OCI runtime with arguments. */
  get runtimeScripts(): string {
    return path.join(this.root, 'runtimes');
  }
  get mounts(): string {
    return path.join(this.runRoot, 'mounts');
  }

  /** buildkitd's files. */
  get builder(): BuilderPaths {
    return {
      state: path.join(this.root, 'builder/buildkit'),
      contexts: path.join(this.root, 'builder/contexts'),
      config: path.join(this.runRoot, 'buildkitd.toml'),
      log: path.join(this.runRoot, 'buildkitd.log'),
      socket: path.join(this.runRoot, 'buildkitd.sock'),
      networkConfig: path.join(this.runRoot, 'step-network.conf'),
      networkSocket: path.join(this.runRoot, 'step-network.sock'),
    };
  }

  container(id: string): ContainerPaths {
    const dir = path.join(this.containers, id);
    return {
      dir,
      record: path.join(dir, 'container.json'),
      creating: path.join(dir, 'creating.json'),
      state: path.join(dir, 'state.json'),
      hostname: path.join(dir, 'hostname'),
      hosts: path.join(dir, 'hosts'),
      resolvConf: path.join(dir, 'resolv.conf'),
      log: path.join(dir, `${id}-json.log`),
      runDir: path.join(this.runRoot, 'containers', id),
    };
  }
}
