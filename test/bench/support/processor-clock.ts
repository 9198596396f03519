/** Wall time and this process's own processor time of some work: on a busy machine only the latter says what it takes. */
export interface WorkTime {
  readonly milliseconds: number;
  readonly processorMs: number;
}

export function timeWork(work: () => void): WorkTime {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  work();
  const milliseconds = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  return { milliseconds, processorMs: (user + system) / 1000 };
}
