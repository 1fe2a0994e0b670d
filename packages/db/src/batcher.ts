import { isTimeout, isUnavailable } from './unavailable.ts'

export type BatcherOptions<In, Out> = {
  /** Carries out several calls together, and answers in their order. */
  run: (inputs: readonly In[]) => Promise<readonly Out[]>
  /** Maximum concurrent runs. */
  runsAtOnce: number
  /** Maximum calls in one run. */
  mostCalls: number
  /** The weight of a call, and the maximum of one run; a heavier call runs alone. */
  weigh?: (input: In) => number
  mostWeight?: number
  /** After each run that succeeded: how long its calls had waited for it, and how long it took, milliseconds. */
  onRun?: ((waits: readonly number[], ms: number) => void) | undefined
}

type Call<In, Out> = {
  input: In
  /** When it came, in milliseconds; 0 where waits are not measured. */
  since: number
  weight: number
  resolve: (output: Out) => void
  reject: (error: unknown) => void
}

/**
 * Joins calls into fewer round trips. A call that finds no run in progress runs with those of the same turn of the
 * event loop and waits for no others; those that arrive in the meantime share the next run, in order of arrival.
 */
export class Batcher<In, Out> {
  readonly #options: BatcherOptions<In, Out>
  #waiting: Call<In, Out>[] = []
  #running = 0
  #willStart = false

  constructor(options: BatcherOptions<In, Out>) {
    this.#options = options
  }

  /** Nothing waits and nothing runs. */
  get idle(): boolean {
    return this.#running === 0 && this.#waiting.length === 0
  }

  call(input: In): Promise<Out> {
    const { promise, resolve, reject } = Promise.withResolvers<Out>()
    const { weigh, onRun } = this.#options
    this.#waiting.push({
      input,
      since: onRun ? performance.now() : 0,
      weight: weigh?.(input) ?? 0,
      resolve,
      reject,
    })
    this.#startSoon()
    return promise
  }

  #startSoon(): void {
    if (this.#willStart) return
    this.#willStart = true
    setImmediate(() => this.#start())
  }

  #start(): void {
    this.#willStart = false
    while (this.#running < this.#options.runsAtOnce && this.#waiting.length > 0) {
      this.#running++
      void this.#run(this.#take())
    }
  }

  #take(): Call<In, Out>[] {
    const { mostCalls, mostWeight = Number.POSITIVE_INFINITY } = this.#options
    let weight = 0
    let count = 0
    for (const call of this.#waiting) {
      weight += call.weight
      if (count === mostCalls || (count > 0 && weight > mostWeight)) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  async #run(calls: readonly Call<In, Out>[]): Promise<void> {
    try {
      await this.#runTogether(calls)
    } catch (error) {
      // The queued ones would wait as long again, and then the next.
      if (isTimeout(error)) for (const { reject } of this.#waiting.splice(0)) reject(error)
      // One call that the database cannot carry out must not fail the others that happened to run with it.
      if (calls.length === 1 || isUnavailable(error)) for (const { reject } of calls) reject(error)
      else for (const call of calls) await this.#runTogether([call]).catch((own: unknown) => call.reject(own))
    } finally {
      this.#running--
      this.#startSoon()
    }
  }

  async #runTogether(calls: readonly Call<In, Out>[]): Promise<void> {
    const { onRun, run } = this.#options
    const started = onRun ? performance.now() : 0
    const outputs = await run(calls.map(({ input }) => input))
    onRun?.(
      calls.map(({ since }) => started - since),
      performance.now() - started,
    )
    for (const [i, { resolve, reject }] of calls.entries()) {
      const output = outputs[i]
      if (output === undefined) reject(new Error(`a run answered ${outputs.length} of ${calls.length} calls`))
      else resolve(output)
    }
  }
}
