import { messageAny, specAny, typeNameOf } from './any.ts';
import type { CallOptions } from './call.ts';
import type { Connection } from './connection.ts';
import { Options as RuncOptions, ProcessDetails } from '../gen/containerd/runc/options.ts';
import { TasksDefinition } from '../gen/containerd/services/tasks.ts';
import type { Metric } from '../gen/containerd/types/metrics.ts';
import type { Mount } from '../gen/containerd/types/mount.ts';
import { Status, type Process } from '../gen/containerd/types/task.ts';
import type { Timestamp } from '../gen/google/protobuf/timestamp.ts';

export { Status as TaskStatus, type Process };

/** Paths of the FIFOs (or `binary://…`, `file://…` URIs) of a process; '' leaves the stream closed. */
export interface TaskIo {
  stdin: string;
  stdout: string;
  stderr: string;
  terminal: boolean;
}

export interface CreateTask extends TaskIo {
  containerId: string;
  rootfs: Mount[];
  /** Options of the runc shim; containerd's defaults where a field is absent. */
  runc?: Partial<RuncOptions>;
}

export interface ExecTask extends TaskIo {
  containerId: string;
  execId: string;
  /** OCI runtime spec's `process` object. */
  process: object;
}

/** A container's first process has no execId. */
export interface ProcessRef {
  containerId: string;
  execId?: string;
}

export interface ExitStatus {
  exitStatus: number;
  exitedAt: Timestamp | undefined;
}

/** `execId` is set for processes that an exec started. */
export interface TaskPid {
  pid: number;
  execId?: string;
}

const runcOptionsName = 'containerd.runc.v1.Options';

/** Tasks are a container's running processes; every call answers when containerd's shim has done it. */
export function tasksClient(connection: Connection) {
  const tasks = connection.service(TasksDefinition);
  return {
    /** Creates the task (runc create); answers the pid, stopped before the user's program. */
    async create({ runc, ...task }: CreateTask, options?: CallOptions): Promise<number> {
      const shimOptions = runc && messageAny(runcOptionsName, RuncOptions, RuncOptions.fromPartial(runc));
      return (await tasks.unary('create', { ...task, options: shimOptions }, options)).pid;
    },
    async start(ref: ProcessRef, options?: CallOptions): Promise<number> {
      return (await tasks.unary('start', ref, options)).pid;
    },
    /** Removes an exited task or exec and answers how it ended; {@link FailedPreconditionError} while it runs. */
    async delete({ containerId, execId }: ProcessRef, options?: CallOptions): Promise<ExitStatus> {
      return execId
        ? await tasks.unary('deleteProcess', { containerId, execId }, options)
        : await tasks.unary('delete', { containerId }, options);
    },
    /** `all` signals every process of the container. {@link NotFoundError} when the process is gone. */
    async kill(request: ProcessRef & { signal: number; all?: boolean }, options?: CallOptions): Promise<void> {
      await tasks.unary('kill', request, options);
    },
    /** Creates an exec; {@link start} runs it. */
    async exec({ process, ...exec }: ExecTask, options?: CallOptions): Promise<void> {
      await tasks.unary('exec', { ...exec, spec: specAny('Process', process) }, options);
    },
    async resizePty(request: ProcessRef & { width: number; height: number }, options?: CallOptions): Promise<void> {
      await tasks.unary('resizePty', request, options);
    },
    /** Lets the process read end-of-file once the FIFO's writers are gone too. */
    async closeStdin(ref: ProcessRef, options?: CallOptions): Promise<void> {
      await tasks.unary('closeIO', { ...ref, stdin: true }, options);
    },
    async get(ref: ProcessRef, options?: CallOptions): Promise<Process | undefined> {
      return (await tasks.unary('get', ref, options)).process;
    },
    async list(options?: CallOptions): Promise<Process[]> {
      return (await tasks.unary('list', {}, options)).tasks;
    },
    async pause(containerId: string, options?: CallOptions): Promise<void> {
      await tasks.unary('pause', { containerId }, options);
    },
    async resume(containerId: string, options?: CallOptions): Promise<void> {
      await tasks.unary('resume', { containerId }, options);
    },
    /** Answers when the process has exited, at once if it already has. */
    async wait(ref: ProcessRef, options?: CallOptions): Promise<ExitStatus> {
      return await tasks.unary('wait', ref, options);
    },
    /** Pids as the agent sees them, of every process in the container's cgroup. */
    async pids(containerId: string, options?: CallOptions): Promise<TaskPid[]> {
      const { processes } = await tasks.unary('listPids', { containerId }, options);
      return processes.map(({ pid, info }) =>
        info && typeNameOf(info) === 'containerd.runc.v1.ProcessDetails'
          ? { pid, execId: ProcessDetails.decode(info.value).execId }
          : { pid },
      );
    },
    /** The cgroup's counters, as an Any whose type depends on the cgroup version. */
    async metrics(containerId: string, options?: CallOptions): Promise<Metric | undefined> {
      return (await tasks.unary('metrics', { filters: [`id==${containerId}`] }, options)).metrics[0];
    },
    /** `resources` is the OCI runtime spec's `linux.resources` object. */
    async update(containerId: string, resources: object, options?: CallOptions): Promise<void> {
      await tasks.unary('update', { containerId, resources: specAny('LinuxResources', resources) }, options);
    },
  };
}

export type TasksClient = ReturnType<typeof tasksClient>;
