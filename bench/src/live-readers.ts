import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import { clientAt } from './clients.ts'

const POKE = '"type":"poke"'
const CONNECTED = 'event: connected'
const AT_ONCE = 100

/** Phones that follow their workspaces, each by a connection of its own. */
export type LiveReaders = Disposable & {
  /** Streams that have started and not ended. */
  readonly open: number
  /** Answers other than a stream, and streams that ended before they were closed. */
  readonly lost: number
}

/**
 * Opens a live stream for each of these phones, over a socket each.
 * @param onPoke called as each poke arrives
 * @throws Error where one does not begin
 */
export async function liveReaders(
  url: string,
  clients: readonly number[],
  onPoke: (client: number, at: number) => void,
): Promise<LiveReaders> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let lost = 0
  let isClosing = false
  const follow = async (client: number): Promise<void> => {
    const socket = connect(Number(port), hostname)
    socket.setNoDelay(true)
    await once(socket, 'connect')
    const { token } = clientAt(client)
    const started = Promise.withResolvers<undefined>()
    socket.setEncoding('latin1')
    let hasStarted = false
    socket.on('data', (text: string) => {
      const at = performance.now()
      if (!hasStarted && text.includes(CONNECTED)) {
        hasStarted = true
        started.resolve(undefined)
      } else if (!hasStarted && !text.startsWith('HTTP/1.1 200'))
        started.reject(new Error(text.slice(0, 500)))
      for (let from = text.indexOf(POKE); from >= 0; from = text.indexOf(POKE, from + 1)) onPoke(client, at)
    })
    socket.on('close', () => {
      sockets.delete(socket)
      if (!isClosing) lost++
      started.reject(new Error('a stream was closed before it began'))
    })
    socket.on('error', () => undefined) // 'close' follows.
    socket.write(
      `GET /trpc/sync.live HTTP/1.1\r\nhost: ${hostname}\r\naccept: text/event-stream\r\nx-device-token: ${token}\r\n\r\n`,
    )
    await started.promise
    sockets.add(socket)
  }
  for (let i = 0; i < clients.length; i += AT_ONCE)
    await Promise.all(clients.slice(i, i + AT_ONCE).map(follow))
  return {
    get open() {
      return sockets.size
    },
    get lost() {
      return lost
    },
    [Symbol.dispose]: () => {
      isClosing = true
      for (const socket of sockets) socket.destroy()
    },
  }
}
