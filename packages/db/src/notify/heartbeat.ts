import { randomUUID } from 'node:crypto'

const PREFIX = 'probe '

/** The connection exists and delivers nothing. */
export class NoHeartbeat extends Error {
  override readonly name = 'NoHeartbeat'
}

/** Notifications that a process sends to itself, to check that it receives what is sent. */
export class Probes {
  readonly #send: (payload: string) => Promise<void>
  readonly #withinMs: number
  readonly #waiting = new Map<string, () => void>()

  constructor(send: (payload: string) => Promise<void>, withinMs: number) {
    this.#send = send
    this.#withinMs = withinMs
  }

  /**
   * Resolves when a probe has been received.
   * @param life rejects with its reason when it is aborted in the meantime
   * @throws NoHeartbeat when it was sent and did not arrive in time; what `send` throws
   */
  async roundTrip(life: AbortSignal): Promise<void> {
    const payload = `${PREFIX}${randomUUID()}`
    const heard = Promise.withResolvers<void>()
    heard.promise.catch(() => undefined)
    const onEnd = (): void => heard.reject(life.reason)
    this.#waiting.set(payload, heard.resolve)
    life.addEventListener('abort', onEnd, { once: true })
    let timer: NodeJS.Timeout | undefined
    try {
      await this.#send(payload)
      timer = setTimeout(
        () => heard.reject(new NoHeartbeat('a notification that this process sent to itself did not arrive')),
        this.#withinMs,
      ).unref()
      await heard.promise
    } finally {
      clearTimeout(timer)
      life.removeEventListener('abort', onEnd)
      this.#waiting.delete(payload)
    }
  }

  /** @returns whether the notification is a probe, of this process or another, which no one else needs */
  takes(payload: string): boolean {
    if (!payload.startsWith(PREFIX)) return false
    this.#waiting.get(payload)?.()
    return true
  }
}
