/** created and dead are Docker's own words, too. */
export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

export interface PublishedPort {
  /** '' means every address. */
  address: string;
  hostPort: number;
  containerPort: number;
  protocol: string;
}

/** A container as the dashboard lists it. Names, labels and the like are whatever somebody wrote: text, never markup. */
export interface ContainerRow {
  id: string;
  name: string;
  image: string;
  command: string;
  state: ContainerState;
  /** In Docker's words, e.g. 'Up 2 minutes (healthy)'. */
  status: string;
  /** Seconds since 1970. */
  createdAt: number;
  ports: readonly PublishedPort[];
  labels: Readonly<Record<string, string>>;
  /** Names of the volumes that it mounts. */
  volumes: readonly string[];
}

export interface ImageRow {
  id: string;
  /** Empty for an image without a name. */
  tags: readonly string[];
  bytes: number;
  /** Seconds since 1970. */
  createdAt: number;
  /** How many containers are made from it. */
  containers: number;
}

export interface VolumeRow {
  name: string;
  driver: string;
  /** ISO 8601; '' when it is not known. */
  createdAt: string;
  /** Names of the containers that mount it. */
  usedBy: readonly string[];
}
