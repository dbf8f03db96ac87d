/** Wire types of the image routes, keys in the order in which Docker writes them. */
export interface PlatformJson {
  architecture: string;
  os: string;
  'os.version'?: string;
  'os.features'?: string[];
  variant?: string;
}

export interface DescriptorJson {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
  platform?: PlatformJson;
}

export interface ManifestSummary {
  ID: string;
  Descriptor: DescriptorJson;
  Available: boolean;
  Size: { Content: number; Total: number };
  Kind: 'image' | 'attestation' | 'unknown';
  ImageData?: { Platform: PlatformJson; Size: { Unpacked: number }; Containers: string[] | null };
  AttestationData?: { For: string };
}

/** One entry of GET /images/json. Containers and SharedSize are -1 where they were not counted. */
export interface ImageSummary {
  Containers: number;
  Created: number;
  Id: string;
  Labels: Record<string, string> | null;
  ParentId: string;
  Descriptor?: DescriptorJson;
  Manifests?: ManifestSummary[];
  RepoDigests: string[];
  RepoTags: string[];
  SharedSize: number;
  Size: number;
  VirtualSize?: number;
}

/** GET /images/{name}/json. */
export interface ImageInspect {
  Id: string;
  RepoTags: string[];
  RepoDigests: string[];
  Parent: string;
  Comment: string;
  Created?: string;
  DockerVersion: string;
  Author: string;
  Config: Record<string, unknown>;
  Architecture: string;
  Variant?: string;
  Os: string;
  OsVersion?: string;
  Size: number;
  VirtualSize?: number;
  GraphDriver: { Data: null; Name: string };
  RootFS: { Type?: string; Layers?: string[] };
  Metadata: { LastTagTime: string };
  Descriptor?: DescriptorJson;
  Manifests?: ManifestSummary[];
}

/** One entry of GET /images/{name}/history, newest first. */
export interface ImageHistoryEntry {
  Comment: string;
  Created: number;
  CreatedBy: string;
  Id: string;
  Size: number;
  Tags: string[] | null;
}

/** One step of a removal. */
export interface ImageDeleteEntry {
  Untagged?: string;
  Deleted?: string;
}

export interface ImagesPruneReport {
  ImagesDeleted: ImageDeleteEntry[] | null;
  SpaceReclaimed: number;
}

/** One entry of GET /images/search. */
export interface ImageSearchResult {
  star_count: number;
  is_official: boolean;
  name: string;
  is_automated: boolean;
  description: string;
}
