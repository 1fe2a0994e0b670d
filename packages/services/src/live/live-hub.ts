import type { AuthenticatedActor } from '../core/actor.ts'
import { ServiceError } from '../core/service-error.ts'
import { LiveStream } from './live-stream.ts'
import { type LiveLimits, replaced, StreamPlaces } from './stream-places.ts'
import { type Pace, Throttle } from './throttle.ts'

/** What ends each caller's connection now, in their order; undefined for those that may stay. */
export type RightsCheck = (
  actors: readonly AuthenticatedActor[],
) => Promise<readonly (ServiceError | undefined)[]>

const DRAINED_RETRY_SECONDS = 2

/** Everyone who is connected to this process, by workspace, and what is sent to whom. */
export class LiveHub {
  readonly #places: StreamPlaces | undefined
  readonly #look: RightsCheck
  readonly #rounds: Throttle
  readonly #all = new Set<LiveStream>()
  readonly #byWorkspace = new Map<string, Set<LiveStream>>()
  /** Whose rights are to be looked at next, and whether there is news for them if these still stand. */
  #next = new Map<LiveStream, { poke: boolean }>()
  #drained = false

  /** @param limits undefined where a stream's place was taken before it is opened */
  constructor(limits: LiveLimits | undefined, look: RightsCheck, pace: Pace) {
    this.#places = limits && new StreamPlaces(limits)
    this.#look = look
    this.#rounds = new Throttle(() => this.#round(), pace)
  }

  /**
   * Connects a caller to the workspace of this tag.
   * @param onEnd called once, when the stream has ended
   * @throws ServiceError UNAVAILABLE when there is no place, or the process is about to end
   */
  open(actor: AuthenticatedActor, tag: string, onEnd?: () => void): LiveStream {
    if (this.#drained) throw drained()
    const giveBack = this.#places?.take(deviceKey(actor), () => stream.end(replaced()))
    const stream = new LiveStream(actor, () => {
      this.#all.delete(stream)
      this.#next.delete(stream)
      leave(this.#byWorkspace, tag, stream)
      giveBack?.()
      onEnd?.()
    })
    this.#all.add(stream)
    join(this.#byWorkspace, tag, stream)
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
    return this.#byWorkspace.size + (this.#places?.devices ?? 0)
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

const drained = (): ServiceError =>
  new ServiceError('UNAVAILABLE', 'The server is shutting down.', {
    retryAfterSeconds: DRAINED_RETRY_SECONDS,
  })

/** A device as the limits of streams count it. */
export const deviceKey = ({ workspaceId, deviceId }: AuthenticatedActor): string =>
  `${workspaceId}/${deviceId}`
