/** Functions that the process at the other end of a channel can call; what they take and return survives JSON. */
export type Calls = { readonly [name: string]: (input: never) => unknown }

/** One end of the pipe between two processes: `process` in the one, the child process in the other. */
export type Port = {
  send(message: unknown, callback: (error: Error | null) => void): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'disconnect', listener: () => void): unknown
}

/** The other process ended, or the call has failed there; the message says which. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError'
}

type Frame =
  | readonly ['call', id: number, name: string, input: unknown]
  | readonly ['answer', id: number, value: unknown]
  | readonly ['failure', id: number, message: string]

type Pending = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }

/** Marks the messages of channels among others of the same pipe. */
const KEY = 'fieldsync'

/**
 * Calls between a server's main process and one of its workers, in both directions. Everything that comes together in one turn of
 * the event loop goes as one message: the cost of a message is that of many small calls.
 */
export class Channel<Remote extends Calls, Local extends Calls> {
  readonly #port: Port
  readonly #local: Local | Promise<Local>
  readonly #pending = new Map<number, Pending>()
  #next = 1
  #outgoing: Frame[] = []
  #closed = false

  /** @param local what the other process may call; a call waits until it is there */
  constructor(port: Port, local: Local | Promise<Local>) {
    this.#port = port
    this.#local = local
    port.on('message', (message) => {
      for (const frame of framesOf(message)) this.#receive(frame)
    })
    port.on('disconnect', () => this.#close())
  }

  /** @throws ChannelError */
  call<Name extends keyof Remote & string>(
    name: Name,
    input: Parameters<Remote[Name]>[0],
  ): Promise<Awaited<ReturnType<Remote[Name]>>> {
    const id = this.#next++
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#pending.set(id, { resolve, reject })
    if (this.#closed) this.#close()
    else this.#send(['call', id, name, input])
    return promise as Promise<Awaited<ReturnType<Remote[Name]>>>
  }

  #receive(frame: Frame): void {
    const [kind, id] = frame
    if (kind === 'call') {
      void this.#answer(id, frame[2], frame[3])
      return
    }
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (kind === 'answer') pending?.resolve(frame[2])
    else pending?.reject(new ChannelError(frame[2]))
  }

  async #answer(id: number, name: string, input: unknown): Promise<void> {
    try {
      const called = (await this.#local)[name] as ((given: unknown) => unknown) | undefined
      if (!called) throw new Error(`there is no ${name} to call`)
      this.#send(['answer', id, await called(input)])
    } catch (error) {
      this.#send(['failure', id, error instanceof Error ? error.message : String(error)])
    }
  }

  #send(frame: Frame): void {
    this.#outgoing.push(frame)
    if (this.#outgoing.length === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const frames = this.#outgoing
    this.#outgoing = []
    if (this.#closed) return
    // Fails where the other process is gone, of which `disconnect` tells.
    this.#port.send({ [KEY]: frames }, () => undefined)
  }

  #close(): void {
    this.#closed = true
    const error = new ChannelError('the other process of this server is gone')
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}

function framesOf(message: unknown): readonly Frame[] {
  const frames = message !== null && typeof message === 'object' ? Reflect.get(message, KEY) : undefined
  return Array.isArray(frames) ? (frames as readonly Frame[]) : []
}
