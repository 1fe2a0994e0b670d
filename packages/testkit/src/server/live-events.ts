import type { Caller } from './sync-calls.ts'

/** One server-sent event as it came: its name, its data, and the `retry` beside them. */
export type LiveEvent = { readonly event: string; readonly data: string; readonly retry?: number }

/** A live stream that a test reads event by event. */
export type LiveEvents = AsyncDisposable & {
  readonly status: number
  readonly headers: Headers
  /** The next event but pings; undefined when the stream has ended or was cut. */
  next(): Promise<LiveEvent | undefined>
  /** The next event of whatever kind. */
  nextOfAll(): Promise<LiveEvent | undefined>
  /** Whether an event (a ping is none) has come that was not asked for yet. */
  readonly waiting: boolean
}

/** Connects to `sync.live`; a refusal is a status other than 200, its body the only "event". */
export async function openLive(caller: Pick<Caller, 'url' | 'token'>): Promise<LiveEvents> {
  const gone = new AbortController()
  const response = await fetch(`${caller.url}/trpc/sync.live`, {
    headers: { 'x-device-token': caller.token },
    signal: gone.signal,
  })
  if (!response.body) throw new Error('a stream without a body')
  const arrived: LiveEvent[] = []
  let ended = false
  let wake = (): void => undefined
  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder()
    let text = ''
    try {
      for await (const chunk of body) {
        text += decoder.decode(chunk, { stream: true })
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        arrived.push(...blocks.map(eventOf))
        wake()
      }
    } finally {
      if (text !== '') arrived.push({ event: 'rest', data: text })
      ended = true
      wake()
    }
  }
  read(response.body).catch(() => undefined)
  const nextOfAll = async (): Promise<LiveEvent | undefined> => {
    for (;;) {
      const event = arrived.shift()
      if (event !== undefined || ended) return event
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  return {
    status: response.status,
    headers: response.headers,
    nextOfAll,
    next: async () => {
      let event = await nextOfAll()
      while (event?.event === 'ping') event = await nextOfAll()
      return event
    },
    get waiting() {
      return arrived.some(({ event }) => event !== 'ping')
    },
    [Symbol.asyncDispose]: () => {
      gone.abort()
      return Promise.resolve()
    },
  }
}

function eventOf(block: string): LiveEvent {
  const fields = new Map(
    block.split('\n').map((line) => {
      const [name = '', ...value] = line.split(': ')
      return [name, value.join(': ')]
    }),
  )
  const retry = fields.get('retry')
  return {
    event: fields.get('event') ?? 'message',
    data: fields.get('data') ?? '',
    ...(retry === undefined ? {} : { retry: Number(retry) }),
  }
}
