import { AggregatorRegistry, type Registry } from 'prom-client'

/** One metric of a process, as it travels to another one. */
export type MetricSnapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>[number]

type Snapshots = readonly (readonly MetricSnapshot[])[]

const OURS = /^fieldsync_/

/**
 * The metrics of several processes of one server as one (MON-12): each by the aggregator that it names, the sum unless it names
 * another. Those of Node.js carry the process as a label, and are listed one by one.
 */
const together = (snapshots: Snapshots): Registry =>
  AggregatorRegistry.aggregate(snapshots.map((metrics) => metrics.map(listed)))

export const togetherAsText = async (snapshots: Snapshots): Promise<string> =>
  await together(snapshots).metrics()

// The library leaves out what cannot be summed, such as when a process has started: here each has a series of its own.
const listed = (metric: MetricSnapshot): MetricSnapshot =>
  OURS.test(metric.name) ? metric : { ...metric, aggregator: 'first' }

/** How long a scrape waits for a process; then it gets what that one last said. */
const PATIENCE_MS = 2000

/**
 * What a server's workers count. What one counted that has ended stays in the sum, as of the last scrape: a counter that fell
 * would be read as one that began again, with all that the others count on top.
 */
export class WorkerMetrics {
  readonly #last = new Map<number, readonly MetricSnapshot[]>()
  #ended: readonly MetricSnapshot[] = []

  /** @param workers by a number that none of them has had before */
  async read(
    workers: ReadonlyMap<number, () => Promise<readonly MetricSnapshot[]>>,
  ): Promise<readonly (readonly MetricSnapshot[])[]> {
    await Promise.all(
      [...workers].map(async ([id, ask]) => {
        const snapshot = await within(
          PATIENCE_MS,
          ask().catch(() => undefined),
        )
        if (snapshot) this.#last.set(id, snapshot)
      }),
    )
    return [this.#ended, ...[...workers.keys()].map((id) => this.#last.get(id) ?? [])]
  }

  /** A worker has ended. */
  ended(id: number): void {
    const counted = (this.#last.get(id) ?? []).filter(
      ({ name, type }) => OURS.test(name) && ['counter', 'histogram'].includes(String(type)),
    )
    this.#last.delete(id)
    // What was put together has its values at hand.
    this.#ended = together([this.#ended, counted]).getMetricsAsArray() as unknown as MetricSnapshot[]
  }
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), ms)
  return await Promise.race([answer, late.promise]).finally(() => clearTimeout(timer))
}
