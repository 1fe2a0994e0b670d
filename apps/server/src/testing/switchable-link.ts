import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP port in front of another one that can be switched off and on. */
type SwitchableLink = AsyncDisposable & {
  readonly port: number
  up(): Promise<void>
  down(): Promise<void>
}

/** Starts switched off. */
export async function switchableLink(targetPort: number): Promise<SwitchableLink> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    return address !== null && typeof address === 'object' ? address.port : 0
  }
  const down = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  const port = await listen(0)
  await down()
  return { port, up: async () => void (await listen(port)), down, [Symbol.asyncDispose]: down }
}
