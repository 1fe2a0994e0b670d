import type { AuthenticatedActor } from '../core/actor.ts'
import { ServiceError } from '../core/service-error.ts'
import { LiveStream } from './live-stream.ts'
import { type Pace, Throttle } from './throttle.ts'

export type LiveLimits = {
  /** Streams of one device; a further one ends the oldest, which on a phone is most likely dead. */
  readonly perDevice: number
  /** Streams of this process. */
  readonly perProcess: number
}

/** What ends each caller's connection now, in their order; undefined for those that may stay. */
export type RightsCheck = (
  actors: readonly AuthenticatedActor[],
) => Promise<readonly (ServiceError | undefined)[]>

const FULL_RETRY_SECONDS = 30
const REPLACED_RETRY_SECONDS = 60
const DRAINED_RETRY_SECONDS = 2

/** Everyone who is connected to this process, by workspace, and what is sent to whom. */
export class LiveHub {
  readonly #limits: LiveLimits
  readonly #look: RightsCheck
  readonly #rounds: Throttle
  readonly #all = new Set<LiveStream>()
  readonly #byWorkspace = new Map<string, Set<LiveStream>>()
  /** Per device, the oldest first. */
  readonly #byDevice = new Map<string, Set<LiveStream>>()
  /** Whose rights are to be looked at next, and whether there is news for them if these still stand. */
  #next = new Map<LiveStream, { poke: boolean }>()
  #drained = false

  constructor(limits: LiveLimits, look: RightsCheck, pace: Pace) {
    this.#limits = limits
    this.#look = look
    this.#rounds = new Throttle(() => this.#round(), pace)
  }

  /**
   * Connects a caller to the workspace of this tag.
   * @throws ServiceError UNAVAILABLE when the process has no room, or is about to end
   */
  open(actor: AuthenticatedActor, tag: string): LiveStream {
    if (this.#drained) throw drained()
    const device = `${actor.workspaceId}/${actor.deviceId}`
    const [oldest, ...others] = this.#byDevice.get(device) ?? []
    if (oldest && others.length + 1 >= this.#limits.perDevice) oldest.end(replaced())
    if (this.#all.size >= this.#limits.perProcess) throw full()
    const stream = new LiveStream(actor, () => {
      this.#all.delete(stream)
      this.#next.delete(stream)
      leave(this.#byWorkspace, tag, stream)
      leave(this.#byDevice, device, stream)
    })
    this.#all.add(stream)
    join(this.#byWorkspace, tag, stream)
    join(this.#byDevice, device, stream)
    return stream
  }

  /** There is news in these workspaces. */
  poke(tags: Iterable<string>): void {
    for (const tag of tags) this.#due(this.#byWorkspace.get(tag) ?? [], true)
  }

  /** There may be news anywhere. */
  pokeAll(): void {
    this.#due(this.#all, true)
  }

  /** Looks at everyone's rights. */
  review(): void {
    this.#due(this.#all, false)
  }

  /** Ends every stream at once, with a hint to come again, and takes no new ones. */
  drain(): void {
    this.#drained = true
    for (const stream of this.#all) stream.end(drained())
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.drain()
    await this.#rounds.stop()
  }

  get size(): number {
    return this.#all.size
  }

  /** Workspaces and devices that have a stream, or whose entry outlived it. */
  get indexed(): number {
    return this.#byWorkspace.size + this.#byDevice.size
  }

  #due(streams: Iterable<LiveStream>, poke: boolean): void {
    for (const stream of streams) {
      const before = this.#next.get(stream)?.poke ?? false
      this.#next.set(stream, { poke: before || poke })
    }
    if (this.#next.size > 0) this.#rounds.ask()
  }

  async #round(): Promise<void> {
    const round = this.#next
    this.#next = new Map()
    let lost: readonly (ServiceError | undefined)[]
    try {
      lost = await this.#look([...round.keys()].map(({ actor }) => actor))
    } catch (error) {
      // Nothing is sent to anybody until their rights can be looked at.
      for (const [stream, { poke }] of round) if (this.#all.has(stream)) this.#due([stream], poke)
      throw error
    }
    for (const [index, [stream, { poke }]] of [...round].entries()) {
      const error = lost[index]
      if (error) stream.end(error)
      else if (poke) stream.poke()
    }
  }
}

function join(index: Map<string, Set<LiveStream>>, key: string, stream: LiveStream): void {
  const streams = index.get(key) ?? new Set()
  index.set(key, streams.add(stream))
}

function leave(index: Map<string, Set<LiveStream>>, key: string, stream: LiveStream): void {
  const streams = index.get(key)
  streams?.delete(stream)
  if (streams?.size === 0) index.delete(key)
}

const comeAgain = (message: string, retryAfterSeconds: number): ServiceError =>
  new ServiceError('UNAVAILABLE', message, { retryAfterSeconds })

const full = (): ServiceError =>
  comeAgain('This server has as many live streams as it can hold.', FULL_RETRY_SECONDS)
const replaced = (): ServiceError =>
  comeAgain('This device has opened newer live streams in place of this one.', REPLACED_RETRY_SECONDS)
const drained = (): ServiceError => comeAgain('The server is shutting down.', DRAINED_RETRY_SECONDS)
