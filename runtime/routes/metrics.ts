import prometheus from "prom-client";

/** Counters and gauges of one server, as Prometheus text. */
export interface Metrics {
  request(method: string, route: string, status: number, milliseconds: number): void;
  invocation(name: string, outcome: string, milliseconds: number, rowCount: number): void;
  readonly contentType: string;
  text(): Promise<string>;
}

/** Values read when the metrics are requested, rather than counted as they occur. */
export interface Gauges {
  readonly activeRequests: () => number;
  readonly children: () => { readonly idle: number; readonly running: number; readonly waiting: number };
  /** Since the server started. */
  readonly childrenStarted: () => number;
  readonly spoolBytes: () => number;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export function createMetrics(gauges: Partial<Gauges> = {}): Metrics {
  const registry = new prometheus.Registry();
  const registers = [registry];
  prometheus.collectDefaultMetrics({ register: registry });
  const requests = new prometheus.Histogram({
    name: "quiver_http_request_duration_seconds",
    help: "Time until the headers of an answer were ready",
    labelNames: ["method", "route", "status"],
    buckets: SECONDS,
    registers,
  });
  const invocations = new prometheus.Histogram({
    name: "quiver_invocation_duration_seconds",
    help: "Time of an invocation from request to outcome",
    labelNames: ["function", "outcome"],
    buckets: SECONDS,
    registers,
  });
  const rows = new prometheus.Counter({
    name: "quiver_invocation_rows_total",
    help: "Rows computed by invocations",
    labelNames: ["function"],
    registers,
  });
  const { activeRequests, children, childrenStarted, spoolBytes } = gauges;
  if (activeRequests !== undefined)
    gauge(registers, "quiver_active_requests", "Requests being worked on", activeRequests);
  if (children !== undefined) {
    gauge(registers, "quiver_children_idle", "Child processes ready for work", () => children().idle);
    gauge(registers, "quiver_children_running", "Child processes at work", () => children().running);
    gauge(
      registers,
      "quiver_children_waiting",
      "Callers waiting for a child process",
      () => children().waiting,
    );
  }
  if (childrenStarted !== undefined) {
    const total = new prometheus.Counter({
      name: "quiver_children_started_total",
      help: "Child processes started",
      registers,
      collect: () => {
        total.reset();
        total.inc(childrenStarted());
      },
    });
  }
  if (spoolBytes !== undefined)
    gauge(registers, "quiver_spool_bytes", "Bytes of loaded columns in the spool", spoolBytes);
  return {
    request: (method, route, status, milliseconds) => {
      requests.observe({ method, route, status }, milliseconds / 1000);
    },
    invocation: (name, outcome, milliseconds, rowCount) => {
      invocations.observe({ function: name, outcome }, milliseconds / 1000);
      rows.inc({ function: name }, rowCount);
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

function gauge(registers: prometheus.Registry[], name: string, help: string, read: () => number): void {
  const it = new prometheus.Gauge({
    name,
    help,
    registers,
    collect: () => {
      it.set(read());
    },
  });
}
