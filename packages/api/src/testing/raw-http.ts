import { connect, type Socket } from 'node:net'

/** A connection on which a test writes HTTP byte by byte. */
export type RawConnection = AsyncDisposable & {
  readonly socket: Socket
  write(bytes: string | Uint8Array): void
  /** The next complete answer; undefined if the connection closed before it. */
  answer(): Promise<{ status: number; body: string } | undefined>
}

export async function rawConnection(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1')
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  let received = ''
  let closed = false
  let wake = (): void => undefined
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    received += chunk
    wake()
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    closed = true
    wake()
  })
  const take = (): { status: number; body: string } | undefined => {
    const end = received.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const head = received.slice(0, end)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (received.length < end + 4 + length) return undefined
    const body = received.slice(end + 4, end + 4 + length)
    received = received.slice(end + 4 + length)
    return { status: Number(head.split(' ')[1]), body }
  }
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    answer: async () => {
      for (;;) {
        const answer = take()
        if (answer || closed) return answer
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
    [Symbol.asyncDispose]: () => {
      socket.destroy()
      return Promise.resolve()
    },
  }
}
